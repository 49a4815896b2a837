"""`ExpressionColumns`: what names in expressions mean as SQL over the tables of a `Schema` (`expr.to_sql.Columns`).

A path over lookups is joined once (`db.joins`), an aggregate becomes a correlated subquery over live records, the acting
user's fields scalar subqueries. A computed field that has no column, or one that is still being filled, is written out as its
own expression (`expr.writing_out`); what that cannot say stands as a whole where the path reaches it. `condition_sql` and
`expression_sql` are the short way for one node.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.elements import Grouping

from fieldsmith.base.errors import BadQuery, Unavailable
from fieldsmith.base.problems import Problem
from fieldsmith.base.text import _m
from fieldsmith.db.columns import physical
from fieldsmith.db.joins import Hops, Joins
from fieldsmith.db.tables import LEFT, RIGHT, Schema
from fieldsmith.db.types import BIG, BOOLEAN, DATE, DATETIME, TIME, decimal
from fieldsmith.expr.nodes import Aggregate, FieldRef, Node, Root, children, outermost, walk
from fieldsmith.expr.sql_records import ENTITY
from fieldsmith.expr.sql_values import constant, sql_type
from fieldsmith.expr.to_sql import Rows, SqlCompiler
from fieldsmith.expr.types import TEXT, Kind, Type
from fieldsmith.expr.vocabulary import Symbol
from fieldsmith.expr.writing_out import MAX_NODES, TooLarge, WrittenOut
from fieldsmith.fields.base import Field

USER = "user"
_COERCED = frozenset({Kind.DECIMAL, Kind.DATE, Kind.DATETIME, Kind.TIME})
_SqlElement = sa.ColumnElement[Any]


class _Shared:
    """What all parts of one expression share."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.registered: set[str] = set()
        self._written_out = WrittenOut(self.behind)

    def behind(self, ref: FieldRef) -> Node | None:
        """The formula that `ref` names, where it has no column to read."""
        field = self.schema.model.entities[ref.symbol.entity].fields[ref.symbol.field]
        return None if self.schema.settled(field) else self.schema.model.computed[field.entity][field.name].node

    def written_out(self, node: Node, columns: ExpressionColumns) -> Node:
        try:
            return self._written_out.node(node, columns.behind)
        except TooLarge:
            if self.schema.filling:
                raise Unavailable(_m("New formulas are still being worked out for all records. Try again in a moment.")) from None
            message = _m("The formulas used here become too long together: more than {limit} parts.", limit=MAX_NODES)
            raise BadQuery([Problem("expression_too_large", message, hint=_m("Use fewer formulas that build on formulas across lookups."))]) from None


