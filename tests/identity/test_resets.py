"""Reset links: for one user, once, for an hour, void after any change of the password."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from fieldsmith.base.context import OPERATOR
from fieldsmith.base.errors import BadInput, Conflict, Forbidden, NotFound
from fieldsmith.identity import resets, sessions
from fieldsmith.workspace import Workspace
from tests.conftest import NOW
from tests.identity.conftest import PASSWORD

NEW = "quite another sentence"


@pytest.fixture
def login(act: Any, ana: int) -> int:
    act(lambda users, work: users.add(OPERATOR, ana, "ana", ("user",), PASSWORD))
    return ana


@pytest.fixture
def token(act: Any, login: int) -> str:
    made: str = act(lambda users, work: resets.make(work.connection, NOW, OPERATOR, users, login))
    return made


def use(act: Any, token: str, password: str = NEW, after: timedelta = timedelta()) -> int:
    found: int = act(lambda users, work: resets.use(work.connection, NOW + after, users, token, password, None))
    return found


def test_a_link_sets_the_password_of_its_user(act: Any, login: int, token: str) -> None:
    assert use(act, token) == login
    assert act(lambda users, work: (users.authenticate("ana", PASSWORD), users.authenticate("ana", NEW))) == (None, login)


def test_a_link_works_once(act: Any, token: str) -> None:
    use(act, token)
    with pytest.raises(Forbidden):
        use(act, token)


@pytest.mark.parametrize(("minutes", "good"), [(59, True), (60, False), (600, False)])
def test_a_link_lives_an_hour(act: Any, token: str, minutes: int, good: bool) -> None:
    if good:
        use(act, token, after=timedelta(minutes=minutes))
    else:
        with pytest.raises(Forbidden):
            use(act, token, after=timedelta(minutes=minutes))


@pytest.mark.parametrize("given", ["", "x", "\0", "\udc00", "a" * 100_000])
def test_any_other_token_is_refused(act: Any, token: str, given: str) -> None:
    with pytest.raises(Forbidden):
        use(act, given)


def test_a_newer_link_voids_the_older(act: Any, login: int, token: str) -> None:
    act(lambda users, work: resets.make(work.connection, NOW, OPERATOR, users, login))
    with pytest.raises(Forbidden):
        use(act, token)


def test_a_change_of_the_password_voids_the_link(act: Any, login: int, token: str) -> None:
    act(lambda users, work: users.set_password(OPERATOR, login, NEW))
    with pytest.raises(Forbidden):
        use(act, token, "yet another sentence")


def test_a_suspension_voids_the_link(act: Any, boss: int, login: int, token: str) -> None:
    act(lambda users, work: users.set_active(OPERATOR, login, False))
    act(lambda users, work: users.set_active(OPERATOR, login, True))
    with pytest.raises(Forbidden):
        use(act, token)


def test_a_poor_password_leaves_link_and_password(act: Any, login: int, token: str) -> None:
    with pytest.raises(BadInput):
        use(act, token, "short")
    assert use(act, token) == login


def test_every_session_ends(act: Any, login: int, token: str) -> None:
    act(lambda users, work: sessions.begin(work.connection, NOW, login, 1, "127.0.0.1", "test"))
    use(act, token)
    assert act(lambda users, work: sessions.list_of(work.connection, NOW, login)) == []


def test_only_a_hash_is_stored(login: int, token: str, workspace: Workspace) -> None:
    with workspace.read() as work:
        assert token not in str(list(work.connection.exec_driver_sql("SELECT * FROM fs_reset")))


@pytest.mark.parametrize("state", ["suspended", "none"])
def test_no_link_for_those_who_may_not_sign_in(act: Any, boss: int, ana: int, state: str) -> None:
    if state != "none":
        act(lambda users, work: users.add(OPERATOR, ana, "ana", ("user",)))
    if state == "suspended":
        act(lambda users, work: users.set_active(OPERATOR, ana, False))
    with pytest.raises(NotFound if state == "none" else Conflict):
        act(lambda users, work: resets.make(work.connection, NOW, OPERATOR, users, ana))
