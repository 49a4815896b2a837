"""Physical columns: their names and SQL types, one field at a time. `db.tables` puts them together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from fieldsmith.db.types import BIG, BOOLEAN, DATE, DATETIME, KEY, TEXT, TIME, decimal
from fieldsmith.fields.base import Column, Field, Storage

_NEVER_BLANK = frozenset({"created_at", "modified_at", "version"})
_PLAIN: Mapping[Storage, sa.types.TypeEngine[Any]] = {
    Storage.TEXT: TEXT,
    Storage.INTEGER: BIG,
    Storage.BOOLEAN: BOOLEAN,
    Storage.DATE: DATE,
    Storage.DATETIME: DATETIME,
    Storage.TIME: TIME,
    Storage.REFERENCE: BIG,
    Storage.JSON: TEXT,
}


def physical(field: Field, part: str) -> str:
    """The name of the column that holds `part` of `field`; "" is the main one."""
    return f"{field.column}__{part}" if part else field.column


def sql_type(column: Column, dialect: str) -> sa.types.TypeEngine[Any]:
    """The type of one physical column."""
    return decimal(column.scale, dialect) if column.storage is Storage.DECIMAL else _PLAIN[column.storage]


def sql_column(field: Field, column: Column, dialect: str) -> sa.Column[Any]:
    """One physical column, as DDL and statements see it."""
    name = physical(field, column.part)
    if field.system and field.name == "id":
        return sa.Column(name, KEY, sa.Identity(), primary_key=True, quote=True)
    nullable = column.nullable and not (field.system and field.name in _NEVER_BLANK)
    return sa.Column(name, sql_type(column, dialect), nullable=nullable, server_default=_server_default(column), quote=True)


def computed_column(field: Field, column: Column, dialect: str, expression: sa.ColumnElement[Any] | None) -> sa.Column[Any]:
    """The column of a computed field: filled by the database from `expression`, or by us where there is none, and blank until then."""
    type_ = sql_type(column, dialect)
    if expression is None:
        return sa.Column(physical(field, column.part), type_, quote=True)
    return sa.Column(physical(field, column.part), type_, sa.Computed(expression, persisted=dialect != "sqlite"), quote=True)


def fold_column(field: Field) -> sa.Column[Any]:
    """The companion column of `field`."""
    return sa.Column(physical(field, "fold"), TEXT, quote=True)


def _server_default(column: Column) -> sa.ColumnElement[bool] | str | None:
    if column.nullable or column.default is None:
        return None
    if isinstance(column.default, bool):
        return sa.true() if column.default else sa.false()
    return str(column.default)
