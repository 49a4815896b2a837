"""Numbers in PostgreSQL: NUMERIC, exact, with guards only where a static bound can be passed.

Division, powers and roots are computed with so many digits that rounding the result once more cannot go wrong: no exact
value but a tie itself lies that near to a tie. The digits come from giving an operand a display scale with round().
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Context, Decimal
from typing import TYPE_CHECKING

import sqlalchemy as sa

from fieldsmith.expr.bounds import bound, exponent, product_drop, raw_bound
from fieldsmith.expr.function import Sql
from fieldsmith.expr.nodes import Apply, Constant, FieldRef, Node
from fieldsmith.expr.once import once
from fieldsmith.expr.sql_values import NUMERIC
from fieldsmith.expr.types import DIGITS, MAX_SCALE, STORED_DIGITS, Kind

if TYPE_CHECKING:
    from fieldsmith.expr.to_sql import SqlCompiler

_EXACT = Context(prec=1000)
_SPARE = 12
_MOST_DIGITS = 990  # PostgreSQL's quotients and powers carry at most 1000 digits after the point


def number(node: Node, compiler: SqlCompiler) -> Sql:
    """The SQL of `node` as NUMERIC."""
    if isinstance(node, Constant):
        return sa.cast(sa.null() if node.value is None else literal(node.value, node.type.scale), NUMERIC)
    if isinstance(node, Apply) and not (node.function == "-" and node.arguments[0].type.kind is Kind.DATE):
        build = _BUILDERS.get(node.function)
        if build is not None and id(node) not in compiler.pieces:
            return build(node, compiler)
    found = compiler.value(node)
    return sa.cast(found, NUMERIC) if node.type.kind is Kind.INTEGER else found


def exact(value: int, scale: int) -> Decimal:
    """A scaled whole number as a Decimal of any length."""
    return _EXACT.scaleb(Decimal(value), -scale)


def literal(value: int, scale: int) -> Sql:
    """A bound NUMERIC."""
    return sa.bindparam(None, exact(value, scale), type_=NUMERIC, unique=True)


def limited(value: Sql, raw: int, scale: int, digits: int = DIGITS) -> Sql:
    """Blank from 10^`digits` on, `value` written once. GREATEST ignores blank: it becomes the limit, and that blank again."""
    if raw < 10**digits:
        return value
    most, least = _bounds(digits - scale)
    inside = sa.func.least(sa.func.greatest(value, least, type_=NUMERIC), most, type_=NUMERIC)
    return sa.func.nullif(sa.func.nullif(inside, most, type_=NUMERIC), least, type_=NUMERIC)


def _bounds(power: int) -> tuple[Sql, Sql]:
    """10^`power` and its negative, written out."""
    text = f"1{'0' * power}.0" if power >= 0 else f"0.{'0' * (-power - 1)}1"
    return sa.literal_column(text, NUMERIC), sa.literal_column(f"(-{text})", NUMERIC)


def rounded(value: Sql, digits: int) -> Sql:
    """Halves away from zero; more digits than there are are written as zeros."""
    return sa.func.round(value, sa.literal_column(str(digits), sa.Integer()), type_=NUMERIC)


def _arguments(node: Apply, compiler: SqlCompiler) -> list[Sql]:
    return [number(argument, compiler) for argument in node.arguments]


def op(left: Sql, symbol: str, right: Sql) -> Sql:
    """PostgreSQL's own operator."""
    return left.self_group(sa.sql.operators.mul).op(symbol, precedence=8, return_type=NUMERIC)(right.self_group(sa.sql.operators.mul))


def _add(node: Apply, compiler: SqlCompiler) -> Sql:
    left, right = _arguments(node, compiler)
    return limited(op(left, node.function, right), raw_bound(node), node.type.scale)


def _multiply(node: Apply, compiler: SqlCompiler) -> Sql:
    left, right = _arguments(node, compiler)
    product = op(left, "*", right)
    return limited(rounded(product, node.type.scale) if product_drop(node) else product, raw_bound(node), node.type.scale)


