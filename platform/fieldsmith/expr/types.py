"""Types of expressions, and how the values of each look while a formula is computed.

Blank is None everywhere. A decimal is a whole number scaled by its type's `scale` (12.50 at scale 2 is 1250), in Python and on
SQLite alike; PostgreSQL computes with NUMERIC. A datetime is naive UTC, a record the id (polymorphic: `fields.values.RecordRef`),
a set a tuple in list order.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Kind(enum.Enum):
    """`expressions.md`, Types."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    TIME = "time"
    CHOICE = "choice"
    SET = "set"
    RECORD = "record"
    LIST = "list"
    PARTS = "parts"  # person name, address, geolocation: by part or ISBLANK only
    OPAQUE = "opaque"  # file, image, JSON, encrypted text: ISBLANK only
    BLANK = "blank"  # the literal `blank`, until something gives it a type


@dataclass(frozen=True, slots=True)
class Type:
    """`scale` is for decimals, `choices` (a list's name) for choices and sets, `entities` for records and lists.

    A record of several entities is polymorphic. `choices` is "" for a choice whose list is not known.
    """

    kind: Kind
    scale: int = 0
    choices: str = ""
    entities: tuple[str, ...] = ()

    @property
    def is_number(self) -> bool:
        return self.kind in (Kind.INTEGER, Kind.DECIMAL)


TEXT = Type(Kind.TEXT)
INTEGER = Type(Kind.INTEGER)
BOOLEAN = Type(Kind.BOOLEAN)
DATE = Type(Kind.DATE)
DATETIME = Type(Kind.DATETIME)
TIME = Type(Kind.TIME)
BLANK = Type(Kind.BLANK)
OPAQUE = Type(Kind.OPAQUE)
PARTS = Type(Kind.PARTS)

MAX_SCALE = 8
"""Digits after the point that `*` keeps at most, and that `/`, AVG, SQRT and VALUE give."""
DIGITS = 38
"""Digits an intermediate number carries; beyond it is blank."""
STORED_DIGITS = 18
"""Digits a stored number carries; beyond it is blank."""


def decimal(scale: int) -> Type:
    """The decimal type of `scale` digits after the point."""
    return Type(Kind.DECIMAL, scale)


def number(scale: int) -> Type:
    """The integer type for scale 0, else the decimal type."""
    return decimal(scale) if scale else INTEGER
