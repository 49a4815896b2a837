"""`simulate`: a draft's effect on who sees and does what, in numbers of records, before it is published. For administrators.

    found = simulate(workspace, reader, draft)
    for person in found.people: …

Both models are asked within one transaction, the preview of the draft; `query.row_shifts` says how. People are told apart as `query.guard`
tells them apart. What a draft makes anew or retires is no matter here: the plan's operations tell that.
"""

from __future__ import annotations

import time
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from fieldsmith.access.policy import Policy
from fieldsmith.access.rows import groups_named
from fieldsmith.access.shifts import FieldShift, RightShift, field_shifts, fields_read, right_shifts
from fieldsmith.base.context import Actor
from fieldsmith.base.errors import Forbidden
from fieldsmith.base.text import Message, _m
from fieldsmith.db.counterparts import entity_in
from fieldsmith.db.shadows import place_of_tables
from fieldsmith.db.tables import Schema
from fieldsmith.expr.environment import moment_of
from fieldsmith.expr.to_sql import parameters
from fieldsmith.identity.acting import everybody
from fieldsmith.meta.model import Entity, Model
from fieldsmith.meta.roles import Right
from fieldsmith.meta.system_fields import USER
from fieldsmith.query.groups_of import groups_of_all
from fieldsmith.query.guard import Guard
from fieldsmith.query.row_shifts import Outlines, RowShift, RowShifts, Side, newest_of
from fieldsmith.rollout.simulated import EntityShift, PersonShift, RightLine, Simulation
from fieldsmith.workspace import Runtime, Work, Workspace

MOST_PEOPLE = 20
"""People who are looked at one by one; of more, so many kinds, the largest."""
MOST_KINDS = 500
"""Kinds of people whose rights are compared, the largest."""
MOST_RECORDS, LEAST_RECORDS, MOST_ROWS = 200_000, 20_000, 400_000
"""Of an entity the newest records are looked at: so many that all people together read about the last number of rows, within the first two."""
LONGEST = 5.0
"""Seconds after which no other counting begins."""
COUNTED: tuple[Right, ...] = ("read", "update", "delete", "export")
"""Rights on records there are; the others are told by their scope."""
APART = frozenset({"layout", "view", "rule", "tab", "app", "translation", "import_map"})
"""Kinds of documents that change nobody's rights."""

Pair = tuple[Entity, Entity]


def simulate(workspace: Workspace, reader: Actor, draft: int) -> Simulation:
    """Empty where nothing changes for anybody.

    Raises `Forbidden` for all but administrators, since it tells of every record; else as `Workspace.preview`: `NotFound`, `Conflict`, `BadInput`.
    """
    if not workspace.runtime().policy.is_administrator(reader):
        raise Forbidden(_m("Only administrators may ask what others may do."))
    bench = workspace.changesets.look(reader, draft)
    edits = bench.draft.edits or {} if bench.draft is not None else {}
    if bench.sound and all(kind in APART for kind, _ in edits):
        return Simulation()
    while True:
        published = workspace.runtime()
        with workspace.preview(reader, draft) as work:
            if (work.state.revision, work.state.fills) == (published.model.revision, published.fills):
                return _Simulating(published, work, reader).simulation()


@dataclass(frozen=True, slots=True)
class _Touched:
    """An entity on which one kind of people has other rights; `moved` are the rights whose records may be others."""

    pair: Pair
    rights: Mapping[Right, RightShift]
    fields: Sequence[FieldShift]
    moved: frozenset[Right]


@dataclass(frozen=True, slots=True)
class _Kind:
    """People with the same roles and groups; `before` and `after` are their guards, the one past the views of the preview. `compiled` by entity."""

    people: Sequence[Actor]
    before: Guard
    after: Guard
    touched: Sequence[_Touched]
    administers: tuple[bool, bool] | None
    shapes: tuple[frozenset[str], frozenset[str]] | None
    compiled: dict[int, RowShifts] = field(default_factory=dict)


