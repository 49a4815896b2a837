"""Accounts of programs: no password, only tokens; and queues, which nobody signs in as."""

from __future__ import annotations

from typing import Any

import pytest

from fieldsmith.base.context import OPERATOR
from fieldsmith.base.errors import BadInput, Conflict
from fieldsmith.identity import resets, tokens
from fieldsmith.identity.secrecy import stored_form
from fieldsmith.identity.signed import SERVICE, SignedQuery
from fieldsmith.workspace import Workspace
from tests.conftest import NOW
from tests.identity.conftest import PASSWORD


@pytest.fixture
def service(workspace: Workspace) -> int:
    return workspace.write(lambda work: work.records.create(OPERATOR, "user", {"name": "Sync", "kind": "service"}).id)


def test_a_service_has_no_password(act: Any, service: int) -> None:
    act(lambda users, work: users.add(OPERATOR, service, "sync", ("user",)))
    with pytest.raises(BadInput) as caught:
        act(lambda users, work: users.set_password(OPERATOR, service, PASSWORD))
    assert [problem.code for problem in caught.value.problems] == ["service_password"]


def test_the_token_of_a_service_says_so(act: Any, service: int) -> None:
    act(lambda users, work: users.add(OPERATOR, service, "sync", ("user",)))
    token = act(lambda users, work: tokens.create(work.connection, NOW, OPERATOR, service, "sync"))
    found = act(lambda users, work: tokens.find(work.connection, SignedQuery(work.model, work.schema), NOW, stored_form(token)))
    assert (found.person.kind, found.person.roles) == (SERVICE, ("user",))


def test_a_person_who_became_a_service_does_not_sign_in(act: Any, ana: int, workspace: Workspace) -> None:
    act(lambda users, work: users.add(OPERATOR, ana, "ana", ("user",), PASSWORD))
    workspace.write(lambda work: work.records.update(OPERATOR, "user", ana, {"kind": "service"}))
    assert act(lambda users, work: users.authenticate("ana", PASSWORD)) is None


def test_no_reset_link_for_a_service(act: Any, service: int) -> None:
    act(lambda users, work: users.add(OPERATOR, service, "sync", ("user",)))
    with pytest.raises(Conflict):
        act(lambda users, work: resets.make(work.connection, NOW, OPERATOR, users, service))


def test_a_queue_gets_no_login(act: Any, workspace: Workspace) -> None:
    queue = workspace.write(lambda work: work.records.create(OPERATOR, "user", {"name": "East", "kind": "queue"}).id)
    with pytest.raises(BadInput) as caught:
        act(lambda users, work: users.add(OPERATOR, queue, "east", ("user",)))
    assert [problem.code for problem in caught.value.problems] == ["queue_login"]
