"""A query's shape → prepared statements and readers. One compiled query serves every page of its shape for one revision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from fieldsmith.base.errors import BadQuery
from fieldsmith.base.problems import Problem
from fieldsmith.base.text import _m
from fieldsmith.db.prepared import Converter, Prepared
from fieldsmith.db.tables import Schema
from fieldsmith.meta.roles import Right
from fieldsmith.query import sorting, ways
from fieldsmith.query.board import totals
from fieldsmith.query.filters import condition
from fieldsmith.query.guard import Guard
from fieldsmith.query.late import Late
from fieldsmith.query.paths import UnknownPath, resolve
from fieldsmith.query.rows import QueryColumn, Row
from fieldsmith.query.select import Selection
from fieldsmith.query.sorting import Key, Segment, SortBy


@dataclass(frozen=True, slots=True)
class Shape:
    """All of a query that decides its SQL: two requests of one shape differ only in bound values.

    `parent` is the lookup field whose value is bound, `deleted` asks for the recycle bin, `one` for a single record by id,
    `guard` is who reads, `filters` conditions that must all hold. `holding` is a choice field whose value is bound, and whether it
    must be blank instead. `right` is what the rows are read for, beside reading them: export.
    """

    entity: str
    columns: tuple[str, ...]
    guard: Guard
    sort: tuple[str, ...] = ()
    parent: str | None = None
    deleted: bool = False
    one: bool = False
    filters: tuple[str, ...] = ()
    holding: tuple[str, bool] | None = None
    right: Right = "read"


class CompiledQuery:
    """The statements of one `Shape`. `extra` is a further condition of one request (a search), which is not kept.

    `narrow`: rows are found from their owners, then put in order; all segments of a first page may be asked for at once. `by_ways`:
    counting may begin at the owners, where nothing but what the reader reaches counts: their index is all that needs.
    """

    def __init__(self, schema: Schema, shape: Shape, extra: sa.ColumnElement[bool] | None = None) -> None:
        self.shape = shape
        self._schema = schema
        entity = schema.model.entities[shape.entity]
        self._selection = Selection(schema, entity, shape.guard)
        _take(self._selection, shape)
        self.key_start = len(self._selection.expressions)
        self.order: tuple[Key, ...] = sorting.keys(self._selection, _sorts(self._selection, shape))
        self.segments = sorting.segments(self.order)
        self._where = _conditions(self._selection, shape, extra)
        self.narrow = extra is None and not shape.one and shape.guard.narrows(shape.entity, shape.right)
        self.counts = self.narrow and schema.dialect == "postgresql"
        self.by_ways = extra is None and _is_plain(shape) and shape.guard.can_narrow(shape.guard.rule(shape.entity, shape.right))
        self._prepared: dict[Any, Prepared] = {}
        first = self.statement(self.segments[0], None)
        self.key_converters: Sequence[Converter | None] = first.converters[self.key_start :]
        self.acting = acting(first)
        self.columns: tuple[QueryColumn, ...]
        self.late: tuple[Late, ...]
        self.columns, self.late = self._selection.columns(first.converters)

    def statement(self, segment: Segment, blanks: tuple[bool, ...] | None) -> Prepared:
        """The page statement within `segment`, after a cursor whose key values are null where `blanks` says."""
        kept = self._prepared.get((segment, blanks))
        if kept is None:
            kept = Prepared(self._page(segment, blanks), self._schema.compiler)
            self._prepared[(segment, blanks)] = kept
        return kept

    def first_page(self) -> Prepared:
        """The statement of a first page within all segments at once, where `narrow`; with `counts` it has how many rows there are as a last column."""
        kept = self._prepared.get("first page")
        if kept is None:
            kept = self._prepared["first page"] = Prepared(self._page(Segment(None), None, self.counts), self._schema.compiler)
        return kept

    def owned(self) -> Prepared:
        """Counts up to `:bound` rows that are reached by their owners; only where `by_ways`."""
        kept = self._prepared.get("owned")
        if kept is None:
            selection = Selection(self._schema, self._selection.entity, self.shape.guard)
            found = ways.owned(selection, self.shape.right, _conditions(selection, self.shape, None, beside=True))
            kept = self._prepared["owned"] = Prepared(found, self._schema.compiler)
        return kept

    def count(self, bounded: bool) -> Prepared:
        """`SELECT count(*)`, stopping at `:bound` rows when `bounded`."""
        kept = self._prepared.get(("count", bounded))
        if kept is None and (self.narrow or (self.by_ways and bounded)):
            selection = Selection(self._schema, self._selection.entity, self.shape.guard)
            where = _conditions(selection, self.shape, None, beside=True)
            found = ways.counted(selection, self.shape.right, where, bounded, not self.narrow)
            kept = self._prepared[("count", bounded)] = Prepared(found, self._schema.compiler)
        if kept is None:
            inner: Any = sa.select(sa.literal_column("1").label("one")).select_from(self._selection.from_clause).where(*self._where)
            if bounded:
                if len(self._where) == 1 and not self.shape.deleted:  # walking this narrow index costs a third of walking wide rows
                    inner = inner.order_by(self._selection.root.c.created_at, self._selection.root.c.id)
                inner = inner.limit(sa.bindparam("bound", type_=sa.Integer))
            kept = Prepared(sa.select(sa.func.count()).select_from(inner.subquery("n")), self._schema.compiler)
            self._prepared[("count", bounded)] = kept
        return kept

    def totals(self, group: str, summed: str | None) -> Prepared:
        """The statement of `query.board`: per value of `group` its records counted, and `summed` added up."""
        kept = self._prepared.get(("totals", group, summed))
        if kept is None:
            kept = Prepared(totals(self._selection, self._where, group, summed), self._schema.compiler)
            self._prepared[("totals", group, summed)] = kept
        return kept

    def segment_of(self, row: Row) -> int:
        """Which of `segments` a row of `statement` lies in."""
        blank = row[self.key_start] is None
        return next(at for at, segment in enumerate(self.segments) if segment.blank in (None, blank))

    def _ids(self, segment: Segment, blanks: tuple[bool, ...] | None) -> sa.Select[Any]:
        """The ids of the page, where `narrow`: nothing is joined but what its conditions and keys need."""
        selection = Selection(self._schema, self._selection.entity, self.shape.guard)
        order = sorting.keys(selection, _sorts(selection, self.shape))
        where = _conditions(selection, self.shape, None, beside=True)
        return ways.page_ids(selection, self.shape.right, order, where, segment, blanks)

    def _page(self, segment: Segment, blanks: tuple[bool, ...] | None, counts: bool = False) -> sa.Select[Any]:
        expressions = [*self._selection.expressions, *[key.expression for key in self.order]]
        labelled = [expression.label(f"c{at}") for at, expression in enumerate(expressions)]
        statement = sa.select(*labelled).select_from(self._selection.from_clause)
        if self.narrow:
            ordered = sorting.order_by(self.order, self._schema.dialect, segment)
            found = self._ids(segment, blanks)
            if not counts:
                return statement.where(self._selection.root.c.id.in_(found.with_only_columns(found.selected_columns.id))).order_by(*ordered)
            page = found.cte("page")
            total = sa.select(sa.func.max(page.c[ways.TOTAL])).scalar_subquery()
            return statement.add_columns(total).where(self._selection.root.c.id.in_(sa.select(page.c.id))).order_by(*ordered)
        statement = statement.where(*self._where)
        if self.shape.one:
            return statement.where(self._selection.root.c.id == sa.bindparam("id", type_=sa.BigInteger))
        statement = statement.where(*sorting.within(self.order, segment))
        if blanks is not None:
            statement = statement.where(*sorting.after(self.order, segment, blanks))
        statement = statement.order_by(*sorting.order_by(self.order, self._schema.dialect, segment))
        return statement.limit(sa.bindparam("limit", type_=sa.Integer))


def acting(prepared: Prepared) -> bool:
    """Does the statement read who asks, or when?"""
    return any(name.startswith("fs_") for name in prepared.parameters)


def _is_plain(shape: Shape) -> bool:
    """All live rows the reader reaches, and nothing less?"""
    return shape.parent is None and shape.holding is None and not (shape.filters or shape.deleted or shape.one)


def _conditions(selection: Selection, shape: Shape, extra: sa.ColumnElement[bool] | None, beside: bool = False) -> list[sa.ColumnElement[bool]]:
    """What rows must hold; `beside`: beside that the right of `shape` reaches them."""
    root = selection.root
    out: list[sa.ColumnElement[bool]] = [root.c.deleted_at.is_not(None) if shape.deleted else root.c.deleted_at.is_(None)]
    if shape.parent is not None:
        parent = selection.schema.model.entities[shape.entity].fields[shape.parent]
        out.append(root.c[selection.schema.columns(parent)[0].name] == sa.bindparam("parent", type_=sa.BigInteger))
        if parent.type == "polymorphic_lookup":
            out.append(root.c[selection.schema.columns(parent)[1].name] == sa.bindparam("parent_entity", type_=sa.String))
    if shape.holding is not None:
        name, blank = shape.holding
        held = root.c[selection.schema.columns(selection.schema.model.entities[shape.entity].fields[name])[0].name]
        out.append(held.is_(None) if blank else held == sa.bindparam("held", type_=sa.String))
    rights: tuple[Right, ...] = ("read",) if shape.right == "read" else ("read", shape.right)
    for right in rights[:-1] if beside else rights:
        reached = selection.reached(right)
        if reached is not None:
            out.append(reached)
    for source in shape.filters:
        out.append(selection.condition(condition(selection.schema.model, shape.entity, source, shape.guard.sight)))
    if extra is not None:
        out.append(extra)
    return out


def _take(selection: Selection, shape: Shape) -> None:
    problems: list[Problem] = []
    for text in shape.columns:
        try:
            hidden = shape.guard.sight.unspoken if shape.right == "export" else selection.hidden
            selection.take(resolve(selection.schema.model, selection.entity, text, hidden))
        except UnknownPath as unknown:
            problems.append(unknown.problem("/columns"))
    if problems:
        raise BadQuery(problems)


def _sorts(selection: Selection, shape: Shape) -> list[SortBy]:
    out: list[SortBy] = []
    problems: list[Problem] = []
    for text in shape.sort:
        try:
            path = resolve(selection.schema.model, selection.entity, text.removeprefix("-"), shape.guard.sight.unspoken)
        except UnknownPath as unknown:
            problems.append(unknown.problem("/sort"))
            continue
        if not selection.schema.model.type_of(path.field).sortable:
            problems.append(_unsortable(path.text))
            continue
        out.append(SortBy(path, text.startswith("-")))
    if problems:
        raise BadQuery(problems)
    return out


def _unsortable(text: str) -> Problem:
    return Problem("not_sortable", _m("A list cannot be sorted by “{field}”.", field=text), "/sort", _m("Sort by another column."))
