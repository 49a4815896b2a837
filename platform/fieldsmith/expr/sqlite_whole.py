"""What number SQL on SQLite is made of: a whole number with its bound, and the steps all operators share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from fieldsmith.expr.function import Sql
from fieldsmith.expr.number_values import STORED_LIMIT, WORD

if TYPE_CHECKING:
    from fieldsmith.expr.to_sql import SqlCompiler

INT = sa.BigInteger()
LARGE = 100
"""The length of what is not to be written twice."""
_REPEATABLE = 4  # leaves an operand may have to be written more than once


@dataclass(frozen=True, slots=True)
class Whole:
    """SQL of a number: no absolute value above `bound`, `size` leaves long.

    `wide`: may be digits. `over`: may be a REAL, which then stands for something of at least 2^63 and its sign.
    """

    sql: Sql
    bound: int
    size: int = LARGE
    wide: bool = False
    over: bool = False

    @property
    def plain(self) -> bool:
        """Always an integer of 64 bits."""
        return not self.wide and not self.over

    @property
    def short(self) -> bool:
        return self.size <= _REPEATABLE


def whole_number(value: int | None) -> Whole:
    """A constant: digits when beyond 64 bits."""
    if value is None:
        return Whole(sa.null(), 0, 1)
    wide = not -WORD <= value < WORD
    return Whole(_text(str(value)) if wide else integer(value), abs(value), 1, wide)


def integer(value: int) -> Sql:
    """A bound whole number."""
    return sa.bindparam(None, value, type_=INT, unique=True)


def _text(value: str) -> Sql:
    return sa.bindparam(None, value, type_=sa.String(), unique=True)


def op(left: Sql, symbol: str, right: Sql) -> Sql:
    """SQLite's own operator; SQLAlchemy would make `/` a division of fractions."""
    return left.self_group(sa.sql.operators.mul).op(symbol, precedence=8, return_type=INT)(right.self_group(sa.sql.operators.mul))


def register(name: str, compiler: SqlCompiler, bound_: int, *arguments: Any) -> Whole:
    sql = compiler.call(name, *(integer(each) if isinstance(each, int) else each for each in arguments), type_=INT)
    return Whole(sql, bound_, wide=bound_ >= WORD)


def guarded(native: Sql, otherwise: Whole) -> Whole:
    """`native` over leaves, whose overflow shows as REAL; then the registered function."""
    return Whole(sa.case((sa.func.typeof(native) == "integer", native), else_=otherwise.sql), otherwise.bound, wide=otherwise.wide)


def rounded(value: Sql, divisor: int, double: Sql | None = None) -> Sql:
    """`value` / `divisor`, halves away from zero: as divisions cut towards zero, 2v/d − v/d."""
    first = op(value, "/", integer(divisor // 2)) if divisor % 2 == 0 else op(op(value, "*", integer(2)) if double is None else double, "/", integer(divisor))
    return op(first, "-", op(value, "/", integer(divisor)))


def clamped(value: Sql) -> Sql:
    """Blank beyond 18 digits, REAL or not, with `value` written once."""
    most, least = integer(STORED_LIMIT), integer(-STORED_LIMIT)
    inside = sa.func.min(sa.func.max(value, least, type_=INT), most, type_=INT)
    return sa.func.nullif(sa.func.nullif(inside, most, type_=INT), least, type_=INT)
