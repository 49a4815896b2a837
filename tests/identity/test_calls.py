"""Calls of the API a person may make a minute."""

from __future__ import annotations

from datetime import timedelta

from fieldsmith.identity.calls import Calls
from tests.conftest import NOW


def test_a_minutes_calls_may_come_at_once_and_come_back_one_by_one() -> None:
    calls = Calls(60)
    assert [calls.wait(7, NOW) for _ in range(62)] == [0] * 60 + [1, 1]
    assert [calls.wait(7, NOW + timedelta(seconds=2)) for _ in range(3)] == [0, 0, 1]
    assert calls.wait(8, NOW) == 0


def test_a_slow_limit_says_how_long_to_wait() -> None:
    calls = Calls(2)
    assert [calls.wait(7, NOW) for _ in range(3)] == [0, 0, 30]
    assert calls.wait(7, NOW + timedelta(seconds=12)) == 18


def test_a_clock_set_back_locks_nobody_out() -> None:
    calls = Calls(60)
    calls.wait(7, NOW + timedelta(days=1))
    assert calls.wait(7, NOW) <= 1


def test_no_limit_lets_everything_through() -> None:
    assert not any(Calls(0).wait(7, NOW) for _ in range(1000))
