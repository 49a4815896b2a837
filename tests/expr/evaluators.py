"""One answer from three evaluators: Python, SQLite and PostgreSQL over the records of a world.

Answers are written as `POST /expressions/evaluate` writes them: integers as numbers, decimals as text without trailing zeros,
dates and times in ISO form, sets as lists, records as ids, blank as None. What raises instead of answering is `Failed`.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy import pool

from fieldsmith.expr.check import check
from fieldsmith.expr.environment import Env, Moment
from fieldsmith.expr.functions import functions
from fieldsmith.expr.nodes import Node
from fieldsmith.expr.sqlite_functions import install
from fieldsmith.expr.to_python import PythonCompiler
from fieldsmith.expr.to_sql import Dialect, SqlCompiler, parameters
from fieldsmith.expr.types import Kind, Type
from fieldsmith.expr.vocabulary import Calendar, Place
from fieldsmith.fields.values import RecordRef
from tests.expr.world import type_of, vocabulary
from tests.expr.world_rows import Records
from tests.expr.world_sql import Tables, WorldColumns

FUNCTIONS = functions()


@dataclass(frozen=True, slots=True)
class Context:
    """What is bound once per evaluation. `params` are name → words of their type, `values` name → expression value.

    `changed` says that a save is going on: of these fields, from the record `old`, None for a new record.
    """

    now: datetime = datetime(2026, 11, 22, 9, 30)
    zone: str = "UTC"
    language: str = "en"
    user: int | None = None
    calendar: Calendar = field(default_factory=Calendar)
    params: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)
    changed: frozenset[str] | None = None
    old: int | None = None

    @property
    def moment(self) -> Moment:
        today = self.now.replace(tzinfo=UTC).astimezone(ZoneInfo(self.zone)).date()
        return Moment(self.now, today, self.zone, self.language)

    def place(self, entity: str) -> Place:
        saving = self.changed is not None
        return Place(entity, changes=saving, params={name: type_of(words) for name, words in self.params.items()}, sql=not saving)


@dataclass(frozen=True, slots=True)
class Failed:
    """An evaluator raised. Never equal to an answer, nor to another failure."""

    error: str

    def __eq__(self, other: object) -> bool:
        return False


def checked(source: str, place: Place) -> Node:
    """The typed tree; `ExpressionError` when it has problems."""
    return check(source, place, vocabulary(), FUNCTIONS)


def by_python(nodes: Sequence[Node], entity: str, records: Records, ids: Iterable[int], context: Context) -> list[list[Any]]:
    """A list per node of its answers for `ids`."""
    compiler = PythonCompiler(FUNCTIONS, vocabulary(), context.calendar)
    user = None if context.user is None else records.source("user", context.user)
    moment, sources = context.moment, [records.source(entity, id_) for id_ in ids]
    old = None if context.old is None else records.source(entity, context.old)
    saved: dict[str, Any] = {"old": old, "changed": context.changed or frozenset(), "is_new": context.changed is not None and old is None}
    answers = []
    for node in nodes:
        evaluate = compiler.evaluator(node)
        envs = (Env(source, moment, user=user, user_id=context.user, params=context.values, **saved) for source in sources)
        answers.append([_attempt(lambda env: written(evaluate(env), node.type), env) for env in envs])  # noqa: B023
    return answers


def _attempt(do: Any, *given: Any) -> Any:
    try:
        return do(*given)
    except Exception as error:
        return Failed(f"{type(error).__name__}: {error}")


class Database:
    """The world's tables on one connection of a throwaway or temporary kind; nothing stays behind when it closes."""

    def __init__(self, dialect: Dialect, url: str) -> None:
        self.dialect = dialect
        options: dict[str, Any] = {"poolclass": pool.StaticPool} if dialect == "sqlite" else {"connect_args": {"options": "-c timezone=UTC"}}
        self.engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", **options)
        self.connection = self.engine.connect()
        if dialect == "sqlite":
            driver = self.connection.connection.dbapi_connection
            assert isinstance(driver, sqlite3.Connection)
            install(driver)
        self.tables = Tables(dialect)
        self.tables.create(self.connection)

    def close(self) -> None:
        self.connection.close()
        self.engine.dispose()

    def fill(self, records: Records) -> None:
        self.tables.fill(self.connection, records)

    def answers(self, nodes: Sequence[Node], entity: str, ids: Sequence[int], context: Context) -> list[list[Any]]:
        """A list per node of its answers for `ids`: one statement for all, one per node where that fails."""
        try:
            return self._together(nodes, entity, ids, context)
        except Exception as error:
            if len(nodes) == 1:
                return [[Failed(f"{type(error).__name__}: {error}"[:2000])] * len(ids)]
        half = len(nodes) // 2
        return [*self.answers(nodes[:half], entity, ids, context), *self.answers(nodes[half:], entity, ids, context)]

    def _together(self, nodes: Sequence[Node], entity: str, ids: Sequence[int], context: Context) -> list[list[Any]]:
        columns = WorldColumns(self.tables, entity, context.params)
        compiler = SqlCompiler(FUNCTIONS, vocabulary(), context.calendar, self.dialect, columns)
        values = [compiler.value(node).label(f"v{number}") for number, node in enumerate(nodes)]
        truths = [number for number, node in enumerate(nodes) if node.type.kind is Kind.BOOLEAN]
        values += [sa.case((compiler.condition(nodes[number]), 1), else_=0).label(f"c{number}") for number in truths]
        statement = sa.select(columns.alias.c.id, *values).select_from(columns.source).where(columns.alias.c.id.in_(ids))
        sent = {f"param_{name}": value for name, value in self._params(context).items()}
        rows = self.connection.execute(statement, {**parameters(context.moment, context.user, self.dialect), **sent}).all()
        found = {row[0]: row for row in rows}
        answers = [[_attempt(written, found[id_][number], node.type, self.dialect) for id_ in ids] for number, node in enumerate(nodes, 1)]
        for column, number in enumerate(truths, len(nodes) + 1):
            holds = [bool(found[id_][column]) for id_ in ids]
            answers[number] = [
                one if one == other else Failed(f"{one!r} as a value, {other} as a condition") for one, other in zip(answers[number], holds, strict=True)
            ]
        return answers

    def holding(self, nodes: Sequence[Node], entity: str, context: Context) -> list[list[int]]:
        """Per boolean node the ids of the records a WHERE clause finds."""
        found = []
        for node in nodes:
            columns = WorldColumns(self.tables, entity, context.params)
            compiler = SqlCompiler(FUNCTIONS, vocabulary(), context.calendar, self.dialect, columns)
            condition = compiler.condition(node)
            statement = sa.select(columns.alias.c.id).select_from(columns.source).where(condition).order_by(columns.alias.c.id)
            sent = {f"param_{name}": value for name, value in self._params(context).items()}
            rows = self.connection.execute(statement, {**parameters(context.moment, context.user, self.dialect), **sent})
            found.append([row[0] for row in rows])
        return found

    def _params(self, context: Context) -> dict[str, Any]:
        """Parameters in the form the database computes with."""
        sent: dict[str, Any] = {}
        for name, value in context.values.items():
            of = type_of(context.params[name])
            if value is not None and of.kind is Kind.DECIMAL and self.dialect == "postgresql":
                value = Decimal(value).scaleb(-of.scale)
            elif isinstance(value, (date, time)) and self.dialect == "sqlite":
                value = value.isoformat(" ", "microseconds") if isinstance(value, datetime) else _iso(value)
            sent[name] = value
        return sent


