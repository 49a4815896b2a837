"""Carrying the values of a field over into the column of another type: `Carrier` reads, converts and writes records some at a time.

Used by the plan's step (small tables, undo), by the job that fills the new column while the old one is in use, and by dry
runs, which write nothing. Records saved meanwhile are noted by triggers (`db.retype_log`) and carried again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from fieldsmith.base.errors import BadInput
from fieldsmith.base.problems import Problem, pointer
from fieldsmith.db import retype_log
from fieldsmith.db.folding import fold_or_blank
from fieldsmith.db.retype_names import TargetNames
from fieldsmith.db.tables import Schema
from fieldsmith.db.types import DATE
from fieldsmith.fields.base import Field, Invalid, Scope
from fieldsmith.fields.conversion import Conversion, Converted, Manner, Side
from fieldsmith.meta.model import Entity
from fieldsmith.meta.scope import scope_of

CHUNK = 5_000
SHOWN = 50  # failing records told
_VALUES = 500  # different failing values told


@dataclass(frozen=True)
class Carry:
    """From `source`, as `before` has it, to `target`, as `after` has it. `manner` is how the first of them was turned into the other type.

    `back`: the column of `target` held values before. A record keeps its own where that is what `source` was made from, as
    nobody changed it since; `again`: it was `target` that had been made from `source`, now it is so once more. `filled`: a job has
    carried everything over but for what was noted since (`db.retype_log`).
    """

    before: Schema
    source: Field
    after: Schema
    target: Field
    manner: Manner
    match: str | None = None
    back: bool = False
    again: bool = False
    filled: bool = False

    @property
    def entity(self) -> Entity:
        """As it is afterwards."""
        return self.after.model.entities[self.target.entity]


@dataclass(frozen=True, slots=True)
class Failing:
    """A record whose value does not convert; `value` is its text."""

    record: int
    value: str
    problem: Invalid


@dataclass(slots=True)
class Tally:
    """What became of the records; the first that fail, and the different values that fail with how often."""

    converted: int = 0
    rounded: int = 0
    blank: int = 0
    failed: int = 0
    failing: list[Failing] = field(default_factory=list)
    values: dict[str, int] = field(default_factory=dict)
    rounding: list[tuple[int, str]] = field(default_factory=list)
    failed_ids: list[int] = field(default_factory=list)  # of the last chunk

    def count(self, id: int, text: str, found: Converted) -> None:
        if found.kind == "converted":
            self.converted += 1
        elif found.kind == "blank":
            self.blank += 1
        elif found.kind == "rounded":
            self.rounded += 1
            if len(self.rounding) < SHOWN:
                self.rounding.append((id, text))
        else:
            assert found.problem is not None
            self.failed += 1
            self.failed_ids.append(id)
            if len(self.failing) < SHOWN:
                self.failing.append(Failing(id, text, found.problem))
            if text in self.values or len(self.values) < _VALUES:
                self.values[text] = self.values.get(text, 0) + 1


class Carrier:
    """Over one connection. Raises `BadInput` at once for a manner nobody can follow."""

    def __init__(self, connection: sa.Connection, carry: Carry) -> None:
        self.carry = carry
        self._connection = connection
        source = Side(carry.before.model.type_of(carry.source), carry.source, _scope(connection, carry.before))
        target = Side(carry.after.model.type_of(carry.target), carry.target, _scope(connection, carry.after))
        over, way_back = (Manner(), carry.manner) if carry.back and not carry.again else (carry.manner, Manner())
        self._names = TargetNames(connection, carry.before, carry.source, carry.after, carry.target, carry.match)
        try:
            self.over = Conversion(source, target, over, self._names)
            self._returned = Conversion(target, source, way_back, self._names.swapped()) if carry.back else None
        except Invalid as problem:
            where = pointer("map", problem.part) if problem.part in carry.manner.mapping else ""
            raise BadInput([Problem(problem.code, problem.message, where, problem.hint)]) from None
        self._table = carry.before.table(carry.source.entity)
        self._sources = carry.before.columns(carry.source)
        self._targets = carry.after.columns(carry.target)
        self._fold = carry.after.fold(carry.target)
        self._unpack = source.type.unpacker(carry.source)
        self._unpack_target = target.type.unpacker(carry.target)
        self._pack = target.type.packer(carry.target)
        self._update = self._updating()
        self.tally = Tally()

    def chunks(self, after: int = 0) -> Iterator[Sequence[Any]]:
        """Rows by id, recycled ones too."""
        while rows := self.rows(after, None, CHUNK):
            yield rows
            after = rows[-1][0]

    def rows(self, after: int, upto: int | None, size: int, lock: bool = False) -> Sequence[Any]:
        """The next rows; `lock` holds them for this transaction (PostgreSQL), after waiting for those who save them."""
        id = self._table.c.id
        query = self._selecting().where(id > after).order_by(id).limit(size)
        return self._connection.execute(self._held(query if upto is None else query.where(id <= upto), lock)).all()

    def these(self, ids: Sequence[int]) -> Sequence[Any]:
        """The rows of `ids`, held for this transaction."""
        id = self._table.c.id
        return self._connection.execute(self._held(self._selecting().where(id.in_(ids)).order_by(id), True)).all()

    def measure(self, rows: Sequence[Any]) -> None:
        """Count what would become of `rows`; writes nothing."""
        self._converted(rows)

    def carry_over(self, rows: Sequence[Any]) -> list[int]:
        """Write what `rows` become; those that fail get a blank. The ids of those."""
        self.tally.failed_ids.clear()
        changed = self._converted(rows)
        if changed:
            self._connection.execute(self._update, changed)
        return list(self.tally.failed_ids)

    def _converted(self, rows: Sequence[Any]) -> list[dict[str, Any]]:
        width = 1 + len(self._sources)
        values = [(row[0], self._unpack(row[1:width]), row[width:]) for row in rows]
        self._names.prepare([value for _, value, _ in values], self.over)
        out: list[dict[str, Any]] = []
        for id, value, there in values:
            if self._returned is not None and self._unchanged(value, there):
                self.tally.converted += 1
                continue
            found = self.over.convert(value)
            self.tally.count(id, "" if found.kind == "blank" or value is None else self._text(value, found), found)
            if found.kind == "failed" and self._returned is not None:
                continue  # what was there before stays
            out.append(self._row(id, found.value))
        return out

    def _text(self, value: Any, found: Converted) -> str:
        return self.over.text(value) if found.kind in ("failed", "rounded") else ""

    def _unchanged(self, value: Any, there: Sequence[Any]) -> bool:
        assert self._returned is not None
        kept = self._unpack_target(there)
        made = self._returned.convert(kept)
        return made.kind != "failed" and self.carry.before.model.type_of(self.carry.source).same(made.value, value)

    def _row(self, id: int, value: Any) -> dict[str, Any]:
        parts = self._pack(value)
        row = {"_id": id, **{f"_{index}": part for index, part in enumerate(parts)}}
        if self._fold is not None:
            row["_fold"] = fold_or_blank(parts[0])
        return row

    def _selecting(self) -> sa.Select[Any]:
        there = self._targets if self._returned is not None else ()
        return sa.select(self._table.c.id, *self._sources, *(sa.column(column.name, column.type) for column in there)).select_from(self._table)

    def _held(self, query: sa.Select[Any], lock: bool) -> sa.Select[Any]:
        return query.with_for_update(key_share=True) if lock and self.carry.before.dialect == "postgresql" else query

    def _updating(self) -> sa.Update:
        columns = [*self._targets, *([] if self._fold is None else [self._fold])]
        table = sa.table(self._table.name, sa.column("id"), *(sa.column(column.name, column.type) for column in columns))
        values = {table.c[column.name]: sa.bindparam(f"_{index}", type_=column.type) for index, column in enumerate(self._targets)}
        if self._fold is not None:
            values[table.c[self._fold.name]] = sa.bindparam("_fold", type_=self._fold.type)
        return sa.update(table).where(table.c.id == sa.bindparam("_id")).values(values)


def carry_all(connection: sa.Connection, carry: Carry) -> Tally:
    """Every record at once, or every one that is left to do, in the caller's transaction."""
    carrier = Carrier(connection, carry)
    if not carry.filled:
        for rows in carrier.chunks():
            carrier.carry_over(rows)
        return carrier.tally
    target = carry.target.uid
    while left := retype_log.noted(connection, target, CHUNK):
        carry_noted(carrier, connection, target, left)
    return carrier.tally


