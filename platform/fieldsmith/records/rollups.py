"""Stored rollups: after records of a child entity changed, the columns of the records they hang on are computed anew.

In the writer's own transaction, by statements over all parents touched, then upwards: formulas that build on a rollup, and
rollups of the parents' parents that count those. On PostgreSQL the parents are locked first, in order of id: the statement that
computes then sees what others committed while we waited, so that two saves under one parent cannot lose each other's child.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from fieldsmith.db.fill import updates
from fieldsmith.db.prepared import Prepared, among, key_list
from fieldsmith.db.tables import Schema
from fieldsmith.expr.nodes import Aggregate, FieldRef, Node, walk
from fieldsmith.expr.vocabulary import Related
from fieldsmith.fields.values import RecordRef
from fieldsmith.meta.model import Computation
from fieldsmith.records.shape import EntityShape
from fieldsmith.records.sources import Reached

_CHUNK = 5_000
STAMPS = frozenset({"modified_at", "modified_by", "version"})
"""System fields that every save changes."""


@dataclass(frozen=True, slots=True)
class Watch:
    """A stored rollup `uid` of entity `parent`, seen from the child: the lookup that leads up, and the child's fields it reads."""

    parent: str
    uid: int
    lookup: str
    polymorphic: bool
    reads: frozenset[str]


class RollupPlan:
    """Who counts the records of each entity; made once per revision."""

    def __init__(self, schema: Schema, runtime: Reached) -> None:
        self.schema = schema
        self._runtime = runtime
        self._watches: dict[str, list[Watch]] = {}
        self._statements: dict[tuple[str, frozenset[int]], tuple[Prepared, ...]] = {}
        self._locks: dict[str, Prepared] = {}
        for entity, computations in schema.model.computed.items():
            for item in computations.values():
                if item.field.type == "rollup" and schema.keeping(item.field) == "kept":
                    self._watch(entity, item)

    def watches(self, entity: str) -> Sequence[Watch]:
        """The rollups over records of `entity`."""
        return self._watches.get(entity, ())

    def recompute(self, connection: sa.Connection, entity: str, uids: frozenset[int], ids: Sequence[int]) -> None:
        """Compute the columns of the kept fields `uids` of the records `ids` anew."""
        keys = sorted(ids)
        for start in range(0, len(keys), _CHUNK):
            bound = {"keys": key_list(keys[start : start + _CHUNK], self.schema.dialect)}
            if self.schema.dialect == "postgresql":
                self._lock(entity).rows(connection, bound)
            for statement in self._prepared(entity, uids):
                statement.run(connection, bound)

    def building_on(self, entity: str, uids: frozenset[int]) -> frozenset[int]:
        """`uids` and the kept formulas of `entity` that build on them."""
        fields = self.schema.model.entities[entity].fields
        names = {name for name, item in fields.items() if item.uid in uids and not item.system}
        kept = self._runtime.logic(entity).kept
        return uids | {formula.field.uid for formula in kept if not names.isdisjoint(formula.affected_by)}

    def _watch(self, entity: str, item: Computation) -> None:
        node = next(part for part in walk(item.node) if isinstance(part, Aggregate))
        related: Related = node.related
        reads: set[str] = set()
        for part in (node.value, node.where):
            reads |= _own(part) if part is not None else set()
        logic = self._runtime.logic(related.entity)
        for name in reads & logic.computed.keys():
            reads |= logic.computed[name].affected_by
        watch = Watch(entity, item.field.uid, related.field, related.via == "polymorphic", frozenset(reads))
        self._watches.setdefault(related.entity, []).append(watch)

    def _prepared(self, entity: str, uids: frozenset[int]) -> tuple[Prepared, ...]:
        found = self._statements.get((entity, uids))
        if found is None:
            which = among(self.schema.table(entity).c.id, self.schema.dialect)
            made = updates(self.schema, self.schema.model.entities[entity], uids)
            found = self._statements[entity, uids] = tuple(Prepared(statement.where(which), self.schema.compiler) for statement in made)
        return found

    def _lock(self, entity: str) -> Prepared:
        found = self._locks.get(entity)
        if found is None:
            table = self.schema.table(entity)
            statement = sa.select(table.c.id).where(among(table.c.id, self.schema.dialect)).order_by(table.c.id).with_for_update(key_share=True)
            found = self._locks[entity] = Prepared(statement, self.schema.compiler)
        return found


