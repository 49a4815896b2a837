"""`Writer`: rows, links, history, outbox and search index of checked values, always a batch, in one transaction.

`records.service` calls it with one row, `bulk` with thousands. Values come in canonical and complete; nothing is validated
here but what only the database knows (unique values, the version).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Protocol

import sqlalchemy as sa

from fieldsmith.base.context import Actor
from fieldsmith.base.errors import VersionMismatch
from fieldsmith.base.text import _m
from fieldsmith.db.counters import next_numbers
from fieldsmith.db.ids import allocate
from fieldsmith.db.search import SearchIndex
from fieldsmith.db.system import fs_file
from fieldsmith.db.tables import Schema
from fieldsmith.fields.auto_number import format_number, pattern_of
from fieldsmith.identity import people
from fieldsmith.records.formulas import Formulas
from fieldsmith.records.journal import Entry, Journal
from fieldsmith.records.logic import EntityLogic
from fieldsmith.records.rollups import RollupPlan, Rollups
from fieldsmith.records.shape import EntityShape


@dataclass(frozen=True, slots=True)
class Change:
    """An update of one record: its canonical values before, and the ones that differ."""

    id: int
    version: int
    old: Mapping[str, Any]
    new: Mapping[str, Any]


class Services(Protocol):
    """What a writer needs of the revision (`Runtime`)."""

    @property
    def schema(self) -> Schema: ...
    @property
    def journal(self) -> Journal: ...
    @property
    def search(self) -> SearchIndex: ...
    @property
    def rollup_plan(self) -> RollupPlan: ...
    def shape(self, entity: str) -> EntityShape: ...
    def logic(self, entity: str) -> EntityLogic: ...


class Writer:
    """Writes within one transaction, as one actor, at one moment."""

    def __init__(self, runtime: Services, connection: sa.Connection, now: datetime) -> None:
        self._runtime = runtime
        self._connection = connection
        self._now = now
        self._formulas = Formulas(runtime, connection, now)

    @cached_property
    def rollups(self) -> Rollups:
        return Rollups(self._runtime.rollup_plan, self._connection)

    def insert(self, actor: Actor, shape: EntityShape, rows: Sequence[dict[str, Any]], *, bulk: bool = False) -> Sequence[int]:
        """Insert complete canonical `rows` (auto-numbers are filled in here); their ids in order."""
        self._number(shape, rows)
        ids = allocate(self._connection, shape.table, len(rows))
        stamps = (self._now, actor.id)
        pack = shape.pack
        filled = self._formulas.fill_new(actor, shape, ids, rows)
        shape.insert.run(self._connection, [pack(id, stamps, values) for id, values in zip(ids, filled, strict=True)])
        for name in shape.links:
            linked = [(id, target) for id, values in zip(ids, rows, strict=True) for target in values.get(name) or ()]
            self._link(shape, name, linked)
        self._adopt_files(shape, ids, rows)
        entries = [Entry(id, 1, shape.created_changes(values)) for id, values in zip(ids, rows, strict=True)]
        journal = self._runtime.journal.write_summary if bulk else self._runtime.journal.write
        journal(self._connection, actor, self._now, "create", shape.entity.uid, entries)
        if shape.searchable:
            found = [shape.search_row(id, values) for id, values in zip(ids, rows, strict=True)]
            self._runtime.search.put_many(self._connection, shape.entity.uid, found, new=True)
        self.rollups.created(shape.entity.name, rows)
        if shape.entity.name in people.PEOPLE:
            people.people_came(self._connection, self._runtime.schema, shape.entity.name, ids)
        return ids

    def update(self, actor: Actor, shape: EntityShape, changes: Sequence[Change], *, bulk: bool = False) -> None:
        """Apply `changes`; raises `VersionMismatch` when a record is no longer at the version it was read at."""
        for change in changes:
            self._update_one(actor, shape, change)
        for name in shape.links:
            for change in changes:
                if name in change.new:
                    table = self._runtime.schema.link(shape.links[name])
                    self._connection.execute(sa.delete(table).where(table.c.left_id == change.id))
                    self._link(shape, name, [(change.id, target) for target in change.new[name] or ()])
        self._adopt_files(shape, [change.id for change in changes], [change.new for change in changes])
        entries = [Entry(change.id, change.version + 1, shape.changes(change.old, change.new)) for change in changes]
        journal = self._runtime.journal.write_summary if bulk else self._runtime.journal.write
        journal(self._connection, actor, self._now, "update", shape.entity.uid, entries)
        self._index(shape, changes)
        self.rollups.updated(shape.entity.name, [(change.old, change.new) for change in changes])
        if shape.entity.name in people.PEOPLE:
            people.people_changed(self._connection, self._runtime.schema, shape.entity.name, {change.id: change.new for change in changes})
            moves = ((change.id, change.old, change.new) for change in changes)
            people.note_places(self._connection, self._now, actor, self._runtime.schema, shape.entity.name, moves)

    def _update_one(self, actor: Actor, shape: EntityShape, change: Change) -> None:
        computed = self._formulas.affected(actor, shape, change.id, change.version, change.old, change.new)
        values = {**change.new, **computed} if computed else change.new
        names = tuple(sorted(name for name in values if name not in shape.links))
        binds = shape.update_values(names, values)
        binds.update(now=self._now, by=actor.id, row=change.id, was=change.version)
        if shape.update(names).run(self._connection, binds) != 1:
            raise VersionMismatch(_m("{entity} {id} was changed by somebody else meanwhile.", entity=shape.entity.label, id=change.id))

    def _index(self, shape: EntityShape, changes: Sequence[Change]) -> None:
        searched = {name for name, _ in shape.searchable} | {shape.entity.name_field}
        rows = [shape.search_row(change.id, {**change.old, **change.new}) for change in changes if searched & change.new.keys()]
        if rows:
            self._runtime.search.put_many(self._connection, shape.entity.uid, rows, new=False)

    def _number(self, shape: EntityShape, rows: Sequence[dict[str, Any]]) -> None:
        for name, item in shape.numbered.items():
            numbers = next_numbers(self._connection, f"field/{item.uid}", len(rows))
            for number, values in zip(numbers, rows, strict=True):
                values[name] = format_number(pattern_of(item), number, self._now.date())

    def _link(self, shape: EntityShape, name: str, pairs: Sequence[tuple[int, int]]) -> None:
        if pairs:
            table = self._runtime.schema.link(shape.links[name])
            self._connection.execute(sa.insert(table), [{"left_id": left, "right_id": right} for left, right in pairs])

    def _adopt_files(self, shape: EntityShape, ids: Sequence[int], rows: Sequence[Mapping[str, Any]]) -> None:
        """From now on the file is seen by whoever may see the record."""
        for name in shape.files:
            for id, values in zip(ids, rows, strict=True):
                if values.get(name) is not None:
                    statement = sa.update(fs_file).where(fs_file.c.id == values[name]).values(entity=shape.entity.uid, record=id)
                    self._connection.execute(statement)
