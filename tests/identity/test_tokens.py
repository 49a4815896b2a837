"""API tokens, sessions and the one-time set-up link, as stored."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from fieldsmith.base.context import OPERATOR
from fieldsmith.base.errors import BadInput, NotFound
from fieldsmith.identity import first_start, sessions, tokens
from fieldsmith.identity.memory import KEPT, Memory
from fieldsmith.identity.secrecy import stored_form
from fieldsmith.identity.signed import SignedQuery
from fieldsmith.workspace import Work, Workspace
from tests.conftest import NOW
from tests.identity.conftest import PASSWORD


@pytest.fixture
def admin(act: Any, ana: int) -> int:
    act(lambda users, work: users.add(OPERATOR, ana, "Ana", ("administrator", "user"), PASSWORD))
    return ana


def found(workspace: Workspace, token: str, after: timedelta = timedelta()) -> tokens.Token | None:
    with workspace.read() as work:
        return tokens.find(work.connection, SignedQuery(work.model, work.schema), NOW + after, stored_form(token))


def create(work: Work, user: int, **more: Any) -> str:
    return tokens.create(work.connection, work.now, OPERATOR, user, "sync", **more)


def test_a_token_names_its_user_with_roles(workspace: Workspace, admin: int) -> None:
    token = found(workspace, workspace.write(lambda work: create(work, admin)))
    assert token is not None
    assert (token.person.id, token.person.name, token.person.roles) == (admin, "Ana", ("administrator", "user"))


def test_a_token_looks_like_one(workspace: Workspace, admin: int) -> None:
    made = {workspace.write(lambda work: create(work, admin)) for _ in range(3)}
    assert len(made) == 3 and all(token.startswith("fs_") and len(token) == 46 for token in made)


@pytest.mark.parametrize("change", ["revoke", "suspend", "deactivate", "delete", "expire"])
def test_when_a_token_opens_nothing(workspace: Workspace, act: Any, admin: int, change: str) -> None:
    other = workspace.write(lambda work: work.records.create(OPERATOR, "user", {"name": "Ben"}).id)
    act(lambda users, work: users.add(OPERATOR, other, "ben", ("user",)))
    token = workspace.write(lambda work: create(work, other, expires_at=NOW + timedelta(days=1)))
    assert found(workspace, token) is not None
    changes: dict[str, Any] = {
        "revoke": lambda users, work: tokens.revoke_all(work.connection, work.now, OPERATOR, other),
        "suspend": lambda users, work: users.set_active(OPERATOR, other, False),
        "deactivate": lambda users, work: work.records.update(OPERATOR, "user", other, {"active": False}),
        "delete": lambda users, work: work.records.delete(OPERATOR, "user", other),
        "expire": lambda users, work: None,
    }
    act(changes[change])
    assert found(workspace, token, timedelta(days=1) if change == "expire" else timedelta()) is None


@pytest.mark.parametrize(
    ("scopes", "reads", "writes"), [(("read",), True, False), (("write",), True, True), (("all",), True, True), (("read", "write"), True, True)]
)
def test_what_scopes_allow(workspace: Workspace, admin: int, scopes: tuple[str, ...], reads: bool, writes: bool) -> None:
    token = found(workspace, workspace.write(lambda work: create(work, admin, scopes=scopes)))
    assert token is not None
    assert (token.allows("read"), token.allows("write")) == (reads, writes)


@pytest.mark.parametrize(("name", "scopes"), [("", ("all",)), ("a\nb", ("all",)), ("x" * 121, ("all",)), ("ok", ("everything",)), ("ok", ())])
def test_bad_tokens_are_refused(workspace: Workspace, admin: int, name: str, scopes: tuple[str, ...]) -> None:
    with pytest.raises(BadInput):
        workspace.write(lambda work: tokens.create(work.connection, work.now, OPERATOR, admin, name, scopes))


def test_only_the_owner_revokes(workspace: Workspace, admin: int) -> None:
    workspace.write(lambda work: create(work, admin))
    with pytest.raises(NotFound):
        workspace.write(lambda work: tokens.revoke(work.connection, work.now, OPERATOR, admin + 1, 1))


def test_a_session_holds_person_and_form_token(workspace: Workspace, admin: int) -> None:
    token = workspace.write(lambda work: sessions.begin(work.connection, work.now, admin, 1, "192.0.2.1", "browser"))
    with workspace.read() as work:
        session = sessions.find(work.connection, SignedQuery(work.model, work.schema), NOW, stored_form(token))
    assert session is not None
    assert (session.person.id, len(session.csrf), session.expires_at) == (admin, 43, NOW + timedelta(days=1))


def test_what_is_remembered_ends_with_the_counters(workspace: Workspace, admin: int) -> None:
    token = found(workspace, workspace.write(lambda work: create(work, admin)))
    assert token is not None
    memory = Memory()
    memory.keep("hash", 1, 1, NOW, token)
    assert memory.find("hash", 1, 1, NOW) is token
    assert [memory.find(*key) for key in (("hash", 1, 2, NOW), ("hash", 2, 1, NOW), ("other", 1, 1, NOW), ("hash", 1, 1, NOW + KEPT))] == [None] * 4


def test_the_set_up_link_works_until_there_is_an_administrator(act: Any, ana: int) -> None:
    first = act(lambda users, work: first_start.offer(work.connection, users))
    second = act(lambda users, work: first_start.offer(work.connection, users))
    valid = [act(lambda users, work, token=token: first_start.accepts(work.connection, users, token)) for token in (first, second, "guess")]
    assert valid == [False, True, False]
    act(lambda users, work: users.add(OPERATOR, ana, "Ana", ("administrator",), PASSWORD))
    assert act(lambda users, work: first_start.accepts(work.connection, users, second)) is False
    assert act(lambda users, work: first_start.offer(work.connection, users)) is None
