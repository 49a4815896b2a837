"""Random worlds of access: metadata, people, records and shares, made from a seed. Plain data; `worlds_fill` puts one into a workspace.

Every value of a text field is a marker of its own (`mk000123z`) and every whole number is one (`7310000123`), so whether an answer tells
too much can be seen from its text alone. Names of our entities and fields begin with q, so that a name which should not be there is seen too.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.access.worlds_metadata import Body, Documents, documents

MARKERS = 7_310_000_000


@dataclass(eq=False)
class Team:
    name: str
    parent: Team | None
    id: int = 0

    def under(self, other: Team) -> bool:
        """Is it `other`, or below it?"""
        return self is other or (self.parent is not None and self.parent.under(other))


@dataclass(eq=False)
class Soul:
    """A user. `firm` is the account of people from outside, by number of the row; `id` and `token` come with the filling."""

    name: str
    roles: tuple[str, ...]
    team: Team | None
    manager: Soul | None
    active: bool
    firm: Row | None = None
    id: int = 0
    token: str = ""
    kind: str = "person"

    def below(self, other: Soul) -> bool:
        """Does `other` lead this one, whether directly or not?"""
        return self.manager is not None and (self.manager is other or self.manager.below(other))


@dataclass(eq=False)
class Row:
    """A record. Lookups hold rows, many-to-many ones lists of rows."""

    entity: str
    values: dict[str, Any]
    owner: Soul | None
    deleted: bool = False
    id: int = 0
    file: int = 0
    """The id of the file it holds, 0 for none."""
    former: list[tuple[str, Any]] = field(default_factory=list)
    """(field, marker) of values it had before: histories tell them."""

    def put(self, name: str, value: Any) -> None:
        """The field has another value now."""
        self.former.append((name, self.values[name]))
        self.values[name] = value


@dataclass(eq=False)
class Share:
    """A single record shared; `until`: none, over, or still lasting. `id` 0: not known. `by`: who shared it, None for nobody."""

    row: Row
    to: Soul | Team | str
    access: str
    until: str
    id: int = 0
    by: Soul | None = None


@dataclass
class World:
    seed: int
    made: Documents
    teams: list[Team] = field(default_factory=list)
    souls: list[Soul] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    gone: list[Row] = field(default_factory=list)
    """What was put into the bin, in order; what went along is not named."""
    shares: list[Share] = field(default_factory=list)
    markers: int = 0

    @property
    def entities(self) -> Mapping[str, Body]:
        return self.made.entities

    def of(self, entity: str) -> list[Row]:
        """Live records of `entity`."""
        return [row for row in self.rows if row.entity == entity and not row.deleted]

    def marker(self, kind: str) -> Any:
        """A value no other field of no other record has."""
        self.markers += 1
        assert self.markers < 1_000, "answers are searched for no more than that"
        return MARKERS + self.markers if kind == "integer" else f"mk{self.markers:06d}z"

    def values(self, row: Row) -> Iterator[tuple[str, Any]]:
        """(field, marker) of all of a row's fields that hold one, and of what formulas make of them."""
        for item in self.entities[row.entity]["fields"]:
            shown: Any = row
            for name in item.get("shows", item["name"]).split("."):
                shown = shown.values.get(name) if shown is not None else None
            if isinstance(shown, str | int) and item["type"] in ("text", "integer", "external_id", "formula", "file"):
                yield item["name"], shown


def make_world(seed: int) -> World:
    """The world of `seed`, always the same."""
    dice = random.Random(seed)
    world = World(seed, documents(dice, seed % STRUCTURES))
    for at in range(dice.randint(0, 4)):
        world.teams.append(Team(f"Team {at}", dice.choice([None, *world.teams])))
    _people(dice, world)
    _records(dice, world)
    _shares(dice, world)
    return world


STRUCTURES = 8
"""Worlds whose seeds leave the same rest have the same entities and fields, so that they can use one database after the other."""


def _people(dice: random.Random, world: World) -> None:
    names = [role["name"] for role in world.made.roles if "administrator" not in role]
    for at in range(dice.randint(3, 8)):
        roles = tuple(sorted(dice.sample(names, min(len(names), dice.choice([0, 1, 1, 1, 2, 2, 3])))))
        manager = dice.choice([None, *world.souls])
        kind = "queue" if at and world.teams and dice.random() < 0.12 else "person"
        world.souls.append(
            Soul(f"Soul {at}", roles if kind == "person" else (), dice.choice([None, *world.teams]), manager, at == 0 or dice.random() < 0.9, kind=kind)
        )
    world.souls.append(Soul("Root", ("administrator",), None, None, True))


def _records(dice: random.Random, world: World) -> None:
    order = [name for name in ("qbadge", "qfirm", "qdeal", "qpart", "qslip") if name in world.entities]
    for at in range(dice.randint(10, 40)):
        known = [name for name in order if all(world.of(to) for to in _needs(world.entities[name]))]
        entity = known[at % len(known)] if at < len(known) else dice.choice(known)
        _add(dice, world, entity)
    for soul in world.souls:
        firms = world.of("qfirm")
        soul.firm = dice.choice([None, *firms, *firms]) if firms else None
    for row in dice.sample(world.rows, len(world.rows) // 8):
        if not row.deleted:
            world.gone.append(row)
            recycle(world, row)


def _needs(entity: Body) -> Iterable[str]:
    return (item["to"] for item in entity["fields"] if item.get("owned"))


def _add(dice: random.Random, world: World, entity: str) -> Row:
    row = Row(entity, {}, dice.choice([None, *world.souls, *world.souls]))
    for item in world.entities[entity]["fields"]:
        name, kind = item["name"], item["type"]
        if kind in ("text", "integer", "external_id"):
            row.values[name] = None if not item.get("required") and dice.random() < 0.1 else world.marker(kind)
        elif kind == "choice":
            row.values[name] = dice.choice([None, "red", "green", "blue"])
        elif kind == "lookup":
            targets = world.of(item["to"])
            row.values[name] = dice.choice(targets if item.get("owned") else [None, *targets, *targets])
        elif kind == "polymorphic_lookup":
            row.values[name] = dice.choice([None, *(target for to in item["to"] for target in world.of(to))])
        elif kind == "many_to_many":
            targets = world.of(item["to"])
            row.values[name] = dice.sample(targets, min(len(targets), dice.randint(0, 2)))
        elif kind == "file":
            row.values[name] = world.marker("text") if dice.random() < 0.5 else None
    world.rows.append(row)
    return row


def _shares(dice: random.Random, world: World) -> None:
    if world.rows:
        for _ in range(dice.randint(0, 8)):
            to: Any = dice.choice([*world.souls, *world.teams, *(role["name"] for role in world.made.roles)])
            share = Share(dice.choice(world.rows), to, dice.choice(["read", "edit"]), dice.choice(["none", "none", "over", "lasting"]))
            if not any((other.row, other.to) == (share.row, share.to) for other in world.shares):
                world.shares.append(share)


def recycle(world: World, row: Row) -> None:
    """Into the bin: details go along, lookups at what goes are cleared."""
    if row.deleted:
        return
    row.deleted = True
    for other in world.rows:
        for item in world.entities[other.entity]["fields"]:
            if item["type"] in ("lookup", "polymorphic_lookup") and other.values.get(item["name"]) is row and not other.deleted:
                if item.get("owned"):
                    recycle(world, other)
                else:
                    other.values[item["name"]] = None
    for soul in world.souls:
        if soul.firm is row:
            soul.firm = None
