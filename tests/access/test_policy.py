"""Entity rights: who may do what, and the sentence that says why."""

from __future__ import annotations

import pytest

from fieldsmith.access.policy import Policy
from fieldsmith.base.context import ANONYMOUS, OPERATOR, SYSTEM, Actor
from fieldsmith.base.errors import FieldsmithError, Forbidden, NotFound, NotSignedIn
from fieldsmith.meta.roles import Right
from tests.databases import SqliteTemplates
from tests.desk import Desk, user

ADMIN, CLERK, READER, LOADER, NOBODY = (user(1, role) for role in ("administrator", "clerk", "reader", "loader", "no_such_role"))
BOTH = user(1, "reader", "clerk")


@pytest.fixture
def templates(sqlite_templates: SqliteTemplates) -> SqliteTemplates:
    """Decisions know no database."""
    return sqlite_templates


@pytest.fixture
def policy(tiny: Desk) -> Policy:
    return tiny.workspace.runtime().policy


DECISIONS: list[tuple[Actor, Right, str, bool, str]] = [
    (SYSTEM, "delete", "box", True, "system acts for the platform itself."),
    (OPERATOR, "import", "vault", True, "operator acts for the platform itself."),
    (ADMIN, "delete", "vault", True, "Role Administrator may do everything."),
    (CLERK, "delete", "box", True, "Role Clerk grants it."),
    (CLERK, "read", "vault", False, "None of the roles clerk grants it."),
    (CLERK, "update", "user", False, "None of the roles clerk grants it."),
    (READER, "read", "vault", True, "Role Reader grants it."),
    (READER, "update", "box", False, "None of the roles reader grants it."),
    (BOTH, "update", "box", True, "Role Clerk grants it."),
    (LOADER, "delete", "part", False, "None of the roles loader grants it."),
    (LOADER, "import", "part", True, "Role Loader grants it."),
    (NOBODY, "read", "box", False, "None of the roles no_such_role grants it."),
    (user(1), "read", "box", False, "None of the roles – grants it."),
    (ANONYMOUS, "read", "box", False, "None of the roles – grants it."),
    (Actor("service", 1, "s", ("administrator",)), "read", "box", True, "Role Administrator may do everything."),
    (Actor("portal", 1, "p", ("clerk",)), "read", "box", False, "None of the roles clerk grants it."),
]


@pytest.mark.parametrize(("actor", "right", "entity", "allow", "reason"), DECISIONS)
def test_decisions_say_why(policy: Policy, actor: Actor, right: Right, entity: str, allow: bool, reason: str) -> None:
    decision = policy.decide(actor, right, entity)
    assert (decision.allow, [str(message) for message in decision.reasons]) == (allow, [reason])
    assert policy.allows(actor, right, entity) is allow
    assert policy.allows(actor, right, entity) is allow


REQUIRED: list[tuple[Actor, Right, str, type[FieldsmithError]]] = [
    (ANONYMOUS, "read", "box", NotSignedIn),
    (ANONYMOUS, "delete", "vault", NotSignedIn),
    (CLERK, "read", "vault", NotFound),
    (CLERK, "update", "vault", NotFound),
    (CLERK, "update", "user", Forbidden),
    (READER, "export", "box", Forbidden),
    (NOBODY, "create", "box", NotFound),
]


@pytest.mark.parametrize(("actor", "right", "entity", "error"), REQUIRED)
def test_what_may_not_be_read_is_not_there(policy: Policy, actor: Actor, right: Right, entity: str, error: type[FieldsmithError]) -> None:
    with pytest.raises(FieldsmithError) as caught:
        policy.require(actor, right, entity)
    assert type(caught.value) is error


def test_what_may_not_be_done_is_said_in_words(policy: Policy) -> None:
    with pytest.raises(Forbidden, match=r"You may not export Boxes\. Ask an administrator."):
        policy.require(READER, "export", "box")


def test_unreadable_entities_are_known_per_set_of_roles(policy: Policy) -> None:
    assert policy.sight(CLERK).hidden == {"vault"}
    assert policy.sight(BOTH).hidden == policy.sight(ADMIN).hidden == policy.sight(OPERATOR).hidden == frozenset()
    assert policy.sight(ANONYMOUS).hidden >= {"box", "vault", "user"}
    assert policy.sight(user(2, "clerk")) is policy.sight(user(3, "clerk"))


@pytest.mark.parametrize(("actor", "is_one"), [(ADMIN, True), (SYSTEM, True), (OPERATOR, True), (CLERK, False), (ANONYMOUS, False)])
def test_administrators_are_told_apart(policy: Policy, actor: Actor, is_one: bool) -> None:
    assert policy.is_administrator(actor) is is_one
