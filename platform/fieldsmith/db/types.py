"""Column types of both databases. Values on the Python side: int, str, bool, Decimal, date, naive-UTC datetime, time.

SQLite keeps dates as ISO text and decimals as whole numbers scaled by a power of ten; the converters are plain callables,
because `db.prepared` calls them once per value on hot paths.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

Converter = Callable[[Any], Any]


class IsoDate(sqlite.DATE):
    """`2026-11-22`."""

    def bind_processor(self, dialect: sa.Dialect) -> Converter:
        return lambda value: None if value is None else value.isoformat()

    def result_processor(self, dialect: sa.Dialect, coltype: object) -> Converter:
        read = date.fromisoformat
        return lambda value: None if value is None else read(value)


class IsoDateTime(sqlite.DATETIME):
    """`2026-11-22 09:05:00.000000`, always with microseconds so that text order is time order."""

    def bind_processor(self, dialect: sa.Dialect) -> Converter:
        return lambda value: None if value is None else value.isoformat(" ", "microseconds")

    def result_processor(self, dialect: sa.Dialect, coltype: object) -> Converter:
        read = datetime.fromisoformat
        return lambda value: None if value is None else read(value)


class IsoTime(sqlite.TIME):
    """`09:05:00.000000`."""

    def bind_processor(self, dialect: sa.Dialect) -> Converter:
        return lambda value: None if value is None else value.isoformat("microseconds")

    def result_processor(self, dialect: sa.Dialect, coltype: object) -> Converter:
        read = time.fromisoformat
        return lambda value: None if value is None else read(value)


class ScaledDecimal(sa.types.UserDefinedType[Decimal]):
    """A decimal kept as a 64-bit integer, `scale` digits after the point; more digits are rounded half away from zero, as NUMERIC does."""

    cache_ok = True

    def __init__(self, scale: int) -> None:
        self.scale = scale

    def get_col_spec(self, **_: Any) -> str:
        return "BIGINT"

    def bind_processor(self, dialect: sa.Dialect) -> Converter:
        factor = Decimal(1).scaleb(self.scale)

        def bind(value: Any) -> int | None:
            if value is None:
                return None
            return int((Decimal(value) * factor).to_integral_value(ROUND_HALF_UP))

        return bind

    def result_processor(self, dialect: sa.Dialect, coltype: object) -> Converter:
        quantum = Decimal(1).scaleb(-self.scale)
        return lambda value: None if value is None else value * quantum

    @property
    def python_type(self) -> type[Decimal]:
        return Decimal


BIG = sa.BigInteger()
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
"""For generated ids: SQLite numbers only a column declared exactly INTEGER PRIMARY KEY."""
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
BOOLEAN = sa.Boolean()
DATE = sa.Date().with_variant(IsoDate(), "sqlite")  # type: ignore[no-untyped-call]
DATETIME = sa.DateTime().with_variant(IsoDateTime(), "sqlite")  # type: ignore[no-untyped-call]
TIME = sa.Time().with_variant(IsoTime(), "sqlite")  # type: ignore[no-untyped-call]


def decimal(scale: int, dialect: str) -> sa.types.TypeEngine[Decimal]:
    """18 digits in all, `scale` of them after the point."""
    return ScaledDecimal(scale) if dialect == "sqlite" else sa.Numeric(18, scale)