def carry_noted(carrier: Carrier, connection: sa.Connection, target: int, left: Sequence[tuple[int, int]]) -> None:
    """The records of `left` (`retype_log.noted`)."""
    records = sorted({record for _, record in left})
    retype_log.forget(connection, target, [row for row, _ in left], records)
    retype_log.note_failed(connection, target, carrier.carry_over(carrier.these(records)))


def names_of(connection: sa.Connection, schema: Schema, entity: Entity, ids: Sequence[int]) -> Mapping[int, str]:
    """What records are called, for messages."""
    table = schema.table(entity.name)
    name = entity.fields.get(entity.name_field)
    if name is None or not ids or not schema.columns(name):
        return {}
    type_ = schema.model.type_of(name)
    unpack, write = type_.unpacker(name), type_.export_text(name)
    rows = connection.execute(sa.select(table.c.id, *schema.columns(name)).where(table.c.id.in_(ids)))
    return {row[0]: write(value) for row in rows if (value := unpack(row[1:])) is not None}


def _scope(connection: sa.Connection, schema: Schema) -> Scope:
    """The day, for exchange rates, is the database's: this room has no clock."""
    today = sa.select(sa.func.current_date(type_=DATE))
    return scope_of(schema.model, lambda: connection.execute(today).scalar_one())
