"""Order and keyset paging: sort paths → key expressions, order clauses, and the condition that starts after a cursor.

Text sorts by folded text, then code point; choices in list order; lookups by the target's name; then the id. Blanks come
first when ascending, last when descending. The id runs in the direction of the last key, so an index over the keys serves
the page in either direction. Blank and filled first keys are read as two segments, each a plain index range.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from fieldsmith.fields.base import Field
from fieldsmith.fields.computed import shown_as
from fieldsmith.query.paths import Path
from fieldsmith.query.select import Selection

_ALWAYS_FILLED = frozenset({"id", "created_at", "modified_at", "version"})


@dataclass(frozen=True, slots=True)
class SortBy:
    path: Path
    descending: bool


@dataclass(frozen=True, slots=True)
class Key:
    """One expression of the order; `nullable` says whether blanks can occur."""

    expression: sa.ColumnElement[Any]
    descending: bool
    nullable: bool


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of the order: rows whose first key is blank, is filled, or (None) all rows."""

    blank: bool | None


def keys(selection: Selection, sorts: Sequence[SortBy]) -> tuple[Key, ...]:
    """The keys of `sorts`, closed by the id."""
    out: list[Key] = []
    for sort in sorts:
        out += [Key(expression, sort.descending, nullable) for expression, nullable in _expressions(selection, sort.path)]
        if not sort.path.hops and sort.path.field.name == "id":
            return tuple(out)
    last = out[-1].descending if out else True
    return (*out, Key(selection.root.c.id, last, False))


def segments(order: Sequence[Key]) -> tuple[Segment, ...]:
    """In the order their rows come."""
    first = order[0]
    if not first.nullable:
        return (Segment(None),)
    return (Segment(False), Segment(True)) if first.descending else (Segment(True), Segment(False))


def order_by(order: Sequence[Key], dialect: str, segment: Segment) -> list[sa.ColumnElement[Any]]:
    """ORDER BY clauses; PostgreSQL is told where blanks go, SQLite puts them first when ascending by itself."""
    out: list[sa.ColumnElement[Any]] = []
    for at, key in enumerate(order):
        if at == 0 and segment.blank:
            continue
        clause: sa.ColumnElement[Any] = key.expression.desc() if key.descending else key.expression.asc()
        if key.nullable and dialect != "sqlite":
            clause = sa.nulls_last(clause) if key.descending else sa.nulls_first(clause)
        out.append(clause)
    return out


def within(order: Sequence[Key], segment: Segment) -> list[sa.ColumnElement[bool]]:
    """The condition that a row lies in `segment`."""
    if segment.blank is None:
        return []
    first = order[0].expression
    return [first.is_(None)] if segment.blank else [first.is_not(None)]


def after(order: Sequence[Key], segment: Segment, blanks: Sequence[bool]) -> list[sa.ColumnElement[bool]]:
    """The condition that a row comes after the cursor, whose key values are bound as `k0`, `k1`, …; `blanks` says which are null."""
    used = list(enumerate(order))
    if segment.blank:
        used = used[1:]
    binds = {at: sa.bindparam(f"k{at}", type_=key.expression.type) for at, key in used}
    one_way = len({key.descending for _, key in used}) == 1
    surely_filled = 1 if segment.blank is False else 0  # the first key, where the segment says so; a blank elsewhere makes a tuple unknown
    if one_way and not any(blanks[at] for at, _ in used) and not (used[0][1].descending and any(key.nullable for _, key in used[surely_filled:])):
        left = sa.tuple_(*[key.expression for _, key in used])
        right = sa.tuple_(*[binds[at] for at, _ in used])
        return [left < right if used[0][1].descending else left > right]
    steps: list[sa.ColumnElement[bool]] = []
    equal: list[sa.ColumnElement[bool]] = []
    for at, key in used:
        later = _later(key, binds[at], blanks[at])
        if later is not None:
            steps.append(sa.and_(*equal, later))
        equal.append(key.expression.is_(None) if blanks[at] else key.expression == binds[at])
    out: list[sa.ColumnElement[bool]] = [sa.or_(*steps)]
    at, first = used[0]
    if not blanks[at] and not (first.descending and first.nullable and segment.blank is not False):
        out.append(first.expression <= binds[at] if first.descending else first.expression >= binds[at])
    return out


def _later(key: Key, bind: sa.BindParameter[Any], blank: bool) -> sa.ColumnElement[bool] | None:
    if key.descending:
        if blank:
            return None
        smaller = key.expression < bind
        return sa.or_(smaller, key.expression.is_(None)) if key.nullable else smaller
    return key.expression.is_not(None) if blank else key.expression > bind


def _expressions(selection: Selection, path: Path) -> list[tuple[sa.ColumnElement[Any], bool]]:
    item = path.field
    hops = path.hops
    if item.type == "lookup":
        target = selection.schema.model.entities[item.options["to"]]
        if selection.names(target.name):
            hops = (*hops, item)
            item = target.fields[target.name_field]
    schema = selection.schema
    field_type = schema.model.type_of(item)
    parts = field_type.columns(item)
    at = next((at for at, column in enumerate(parts) if column.part == field_type.sort_part), 0)
    settled = schema.settled(item)
    column = selection.values(hops, item)[at if settled else 0]
    nullable = bool(hops) or not settled or parts[at].nullable
    if shown_as(item) == "choice":
        return [(_rank(selection, item, column), nullable)]
    if field_type.folds:
        fold = schema.fold(item)
        folded = selection.source(hops).c[fold.name] if fold is not None and settled else schema.folded(column)
        return [(folded, nullable), (column, nullable)]
    return [(column, nullable and not (item.system and item.name in _ALWAYS_FILLED))]


def _rank(selection: Selection, item: Field, column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    values = selection.schema.model.choices[item.options["choices"]].values
    ranks: dict[Any, Any] = {name: sa.literal_column(str(rank)) for rank, name in enumerate(values)}
    if not ranks:
        return column
    return sa.case(ranks, value=column, else_=sa.null()).cast(sa.Integer)
