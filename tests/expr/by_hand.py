"""Calls of single functions over plain values, built without the parser, on all three evaluators.

Each call is made in three forms, because SQL differs between them: its arguments written out, as columns, and as results of
another function (`_SAME`).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Literal

import sqlalchemy as sa

from fieldsmith.base.text import Label, Message
from fieldsmith.expr import functions_records, functions_text, operators
from fieldsmith.expr.environment import Env, Moment
from fieldsmith.expr.function import Function, Parameter
from fieldsmith.expr.nodes import Apply, Constant, FieldRef, Node
from fieldsmith.expr.sql_values import sql_type
from fieldsmith.expr.syntax import Span
from fieldsmith.expr.text_values import SQLITE
from fieldsmith.expr.to_python import PythonCompiler
from fieldsmith.expr.to_sql import Rows, SqlCompiler, parameters
from fieldsmith.expr.types import BLANK, BOOLEAN, DATE, DATETIME, INTEGER, PARTS, TEXT, TIME, Kind, Type, decimal
from fieldsmith.expr.vocabulary import Calendar, ChoiceName, EntityNames, Symbol
from fieldsmith.fields.values import RecordRef

Form = Literal["constants", "columns", "results"]
FORMS: tuple[Form, ...] = ("constants", "columns", "results")
HERE = Span(0, 0)
STAGE = Type(Kind.CHOICE, choices="stage")
STAGES = Type(Kind.SET, choices="stage")
CALENDAR = Calendar()
LONG = 1_000_000

_SAME = Function(
    "same",
    "logic",
    (Parameter("value", frozenset(Kind)),),
    "value",
    Message(""),
    (),
    lambda node, compiler: compiler.evaluator(node.arguments[0]),
    lambda node, compiler: compiler.value(node.arguments[0]),
)
FUNCTIONS = {row.name: row for row in (*operators.ROWS, *functions_text.ROWS, *functions_records.ROWS, _SAME)}


class Stages:
    """A vocabulary with one list, of which one label is not translated."""

    def entity(self, name: str) -> EntityNames | None:
        return None

    def choices(self, name: str) -> Sequence[ChoiceName] | None:
        won = Label("Won", {"zh_Hans": "成交", "de": "Gewonnen"})
        return (ChoiceName("won", won), ChoiceName("lost", Label("Lost"))) if name == "stage" else None


class Scaled:
    """A decimal argument: 12.50 at scale 2 is `Scaled(1250, 2)`."""

    def __init__(self, whole: int, scale: int) -> None:
        self.whole = whole
        self.scale = scale

    def __repr__(self) -> str:
        return f"Scaled({self.whole}, {self.scale})"


def argument(value: Any) -> Constant:
    """The constant of a plain value; a constant is itself."""
    if isinstance(value, Constant):
        return value
    if isinstance(value, Scaled):
        return Constant(value.whole, decimal(value.scale), HERE)
    types = {str: TEXT, bool: BOOLEAN, int: INTEGER, datetime: DATETIME, date: DATE, time: TIME, type(None): BLANK}
    return Constant(value, types[type(value)], HERE)


def call(function: str, *values: Any, form: Form = "constants", longest: int = LONG) -> Apply:
    """`function` over `values`. As columns they are the fields a0, a1 …; their texts may have `longest` code points."""
    arguments: list[Node] = []
    for at, value in enumerate(values):
        constant = value if isinstance(value, (Apply, FieldRef)) else argument(value)
        if form == "constants" or not isinstance(constant, Constant):
            arguments.append(constant)
            continue
        type_ = TEXT if constant.type is BLANK else constant.type
        symbol = Symbol("thing", f"a{at}", f"a{at}", Label(f"a{at}"), type_, longest=longest)
        field = FieldRef("record", (), symbol, type_, HERE)
        arguments.append(field if form == "columns" else Apply("same", (field,), type_, HERE))
    row = FUNCTIONS[function]
    assert isinstance(row.result, Type)
    return Apply(function, tuple(arguments), row.result, HERE)


class Record:
    def __init__(self, values: dict[str, Any]) -> None:
        self.values = values

    def get(self, field: str) -> Any:
        return self.values.get(field)

    def follow(self, lookup: str) -> None:
        return None

    def related(self, related: Any) -> tuple[()]:
        return ()


def by_python(node: Node, *values: Any, language: str = "en", **env: Any) -> Any:
    """The answer with `values` as the fields a0, a1 …"""
    record = Record({f"a{at}": argument(value).value for at, value in enumerate(values) if not isinstance(value, (Apply, FieldRef))})
    moment = Moment(datetime(2026, 11, 22, 9, 30), date(2026, 11, 22), "UTC", language)
    return PythonCompiler(FUNCTIONS, Stages(), CALENDAR).evaluator(node)(Env(record, moment, **env))


class OneRow:
    """Columns a0, a1 … of a single row that holds `values` as `dialect` stores them."""

    def __init__(self, values: Sequence[Any], dialect: str) -> None:
        columns = [column for at, value in enumerate(values) for column in _stored(f"a{at}", argument(value), dialect)]
        self.row = sa.select(*columns).subquery("thing") if columns else sa.select(sa.literal(1).label("id")).subquery("thing")

    def element(self, ref: FieldRef) -> sa.ColumnElement[Any]:
        return self.row.c[ref.symbol.field + (f"__{ref.symbol.column}" if ref.symbol.column else "")]

    def blank(self, ref: FieldRef) -> sa.ColumnElement[bool]:
        return self.row.c[f"{ref.symbol.field}__one"].is_(None)

    def rows(self, node: Any) -> Rows:
        raise AssertionError("no lists here")


def _stored(name: str, constant: Constant, dialect: str) -> list[sa.ColumnElement[Any]]:
    value, type_ = constant.value, constant.type
    if isinstance(value, RecordRef):
        return [sa.literal(value.id, sa.BigInteger()).label(name), sa.literal(value.entity, sa.Text()).label(f"{name}__entity")]
    if type_.kind is Kind.PARTS:
        return [sa.literal(value, sa.Text()).label(f"{name}__one")]
    if type_.kind is Kind.SET:
        value, type_ = None if value is None else json.dumps(value, ensure_ascii=False, separators=(",", ":")), TEXT
    elif type_.kind is Kind.DECIMAL and dialect == "postgresql" and value is not None:
        value = Decimal(f"{value}e-{type_.scale}")
    elif type_.kind is Kind.INTEGER and value is not None and abs(value) >= 2**63:
        value, type_ = (str(value), TEXT) if dialect == "sqlite" else (Decimal(value), decimal(0))
    elif dialect == "sqlite" and value is not None and type_.kind in (Kind.DATETIME, Kind.TIME):
        value = value.isoformat(*([" "] if type_.kind is Kind.DATETIME else []), timespec="microseconds")
    elif dialect == "sqlite" and value is not None and type_.kind is Kind.DATE:
        value = value.isoformat()
    bound = sa.literal(value, sql_type(TEXT if type_ is BLANK else type_, dialect))
    return [(bound if dialect == "sqlite" else sa.cast(bound, bound.type)).label(name)]


def by_sql(connection: sa.Connection, node: Node, *values: Any, language: str = "en") -> Any:
    """The same answer of a database; a decimal scaled, a boolean as `SqlCompiler.value` makes it."""
    dialect: Any = connection.dialect.name
    columns = OneRow([value for value in values if not isinstance(value, (Apply, FieldRef))], dialect)
    compiler = SqlCompiler(FUNCTIONS, Stages(), CALENDAR, dialect, columns)
    statement = sa.select(compiler.value(node)).select_from(columns.row)
    moment = Moment(datetime(2026, 11, 22, 9, 30), date(2026, 11, 22), "UTC", language)
    with connection.begin_nested():  # a statement that fails spoils no other
        found = connection.execute(statement, parameters(moment, 1, dialect)).scalar_one()
    if found is None or node.type.kind not in (Kind.DECIMAL, Kind.INTEGER, Kind.BOOLEAN):
        return found
    if node.type.kind is Kind.BOOLEAN:
        return bool(found)
    return int(f"{found:.{node.type.scale}f}".replace(".", "")) if dialect == "postgresql" else int(found)


def install(connection: sa.Connection) -> None:
    """SQLite gets the text functions."""
    if connection.dialect.name == "sqlite":
        driver: Any = connection.connection.dbapi_connection
        for name, (count, function) in SQLITE.items():
            driver.create_function(name, count, function, deterministic=True)


def polymorphic(value: RecordRef | None, *entities: str) -> Constant:
    return Constant(value, Type(Kind.RECORD, entities=entities), HERE)


def address(city: str | None) -> Constant:
    return Constant(city, PARTS, HERE)