class ExpressionColumns:
    """Names at one place: root "record" is the record of `entity` that `hops` lead to from the root of `joins`.

    `guarded`: a reader asks, so paths and related lists hold only what the guard of `joins` lets them see. Formulas behind the names
    are not guarded: they give the same value to everybody.
    """

    def __init__(
        self, joins: Joins, entity: str, hops: Hops = (), parent: ExpressionColumns | None = None, shared: _Shared | None = None, guarded: bool = False
    ) -> None:
        self.joins = joins
        self._guarded = guarded and joins.guard is not None
        self.schema: Schema = joins.schema
        self.entity = entity
        self._hops = hops
        self._parent = parent
        self._shared = _Shared(joins.schema) if shared is None else shared

    def compiler(self) -> SqlCompiler:
        """A compiler for nodes at this place."""
        model = self.schema.model
        dialect: Any = self.schema.dialect
        made = SqlCompiler(model.functions, model.vocabulary, model.calendar, dialect, self)
        made.registered = self._shared.registered
        return made

    def value(self, node: Node) -> _SqlElement:
        """A checked node over this place, formulas without a column written out."""
        return self.compiler().value(self._whole(node))

    def condition(self, node: Node) -> sa.ColumnElement[bool]:
        """`value` for WHERE."""
        return self.compiler().condition(self._whole(node))

    def _whole(self, node: Node) -> Node:
        """With formulas written out; guarded, they stay apart, since their paths are not the reader's."""
        return node if self._guarded else self._shared.written_out(node, self)

    def _source(self, hops: Hops) -> Any:
        return self.joins.source(hops, self._guarded)

    def behind(self, ref: FieldRef) -> Node | None:
        """The formula that `ref`, said of this place, names, where it has no column to read."""
        return self._shared.behind(ref)

    def element(self, ref: FieldRef) -> _SqlElement:
        if ref.root == "params":
            return sa.bindparam(f"fs_param_{ref.symbol.name}", type_=sql_type(ref.type, self.schema.dialect))
        if ref.root == USER:
            return self._of_user(ref)
        place = self._place(ref.root)
        return place._value(self._path(place, ref.hops), ref.symbol, ref.type)

    def blank(self, ref: FieldRef) -> sa.ColumnElement[bool]:
        if ref.root == USER:
            columns, who = self._user()
            inner = columns.blank(FieldRef("record", ref.hops, ref.symbol, ref.type, ref.span))
            found = sa.select(inner).select_from(columns.joins.from_clause).where(who).correlate(None).scalar_subquery()
            return found.is_not(sa.false())
        place = self._place(ref.root)
        hops = self._path(place, ref.hops)
        item = self._field(ref.symbol)
        source = place._source(hops)
        if item.type == "many_to_many":
            return ~self._linked(item, source.c.id)
        if self._unsettled(item):
            return place._value(hops, ref.symbol, ref.type).is_(None)
        return sa.and_(*[source.c[column.name].is_(None) for column in self.schema.columns(item)])

    def rows(self, node: Aggregate) -> Rows:
        related = node.related
        child = self.joins.alias(self.schema.table(related.entity))
        outer = self._id_of(node)
        beside: Any = None
        where: list[sa.ColumnElement[bool]] = [child.c.deleted_at.is_(None)]
        owner = related.owner if related.via == "link" else related.entity
        item = self.schema.model.entities[owner].fields[related.field]
        if related.via in ("link", "inverse link"):
            near, far = (LEFT, RIGHT) if related.via == "link" else (RIGHT, LEFT)
            link = self.joins.alias(self.schema.link(item))
            beside = link.join(child, child.c.id == link.c[far])
            where.append(link.c[near] == outer)
        else:
            columns = self.schema.columns(item)
            where.append(child.c[columns[0].name] == outer)
            if related.via == "polymorphic":
                where.append(child.c[columns[1].name] == related.owner)
        guard = self.joins.guard if self._guarded else None
        seen = guard.readable(related.entity, child, self.joins.numbers) if guard is not None else None
        if seen is not None:
            where.append(seen)
        joins = Joins(self.schema, child, beside, self.joins.numbers, guard)
        inner = ExpressionColumns(joins, related.entity, (), self, self._shared, self._guarded)
        for part in children(node):  # before the subquery's FROM is read
            inner._join(part)
        return Rows(inner.joins.from_clause, tuple(where), inner)

    def written_out(self, item: Field, hops: Hops) -> _SqlElement:
        """The expression of a computed field at the place `hops` lead to; blank where the path ends nowhere."""
        node = self.schema.model.computed[item.entity][item.name].node
        found = ExpressionColumns(self.joins, item.entity, hops, None, self._shared).value(node)
        if not hops:
            return found
        return sa.case((self._source(hops).c.id.is_not(None), found))

    def _place(self, root: Root) -> ExpressionColumns:
        if root == "parent":
            assert self._parent is not None, "check allows “parent” inside aggregates only"
            return self._parent
        assert root == "record", f"check refuses “{root}” where SQL is needed"
        return self

    def _path(self, place: ExpressionColumns, hops: tuple[Symbol, ...]) -> Hops:
        return (*place._hops, *(self._field(hop) for hop in hops))

    def _field(self, symbol: Symbol) -> Field:
        return self.schema.model.entities[symbol.entity].fields[symbol.field]

    def _unsettled(self, item: Field) -> bool:
        return not self.schema.settled(item)

    def _value(self, hops: Hops, symbol: Symbol, type_: Type) -> _SqlElement:
        item = self._field(symbol)
        if self._unsettled(item):
            return self.written_out(item, hops)
        return self._column(item, hops, symbol, type_)

    def _column(self, item: Field, hops: Hops, symbol: Symbol, type_: Type) -> _SqlElement:
        column: _SqlElement = self._source(hops).c[physical(item, symbol.column)]
        if self.schema.dialect == "sqlite" and type_.kind in _COERCED:
            return sa.type_coerce(column, sql_type(type_, "sqlite"))
        if self._guarded and item.type == "polymorphic_lookup" and symbol.column == ENTITY:
            return self._known(column, item)
        return column

    def _known(self, column: _SqlElement, item: Field) -> _SqlElement:
        """The name of the entity a record is of, blank where the reader does not know it."""
        sight = self.joins.guard.sight if self.joins.guard is not None else None
        unknown = [constant(name, TEXT, self.schema.dialect) for name in item.options["to"] if sight is not None and name in sight]
        return sa.case((sa.and_(*(column != name for name in unknown)), column)) if unknown else column

    def _user(self) -> tuple[ExpressionColumns, sa.ColumnElement[bool]]:
        """Columns over the acting user's record, and the condition that it is theirs."""
        root = self.joins.alias(self.schema.table(USER))
        joins = Joins(self.schema, root, None, self.joins.numbers, self.joins.guard)
        columns = ExpressionColumns(joins, USER, (), None, self._shared, self._guarded)
        return columns, root.c.id == columns.compiler().context("user")

    def _of_user(self, ref: FieldRef) -> _SqlElement:
        columns, who = self._user()
        found = columns._value(columns._path(columns, ref.hops), ref.symbol, ref.type)
        return sa.select(found).select_from(columns.joins.from_clause).where(who).correlate(None).scalar_subquery()

    def _id_of(self, node: Aggregate) -> _SqlElement:
        """The id of the record whose related list `node` goes through; of a path its last lookup, which spares a join that hides nothing."""
        if node.root == USER:
            if not node.hops:
                return self.compiler().context("user")
            if self._guarded:
                columns, who = self._user()
                ending = columns._source(columns._path(columns, node.hops)).c.id
                return sa.select(ending).select_from(columns.joins.from_clause).where(who).correlate(None).scalar_subquery()
            *path, last = node.hops
            return self._of_user(FieldRef("user", tuple(path), last, last.type, node.span))
        place = self._place(node.root)
        hops = self._path(place, node.hops)
        if not node.hops or place._guarded:
            return place._source(hops).c.id  # type: ignore[no-any-return]
        column = self.schema.columns(hops[-1])[0].name
        return place._source(hops[:-1]).c[column]  # type: ignore[no-any-return]

    def _linked(self, item: Field, near: _SqlElement) -> sa.ColumnElement[bool]:
        """Does a live record hang on the many-to-many field `item` of record `near`?"""
        link = self.joins.alias(self.schema.link(item))
        target = self.joins.alias(self.schema.table(item.options["to"]))
        found: sa.Select[Any] = sa.select(sa.literal_column("1")).select_from(link.join(target, target.c.id == link.c[RIGHT]))
        if self._guarded and self.joins.guard is not None:
            seen = self.joins.guard.readable(item.options["to"], target, self.joins.numbers)
            found = found if seen is None else found.where(seen)
        return found.where(link.c[LEFT] == near, target.c.deleted_at.is_(None)).correlate_except(link, target).exists()

    def _join(self, node: Node) -> None:
        """Join every path that `node`, and the formulas behind it, take from here or from the record outside."""
        for ref in outermost(node):
            if ref.root not in ("record", "parent"):
                continue
            place = self._place(ref.root)
            hops = self._path(place, ref.hops)
            if isinstance(ref, Aggregate):
                place._source(hops[:-1] if ref.hops and not place._guarded else hops)
                for inner in (part for child in children(ref) for part in walk(child)):
                    if isinstance(inner, FieldRef) and inner.root == "parent":
                        self._join(FieldRef("record", inner.hops, inner.symbol, inner.type, inner.span))
                continue
            place._source(hops)
            item = self._field(ref.symbol)
            if self._unsettled(item):
                behind = self.schema.model.computed[item.entity][item.name].node
                ExpressionColumns(place.joins, item.entity, hops, None, self._shared)._join(behind)


