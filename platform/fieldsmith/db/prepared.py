"""`Prepared`: a statement compiled once per revision and run straight on the driver.

SQLAlchemy builds and compiles every statement (identifiers come from the model, values are bound); repeating its execution
machinery for each request costs more than the query itself, so hot statements keep their SQL text, their bind and result
converters, and go to the DBAPI cursor. Not for statements with expanding `IN` lists: execute those normally.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.compiler import SQLCompiler

Converter = Callable[[Any], Any]


class Prepared:
    """`rows(connection, {"id": 7})` → list of driver tuples; `converters` gives one converter (or None) per column."""

    def __init__(self, statement: sa.sql.ClauseElement, dialect: sa.Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        assert isinstance(compiled, SQLCompiler)
        self.sql = str(compiled)
        self._defaults = {name: bind.effective_value for name, bind in compiled.binds.items() if not bind.required}
        self._named = tuple(compiled.binds)
        names = compiled.positiontup
        self._order: tuple[str, ...] | None = tuple(names) if names is not None else None
        binders = {name: binder(bind.type, dialect) for name, bind in compiled.binds.items()}
        self._binders = {name: binder for name, binder in binders.items() if binder is not None}
        self.converters: tuple[Converter | None, ...] = ()
        if isinstance(statement, sa.sql.expression.SelectBase):
            self.converters = tuple(converter(column.type, dialect) for column in statement.selected_columns)

    def rows(self, connection: sa.Connection, params: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """All rows, values as the driver gives them."""
        cursor = _cursor(connection)
        try:
            cursor.execute(self.sql, self._bound(params))
            return cursor.fetchall()  # type: ignore[no-any-return]
        finally:
            cursor.close()

    def run(self, connection: sa.Connection, params: Mapping[str, Any]) -> int:
        """Execute for its effect; the number of rows it touched."""
        cursor = _cursor(connection)
        try:
            cursor.execute(self.sql, self._bound(params))
            return int(cursor.rowcount)
        finally:
            cursor.close()

    def explained(self, connection: sa.Connection, how: str, params: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """What the database answers to `how` (its EXPLAIN, with a space behind) before the statement."""
        cursor = _cursor(connection)
        try:
            cursor.execute(how + self.sql, self._bound(params))
            return cursor.fetchall()  # type: ignore[no-any-return]
        finally:
            cursor.close()

    @property
    def parameters(self) -> tuple[str, ...]:
        """Bind names in the order of the statement."""
        return self._order if self._order is not None else self._named

    def _bound(self, params: Mapping[str, Any]) -> Any:
        values = {**self._defaults, **params} if self._defaults else params
        if self._binders:
            values = dict(values)
            for name, binder in self._binders.items():
                value = values[name]
                if value is not None:
                    values[name] = binder(value)
        if self._order is None:
            return values
        return tuple([values[name] for name in self._order])


def among(column: sa.ColumnElement[Any], dialect: str) -> sa.ColumnElement[bool]:
    """`column` is one of the values bound as `keys` (see `key_list`): a list of any length in a statement that is kept."""
    if dialect == "postgresql":
        return column == sa.any_(sa.bindparam("keys", type_=sa.ARRAY(column.type)))
    listed = sa.func.json_each(sa.bindparam("keys", type_=sa.Text)).table_valued("value")
    return column.in_(sa.select(listed.c.value))


def key_list(values: Iterable[Any], dialect: str) -> Any:
    """What to bind as `keys` in a statement made with `among`: ids or texts."""
    return list(values) if dialect == "postgresql" else json.dumps(list(values), default=str)


def converter(type_: sa.types.TypeEngine[Any], dialect: sa.Dialect) -> Converter | None:
    """Driver value → Python value for a column of `type_`; None where the driver's value is right already.

    PostgreSQL's driver gives Python values for every storage we use; SQLite's types convert.
    """
    if dialect.name != "sqlite":
        return None
    return type_.dialect_impl(dialect).result_processor(dialect, None)


def binder(type_: sa.types.TypeEngine[Any], dialect: sa.Dialect) -> Converter | None:
    """Python value → what the driver takes; None where it takes the value itself."""
    return type_.dialect_impl(dialect).bind_processor(dialect)


def _cursor(connection: sa.Connection) -> Any:
    return connection.connection.cursor()
