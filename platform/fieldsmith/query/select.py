"""`Selection`: paths → joins, selected expressions and readers. One per query shape; the compiler keeps the result.

A lookup column selects the id and the target's name; joins are made once per path. Values that live in other rows
(many-to-many, polymorphic lookups, files) are filled in after the page is read (`late`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import Any

import sqlalchemy as sa

from fieldsmith.base.text import Label
from fieldsmith.db.expression_columns import condition_sql, field_sql
from fieldsmith.db.joins import Joins
from fieldsmith.db.prepared import Converter
from fieldsmith.db.tables import Schema
from fieldsmith.expr.nodes import Node
from fieldsmith.fields.base import Field, FieldType
from fieldsmith.fields.values import Link
from fieldsmith.meta.model import Entity
from fieldsmith.meta.roles import Right
from fieldsmith.query.guard import Guard
from fieldsmith.query.late import LATE_TYPES, Late
from fieldsmith.query.paths import Path
from fieldsmith.query.rows import QueryColumn, Row, file_json, mask_of


@dataclass(frozen=True, slots=True)
class _Taken:
    """Where one path's values stand in the selected row."""

    path: Path
    start: int
    width: int
    labelled: bool


class Selection:
    """Collects what to select from `entity`; `columns(converters)` then gives the readers."""

    def __init__(self, schema: Schema, entity: Entity, guard: Guard) -> None:
        self.schema = schema
        self.entity = entity
        self.root = schema.table(entity.name)
        self.guard = guard
        self.hidden = guard.sight.hidden
        self.expressions: list[sa.ColumnElement[Any]] = [self.root.c.id, self.root.c.version]
        self.joins = Joins(schema, self.root, guard=guard)
        self._taken: list[_Taken] = []

    @property
    def from_clause(self) -> Any:
        return self.joins.from_clause

    def source(self, hops: tuple[Field, ...]) -> Any:
        """The table or alias a path ends in; joined on first use."""
        return self.joins.source(hops, True)

    def values(self, hops: tuple[Field, ...], item: Field) -> tuple[sa.ColumnElement[Any], ...]:
        """What holds the value of `item` at the end of a path: its columns, or the expression of a field computed when asked."""
        return field_sql(self.joins, hops, item, True)

    def condition(self, node: Node) -> sa.ColumnElement[bool]:
        """A checked condition over the entity as the reader sees it, for WHERE."""
        return condition_sql(self.entity.name, node, self.joins, True)

    def reached(self, right: Right) -> sa.ColumnElement[bool] | None:
        """That the right reaches the record; None where it reaches all."""
        return self.guard.condition(self.entity.name, right, self.root, self.joins.numbers)

    def names(self, entity: str) -> bool:
        """May the reader see what records of `entity` are called?"""
        return self.guard.names(entity)

    def label_of(self, hops: tuple[Field, ...]) -> sa.ColumnElement[Any]:
        """The name of the record a path of lookups ends at."""
        target = self.schema.model.entities[hops[-1].options["to"]]
        name = target.fields[target.name_field]
        label: sa.ColumnElement[Any] = self.source(hops).c[self.schema.columns(name)[0].name]
        return label

    def take(self, path: Path) -> None:
        """Select what `path` needs."""
        start = len(self.expressions)
        item = path.field
        if item.type == "many_to_many":
            self.expressions.append(self.source(path.hops).c.id)
            self._taken.append(_Taken(path, start, 1, False))
            return
        self.expressions += self.values(path.hops, item)
        width = len(self.expressions) - start
        labelled = item.type == "lookup" and self.names(item.options["to"]) and self.joins.has_room((*path.hops, item))
        if labelled:
            self.expressions.append(self.label_of((*path.hops, item)))
        self._taken.append(_Taken(path, start, width, labelled))

    def columns(self, converters: Sequence[Converter | None]) -> tuple[tuple[QueryColumn, ...], tuple[Late, ...]]:
        """Readers for everything taken, and what must be filled in after reading."""
        out: list[QueryColumn] = []
        late: list[Late] = []
        for taken in self._taken:
            item = taken.path.field
            if self.guard.sight.masks(item.entity, item.name):
                out.append(self._masked(taken, converters))
                continue
            width = taken.width + taken.labelled
            if item.type in LATE_TYPES or (item.type == "lookup" and not taken.labelled and self.names(item.options["to"])):
                width = 0
                read: Callable[[Row], Any] = itemgetter(len(self.expressions) + len(late))
                late.append(Late(item, taken.start))
                encode = file_json if item.type in ("file", "image") else self.schema.model.type_of(item).encoder(item)
            else:
                read, encode = self._reader(taken, converters)
            out.append(QueryColumn(taken.path.text, item, self._label(taken.path), read, encode, taken.start, width))
        return tuple(out), tuple(late)

    def _reader(self, taken: _Taken, converters: Sequence[Converter | None]) -> tuple[Callable[[Row], Any], Callable[[Any], Any] | None]:
        item = taken.path.field
        field_type = self.schema.model.type_of(item)
        if item.type == "lookup":
            return (_linked(taken.start) if taken.labelled else _unlabelled(taken.start)), field_type.encoder(item)
        own = list(converters[taken.start : taken.start + taken.width])
        return plain_reader(field_type, item, taken.start, own), field_type.encoder(item)

    def _masked(self, taken: _Taken, converters: Sequence[Converter | None]) -> QueryColumn:
        """A column of masks, shown and written as a text whatever the field is."""
        item = taken.path.field
        late = item.type in LATE_TYPES or item.type == "lookup"
        read = itemgetter(taken.start) if late else self._reader(taken, converters)[0]
        shown = replace(item, type="text", options={})
        return QueryColumn(taken.path.text, shown, self._label(taken.path), lambda row: mask_of(read(row)), None, taken.start, 0)

    def _label(self, path: Path) -> Label:
        return path.field.label


def _linked(at: int) -> Callable[[Row], Any]:
    def read(row: Row) -> Any:
        return None if row[at] is None else Link(row[at], row[at + 1])

    return read


def _unlabelled(at: int) -> Callable[[Row], Any]:
    def read(row: Row) -> Any:
        return None if row[at] is None else Link(row[at], None)

    return read


def plain_reader(field_type: FieldType, item: Field, at: int, converters: list[Converter | None]) -> Callable[[Row], Any]:
    """The cheapest reader that gives the canonical value: nothing, one converter, or a whole unpacker."""
    if len(converters) == 1:
        convert = converters[0]
        if type(field_type).unpacker is FieldType.unpacker:
            return itemgetter(at) if convert is None else _converted(at, convert)
        unpack = field_type.unpacker(item)
        if convert is None:
            return lambda row: None if row[at] is None else unpack((row[at],))
        return lambda row: None if row[at] is None else unpack((convert(row[at]),))
    unpack = field_type.unpacker(item)
    end = at + len(converters)
    if not any(converters):
        return lambda row: unpack(row[at:end])
    return lambda row: unpack([part if turn is None or part is None else turn(part) for part, turn in zip(row[at:end], converters, strict=True)])


def _converted(at: int, convert: Converter) -> Callable[[Row], Any]:
    def read(row: Row) -> Any:
        value = row[at]
        return None if value is None else convert(value)

    return read
