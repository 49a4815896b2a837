"""Sessions as their owner sees them, ended one by one, and the password given again in one of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from fieldsmith.base.context import OPERATOR
from fieldsmith.base.errors import NotFound
from fieldsmith.identity import sessions
from fieldsmith.identity.secrecy import stored_form
from fieldsmith.identity.signed import SignedQuery
from tests.conftest import NOW
from tests.identity.conftest import PASSWORD


@pytest.fixture
def login(act: Any, ana: int) -> int:
    act(lambda users, work: users.add(OPERATOR, ana, "ana", ("user",), PASSWORD))
    return ana


def begin(act: Any, login: int, agent: str = "test") -> str:
    return stored_form(act(lambda users, work: sessions.begin(work.connection, NOW, login, 1, "127.0.0.1", agent)))


def test_live_sessions_are_listed(act: Any, login: int) -> None:
    begin(act, login, "Firefox"), begin(act, login, "Safari")
    assert {row.agent for row in act(lambda users, work: sessions.list_of(work.connection, NOW, login))} == {"Firefox", "Safari"}
    assert act(lambda users, work: sessions.list_of(work.connection, NOW + timedelta(days=1), login)) == []


def test_one_session_ends_and_the_other_stays(act: Any, login: int) -> None:
    first, second = begin(act, login), begin(act, login)
    act(lambda users, work: sessions.end_own(work.connection, NOW, OPERATOR, login, first))
    assert [row.token_hash for row in act(lambda users, work: sessions.list_of(work.connection, NOW, login))] == [second]


@pytest.mark.parametrize("whose", ["other", "none"])
def test_a_session_of_somebody_else_is_not_there(act: Any, login: int, whose: str) -> None:
    mine = begin(act, login)
    with pytest.raises(NotFound):
        act(lambda users, work: sessions.end_own(work.connection, NOW, OPERATOR, login + (whose == "other"), mine if whose == "other" else "x"))


def test_a_suspension_ends_sessions(act: Any, boss: int, login: int) -> None:
    begin(act, login)
    act(lambda users, work: users.set_active(OPERATOR, login, False))
    act(lambda users, work: users.set_active(OPERATOR, login, True))
    assert act(lambda users, work: sessions.list_of(work.connection, NOW, login)) == []


def test_the_password_given_again_is_kept_in_the_session(act: Any, login: int) -> None:
    mine, later = begin(act, login), NOW + timedelta(hours=2)
    act(lambda users, work: sessions.prove(work.connection, later, mine))
    found = act(lambda users, work: sessions.find(work.connection, SignedQuery(work.model, work.schema), later, mine))
    assert found.proven_at == later
