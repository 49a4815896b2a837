"""The recycle bin: soft delete with what each lookup says about it (restrict, clear, cascade), and restore of a whole batch."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import sqlalchemy as sa

from fieldsmith.base.context import Actor
from fieldsmith.base.errors import Conflict
from fieldsmith.base.problems import Problem
from fieldsmith.base.text import _m
from fieldsmith.db.counters import next_numbers
from fieldsmith.identity import people
from fieldsmith.meta.model import Entity, Reference
from fieldsmith.records.journal import Entry, Operation
from fieldsmith.records.shape import EntityShape
from fieldsmith.records.write import Change, Services, Writer

_BATCHES = "deleted_batch"
_CHUNK = 500


class Binning(Services, Protocol):
    """What the bin needs of the revision (`Runtime`)."""

    def shape(self, entity: str) -> EntityShape: ...


class Bin:
    """Deletes and restores within one transaction. The caller has asked for the right and the version."""

    def __init__(self, runtime: Binning, connection: sa.Connection, now: datetime) -> None:
        self._runtime = runtime
        self._connection = connection
        self._now = now

    def delete(self, actor: Actor, shape: EntityShape, id: int) -> None:
        """Mark `id` and all that cascades from it with one new batch number."""
        batch = next_numbers(self._connection, _BATCHES, 1)[0]
        taken: set[tuple[str, int]] = set()
        self._take(actor, shape, [id], batch, taken)

    def restore(self, actor: Actor, shape: EntityShape, id: int) -> None:
        """Bring back everything of the batch `id` went with; what it depends on must be there."""
        table = shape.table
        batch = self._connection.execute(sa.select(table.c.deleted_batch).where(table.c.id == id)).scalar_one()
        restored: list[tuple[EntityShape, list[int]]] = []
        for name in self._reachable(shape.entity):
            other = self._runtime.shape(name)
            rows = self._connection.execute(sa.select(other.table.c.id).where(other.table.c.deleted_batch == batch))
            ids = [row[0] for row in rows]
            if ids:
                self._unmark(other, ids)
                restored.append((other, ids))
        for other, ids in restored:
            self._require_parents(other, ids)
            self._journal(actor, other, ids, "restore")
            self._reindex(other, ids)

    def _take(self, actor: Actor, shape: EntityShape, ids: Sequence[int], batch: int, taken: set[tuple[str, int]]) -> None:
        ids = [id for id in ids if (shape.entity.name, id) not in taken]
        if not ids:
            return
        taken.update((shape.entity.name, id) for id in ids)
        for reference in shape.entity.references:
            if reference.on_delete != "clear":
                self._follow(actor, shape, reference, ids, batch, taken)
        for start in range(0, len(ids), _CHUNK):
            chunk = ids[start : start + _CHUNK]
            values = {"deleted_at": self._now, "deleted_batch": batch, "modified_at": self._now, "modified_by": actor.id, "version": shape.table.c.version + 1}
            self._connection.execute(sa.update(shape.table).where(shape.table.c.id.in_(chunk)).values(values))
        self._journal(actor, shape, ids, "delete")
        self._runtime.search.remove(self._connection, shape.entity.uid, ids)
        for reference in shape.entity.references:
            if reference.on_delete == "clear":
                self._follow(actor, shape, reference, ids, batch, taken)

    def _follow(self, actor: Actor, shape: EntityShape, reference: Reference, ids: Sequence[int], batch: int, taken: set[tuple[str, int]]) -> None:
        other = self._runtime.shape(reference.entity)
        item = other.entity.fields[reference.field]
        if item.type == "many_to_many":
            return
        children = [id for id in self._children(other, shape.entity, reference.field, ids) if (reference.entity, id) not in taken]
        if not children:
            return
        if reference.on_delete == "cascade":
            self._take(actor, other, children, batch, taken)
        elif reference.on_delete == "restrict":
            self._refuse(shape.entity, other.entity, len(children))
        else:
            self._clear(actor, other, reference.field, children)

    def _children(self, other: EntityShape, target: Entity, field: str, ids: Sequence[int]) -> list[int]:
        columns = self._runtime.schema.columns(other.entity.fields[field])
        out: list[int] = []
        for start in range(0, len(ids), _CHUNK):
            where: list[sa.ColumnElement[bool]] = [columns[0].in_(ids[start : start + _CHUNK]), other.table.c.deleted_at.is_(None)]
            if len(columns) > 1:
                where.append(columns[1] == target.name)
            out += [row[0] for row in self._connection.execute(sa.select(other.table.c.id).where(*where))]
        return out

    def _refuse(self, entity: Entity, other: Entity, count: int) -> None:
        message = _m("{count} {plural} still point at this {entity}, so it cannot be deleted.", count=count, plural=other.plural, entity=entity.label)
        raise Conflict(message, [Problem("in_use", message, "", _m("Delete them or point them elsewhere first."))])

    def _clear(self, actor: Actor, other: EntityShape, field: str, ids: Sequence[int]) -> None:
        changes = []
        for id in ids:
            row = other.load.rows(self._connection, {"id": id})[0]
            old = other.current(row)
            changes.append(Change(id, row[1], old, {field: None}))
        Writer(self._runtime, self._connection, self._now).update(actor, other, changes)

    def _reachable(self, entity: Entity) -> list[str]:
        """The entity and all that can go with it by cascade."""
        out = [entity.name]
        for name in out:
            for reference in self._runtime.schema.model.entities[name].references:
                if reference.on_delete == "cascade" and reference.entity not in out:
                    out.append(reference.entity)
        return out

    def _unmark(self, shape: EntityShape, ids: Sequence[int]) -> None:
        for start in range(0, len(ids), _CHUNK):
            chunk = ids[start : start + _CHUNK]
            values = {"deleted_at": None, "deleted_batch": None, "modified_at": self._now, "version": shape.table.c.version + 1}
            self._connection.execute(sa.update(shape.table).where(shape.table.c.id.in_(chunk)).values(values))

    def _require_parents(self, shape: EntityShape, ids: Sequence[int]) -> None:
        """A lookup of a restored record that now points at a recycled one refuses the restore, naming it."""
        for name, item in shape.lookups.items():
            if item.type != "lookup":
                continue
            target = self._runtime.schema.table(item.options["to"]).alias("target")
            column = self._runtime.schema.columns(item)[0]
            for start in range(0, len(ids), _CHUNK):
                gone = self._connection.execute(
                    sa.select(target.c.id)
                    .join_from(shape.table, target, target.c.id == column)
                    .where(shape.table.c.id.in_(ids[start : start + _CHUNK]), target.c.deleted_at.is_not(None))
                    .limit(1)
                ).scalar()
                if gone is not None:
                    label = self._runtime.schema.model.entities[item.options["to"]].label
                    message = _m("{field} points at {entity} {id}, which is in the recycle bin.", field=item.label, entity=label, id=gone)
                    raise Conflict(message, [Problem("in_recycle_bin", message, "/" + name, _m("Restore that one first."))])

    def _journal(self, actor: Actor, shape: EntityShape, ids: Sequence[int], operation: Operation) -> None:
        entries = []
        for start in range(0, len(ids), _CHUNK):
            chunk = ids[start : start + _CHUNK]
            rows = self._connection.execute(sa.select(shape.table.c.id, shape.table.c.version).where(shape.table.c.id.in_(chunk)))
            entries += [Entry(row[0], row[1]) for row in rows]
        self._runtime.journal.write(self._connection, actor, self._now, operation, shape.entity.uid, entries)
        if shape.entity.name == people.ENTITY:
            people.people_changed(self._connection, self._runtime.schema)

    def _reindex(self, shape: EntityShape, ids: Sequence[int]) -> None:
        if not shape.searchable:
            return
        found = [shape.search_row(id, shape.current(shape.load.rows(self._connection, {"id": id})[0])) for id in ids]
        self._runtime.search.put_many(self._connection, shape.entity.uid, found, new=True)
