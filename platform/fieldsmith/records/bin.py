"""The recycle bin: soft delete with what each lookup says about it (restrict, clear, cascade), and restore of a whole batch."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterator, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa

from fieldsmith.base.context import Actor
from fieldsmith.base.errors import Conflict
from fieldsmith.base.problems import Problem
from fieldsmith.base.text import _m
from fieldsmith.db.counters import next_numbers
from fieldsmith.fields.base import Field
from fieldsmith.identity import people
from fieldsmith.identity.audit import note
from fieldsmith.meta.model import Entity
from fieldsmith.meta.vocabulary import Name
from fieldsmith.query.run import Queries
from fieldsmith.records.clashes import refuse_clash
from fieldsmith.records.formulas import Formulas
from fieldsmith.records.journal import Entry, Operation
from fieldsmith.records.rollups import Rollups
from fieldsmith.records.shape import EntityShape
from fieldsmith.records.write import Change, Services, Writer

_BATCHES = "deleted_batch"
_CHUNK = 500


class Bin:
    """Deletes and restores within one transaction. The caller has asked for the right and the version."""

    def __init__(self, runtime: Services, connection: sa.Connection, queries: Queries, now: datetime, rollups: Rollups | None = None) -> None:
        self._runtime = runtime
        self._connection = connection
        self._queries = queries
        self._now = now
        self._rollups = rollups or Rollups(runtime.rollup_plan, connection)

    def delete(self, actor: Actor, shape: EntityShape, id: int) -> None:
        """Mark `id` and all that cascades from it with one new batch number.

        Raises `Conflict` where a record that would stay restricts it.
        """
        going = [(self._runtime.shape(name), tuple(ids)) for name, ids in self._going(shape, id).items() if ids]
        taken = {other.entity.name: frozenset(ids) for other, ids in going}
        for other, ids in going:
            for child, _, children in self._referring(other, ids, "restrict", taken):
                self._refuse(actor, other.entity, child.entity, children)
        batch = next_numbers(self._connection, _BATCHES, 1)[0]
        for other, ids in going:
            self._mark(actor, other, ids, batch)
        for other, ids in going:
            for child, field, children in self._referring(other, ids, "clear", taken):
                self._clear(actor, child, field, children)
        for other, ids in going:
            self._rollups.moved(other, ids)

    def restore(self, actor: Actor, shape: EntityShape, id: int) -> None:
        """Bring back everything of the batch `id` went with; what it depends on must be there.

        Raises `Conflict` when that is in the bin, or when a unique value was given to another record meanwhile.
        """
        table = shape.table
        batch = self._connection.execute(sa.select(table.c.deleted_batch).where(table.c.id == id)).scalar_one()
        restored: list[tuple[EntityShape, list[int]]] = []
        for name in self._reachable(shape.entity):
            other = self._runtime.shape(name)
            rows = self._connection.execute(sa.select(other.table.c.id).where(other.table.c.deleted_batch == batch))
            ids = [row[0] for row in rows]
            if ids:
                self._unmark(actor, other, ids)
                restored.append((other, ids))
        for other, ids in restored:
            self._require_parents(actor, other, ids)
            self._journal(actor, other, ids, "restore")
            self._reindex(other, ids)
        for other, ids in restored:
            self._rollups.moved(other, ids)

    @property
    def _formulas(self) -> Formulas:
        return Formulas(self._runtime, self._connection, self._now)

    def _going(self, shape: EntityShape, id: int) -> dict[str, dict[int, None]]:
        """Entity → ids of `id` and of everything that cascades from it, each after what takes it along."""
        going: dict[str, dict[int, None]] = {shape.entity.name: {id: None}}
        waiting: list[tuple[EntityShape, Sequence[int]]] = [(shape, [id])]
        for here, ids in waiting:
            for child, _, children in self._referring(here, ids, "cascade", going):
                going.setdefault(child.entity.name, {}).update(dict.fromkeys(children))
                waiting.append((child, children))
        return going

    def _referring(
        self, shape: EntityShape, ids: Sequence[int], on_delete: str, without: Mapping[str, Collection[int]]
    ) -> Iterator[tuple[EntityShape, str, list[int]]]:
        """(entity, field, live records) that point at `ids` by a lookup with this `on_delete`; those in `without` are left out."""
        for reference in shape.entity.references:
            if reference.on_delete == on_delete:
                other = self._runtime.shape(reference.entity)
                if reference.field not in other.links:
                    known = without.get(reference.entity, ())
                    children = [id for id in self._children(other, shape.entity, reference.field, ids) if id not in known]
                    if children:
                        yield other, reference.field, children

    def _mark(self, actor: Actor, shape: EntityShape, ids: Sequence[int], batch: int) -> None:
        for start in range(0, len(ids), _CHUNK):
            chunk = ids[start : start + _CHUNK]
            values = {"deleted_at": self._now, "deleted_batch": batch, "modified_at": self._now, "modified_by": actor.id, "version": shape.table.c.version + 1}
            self._connection.execute(sa.update(shape.table).where(shape.table.c.id.in_(chunk)).values(values))
        self._formulas.after_stamps(shape, ids)
        self._journal(actor, shape, ids, "delete")
        self._runtime.search.remove(self._connection, shape.entity.uid, ids)

    def _children(self, other: EntityShape, target: Entity, field: str, ids: Sequence[int]) -> list[int]:
        columns = self._runtime.schema.columns(other.entity.fields[field])
        out: list[int] = []
        for start in range(0, len(ids), _CHUNK):
            where: list[sa.ColumnElement[bool]] = [columns[0].in_(ids[start : start + _CHUNK]), other.table.c.deleted_at.is_(None)]
            if len(columns) > 1:
                where.append(columns[1] == target.name)
            out += [row[0] for row in self._connection.execute(sa.select(other.table.c.id).where(*where).with_for_update())]
        return out

    def _refuse(self, actor: Actor, entity: Entity, other: Entity, children: Sequence[int]) -> None:
        """What is in the way, as far as the actor may know of it."""
        count = len(self._queries.seen(actor, other.name, children))
        label = _m("record") if entity.name in self._hidden(actor) else entity.label
        if not count:
            message = _m("Records that you may not see still point at this {entity}, so it cannot be deleted.", entity=label)
            raise Conflict(message, [Problem("in_use", message, "", _m("Ask an administrator."))])
        message = _m("{count} {plural} still point at this {entity}, so it cannot be deleted.", count=count, plural=other.plural, entity=label)
        raise Conflict(message, [Problem("in_use", message, "", _m("Delete them or point them elsewhere first."))])

    def _hidden(self, actor: Actor) -> Container[str | Name]:
        return self._queries.guard(actor).sight.hidden

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

    def _unmark(self, actor: Actor, shape: EntityShape, ids: Sequence[int]) -> None:
        values = {"deleted_at": None, "deleted_batch": None, "modified_at": self._now, "modified_by": actor.id, "version": shape.table.c.version + 1}
        try:
            for start in range(0, len(ids), _CHUNK):
                self._connection.execute(sa.update(shape.table).where(shape.table.c.id.in_(ids[start : start + _CHUNK])).values(values))
        except sa.exc.IntegrityError as error:
            refuse_clash(error, self._runtime.schema, shape.entity, self._hidden(actor))
            raise
        self._formulas.after_stamps(shape, ids)

    def _require_parents(self, actor: Actor, shape: EntityShape, ids: Sequence[int]) -> None:
        """A lookup of a restored record that now points at a recycled one refuses the restore, naming it."""
        for item in shape.lookups.values():
            if item.type == "many_to_many":
                continue
            to = item.options["to"]
            for name in [to] if isinstance(to, str) else to:
                gone = self._recycled_target(shape, ids, item, name)
                if gone is not None:
                    self._refuse_orphan(actor, item, name, gone)

    def _refuse_orphan(self, actor: Actor, item: Field, to: str, gone: int) -> None:
        hidden = self._hidden(actor)
        if item.entity in hidden or (item.entity, item.name) in hidden or not self._queries.seen(actor, to, [gone]):
            message = _m("It points at a record that is in the recycle bin.")
            raise Conflict(message, [Problem("in_recycle_bin", message, "", _m("Ask an administrator."))])
        label = self._runtime.schema.model.entities[to].label
        message = _m("{field} points at {entity} {id}, which is in the recycle bin.", field=item.label, entity=label, id=gone)
        raise Conflict(message, [Problem("in_recycle_bin", message, "/" + item.name, _m("Restore that one first."))])

    def _recycled_target(self, shape: EntityShape, ids: Sequence[int], item: Field, to: str) -> int | None:
        target = self._runtime.schema.table(to).alias("target")
        columns = self._runtime.schema.columns(item)
        where = [target.c.deleted_at.is_not(None)] + ([columns[1] == to] if len(columns) > 1 else [])
        found = sa.select(target.c.id).join_from(shape.table, target, target.c.id == columns[0]).where(*where).limit(1)
        for start in range(0, len(ids), _CHUNK):
            gone: int | None = self._connection.execute(found.where(shape.table.c.id.in_(ids[start : start + _CHUNK]))).scalar()
            if gone is not None:
                return gone
        return None

    def _journal(self, actor: Actor, shape: EntityShape, ids: Sequence[int], operation: Operation) -> None:
        entries = []
        for start in range(0, len(ids), _CHUNK):
            chunk = ids[start : start + _CHUNK]
            rows = self._connection.execute(sa.select(shape.table.c.id, shape.table.c.version).where(shape.table.c.id.in_(chunk)))
            entries += [Entry(row[0], row[1]) for row in rows]
        self._runtime.journal.write(self._connection, actor, self._now, operation, shape.entity.uid, entries)
        if shape.entity.name in people.PEOPLE:
            people.people_changed(self._connection, self._runtime.schema, shape.entity.name)
            for id in ids:
                note(self._connection, self._now, actor, "team.changed", f"{shape.entity.name}/{id}", entity=shape.entity.name, record=id, done=operation)

    def _reindex(self, shape: EntityShape, ids: Sequence[int]) -> None:
        if not shape.searchable:
            return
        found = [shape.search_row(id, shape.current(shape.load.rows(self._connection, {"id": id})[0])) for id in ids]
        self._runtime.search.put_many(self._connection, shape.entity.uid, found, new=True)