class Rollups:
    """Keeps rollups right within one transaction."""

    def __init__(self, plan: RollupPlan, connection: sa.Connection) -> None:
        self._plan = plan
        self._connection = connection
        self._waiting: dict[Watch, set[int]] | None = None
        self._waiting_moves: dict[str, set[int]] = {}

    @contextmanager
    def together(self) -> Iterator[None]:
        """Until this ends nothing is computed, then each record once: for many saves in a row that do not look at rollups themselves."""
        if self._waiting is not None:
            yield
            return
        self._waiting = {}
        try:
            yield
            waiting, moves = self._waiting, self._waiting_moves
        finally:
            self._waiting, self._waiting_moves = None, {}
        for entity, ids in moves.items():
            for watch in self._plan.watches(entity):
                waiting.setdefault(watch, set()).update(self._parents_of(watch, entity, sorted(ids)))
        self._recompute(waiting.items())

    def created(self, entity: str, rows: Iterable[Mapping[str, Any]]) -> None:
        """After new records, given by their canonical values."""
        watches = self._plan.watches(entity)
        if watches:
            rows = list(rows)
            self._recompute([(watch, {parent for values in rows if (parent := _parent(watch, values)) is not None}) for watch in watches])

    def updated(self, entity: str, changes: Iterable[tuple[Mapping[str, Any], Mapping[str, Any]]]) -> None:
        """After changes, given as (old values, changed values)."""
        watches = self._plan.watches(entity)
        if watches:
            changes = list(changes)
            self._recompute([(watch, _touched(watch, changes)) for watch in watches])

    def moved(self, shape: EntityShape, ids: Sequence[int]) -> None:
        """After records went into the recycle bin or came back."""
        watches = self._plan.watches(shape.entity.name)
        if watches and self._waiting is not None:
            self._waiting_moves.setdefault(shape.entity.name, set()).update(ids)
        elif watches:
            self._recompute([(watch, self._parents_of(watch, shape.entity.name, ids)) for watch in watches])

    def _recompute(self, wanted: Iterable[tuple[Watch, set[int]]]) -> None:
        """Compute rollups anew, those with the same parents together, then whatever counts their parents."""
        if self._waiting is not None:
            for watch, parents in wanted:
                self._waiting.setdefault(watch, set()).update(parents)
            return
        together: dict[tuple[str, frozenset[int]], set[int]] = {}
        for watch, parents in wanted:
            if parents:
                together.setdefault((watch.parent, frozenset(parents)), set()).add(watch.uid)
        for (entity, same), uids in together.items():
            concerned, ids = self._plan.building_on(entity, frozenset(uids)), sorted(same)
            self._plan.recompute(self._connection, entity, concerned, ids)
            self._upwards(entity, concerned, ids)

    def _upwards(self, entity: str, uids: frozenset[int], ids: Sequence[int]) -> None:
        fields = self._plan.schema.model.entities[entity].fields
        names = {name for name, item in fields.items() if item.uid in uids and not item.system}
        above = [watch for watch in self._plan.watches(entity) if not names.isdisjoint(watch.reads)]
        if above:
            self._recompute([(watch, self._parents_of(watch, entity, ids)) for watch in above])

    def _parents_of(self, watch: Watch, entity: str, ids: Sequence[int]) -> set[int]:
        schema = self._plan.schema
        table = schema.table(entity)
        columns = schema.columns(schema.model.entities[entity].fields[watch.lookup])
        out: set[int] = set()
        for start in range(0, len(ids), _CHUNK):
            which = [among(table.c.id, schema.dialect), columns[0].is_not(None)]
            if watch.polymorphic:
                which.append(columns[1] == watch.parent)
            keys = {"keys": key_list(ids[start : start + _CHUNK], schema.dialect)}
            out |= {row[0] for row in self._connection.execute(sa.select(columns[0]).where(*which).distinct(), keys)}
        return out


def _parent(watch: Watch, values: Mapping[str, Any]) -> int | None:
    """The record of the rollup's entity that values of a child point at."""
    target = values.get(watch.lookup)
    if not watch.polymorphic:
        return target if isinstance(target, int) else None
    return target.id if isinstance(target, RecordRef) and target.entity == watch.parent else None


def _touched(watch: Watch, changes: Iterable[tuple[Mapping[str, Any], Mapping[str, Any]]]) -> set[int]:
    out: set[int | None] = set()
    for old, new in changes:
        if watch.lookup in new:
            out |= {_parent(watch, old), _parent(watch, new)}
        elif not (watch.reads.isdisjoint(new) and watch.reads.isdisjoint(STAMPS)):
            out.add(_parent(watch, old))
    return {parent for parent in out if parent is not None}


def _own(node: Node) -> set[str]:
    return {part.symbol.field for part in walk(node) if isinstance(part, FieldRef) and part.root == "record"}