class _Simulating:
    """One simulation, within the preview's transaction."""

    def __init__(self, published: Runtime, work: Work, reader: Actor) -> None:
        self._old = published
        self._new = work.runtime
        self._work = work
        self._reader = reader
        place = place_of_tables(work.connection, self._new.schema.dialect)
        self._placed = Schema(published.model, published.schema.dialect, published.schema.filling, place)
        found = ((entity_in(published.model, entity), entity) for entity in self._new.model.entities.values())
        self._pairs: list[Pair] = [(old, new) for old, new in found if old is not None]
        self._moved = _values_move(published.model, self._new.model)
        self._said: tuple[dict[tuple[str, str], Hashable], dict[tuple[str, str], Hashable]] = ({}, {})
        self._newest: dict[int, int] = {}
        self._window = MOST_RECORDS
        self._until = time.monotonic() + LONGEST
        self._in_time = True

    def simulation(self) -> Simulation:
        people = everybody(self._work.connection, self._new.schema)
        groups = list(self._groups(people))
        kinds = [kind for actors, in_groups in groups[:MOST_KINDS] if (kind := self._kind(actors, in_groups)) is not None]
        concerned = sum(len(kind.people) for kind in kinds)
        each = concerned <= MOST_PEOPLE
        asked = [(kind, actor) for kind in kinds for actor in kind.people] if each else [(kind, kind.people[0]) for kind in kinds[:MOST_PEOPLE]]
        self._window = min(MOST_RECORDS, max(LEAST_RECORDS, MOST_ROWS // max(len(asked), 1)))
        names = self._work.queries.labels(self._reader, USER, [actor.id for _, actor in asked if actor.id is not None])
        shifts = (self._shift(kind, actor, names) for kind, actor in asked)
        changed = [shift for shift in shifts if shift.entities or shift.administers or shift.shapes]
        notes = tuple(self._notes(kinds, len(groups)))
        return Simulation(changed, len(people), concerned, len(asked), len(kinds), each, self._window, self._in_time, notes)

    def _groups(self, people: Sequence[Actor]) -> Iterator[tuple[list[Actor], frozenset[str]]]:
        """People by what tells their rows apart but themselves, the most numerous first."""
        named = groups_named(self._old.model) | groups_named(self._new.model)
        groups = groups_of_all(self._work.connection, self._new.schema, named) if named else {}
        found: dict[Hashable, tuple[list[Actor], frozenset[str]]] = {}
        for actor in people:
            within = groups.get(actor.id or 0, frozenset())
            found.setdefault((actor.kind, actor.roles, within), ([], within))[0].append(actor)
        yield from sorted(found.values(), key=lambda item: -len(item[0]))

    def _kind(self, people: Sequence[Actor], groups: frozenset[str]) -> _Kind | None:
        """None where nothing changes for them."""
        actor = people[0]
        policies = (self._old.policy, self._new.policy)
        old, new = (policy.sight(actor) for policy in policies)
        if old.everything and new.everything:
            return None
        old_groups = groups & groups_named(self._old.model)
        before, after = Guard(self._old.schema, old, old_groups), Guard(self._new.schema, new, groups & groups_named(self._new.model))
        touched = list(self._touched(before, after))
        administers = (old.everything, new.everything) if old.everything != new.everything else None
        shapes = _shapes(actor, *policies)
        if not touched and administers is None and shapes is None:
            return None
        return _Kind(people, Guard(self._placed, old, old_groups), after, touched, administers, shapes)

    def _touched(self, before: Guard, after: Guard) -> Iterator[_Touched]:
        was, will = before.sight, after.sight
        same_fields = (was.hidden, was.masked, was.locked) == (will.hidden, will.masked, will.locked)
        outlines = Outlines(before, self._said[0]), Outlines(after, self._said[1], self._moved)
        for old, new in self._pairs:
            rights = right_shifts(was, will, old.name, new.name)
            moved = frozenset(right for right in COUNTED if outlines[0].of(old.name, right) != outlines[1].of(new.name, right))
            fields = () if same_fields and old.name == new.name else tuple(field_shifts(was, will, old, new))
            if rights or moved or fields:
                yield _Touched((old, new), rights, fields, moved)

    def _shift(self, kind: _Kind, actor: Actor, names: Mapping[int, str | None]) -> PersonShift:
        who = parameters(moment_of(actor, self._work.now), actor.id, self._new.schema.dialect)
        found = (self._entity(kind, item, who) for item in kind.touched)
        entities = [shift for shift in found if shift.rights or shift.fields]
        return PersonShift(actor, names.get(actor.id or 0) or actor.name, len(kind.people), entities, kind.administers, kind.shapes)

    def _entity(self, kind: _Kind, item: _Touched, who: Mapping[str, object]) -> EntityShift:
        old, new = item.pair
        rows = self._rows(kind, item, who) if item.moved else {}
        lines: list[RightLine] = []
        for right in dict.fromkeys((*COUNTED, *item.rights)):
            before, after = kind.before.sight.scope(right, old.name), kind.after.sight.scope(right, new.name)
            found, counted = rows.get(right), right in rows or right not in item.moved
            if before != after or not counted or (found is not None and (found.gained or found.lost)):
                lines.append(RightLine(right, before, after, found, counted))
        return EntityShift(new, lines, item.fields, self._newest.get(old.uid, 0) > self._window)

    def _rows(self, kind: _Kind, item: _Touched, who: Mapping[str, object]) -> Mapping[Right, RowShift]:
        """By right; empty where there is no time left."""
        if time.monotonic() > self._until:
            self._in_time = False
            return {}
        old, new = item.pair
        if old.uid not in self._newest:
            self._newest[old.uid] = newest_of(self._work.connection, kind.before, old.name)
        if old.uid not in kind.compiled:
            rights = [right for right in COUNTED if right in item.moved]
            kind.compiled[old.uid] = RowShifts(_side(kind.before, old.name), _side(kind.after, new.name), rights, self._newest[old.uid] - self._window)
        return kind.compiled[old.uid].counted(self._work.connection, who)

    def _notes(self, kinds: Sequence[_Kind], groups: int) -> Iterator[Message]:
        if groups > MOST_KINDS:
            yield _m("There are {count} kinds of people by their roles and groups; the {most} largest were compared.", count=groups, most=MOST_KINDS)
        read = dict.fromkeys(name for kind in kinds for item in kind.touched for name in self._read(kind, item))
        for entity, name in read:
            if self._gets_default(entity, name):
                words = {"field": self._new.model.entities[entity].fields[name].label, "entity": self._new.model.entities[entity].label}
                yield _m("“{field}” of {entity} gets its default where it is blank. The numbers take it for blank still.", **words)

    def _read(self, kind: _Kind, item: _Touched) -> Iterator[tuple[str, str]]:
        """What the draft's conditions on the entity read."""
        entity = item.pair[1].name
        rules = [rule for right in sorted(item.moved) if (rule := kind.after.rule(entity, right)) is not None]
        for text in dict.fromkeys(text for rule in rules for text in (*rule.limits, *(each.when for each in rule.rules if each.when))):
            yield from sorted(fields_read(self._new.model, entity, text))

    def _gets_default(self, entity: str, name: str) -> bool:
        field = self._new.model.entities[entity].fields.get(name)
        if field is None or not field.required or field.default is None:
            return False
        known = next((item for old, new in self._pairs if new.name == entity for item in old.fields.values() if item.uid == field.uid), None)
        return known is None or not known.required


def _side(guard: Guard, entity: str) -> Side:
    """Every record is looked at, so those one reaches as an owner are found once and not asked for one by one."""
    return Side(Guard(guard.schema, guard.sight, guard.groups, frozenset({entity})), entity)


def _values_move(old: Model, new: Model) -> bool:
    """Do records get other values of pick lists?"""
    lists = ((known, new.choices.get(name)) for name, known in old.choices.items())
    return any(known.renamed_in(later) or known.replaced_in(later) for known, later in lists if later is not None and later is not known)


def _shapes(actor: Actor, old: Policy, new: Policy) -> tuple[frozenset[str], frozenset[str]] | None:
    before, after = old.shapes(actor), new.shapes(actor)
    return None if before == after else (before, after)