def expression_sql(entity: str, node: Node, joins: Joins) -> _SqlElement:
    """`node` over the record at the root of `joins`, of the type the columns of such values have: converters fit, see `typed`."""
    return typed(ExpressionColumns(joins, entity).value(node), node.type, joins.schema.dialect)


def condition_sql(entity: str, node: Node, joins: Joins, guarded: bool = False) -> sa.ColumnElement[bool]:
    """`node`, a condition over the record at the root of `joins`, for WHERE; `guarded` where a reader asks."""
    return ExpressionColumns(joins, entity, guarded=guarded).condition(node)


def field_sql(joins: Joins, hops: Hops, item: Field, guarded: bool = False) -> tuple[_SqlElement, ...]:
    """What to select for the value of `item` at the end of a path: its columns, or the one expression of a field without settled ones."""
    schema = joins.schema
    if schema.settled(item):
        source = joins.source(hops, guarded)
        return tuple(source.c[column.name] for column in schema.columns(item))
    type_ = schema.model.computed[item.entity][item.name].node.type
    return (typed(ExpressionColumns(joins, item.entity, guarded=guarded).written_out(item, hops), type_, schema.dialect),)


def typed(value: _SqlElement, type_: Type, dialect: str) -> _SqlElement:
    """A computed value with the SQL type of a column that holds such values, so that it is read and compared like one."""
    kind = type_.kind
    if isinstance(value, sa.BindParameter):
        value = Grouping(value)  # a constant is in the form it is computed with: the new type must not convert it again
    if kind is Kind.DECIMAL:
        if dialect != "sqlite" and not isinstance(value, sa.Column):
            value = sa.func.round(value, type_.scale)  # its scale is its value's there: 2 and 2.00 are written differently
        return sa.type_coerce(value, decimal(type_.scale, dialect))
    if kind in (Kind.INTEGER, Kind.RECORD):
        return sa.type_coerce(value, BIG) if dialect == "sqlite" or isinstance(value.type, sa.Integer) else sa.cast(value, BIG)
    plain: Any = {Kind.BOOLEAN: BOOLEAN, Kind.DATE: DATE, Kind.DATETIME: DATETIME, Kind.TIME: TIME}.get(kind)
    return value if plain is None else sa.type_coerce(value, plain)
