"""A workspace with one user record, and the logins of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import pytest

from fieldsmith.base.context import OPERATOR
from fieldsmith.identity.passwords import Passwords
from fieldsmith.identity.users import Users
from fieldsmith.workspace import Work, Workspace

T = TypeVar("T")
PASSWORD = "correct horse battery"
Act = Callable[[Callable[[Users, Work], T]], T]


@pytest.fixture
def passwords(workspace: Workspace) -> Passwords:
    return Passwords(workspace.settings)


@pytest.fixture
def act(workspace: Workspace, passwords: Passwords) -> Act[object]:
    """`act(lambda users, work: …)` runs in a write transaction of its own."""

    def run(task: Callable[[Users, Work], object]) -> object:
        return workspace.write(lambda work: task(Users(work.connection, work.model, work.schema, passwords, work.now), work))

    return run


@pytest.fixture
def ana(workspace: Workspace) -> int:
    """A user record without a login."""
    return workspace.write(lambda work: work.records.create(OPERATOR, "user", {"name": "Ana", "email": "Ana@Example.com"}).id)


@pytest.fixture
def boss(act: Act[object], workspace: Workspace) -> int:
    """Somebody else who administers, so that others may be suspended."""
    id = workspace.write(lambda work: work.records.create(OPERATOR, "user", {"name": "Boss"}).id)
    act(lambda users, work: users.add(OPERATOR, id, "boss", ("administrator",)))
    return id