def _divide(node: Apply, compiler: SqlCompiler) -> Sql:
    left, right = _arguments(node, compiler)
    dividend, divisor = node.arguments
    digits = quotient_digits(dividend.type.scale, len(str(bound(divisor))))
    quotient = op(rounded(left, digits), "/", sa.func.nullif(right, sa.literal_column("0"), type_=NUMERIC))
    return limited(rounded(quotient, node.type.scale), raw_bound(node), node.type.scale)


def quotient_digits(scale: int, divisor: int) -> int:
    """The digits a quotient must be computed with before it is rounded, from the dividend's scale and the digits of the divisor."""
    return _SPARE + MAX_SCALE + scale + divisor


def _negate(node: Apply, compiler: SqlCompiler) -> Sql:
    return op(sa.literal_column("0"), "-", number(node.arguments[0], compiler))


def _rescale(node: Apply, compiler: SqlCompiler) -> Sql:
    value = _shortened(node, compiler)
    return limited(value, raw_bound(node), node.type.scale)


def _store(node: Apply, compiler: SqlCompiler) -> Sql:
    value = limited(_shortened(node, compiler), raw_bound(node), node.type.scale, STORED_DIGITS)
    return sa.cast(value, sa.BigInteger()) if node.type.kind is Kind.INTEGER else value


def _shortened(node: Apply, compiler: SqlCompiler) -> Sql:
    value = number(node.arguments[0], compiler)
    return rounded(value, node.type.scale) if node.type.scale < node.arguments[0].type.scale else value


def _rounded(node: Apply, compiler: SqlCompiler) -> Sql:
    return limited(rounded(number(node.arguments[0], compiler), exponent(node)), raw_bound(node), node.type.scale)


def _simple(name: str) -> Callable[[Apply, SqlCompiler], Sql]:
    """A function of PostgreSQL's that is exact and leaves blank blank, or skips it as LEAST does."""
    return lambda node, compiler: sa.Function(name, *_arguments(node, compiler), type_=NUMERIC)


def _modulo(node: Apply, compiler: SqlCompiler) -> Sql:
    """mod() has the sign of the dividend."""
    left, right = _arguments(node, compiler)

    def turned(divisor: Sql) -> Sql:
        rest = sa.func.mod(left, sa.func.nullif(divisor, sa.literal_column("0"), type_=NUMERIC), type_=NUMERIC)
        return sa.func.mod(op(rest, "+", divisor), sa.func.nullif(divisor, sa.literal_column("0"), type_=NUMERIC), type_=NUMERIC)

    return turned(right) if isinstance(node.arguments[1], (Constant, FieldRef)) else once(right, turned, compiler)


def _power(node: Apply, compiler: SqlCompiler) -> Sql:
    base, times = node.arguments[0], exponent(node)
    value = number(base, compiler)
    if times < 0:
        value = sa.func.nullif(value, sa.literal_column("0"), type_=NUMERIC)
    digits = min(_SPARE + 2 * MAX_SCALE + base.type.scale * abs(times), _MOST_DIGITS)
    raised = sa.func.power(rounded(value, digits), sa.literal_column(str(times)), type_=NUMERIC)
    return limited(rounded(raised, node.type.scale), raw_bound(node), node.type.scale)


def _root(node: Apply, compiler: SqlCompiler) -> Sql:
    """What is below zero becomes the number next to it, and that blank."""
    scale = node.arguments[0].type.scale
    _, below = _bounds(-scale)
    value = sa.func.nullif(sa.func.greatest(number(node.arguments[0], compiler), below, type_=NUMERIC), below, type_=NUMERIC)
    root = sa.func.sqrt(rounded(value, _SPARE + DIGITS + 2 * MAX_SCALE + scale), type_=NUMERIC)
    return rounded(root, node.type.scale)


_BUILDERS: dict[str, Callable[[Apply, SqlCompiler], Sql]] = {
    "+": _add,
    "-": _add,
    "*": _multiply,
    "/": _divide,
    "negate": _negate,
    "to_scale": _rescale,
    "store": _store,
    "ABS": _simple("abs"),
    "SIGN": _simple("sign"),
    "FLOOR": _simple("floor"),
    "CEILING": _simple("ceil"),
    "MIN": _simple("least"),
    "MAX": _simple("greatest"),
    "ROUND": _rounded,
    "MOD": _modulo,
    "^": _power,
    "POWER": _power,
    "SQRT": _root,
}
