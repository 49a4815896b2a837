"""A checked expression → SQLAlchemy. Values are bound; what names mean as columns, the caller's `Columns` says.

    compiler = SqlCompiler(functions, vocabulary, calendar, "sqlite", columns)
    select.where(compiler.condition(node))

On SQLite a decimal is the scaled whole number, a number beyond 64 bits its digits as text, a date ISO text; on PostgreSQL
numbers are NUMERIC (or BIGINT columns). A boolean is never NULL as a `value`; as a `condition` NULL counts as false, so that
`column = ?` stays what an index serves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol

import sqlalchemy as sa

from fieldsmith.expr import depth
from fieldsmith.expr.environment import Moment
from fieldsmith.expr.function import Function, Sql
from fieldsmith.expr.nodes import Aggregate, Apply, Constant, FieldRef, Node
from fieldsmith.expr.sql_aggregates import aggregate
from fieldsmith.expr.sql_deep import prepare
from fieldsmith.expr.sql_values import constant, context, sql_type
from fieldsmith.expr.types import TEXT, Kind
from fieldsmith.expr.vocabulary import Calendar, Vocabulary
from fieldsmith.expr.zones import known_zone

Dialect = Literal["sqlite", "postgresql"]


@dataclass(frozen=True, slots=True)
class Rows:
    """The records of a related list inside a correlated subquery: what to select from, which of them, and their columns."""

    source: sa.FromClause
    where: tuple[sa.ColumnElement[bool], ...]
    columns: Columns


class Columns(Protocol):
    """Names as SQL: `element` in storage form (decimals on SQLite as whole numbers), joined on first use; `rows` for aggregates.

    `element` of several-column parts is never asked; `blank` is, for ISBLANK of composites and lists.
    """

    def element(self, ref: FieldRef) -> Sql: ...
    def blank(self, ref: FieldRef) -> sa.ColumnElement[bool]: ...
    def rows(self, node: Aggregate) -> Rows: ...


class SqlCompiler:
    """One per statement: `registered` collects the names of the SQLite functions used, which generated columns may not use.

    `pieces` are nodes, by identity, whose SQL is known already; while `settled`, the rest of a tree is known to be flat enough.
    """

    def __init__(self, functions: Mapping[str, Function], vocabulary: Vocabulary, calendar: Calendar, dialect: Dialect, columns: Columns) -> None:
        self.functions = functions
        self.vocabulary = vocabulary
        self.calendar = calendar
        self.dialect: Dialect = dialect
        self.columns = columns
        self.registered: set[str] = set()
        self.pieces: dict[int, tuple[Node, Sql]] = {}
        self.room = depth.LIMIT
        self.settled = False

    @property
    def sqlite(self) -> bool:
        return self.dialect == "sqlite"

    def value(self, node: Node) -> Sql:
        """SQL whose NULL is blank; of a boolean, true or false and never NULL."""
        if isinstance(node, Constant):
            return constant(node.value, node.type, self.dialect)
        if isinstance(node, FieldRef):
            return self._field(node)
        if id(node) in self.pieces:
            return self.pieces[id(node)][1]
        if isinstance(node, Aggregate):
            return aggregate(node, self)
        if not self.settled:
            return self._settle(node, self.value)
        found = self._apply(node)
        if node.type.kind is Kind.BOOLEAN and node.function not in NEVER_NULL:
            return found.is_(sa.true())
        return found

    def condition(self, node: Node) -> sa.ColumnElement[bool]:
        """SQL for WHERE and CASE WHEN: NULL counts as false."""
        if id(node) in self.pieces:
            return self.pieces[id(node)][1]
        if isinstance(node, Apply):
            return self._apply(node) if self.settled else self._settle(node, self.condition)
        if isinstance(node, Constant):
            return sa.true() if node.value else sa.false()
        found = self.value(node)
        return found if isinstance(node, FieldRef) and not self.sqlite else found.is_(sa.true())

    def within(self, columns: Columns) -> SqlCompiler:
        """A compiler for the inside of a subquery; what it registers counts here too."""
        inner = SqlCompiler(self.functions, self.vocabulary, self.calendar, self.dialect, columns)
        inner.registered = self.registered
        inner.room = depth.INSIDE
        return inner

    def _settle(self, node: Node, build: Callable[[Node], Sql]) -> Sql:
        prepare(node, self)
        self.settled = True
        try:
            return build(node)
        finally:
            self.settled = False

    def call(self, name: str, *arguments: Any, type_: sa.types.TypeEngine[Any]) -> Sql:
        """A function registered on every SQLite connection (`sqlite_functions`)."""
        self.registered.add(name)
        return sa.Function(name, *arguments, type_=type_)

    def context(self, name: Literal["now", "today", "zone", "language", "user"]) -> Sql:
        """What is bound once per evaluation; `parameters` gives the values."""
        return context(name, self.dialect)

    def _apply(self, node: Apply) -> Sql:
        build = self.functions[node.function].sql
        assert build is not None, f"{node.function} is refused by check where SQL is needed"
        return build(node, self)

    def _field(self, ref: FieldRef) -> Sql:
        if ref.root == "user" and not ref.hops and ref.symbol.field == "id":
            return self.context("user")
        found = self.columns.element(ref)
        if ref.root == "params" and not self.sqlite:  # PostgreSQL would guess its type: abs(unknown) is a float
            found = sa.cast(found, sa.Text() if ref.type.kind in (Kind.TEXT, Kind.CHOICE) else sql_type(ref.type, self.dialect))
        if ref.type.kind is Kind.RECORD and len(ref.type.entities) > 1:
            return self._polymorphic(ref, found)
        if ref.type.kind is Kind.BOOLEAN and (ref.hops or ref.root != "record"):
            return found.is_(sa.true())  # a path that ends nowhere is false
        return found

    def _polymorphic(self, ref: FieldRef, id_: Sql) -> Sql:
        """Entity and id in one text, `account:7` (`:7` of an entity the reader does not know): ids of two entities may be the same number."""
        entity = self.columns.element(replace(ref, symbol=replace(ref.symbol, column="entity", type=TEXT), type=TEXT))
        known = sa.func.coalesce(sa.type_coerce(entity, sa.Text()), sa.literal_column("''", sa.Text()))
        return known.concat(sa.literal_column("':'", sa.Text())).concat(sa.cast(id_, sa.Text()))


NEVER_NULL = frozenset({"not", "ISBLANK"})
"""Functions whose SQL is true or false, never NULL."""


def parameters(moment: Moment, user_id: int | None, dialect: str) -> dict[str, Any]:
    """Values of the binds `context` makes, as the driver takes them; a statement may lack any of them."""
    sqlite = dialect == "sqlite"
    return {
        "fs_now": moment.now.isoformat(" ", "microseconds") if sqlite else moment.now,
        "fs_today": moment.today.isoformat() if sqlite else moment.today,
        "fs_zone": known_zone(moment.zone),
        "fs_language": moment.language,
        "fs_user": user_id,
    }
