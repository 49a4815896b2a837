"""The second factor: enrolled and confirmed, each code once, recovery codes once, nothing readable in the database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pyotp
import pytest

from fieldsmith.base.context import OPERATOR
from fieldsmith.base.errors import Conflict, NotFound
from fieldsmith.identity.second_factor import SecondFactor
from fieldsmith.workspace import Workspace
from tests.conftest import NOW
from tests.identity.conftest import PASSWORD

STEP = timedelta(seconds=30)
With = Callable[..., Any]


@pytest.fixture
def second(workspace: Workspace) -> With:
    """`second(lambda it: it.state(7), at)` in a write transaction of its own."""

    def run(task: Callable[[SecondFactor], Any], at: datetime = NOW, secret: str | None = None) -> Any:
        return workspace.write(lambda work: task(SecondFactor(work.connection, secret or workspace.settings.secret, at)))

    return run


@pytest.fixture
def app(second: With, act: Any, ana: int) -> pyotp.TOTP:
    """Ana's authenticator, not confirmed yet."""
    act(lambda users, work: users.add(OPERATOR, ana, "ana", ("user",), PASSWORD))
    second(lambda it: it.begin(ana))
    return pyotp.TOTP(second(lambda it: it.pending(ana, "ana", "Harbour")).secret)


@pytest.fixture
def codes(second: With, app: pyotp.TOTP, ana: int) -> tuple[str, ...]:
    """Confirmed; the recovery codes."""
    found: tuple[str, ...] = second(lambda it: it.confirm(OPERATOR, ana, code(app, NOW)))
    return found


def _stamp(at: datetime) -> int:
    return int((at - datetime(1970, 1, 1)).total_seconds())


def code(app: pyotp.TOTP, at: datetime) -> str:
    return app.at(_stamp(at))


def test_nothing_is_asked_for_before_it_is_confirmed(second: With, app: pyotp.TOTP, ana: int) -> None:
    assert not second(lambda it: it.is_on(ana))
    assert not second(lambda it: it.accepts(OPERATOR, ana, code(app, NOW)))


def test_a_wrong_code_confirms_nothing(second: With, app: pyotp.TOTP, ana: int) -> None:
    assert second(lambda it: it.confirm(OPERATOR, ana, "000000")) is None
    assert second(lambda it: it.state(ana)).since is None


def test_confirmed_it_stands_with_ten_recovery_codes(second: With, codes: tuple[str, ...], ana: int) -> None:
    state = second(lambda it: it.state(ana))
    assert (state.since, state.codes, len(set(codes))) == (NOW, 10, 10)
    assert second(lambda it: it.pending(ana, "ana", "Harbour")) is None


def test_the_address_names_company_and_login(second: With, app: pyotp.TOTP, ana: int) -> None:
    address = second(lambda it: it.pending(ana, "ana@example.com", "Harbour & Söhne")).address
    assert address.startswith("otpauth://totp/Harbour%20%26%20S%C3%B6hne:ana%40example.com?secret=")


@pytest.mark.parametrize("steps", [2, 3])
def test_a_code_opens_once(second: With, app: pyotp.TOTP, codes: tuple[str, ...], ana: int, steps: int) -> None:
    at = NOW + steps * STEP
    assert [second(lambda it: it.accepts(OPERATOR, ana, code(app, at)), at) for _ in range(2)] == [True, False]


def test_the_code_that_confirmed_does_not_open(second: With, app: pyotp.TOTP, codes: tuple[str, ...], ana: int) -> None:
    assert not second(lambda it: it.accepts(OPERATOR, ana, code(app, NOW)))


