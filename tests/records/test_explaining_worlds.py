"""Random worlds of roles, rules, restrictions and shares: explanation and enforcement never differ."""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from fieldsmith.base.context import OPERATOR, SYSTEM, Actor
from fieldsmith.base.errors import FieldsmithError, Forbidden, NotFound
from fieldsmith.db.system_sharing import fs_share
from fieldsmith.identity.passwords import Passwords
from fieldsmith.identity.users import Users
from fieldsmith.meta.roles import RIGHTS, SCOPES, Right
from fieldsmith.records.explaining import Explained
from fieldsmith.workspace import Work, Workspace
from tests.conftest import MakeWorkspace
from tests.records.test_explaining import READING, SALES, Cast, asked, world

WORLDS = 40
CONDITIONS = ("region = 'East'", "amount > 5", "not ISBLANK(secret)", "owner = user", "region = 'West' or amount <= 5", "owner.team.name = 'North'")
DOORS: tuple[Right, ...] = ("read", "update", "delete", "history")


class Undo(Exception):
    """Takes what a try wrote back."""


def enforced(workspace: Workspace, actor: Actor, right: Right, entity: str, id: int) -> bool:
    """By the services that every screen, route and command uses."""
    if right == "read":
        with workspace.read() as work:
            try:
                return work.records.get(actor, entity, id).id == id
            except NotFound:
                return False

    def change(work: Work) -> None:
        if right == "update":
            work.records.update(actor, entity, id, {"name": "changed"})
        elif right == "delete":
            work.records.delete(actor, entity, id)
        else:
            work.records.history(actor, entity, id)
        raise Undo

    try:
        workspace.write(change)
    except Undo:
        return True
    except FieldsmithError as error:
        assert isinstance(error, (Forbidden, NotFound)), error
    return False


def random_roles(dice: random.Random) -> list[dict[str, Any]]:
    out = []
    for name in ("one", "two", "three"):
        deal = {right: dice.choice(SCOPES) for right in RIGHTS if dice.random() < 0.7}
        restrict: dict[str, Any] = {}
        if dice.random() < 0.3:
            restrict["records"] = dice.choice(CONDITIONS)
        if dice.random() < 0.2:
            restrict["rights"] = [dice.choice(("update", "delete", "read"))]
        rights = {field: dice.choice(("none", "masked", "read", "edit")) for field in ("amount", "secret") if dice.random() < 0.4}
        lines = [right for right in ("read", "update", "delete") if dice.random() < 0.7]
        body = {"name": name, "entities": {**READING, "deal": deal, "line": lines}, "field_rights": {"deal": rights}}
        out.append({**body, **({"restrict": {"deal": restrict}} if restrict else {})})
    return out


def random_rules(dice: random.Random) -> list[dict[str, Any]]:
    out = []
    for number in range(dice.randrange(4)):
        to = dice.choice(({"roles": [dice.choice(("one", "two", "three"))]}, {"teams": [dice.choice(("North", "West"))]}, {"users": ["ben"]}))
        rule: dict[str, Any] = {"name": f"rule{number}", "entity": "deal", "to": to, "access": dice.choice(("read", "edit"))}
        if dice.random() < 0.7:
            rule["when"] = dice.choice(CONDITIONS)
        if dice.random() < 0.4 or "when" not in rule:
            rule["owners"] = dice.choice(({"teams": ["North"]}, {"roles": ["two"]}, {"users": ["cem"]}))
        out.append(rule)
    return out


def test_explanation_and_enforcement_never_differ(make_workspace: MakeWorkspace) -> None:
    workspace = make_workspace("core", SALES)
    dice, cast = random.Random(5), Cast(workspace)
    cast.team("North")
    cast.team("East", "North")
    cast.team("West")
    cast.person("Root", "administrator")
    cast.workspace.publish(SYSTEM, [world(random_roles(dice))], "world")
    for name, team, boss in (("Ana", "North", None), ("Ben", "East", "Ana"), ("Cem", "West", "Ben"), ("Dee", None, "Cem")):
        cast.person(name, "one", team=team, boss=boss)
    cast.settle()
    outcomes: set[tuple[Right, bool]] = set()
    for number in range(WORLDS):
        workspace.publish(SYSTEM, [world(random_roles(dice), random_rules(dice))], f"world {number}")
        _shuffle(cast, dice)
        for entity, id in _records(cast, dice):
            for name in ("Ana", "Ben", "Cem", "Dee"):
                found = asked(cast, name, entity, id)
                for right in DOORS:
                    answer = found.answers[right]
                    outcomes.add((right, answer.allowed))
                    assert answer.allowed == enforced(workspace, found.subject.actor, right, entity, id), (number, name, right, entity, id, answer)
                    assert answer.allowed == _by_checks(answer.checks), (number, name, right, entity, id, answer)
                _fields_agree(workspace, found, entity, id)
    assert outcomes == {(right, allowed) for right in DOORS for allowed in (True, False)}


def _by_checks(checks: Iterable[Any]) -> bool:
    """What the told path adds up to."""
    ways = [check.holds for check in checks if not check.needed and check.holds is not None]
    return all(check.holds for check in checks if check.needed) and (any(ways) or not ways)


def _fields_agree(workspace: Workspace, found: Explained, entity: str, id: int) -> None:
    if found.answers["read"].allowed:
        with workspace.read() as work:
            shown = work.records.get(found.subject.actor, entity, id).json
        told = {name for name, answer in found.fields.items() if answer.use != "none" and name != "deleted_at"}
        assert told == set(shown) - {"deleted_at"}


def _shuffle(cast: Cast, dice: random.Random) -> None:
    def task(work: Work) -> None:
        users = Users(work.connection, work.model, work.schema, Passwords(cast.workspace.settings), work.now)
        for name in ("Ana", "Ben", "Cem", "Dee"):
            users.set_roles(OPERATOR, cast.people[name], tuple(dice.sample(("one", "two", "three"), dice.randrange(3))))
            users.set_active(OPERATOR, cast.people[name], dice.random() < 0.9)

    cast.workspace.write(task)


def _records(cast: Cast, dice: random.Random) -> list[tuple[str, int]]:
    owner = cast.people[dice.choice(("Ana", "Ben", "Cem", "Dee"))]
    values: dict[str, Any] = {"region": dice.choice(("East", "West", None)), "amount": dice.choice((None, 1, 9)), "secret": dice.choice((None, "12345678"))}
    deal = cast.desk.make("deal", name="D", owner=owner, **values)
    line = cast.desk.make("line", name="L", deal=deal, owner=owner)
    if dice.random() < 0.3:
        kind = dice.choice(("user", "team", "role"))
        grantee = {"user": cast.people["Dee"], "team": cast.teams["North"], "role": None}[kind]

        def share(work: Work) -> None:
            row = {"entity": work.model.entities["deal"].uid, "record": deal, "kind": kind, "grantee": grantee, "role": "one" if kind == "role" else None}
            work.connection.execute(sa.insert(fs_share), {**row, "access": dice.choice(("read", "edit")), "reason": "manual", "at": work.now})

        cast.workspace.write(share)
    return [("deal", deal), ("line", line)]