def _iso(value: date | time) -> str:
    return value.isoformat() if isinstance(value, date) else value.isoformat("microseconds")


def written(value: Any, type_: Type, dialect: str = "python") -> Any:
    """`value`, as the evaluator of `dialect` gave it, as the API writes it. Raises when it is not of the type."""
    if value is None:
        return None
    match type_.kind:
        case Kind.DECIMAL:
            return _decimal_text(value, type_.scale, dialect)
        case Kind.INTEGER:
            assert not isinstance(value, (bool, float)), f"{value!r} is no integer"
            whole = int(value)
            assert whole == value or str(whole) == value, f"{value!r} is no integer"
            return whole
        case Kind.BOOLEAN:
            assert value is True or value is False or (dialect == "sqlite" and value in (0, 1)), f"{value!r} is no boolean"
            return bool(value)
        case Kind.TEXT | Kind.CHOICE:
            assert isinstance(value, str) and value != "", f"{value!r} is no text"
            return value
        case Kind.DATE | Kind.DATETIME | Kind.TIME:
            return _moment_text(value, type_.kind)
        case Kind.SET:
            return json.loads(value) if isinstance(value, str) else list(value)
        case Kind.RECORD:
            return f"{value.entity}:{value.id}" if isinstance(value, RecordRef) else value
    raise AssertionError(f"{type_.kind} has no value to write")


def _decimal_text(value: Any, scale: int, dialect: str) -> str:
    if dialect == "postgresql":
        number = Decimal(value)
    else:
        assert not isinstance(value, (bool, float)), f"{value!r} is no scaled number"
        digits = str(abs(int(value))).rjust(scale + 1, "0")
        number = Decimal(f"{'-' if int(value) < 0 else ''}{digits[: len(digits) - scale]}.{digits[len(digits) - scale :]}")
    text = format(number, "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


def _moment_text(value: Any, kind: Kind) -> str:
    wanted: Any = {Kind.DATE: date, Kind.DATETIME: datetime, Kind.TIME: time}[kind]
    if isinstance(value, str):
        value = wanted.fromisoformat(value)
    assert type(value) is wanted, f"{value!r} is no {kind.value}"
    text = str(value.isoformat())
    return text + "Z" if kind is Kind.DATETIME else text
