"""Date expressions built by hand and worked out three times: in Python, SQLite or PostgreSQL on request, each as plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

import sqlalchemy as sa

from fieldsmith.base.text import Label
from fieldsmith.db.engine import Database
from fieldsmith.expr import sqlite_functions
from fieldsmith.expr.environment import Env, Moment
from fieldsmith.expr.functions import functions
from fieldsmith.expr.nodes import Apply, Constant, FieldRef, Node
from fieldsmith.expr.sql_values import constant, sql_type
from fieldsmith.expr.syntax import Span
from fieldsmith.expr.to_python import PythonCompiler
from fieldsmith.expr.to_sql import Rows, SqlCompiler, parameters
from fieldsmith.expr.types import DATE, DATETIME, INTEGER, TEXT, TIME, Kind, Type
from fieldsmith.expr.vocabulary import Calendar, Symbol

HERE = Span(0, 0)
FIELDS: Mapping[str, Type] = {"d": DATE, "e": DATE, "t": DATETIME, "u": DATETIME, "n": INTEGER, "m": INTEGER, "k": INTEGER, "clock": TIME}
_NOTHING: Any = object()  # a vocabulary nobody asks


TABLE = functions()


def field(name: str) -> FieldRef:
    """One of FIELDS."""
    return FieldRef("record", (), Symbol("x", name, name, Label(name), FIELDS[name]), FIELDS[name], HERE)


def literal(value: Any) -> Constant:
    types = {int: INTEGER, str: TEXT, date: DATE, datetime: DATETIME, time: TIME}
    return Constant(value, types[type(value)], HERE)


def blank(type_: Type) -> Constant:
    return Constant(None, type_, HERE)


def apply(name: str, *arguments: Any) -> Apply:
    """The node of a call; arguments that are no nodes are names of fields (in quotes: `'d'`) or, of `=…`, texts, else values."""
    nodes = tuple(_node(argument) for argument in arguments)
    return Apply(name, nodes, _result(name, nodes), HERE)


def _node(argument: Any) -> Node:
    if isinstance(argument, Constant | FieldRef | Apply):
        return argument
    return field(argument) if isinstance(argument, str) and argument in FIELDS else literal(argument)


def _result(name: str, nodes: Sequence[Node]) -> Type:
    if name in "+-":
        return INTEGER if [node.type for node in nodes] == [DATE, DATE] else DATE
    result = TABLE[name].result
    return result(nodes) if callable(result) else result  # type: ignore[return-value]


class _Record:
    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def get(self, field: str) -> Any:
        return self._values.get(field)

    def follow(self, lookup: str) -> None:
        return None

    def related(self, related: object) -> tuple[()]:
        return ()


class ValueColumns:
    """Fields as bound values."""

    def __init__(self, values: Mapping[str, Any], dialect: str) -> None:
        self._values, self._dialect = values, dialect

    def element(self, ref: FieldRef) -> sa.ColumnElement[Any]:
        bound = constant(self._values.get(ref.symbol.field), ref.type, self._dialect)
        return sa.cast(bound, sql_type(ref.type, self._dialect))

    def blank(self, ref: FieldRef) -> sa.ColumnElement[bool]:
        raise NotImplementedError

    def rows(self, node: object) -> Rows:
        raise NotImplementedError


class TableColumns(ValueColumns):
    """Fields as columns of a table."""

    def __init__(self, table: sa.Table) -> None:
        self._table = table

    def element(self, ref: FieldRef) -> sa.ColumnElement[Any]:
        return self._table.c[ref.symbol.field]


class Clock:
    """Works nodes out for one moment and calendar."""

    def __init__(self, zone: str = "UTC", calendar: Calendar | None = None, now: datetime = datetime(2026, 11, 22, 9, 30)) -> None:
        self.moment = Moment(now, now.date(), zone)
        self.calendar = calendar or Calendar()

    def python(self, nodes: Sequence[Node], values: Mapping[str, Any] | None = None) -> list[Any]:
        compiler = PythonCompiler(TABLE, _NOTHING, self.calendar)
        env = Env(_Record(values or {}), self.moment)
        return [compiler.evaluator(node)(env) for node in nodes]

    def compiler(self, dialect: Any, columns: ValueColumns) -> SqlCompiler:
        return SqlCompiler(TABLE, _NOTHING, self.calendar, dialect, columns)

    def sql(self, database: Database, nodes: Sequence[Node], values: Mapping[str, Any] | None = None) -> list[Any]:
        compiler = self.compiler(database.dialect, ValueColumns(values or {}, database.dialect))
        chosen = [compiler.value(node).label(f"c{number}") for number, node in enumerate(nodes)]
        with database.read() as connection:
            install(connection)
            row = connection.execute(sa.select(*chosen), parameters(self.moment, None, database.dialect)).one()
        return [_plain(value, node.type) for value, node in zip(row, nodes, strict=True)]


def install(connection: sa.Connection) -> None:
    """The registered functions of dates, on SQLite."""
    if connection.dialect.name == "sqlite":
        driver: Any = connection.connection.dbapi_connection
        sqlite_functions.install(driver)


def _plain(value: Any, type_: Type) -> Any:
    if value is None or not isinstance(value, str):
        return value if value is None or type_.kind is not Kind.INTEGER else int(value)
    return date.fromisoformat(value) if type_.kind is Kind.DATE else datetime.fromisoformat(value)
