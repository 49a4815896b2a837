"""The rows of `number_trees` in Python, SQLite and PostgreSQL, and the answers of each to nodes built by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Context, Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event, pool
from sqlalchemy.dialects import postgresql, sqlite

from fieldsmith.db import types as db
from fieldsmith.expr.environment import Env, Moment
from fieldsmith.expr.nodes import Aggregate, FieldRef, Node
from fieldsmith.expr.sqlite_functions import install
from fieldsmith.expr.to_python import PythonCompiler
from fieldsmith.expr.to_sql import Dialect, Rows, SqlCompiler
from fieldsmith.expr.types import BOOLEAN, INTEGER, Kind, Type
from fieldsmith.expr.vocabulary import Calendar
from tests.expr.number_trees import COLUMNS, ROWS, TABLE

MOMENT = Moment(datetime(2026, 11, 22), date(2026, 11, 22))
_DIGITS = Context(prec=200)
_VOCABULARY: Any = None  # numbers ask for no names


class Row:
    """An `environment.Source`."""

    def __init__(self, values: Mapping[str, Any], children: Sequence[Row] = ()) -> None:
        self.values = values
        self.children = children

    def get(self, field: str) -> Any:
        return self.values[field]

    def follow(self, lookup: str) -> None:
        return None

    def related(self, related: Any) -> Sequence[Row]:
        return self.children


def by_python(nodes: Sequence[Node], rows: Sequence[Mapping[str, Any]] = ROWS) -> list[list[Any]]:
    compiler = PythonCompiler(TABLE, _VOCABULARY, Calendar())
    evaluators = [compiler.evaluator(node) for node in nodes]
    return [[evaluate(Env(Row(row), MOMENT)) for evaluate in evaluators] for row in rows]


class Numbers:
    """A temporary table with the rows, on one connection. It is its own `Columns`."""

    def __init__(self, connection: sa.Connection, rows: Sequence[Mapping[str, Any]] = ROWS) -> None:
        self.connection = connection
        self.dialect: Dialect = "sqlite" if connection.dialect.name == "sqlite" else "postgresql"
        columns = [sa.Column(name, _column_type(type_, self.dialect)) for name, type_ in COLUMNS.items()]
        self.table = sa.Table("numbers", sa.MetaData(), sa.Column("id", sa.BigInteger()), *columns, prefixes=["TEMPORARY"])
        self.table.create(connection)
        connection.execute(self.table.insert(), [{name: stored(value, COLUMNS.get(name)) for name, value in row.items()} for row in rows])

    def element(self, ref: FieldRef) -> sa.ColumnElement[Any]:
        return self.table.c[ref.symbol.field]

    def blank(self, ref: FieldRef) -> sa.ColumnElement[bool]:
        return self.element(ref).is_(None)

    def rows(self, node: Aggregate) -> Rows:
        child = Child(self.table.alias("child"))
        return Rows(child.table, (), child)

    def compiler(self) -> SqlCompiler:
        return SqlCompiler(TABLE, _VOCABULARY, Calendar(), self.dialect, self)

    def answers(self, nodes: Sequence[Node]) -> list[list[Any]]:
        compiler = self.compiler()
        values = [sa.type_coerce(compiler.value(node), sa.types.NullType()).label(f"v{at}") for at, node in enumerate(nodes)]
        found = self.connection.execute(sa.select(*values).select_from(self.table).order_by(self.table.c.id))
        return [[read(value, node.type) for value, node in zip(row, nodes, strict=True)] for row in found]

    def where(self, node: Node) -> list[int]:
        """The ids of the rows for which the condition holds."""
        query = sa.select(self.table.c.id).where(self.compiler().condition(node)).order_by(self.table.c.id)
        return list(self.connection.scalars(query))

    def text(self, node: Node) -> str:
        """The SQL with its values written in, as a generated column holds it."""
        dialect = sqlite.dialect() if self.dialect == "sqlite" else postgresql.dialect()  # type: ignore[no-untyped-call]
        return str(self.compiler().value(node).compile(dialect=dialect, compile_kwargs={"literal_binds": True}))


class Child:
    """`Columns` of the same rows as the children of an aggregate."""

    def __init__(self, table: sa.FromClause) -> None:
        self.table = table

    def element(self, ref: FieldRef) -> sa.ColumnElement[Any]:
        return self.table.c[ref.symbol.field]

    def blank(self, ref: FieldRef) -> sa.ColumnElement[bool]:
        return self.element(ref).is_(None)

    def rows(self, node: Aggregate) -> Rows:
        raise AssertionError("lists inside lists are refused")


def _column_type(type_: Type, dialect: str) -> sa.types.TypeEngine[Any]:
    if type_ == INTEGER:
        return sa.BigInteger()
    return sa.Boolean() if type_ == BOOLEAN else db.decimal(type_.scale, dialect)


def stored(value: Any, type_: Type | None) -> Any:
    return value if value is None or type_ is None or type_.kind is not Kind.DECIMAL else _DIGITS.scaleb(Decimal(value), -type_.scale)


def read(value: Any, type_: Type) -> Any:
    """A value of either database as the scaled whole number or the truth it is."""
    if type_ == BOOLEAN:
        assert value in (0, 1), "a condition that is blank"
        return bool(value)
    if isinstance(value, Decimal):
        scaled = _DIGITS.scaleb(value, type_.scale)
        assert scaled == scaled.to_integral_value(), f"{value} has more than {type_.scale} decimals"
        return int(scaled)
    assert not isinstance(value, float), "a number became REAL"
    return int(value) if isinstance(value, str) and type_.is_number else value


def sqlite_with_functions() -> sa.Engine:
    """An engine whose one connection has the functions of the language."""
    engine = sa.create_engine("sqlite://", poolclass=pool.StaticPool)
    event.listen(engine, "connect", lambda connection, _: install(connection))
    return engine
