"""Drafts of random worlds: who gains and who loses, as simulated before, is what people can really read and change before and after publishing."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

import pytest

from fieldsmith.base.context import OPERATOR, Actor
from fieldsmith.base.errors import BadInput
from fieldsmith.identity.acting import everybody
from fieldsmith.query.run import Query
from fieldsmith.rollout.simulated import Simulation
from fieldsmith.rollout.simulating import COUNTED, simulate
from fieldsmith.workspace import Work, Workspace
from tests.access.worlds import STRUCTURES, World, make_world
from tests.access.worlds_fill import fill, structure_layer
from tests.access.worlds_metadata import Body
from tests.conftest import MakeWorkspace
from tests.databases import Templates

WORLDS = 16
SEEDS = [pytest.param(seed, marks=[pytest.mark.postgresql] if seed // STRUCTURES % 2 else []) for seed in range(WORLDS)]
Reached = dict[tuple[int, str, str], frozenset[int]]
"""(person, entity, right) → ids."""


@dataclass
class Real:
    """What people can do at one time. `fields`: (person, entity) → fields that are there for them."""

    reached: Reached = field(default_factory=dict)
    fields: dict[tuple[int, str], frozenset[str]] = field(default_factory=dict)


@pytest.fixture
def templates(request: pytest.FixtureRequest, seed: int) -> Templates:
    found: Templates = request.getfixturevalue("postgresql_templates" if seed // STRUCTURES % 2 else "sqlite_templates")
    return found


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_simulated_is_what_happens(make_workspace: MakeWorkspace, seed: int) -> None:
    structure = seed % STRUCTURES
    workspace, world = make_workspace("core", structure_layer(structure)), make_world(seed)
    fill(workspace, world, structure)
    draft = drafted(workspace, world, random.Random(f"draft {seed}"))
    before = real(workspace, world)
    found = simulate(workspace, OPERATOR, draft)
    assert found.each and found.in_time and not found.notes
    workspace.changesets.publish(OPERATOR, draft, workspace.changesets.plan(OPERATOR, draft).hash)
    agree(found, before, real(workspace, world), seed)


def real(workspace: Workspace, world: World) -> Real:
    out = Real()
    with workspace.read() as work:
        for actor in everybody(work.connection, work.schema):
            assert actor.id is not None
            for entity in (*world.entities, "user", "team"):
                for right in COUNTED:
                    out.reached[actor.id, entity, right] = _reached(work, actor, entity, right)
                if work.queries.readable(actor, entity):
                    out.fields[actor.id, entity] = frozenset(work.queries.columns_of(actor, entity))
    return out


def _reached(work: Work, actor: Actor, entity: str, right: Any) -> frozenset[int]:
    if not work.runtime.policy.allows(actor, right, entity):
        return frozenset()
    listed = frozenset(row[0] for page in work.queries.each(actor, Query(entity, ("id",), ("id",))) for row in page.rows)
    return listed & work.queries.reaches(actor, right, entity, listed)


def agree(found: Simulation, before: Real, after: Real, seed: int) -> None:
    told: dict[tuple[int, str, str], tuple[int, int, int, int]] = {}
    hidden: dict[tuple[int, str], set[str]] = {}
    for person in found.people:
        assert person.actor.id is not None
        for item in person.entities:
            for line in item.rights:
                if line.rows is not None:
                    told[person.actor.id, item.entity.name, line.right] = (line.rows.before, line.rows.after, line.rows.gained, line.rows.lost)
            gone = {shift.field.name for shift in item.fields if "none" in (shift.before, shift.after)}
            hidden[person.actor.id, item.entity.name] = gone
    for key, was in before.reached.items():
        will = after.reached[key]
        said = told.get(key)
        assert said is not None or was == will, f"seed {seed}: {key} {sorted(was)} → {sorted(will)} is not told"
        assert said is None or said == (len(was), len(will), len(will - was), len(was - will)), f"seed {seed}: {key} {said}, but {sorted(was)} → {sorted(will)}"
    for place in before.fields.keys() & after.fields.keys():
        differing = {name for name in before.fields[place] ^ after.fields[place] if name != "zextra"}
        assert hidden.get(place, set()) == differing, f"seed {seed}: fields of {place}"


def drafted(workspace: Workspace, world: World, dice: random.Random) -> int:
    """A draft with roles, restrictions, sharing and rules as another world of the same structure has them, and some that move columns and values."""
    other, sets = make_world(world.seed + 100 * STRUCTURES), workspace.changesets
    id = sets.open(OPERATOR, "other rights")
    present = {role["name"]: role for role in world.made.roles}
    for role in other.made.roles:
        if role["name"] not in present:
            say(workspace, id, "role", role)
            continue
        for part in ("entities", "restrict", "field_rights"):
            for entity, value in role[part].items():
                if dice.random() < 0.6:
                    say(workspace, id, "role", role["name"], f"/{part}/{entity}", value)
    for name, body in other.entities.items():
        if dice.random() < 0.4:
            say(workspace, id, "entity", name, "/sharing", body["sharing"])
    for rule in world.made.rules:
        if dice.random() < 0.5:
            say(workspace, id, "sharing_rule", f"{rule['entity']}.{rule['name']}", "/hidden", True)
    for rule in other.made.rules:
        say(workspace, id, "sharing_rule", {**rule, "name": f"t{rule['name']}"})
    if dice.random() < 0.5:
        sets.change(OPERATOR, id, "entity", "qfirm", {"operations": [{"op": "add", "path": "/fields/zextra", "value": {"type": "text"}}]})
    return id


def say(workspace: Workspace, id: int, kind: str, document: Body | str, path: str = "", value: Any = None) -> None:
    """Into the draft; taken out again where it makes it faulty."""
    sets = workspace.changesets
    try:
        if isinstance(document, str):
            found = sets.change(OPERATOR, id, kind, document, {"operations": [{"op": "change", "path": path, "value": value}]})
        else:
            name = f"{document['entity']}.{document['name']}" if kind == "sharing_rule" else document["name"]
            found = sets.put(OPERATOR, id, kind, name, document)
    except BadInput:
        return
    if found.problems:
        sets.undo(OPERATOR, id)
