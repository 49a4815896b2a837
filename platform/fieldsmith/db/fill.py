"""Filling new kept columns, and making search rows anew: a job in chunks by id that may be killed at any time and goes on where it was.

Publishing writes one row of `fs_fill` per field. Until it is gone, queries read the field's expression instead of its column
(`Schema.filling`), so nobody sees a wrong blank. A chunk and its mark are one transaction; saves meanwhile compute their own
rows, so chunks may overlap them. The row's lock is the lease: it ends with whoever held it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Protocol, TypeVar

import sqlalchemy as sa

from fieldsmith.base.errors import Unavailable
from fieldsmith.db.expression_columns import ExpressionColumns
from fieldsmith.db.joins import Hops, Joins
from fieldsmith.db.search_rows import rewrite
from fieldsmith.db.system import fs_fill, fs_state
from fieldsmith.db.tables import Schema
from fieldsmith.expr.nodes import FieldRef, Node
from fieldsmith.expr.types import Type
from fieldsmith.expr.vocabulary import Symbol
from fieldsmith.fields.base import Field
from fieldsmith.meta.model import Computation, Entity

FIRST_SIZE, LARGEST = 500, 20_000
_LONG, _SHORT = 0.2, 0.05  # seconds a chunk may hold others up; below the second one, chunks grow
_BREATH = 0.05  # seconds at most between chunks: SQLite lets in who happens to ask, and who waits asks every 25 ms or so
_PATIENCE, _PAUSE = 50, 0.2  # tries in a row that may fail, seconds between them
_GIVE_WAY = "SET LOCAL lock_timeout = '300ms'"
"""Less than the second after which PostgreSQL ends one of two transactions that wait for each other: it shall be ours, not a save."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Filled:
    """One chunk: records of `entity` up to id `last` are done, `target` is the last of all."""

    entity: Entity
    last: int
    target: int


class Working(Protocol):
    """A writing transaction on the newest model (`workspace.Work`)."""

    @property
    def connection(self) -> sa.Connection: ...
    @property
    def schema(self) -> Schema: ...


class Workplace(Protocol):
    """What runs a change in a writing transaction (`workspace.Workspace`)."""

    def write(self, change: Callable[[Any], T]) -> T: ...


