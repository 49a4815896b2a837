"""Constants and context of an evaluation as bound SQL values, in the form each database computes with."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from fieldsmith.expr.types import Kind, Type

NUMERIC = sa.Numeric()
_TEXTS = frozenset({Kind.TEXT, Kind.CHOICE})
_CONTEXT: dict[str, tuple[sa.types.TypeEngine[Any], sa.types.TypeEngine[Any]]] = {
    # name: (SQLite, PostgreSQL)
    "now": (sa.String(), sa.DateTime()),
    "today": (sa.String(), sa.Date()),
    "zone": (sa.String(), sa.Text()),
    "language": (sa.String(), sa.Text()),
    "user": (sa.BigInteger(), sa.BigInteger()),
}


def sql_type(type_: Type, dialect: str) -> sa.types.TypeEngine[Any]:
    """The SQL type of a value of `type_` while computing."""
    kind = type_.kind
    if kind in (Kind.INTEGER, Kind.RECORD):
        return sa.BigInteger()
    if kind is Kind.DECIMAL:
        return sa.BigInteger() if dialect == "sqlite" else NUMERIC
    if kind is Kind.BOOLEAN:
        return sa.Boolean()
    if dialect == "sqlite" or kind in _TEXTS:
        return sa.String() if dialect == "sqlite" else sa.Text(collation="C")
    temporal: dict[Kind, sa.types.TypeEngine[Any]] = {Kind.DATE: sa.Date(), Kind.DATETIME: sa.DateTime(), Kind.TIME: sa.Time()}
    return temporal.get(kind, sa.Text())


def constant(value: Any, type_: Type, dialect: str) -> sa.ColumnElement[Any]:
    """A bound value; blank is NULL."""
    if value is None:
        return sa.null()
    if type_.kind is Kind.BOOLEAN:
        return sa.true() if value else sa.false()
    if type_.kind is Kind.DECIMAL and dialect != "sqlite":
        return sa.bindparam(None, Decimal(f"{value}e-{type_.scale}"), type_=NUMERIC, unique=True)  # exact, which scaleb is not beyond 28 digits
    if type_.is_number and not -(2**63) <= value < 2**63:
        beyond = (str(value), sa.String()) if dialect == "sqlite" else (Decimal(value), NUMERIC)
        return sa.bindparam(None, beyond[0], type_=beyond[1], unique=True)
    if dialect == "sqlite" and type_.kind in (Kind.DATE, Kind.DATETIME, Kind.TIME):
        value = iso(value, type_.kind)
    bound = sa.bindparam(None, value, type_=sql_type(type_, dialect), unique=True)
    return bound


def iso(value: Any, kind: Kind) -> str:
    """A date, datetime or time as SQLite stores it (`db.types`)."""
    if kind is Kind.DATE:
        return str(value.isoformat())
    return str(value.isoformat(" ", "microseconds") if kind is Kind.DATETIME else value.isoformat("microseconds"))


def context(name: str, dialect: str) -> sa.ColumnElement[Any]:
    """The bind of one of the values `to_sql.parameters` gives."""
    return sa.bindparam(f"fs_{name}", type_=_CONTEXT[name][dialect != "sqlite"])