@pytest.mark.parametrize(("steps", "good"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_clocks_may_differ_by_one_step(second: With, app: pyotp.TOTP, codes: tuple[str, ...], ana: int, steps: int, good: bool) -> None:
    at = NOW + 10 * STEP
    assert second(lambda it: it.accepts(OPERATOR, ana, code(app, at + steps * STEP)), at) is good


def test_an_older_code_does_not_open_after_a_newer_one(second: With, app: pyotp.TOTP, codes: tuple[str, ...], ana: int) -> None:
    at = NOW + 10 * STEP
    assert second(lambda it: it.accepts(OPERATOR, ana, code(app, at)), at)
    assert not second(lambda it: it.accepts(OPERATOR, ana, code(app, at - STEP)), at)


@pytest.mark.parametrize("shape", [str, str.upper, lambda text: text.replace("-", " "), lambda text: f" {text} "])
def test_a_recovery_code_opens_once_however_it_is_typed(second: With, codes: tuple[str, ...], ana: int, shape: Callable[[str], str]) -> None:
    assert [second(lambda it: it.accepts(OPERATOR, ana, shape(codes[3]))) for _ in range(2)] == [True, False]
    assert second(lambda it: it.state(ana)).codes == 9


@pytest.mark.parametrize("given", ["", " ", "0", "x" * 10_000, "\0", "\udc00", "１２３４５６", "-"])
def test_anything_else_is_refused(second: With, codes: tuple[str, ...], ana: int, given: str) -> None:
    assert not second(lambda it: it.accepts(OPERATOR, ana, given), NOW + 5 * STEP)


def test_codes_of_one_user_do_not_open_for_another(second: With, app: pyotp.TOTP, codes: tuple[str, ...], act: Any, workspace: Workspace) -> None:
    ben = workspace.write(lambda work: work.records.create(OPERATOR, "user", {"name": "Ben"}).id)
    second(lambda it: it.begin(ben))
    mine = pyotp.TOTP(second(lambda it: it.pending(ben, "ben", "Harbour")).secret)
    assert second(lambda it: it.confirm(OPERATOR, ben, code(mine, NOW)))
    at = NOW + 5 * STEP
    assert not any(second(lambda it, given=given: it.accepts(OPERATOR, ben, given), at) for given in (codes[0], code(app, at)))


def test_new_codes_void_the_old(second: With, codes: tuple[str, ...], ana: int) -> None:
    fresh = second(lambda it: it.renew_codes(ana))
    assert not second(lambda it: it.accepts(OPERATOR, ana, codes[0]))
    assert second(lambda it: it.accepts(OPERATOR, ana, fresh[0]))


def test_taken_off_nothing_is_left(second: With, app: pyotp.TOTP, codes: tuple[str, ...], ana: int) -> None:
    assert [second(lambda it: it.remove(OPERATOR, ana)) for _ in range(2)] == [True, False]
    assert not second(lambda it: it.accepts(OPERATOR, ana, codes[0]))
    with pytest.raises(NotFound):
        second(lambda it: it.renew_codes(ana))


def test_a_second_one_needs_the_first_taken_off(second: With, codes: tuple[str, ...], ana: int) -> None:
    with pytest.raises(Conflict):
        second(lambda it: it.begin(ana))


def test_the_database_alone_opens_nothing(second: With, app: pyotp.TOTP, codes: tuple[str, ...], ana: int, workspace: Workspace) -> None:
    with workspace.read() as work:
        kept = str([*work.connection.exec_driver_sql("SELECT * FROM fs_second_factor"), *work.connection.exec_driver_sql("SELECT * FROM fs_recovery_code")])
    assert app.secret not in kept and not any(code.replace("-", "") in kept for code in codes)
    at = NOW + 5 * STEP
    assert not second(lambda it: it.accepts(OPERATOR, ana, code(app, at)), at, "another workspace's secret, 32 signs")


def test_every_step_is_in_the_audit_log(second: With, codes: tuple[str, ...], ana: int, workspace: Workspace) -> None:
    second(lambda it: it.accepts(OPERATOR, ana, codes[0]))
    second(lambda it: it.remove(OPERATOR, ana))
    with workspace.read() as work:
        events = [row[0] for row in work.connection.exec_driver_sql("SELECT event FROM fs_audit ORDER BY id")]
    assert events[-3:] == ["second_factor.added", "second_factor.recovery_used", "second_factor.removed"]