class Filling:
    """Runs the job of one workspace. Several may run at once, in as many processes."""

    def __init__(self, workplace: Workplace) -> None:
        self._workplace = workplace

    def run(self, told: Callable[[Filled], object] = lambda filled: None, stopped: Callable[[], bool] = lambda: False) -> bool:
        """Fill until nothing is left (True), or until `stopped` between two chunks. `told` hears of every chunk.

        Raises `Unavailable` when the database stays busy or away.
        """
        size, failures = FIRST_SIZE, 0
        while not stopped():
            began = time.monotonic()
            try:
                filled = self._workplace.write(_stepping(size))
            except Unavailable:
                failures += 1
                if failures > _PATIENCE:
                    raise
                time.sleep(_PAUSE)
                size = max(size // 2, 1)
                continue
            failures = 0
            took = time.monotonic() - began
            if filled is None:
                return True
            told(filled)
            time.sleep(min(took, _BREATH))
            if took < _SHORT:
                size = min(size * 2, LARGEST)
            elif took > _LONG:
                size = max(size // 2, 1)
        return False


def open_fills(connection: sa.Connection, schema: Schema, fields: Iterable[Field], pointless: Iterable[int] = (), searched: Iterable[Entity] = ()) -> None:
    """Note, in the publishing transaction, that the kept `fields` are to be filled, from the beginning, and `pointless` ones are not.

    Of `searched` entities the search rows are made anew: a row of `fs_fill` under the entity's own uid.
    """
    wanted = [(field.uid, schema.model.entities[field.entity]) for field in fields] + [(entity.uid, entity) for entity in searched]
    gone = {*pointless, *(uid for uid, _ in wanted)}
    if gone:
        connection.execute(sa.delete(fs_fill).where(fs_fill.c.field.in_(gone)))
    for uid, entity in wanted:
        target = connection.execute(sa.select(sa.func.max(schema.table(entity.name).c.id))).scalar()
        if target is not None:
            row = {"field": uid, "entity": entity.uid, "last": 0, "target": target}
            connection.execute(sa.insert(fs_fill), row)


def fill_step(connection: sa.Connection, schema: Schema, size: int) -> Filled | None:
    """Fill the next `size` records of one entity, in the caller's writing transaction on the model of `schema`; None: nothing to do."""
    rows = _taken(connection)
    if not rows:
        return None
    entity = next(entity for entity in schema.model.entities.values() if entity.uid == rows[0].entity)
    last, target = min(row.last for row in rows), max(row.target for row in rows)
    uids = frozenset(row.field for row in rows)
    table = schema.table(entity.name)
    upto = connection.execute(sa.select(table.c.id).where(table.c.id > last).order_by(table.c.id).offset(size - 1).limit(1)).scalar()
    end = target if upto is None else min(upto, target)
    chunk = sa.and_(table.c.id > last, table.c.id <= end)
    if schema.dialect == "postgresql":  # a statement sees what was committed before it began: wait for saves of these rows first
        connection.exec_driver_sql(_GIVE_WAY)
        connection.execute(sa.select(table.c.id).where(chunk).order_by(table.c.id).with_for_update(key_share=True))
    for statement in updates(schema, entity, uids):
        connection.execute(statement.where(chunk))
    if entity.uid in uids:
        rewrite(connection, schema, entity, chunk)
    ours = fs_fill.c.field.in_(uids)
    connection.execute(sa.update(fs_fill).where(ours, fs_fill.c.last < end).values(last=end))
    done = connection.execute(sa.delete(fs_fill).where(ours, fs_fill.c.last >= fs_fill.c.target))
    if done.rowcount:
        connection.execute(sa.update(fs_state).values(fills=fs_state.c.fills + 1))
    return Filled(entity, end, target)


def _stepping(size: int) -> Callable[[Working], Filled | None]:
    return lambda work: fill_step(work.connection, work.schema, size)


def _taken(connection: sa.Connection) -> Sequence[Any]:
    """The open fields of the first entity nobody else is at."""
    first = connection.execute(sa.select(fs_fill.c.entity).order_by(fs_fill.c.field).limit(1).with_for_update(skip_locked=True)).scalar()
    if first is None:
        return ()
    return connection.execute(sa.select(fs_fill).where(fs_fill.c.entity == first).order_by(fs_fill.c.field).with_for_update(skip_locked=True)).all()


def updates(schema: Schema, entity: Entity, uids: frozenset[int]) -> list[sa.Update]:
    """The kept fields `uids` of `entity` computed anew, one UPDATE per rank: each reads what the one before wrote. The caller says of which records."""
    computations = [item for item in schema.model.computed[entity.name].values() if item.field.uid in uids]
    computations.sort(key=lambda item: item.rank)
    return [_update(schema, entity, list(same), uids) for _, same in groupby(computations, key=lambda item: item.rank)]


def _update(schema: Schema, entity: Entity, computations: Sequence[Computation], uids: frozenset[int]) -> sa.Update:
    table = schema.table(entity.name)
    values: dict[str, Any] = {}
    for item in computations:
        expression = _Row(Joins(schema, table), entity.name, uids).value(item.node)
        values[schema.columns(item.field)[0].name] = expression
        fold = schema.fold(item.field)
        if fold is not None:
            values[fold.name] = schema.folded(expression)
    return sa.update(table).values(values)


class _Row(ExpressionColumns):
    """The record being filled: its own fields of lower rank were filled a statement ago, whatever the rest of the table holds."""

    def __init__(self, joins: Joins, entity: str, fresh: frozenset[int]) -> None:
        super().__init__(joins, entity)
        self._fresh = fresh

    def behind(self, ref: FieldRef) -> Node | None:
        return None if not ref.hops and self._field(ref.symbol).uid in self._fresh else super().behind(ref)

    def _value(self, hops: Hops, symbol: Symbol, type_: Type) -> sa.ColumnElement[Any]:
        field = self._field(symbol)
        if not hops and field.uid in self._fresh:
            return self._column(field, hops, symbol, type_)
        return super()._value(hops, symbol, type_)
