"""Numbers in SQLite: native whole-number SQL where it is exact, else registered functions over whole numbers or digits.

SQLite's integers turn into REAL beyond 64 bits without a word. Under "store" that may happen where it can only mean that the
result is beyond 18 digits, thus blank: `over` values. Elsewhere a value that may be beyond is `wide`, kept as digits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import sqlalchemy as sa

from fieldsmith.expr.bounds import bound, exponent, product_drop, quotient_up, raw_bound, switch_values
from fieldsmith.expr.function import Sql
from fieldsmith.expr.nodes import Aggregate, Apply, Constant, FieldRef, Node
from fieldsmith.expr.number_values import STORED_LIMIT, WORD, rescale
from fieldsmith.expr.sqlite_ratios import ratio
from fieldsmith.expr.sqlite_whole import INT, LARGE, Whole, clamped, guarded, integer, op, register, rounded, whole_number
from fieldsmith.expr.types import DIGITS, STORED_DIGITS, Kind

if TYPE_CHECKING:
    from fieldsmith.expr.to_sql import SqlCompiler

_SAFE_ADDEND = 8 * STORED_LIMIT  # 2^63 less this is still beyond what is stored


def number(node: Node, compiler: SqlCompiler) -> Sql:
    """The SQL of `node`, an integer or digits."""
    return whole(node, compiler).sql


def whole(node: Node, compiler: SqlCompiler, loose: bool = False) -> Whole:
    """`loose` allows `over` values."""
    if isinstance(node, Constant):
        return whole_number(node.value)
    if isinstance(node, FieldRef):
        sql = compiler.value(node)
        return Whole(sql, bound(node), 1 if _is_leaf(sql) else LARGE)
    if isinstance(node, Aggregate):
        return Whole(compiler.value(node), bound(node), wide=is_wide(node))
    if id(node) in compiler.pieces:
        return Whole(compiler.value(node), bound(node), wide=bound(node) >= WORD)
    native = _linear(node, compiler, loose) if node.function != "store" else None
    if native is not None:
        return native
    build = _BUILDERS.get(node.function)
    if build is None or (node.function == "-" and node.arguments[0].type.kind is Kind.DATE):
        return Whole(compiler.value(node), bound(node), wide=node.type.kind is Kind.DECIMAL)
    return build(node, compiler, loose)


def _is_leaf(sql: Sql) -> bool:
    """A computed field may come as a long expression."""
    return isinstance(sql, (sa.ColumnClause, sa.BindParameter))


def is_wide(node: Aggregate) -> bool:
    """Whether the SQL of an aggregate may give digits."""
    return node.function in ("SUM", "AVG") or (node.function != "COUNT" and bound(node) > WORD)


def _fits(whole_: Whole) -> bool:
    return whole_.plain and whole_.bound < WORD


# --------------------------------------------------------------------------------------------------- a column times a fraction


def _linear(node: Apply, compiler: SqlCompiler, loose: bool) -> Whole | None:
    """What is one column times a constant fraction, rounded once: native whenever no step can leave 64 bits unseen."""
    found = ratio(node)
    if found is None:
        return None
    field, factor = found
    top, bottom = factor.numerator, factor.denominator
    most = bound(field)
    limit = bound(node)
    column = compiler.value(field)
    if abs(top) >= WORD or bottom >= WORD or (top != 1 and not _is_leaf(column)):
        return None
    if bottom == 1:
        native = column if top == 1 else op(column, "*", integer(top))
        reach = most * abs(top)
        if top == 1 or reach < WORD:
            return Whole(native, most if top == 1 else reach, 1)
        if loose:
            return Whole(native, reach, 1, over=True)
        return guarded(native, register("fs_multiply", compiler, limit, column, integer(top), 0))
    reach = most * abs(top) // bottom + 1
    if 2 * most * abs(top) < WORD:
        return Whole(rounded(op(column, "*", integer(top)), bottom, op(column, "*", integer(2 * top))), reach, 2)
    if 2 * bottom * abs(top) < WORD and (loose or reach < WORD):
        rest = op(column, "%", integer(bottom))
        parts = op(op(op(column, "/", integer(bottom)), "*", integer(top)), "+", rounded(op(rest, "*", integer(top)), bottom, op(rest, "*", integer(2 * top))))
        return Whole(parts, reach, 3, over=reach >= WORD)
    return None


# ------------------------------------------------------------------------------------------------------------------ operators


def _add(node: Apply, compiler: SqlCompiler, loose: bool) -> Whole:
    symbol = node.function
    left, right = (whole(argument, compiler, loose) for argument in node.arguments)
    reach = left.bound + right.bound
    over = left.over or right.over or reach >= WORD
    native = op(left.sql, symbol, right.sql)
    size = left.size + right.size
    if not left.wide and not right.wide:
        if not over:
            return Whole(native, reach, size)
        cancels = (left.over and right.bound > _SAFE_ADDEND) or (right.over and left.bound > _SAFE_ADDEND)
        if loose and not cancels:
            return Whole(native, reach, size, over=True)
    if loose:
        left, right = (whole(argument, compiler) for argument in node.arguments)
    called = register("fs_add" if symbol == "+" else "fs_subtract", compiler, bound(node), left.sql, right.sql)
    return guarded(native, called) if left.plain and right.plain and size <= 2 else called


def _multiply(node: Apply, compiler: SqlCompiler, loose: bool) -> Whole:
    drop = product_drop(node)
    if loose and drop == 0:
        found = _constant_times(node, compiler)
        if found is not None:
            return found
    left, right = (whole(argument, compiler) for argument in node.arguments)
    reach = left.bound * right.bound
    if left.plain and right.plain:
        native = op(left.sql, "*", right.sql)
        size = left.size + right.size
        if drop == 0 and (reach < WORD or loose):
            return Whole(native, reach, size, over=reach >= WORD)
        if drop and 2 * reach < WORD and left.short and right.short:
            return Whole(rounded(native, 10**drop), bound(node), 2 * size)
        if drop == 0 and size <= 2:
            return guarded(native, register("fs_multiply", compiler, bound(node), left.sql, right.sql, 0))
        if loose and drop and drop <= 9 and left.size == right.size == 1:
            return _split_product(left, right, drop)
    return register("fs_multiply", compiler, bound(node), left.sql, right.sql, drop)


def _constant_times(node: Apply, compiler: SqlCompiler) -> Whole | None:
    """A value that may be `over`, times a constant: not zero, which would bring it back."""
    if not any(isinstance(argument, Constant) and argument.value for argument in node.arguments):
        return None
    left, right = (whole(argument, compiler, True) for argument in node.arguments)
    if left.wide or right.wide:
        return None
    reach = left.bound * right.bound
    return Whole(op(left.sql, "*", right.sql), reach, left.size + right.size, over=left.over or right.over or reach >= WORD)


def _split_product(left: Whole, right: Whole, drop: int) -> Whole:
    """a·b/10^d as a·(b/10^d) + (a/10^d)·(b%10^d) + the rounded rest: all of one sign, so that only what is beyond overflows."""
    cut = integer(10**drop)
    first = op(left.sql, "*", op(right.sql, "/", cut))
    second = op(op(left.sql, "/", cut), "*", op(right.sql, "%", cut))
    rest = rounded(op(op(left.sql, "%", cut), "*", op(right.sql, "%", cut)), 10**drop)
    reach = left.bound * right.bound // 10**drop + 1
    return Whole(op(op(first, "+", second), "+", rest), reach, 8, over=reach >= WORD)


def _divide(node: Apply, compiler: SqlCompiler, loose: bool) -> Whole:
    left, right = (whole(argument, compiler) for argument in node.arguments)
    return register("fs_divide", compiler, bound(node), left.sql, right.sql, quotient_up(node))


def _negate(node: Apply, compiler: SqlCompiler, loose: bool) -> Whole:
    [value] = (whole(argument, compiler, loose) for argument in node.arguments)
    if value.wide or (value.bound >= WORD and not loose):
        return register("fs_negate", compiler, bound(node), value.sql)
    return Whole(op(integer(0), "-", value.sql), value.bound, value.size, over=value.over or value.bound >= WORD)


def _rescale(node: Apply, compiler: SqlCompiler, loose: bool) -> Whole:
    argument = node.arguments[0]
    digits = node.type.scale - argument.type.scale
    if isinstance(argument, Constant):
        fixed = argument.value
        return whole_number(None if fixed is None else rescale(fixed, digits, DIGITS))
    if digits < 0 and isinstance(argument, Apply) and argument.function == "IF":  # what is rounded is then one column times something
        condition, *branches = argument.arguments
        shorter = (Apply("to_scale", (branch,), node.type, node.span) for branch in branches)
        return whole(Apply("IF", (condition, *shorter), node.type, node.span), compiler, loose)
    value = whole(argument, compiler, loose)
    reach = raw_bound(node)
    if digits == 0 and reach < 10**DIGITS:
        return value
    if digits > 0 and not value.wide and 10**digits < WORD and (loose or (value.plain and reach < WORD)):
        return Whole(op(value.sql, "*", integer(10**digits)), reach, value.size, over=value.over or reach >= WORD)
    if digits < 0 and value.plain and 2 * value.bound < WORD and value.short and 10**-digits < WORD:
        return Whole(rounded(value.sql, 10**-digits), reach, 2 * value.size)
    if loose and digits < 0 and isinstance(argument, Apply):
        split = _rescaled_product(argument, compiler, -digits)
        if split is not None:
            return split
    if value.over:
        value = whole(argument, compiler)
    return register("fs_rescale", compiler, min(reach, 10**DIGITS), value.sql, digits, DIGITS)


def _rescaled_product(node: Apply, compiler: SqlCompiler, drop: int) -> Whole | None:
    """An exact product of two columns, rounded."""
    if node.function != "*" or product_drop(node) or drop > 9 or raw_bound(node) >= 10**DIGITS:
        return None
    left, right = (whole(argument, compiler) for argument in node.arguments)
    return _split_product(left, right, drop) if left.plain and right.plain and left.size == right.size == 1 else None


def _store(node: Apply, compiler: SqlCompiler, loose: bool) -> Whole:
    """The root of what is stored: what is beyond 18 digits is blank."""
    digits = node.type.scale - node.arguments[0].type.scale
    before = set(compiler.registered)
    value = _linear(node, compiler, True)
    if value is None:
        value = _rescale(node, compiler, True) if digits else whole(node.arguments[0], compiler, True)
    if value.wide:
        compiler.registered.clear()
        compiler.registered.update(before)
        exact = whole(node.arguments[0], compiler)
        return register("fs_rescale", compiler, STORED_LIMIT - 1, exact.sql, digits, STORED_DIGITS)
    return Whole(value.sql if value.bound < STORED_LIMIT else clamped(value.sql), STORED_LIMIT - 1, value.size)


# -------------------------------------------------------------------------------------------------------------------- choices


def _if(node: Apply, compiler: SqlCompiler, loose: bool) -> Whole:
    values = [whole(argument, compiler, loose) for argument in node.arguments[1:]]
    if any(value.wide for value in values) and any(value.over for value in values):
        values = [whole(argument, compiler) for argument in node.arguments[1:]]
    otherwise = values[1].sql if len(values) > 1 else sa.null()
    sql = sa.type_coerce(sa.case((compiler.condition(node.arguments[0]), values[0].sql), else_=otherwise), INT)
    most = max(value.bound for value in values)
    return Whole(sql, most, wide=any(value.wide for value in values), over=any(value.over for value in values))


def _coalesce(node: Apply, compiler: SqlCompiler, loose: bool) -> Whole:
    values = [whole(argument, compiler) for argument in node.arguments]
    sql = values[0].sql if len(values) == 1 else sa.func.coalesce(*(value.sql for value in values), type_=INT)
    return Whole(sql, max(value.bound for value in values), sum(value.size for value in values), any(value.wide for value in values))


def _extreme(node: Apply, compiler: SqlCompiler, loose: bool) -> Whole:
    values = [whole(argument, compiler) for argument in node.arguments]
    smallest = node.function == "MIN"
    size = sum(value.size for value in values)
    if len(values) == 1:
        return values[0]
    if len(values) == 2 and all(value.plain and value.short for value in values):
        picked = (sa.func.min if smallest else sa.func.max)(*(value.sql for value in values), type_=INT)
        return Whole(sa.func.coalesce(picked, *(value.sql for value in values), type_=INT), bound(node), 2 * size)
    found = register("fs_least" if smallest else "fs_greatest", compiler, bound(node), *(value.sql for value in values))
    return Whole(found.sql, found.bound, wide=any(value.wide for value in values))


def _switch(node: Apply, compiler: SqlCompiler, loose: bool) -> Whole:
    wide = any(bound(value) >= WORD and not isinstance(value, FieldRef) for value in switch_values(node))
    return Whole(compiler.value(node), bound(node), wide=wide)


# ------------------------------------------------------------------------------------------------------------------ functions


def _absolute(node: Apply, compiler: SqlCompiler, loose: bool) -> Whole:
    value = whole(node.arguments[0], compiler)
    if _fits(value):
        return Whole(sa.func.abs(value.sql, type_=INT), value.bound, value.size)
    if loose and value.plain and value.short:  # abs() of the least integer raises
        return Whole(sa.func.max(value.sql, op(integer(0), "-", value.sql), type_=INT), value.bound, 2 * value.size, over=True)
    return register("fs_abs", compiler, bound(node), value.sql)


def _sign(node: Apply, compiler: SqlCompiler, loose: bool) -> Whole:
    value = whole(node.arguments[0], compiler)
    if value.plain:  # between -1 and 1, written once
        return Whole(sa.func.min(sa.func.max(value.sql, integer(-1), type_=INT), integer(1), type_=INT), 1, value.size)
    return register("fs_sign", compiler, 1, value.sql)


def _floor(node: Apply, compiler: SqlCompiler, loose: bool) -> Whole:
    """Shifted above zero, where division cuts downwards, and back."""
    value = whole(node.arguments[0], compiler)
    scale = node.arguments[0].type.scale
    if scale == 0:
        return value
    unit = 10**scale
    shift = value.bound // unit + 1
    if value.plain and value.bound + shift * unit < WORD:
        up = node.function == "CEILING"
        moved = op(integer(shift * unit), "-" if up else "+", value.sql)
        cut = op(moved, "/", integer(unit))
        return Whole(op(integer(shift), "-", cut) if up else op(cut, "-", integer(shift)), shift, value.size)
    return register("fs_ceiling" if node.function == "CEILING" else "fs_floor", compiler, bound(node), value.sql, scale)


def _round(node: Apply, compiler: SqlCompiler, loose: bool) -> Whole:
    digits = exponent(node)
    if digits >= 0:
        return _rescale(node, compiler, loose)
    value = whole(node.arguments[0], compiler)
    cut = 10 ** (node.arguments[0].type.scale - digits)
    if value.short and value.plain and 2 * value.bound < WORD and cut < WORD and raw_bound(node) < WORD:
        return Whole(op(rounded(value.sql, cut), "*", integer(10**-digits)), raw_bound(node), 2 * value.size)
    return register("fs_round", compiler, bound(node), value.sql, node.arguments[0].type.scale, digits)


def _modulo(node: Apply, compiler: SqlCompiler, loose: bool) -> Whole:
    left, right = (whole(argument, compiler) for argument in node.arguments)
    if left.plain and right.plain and right.short and 2 * right.bound < WORD:
        turned = op(op(op(left.sql, "%", right.sql), "+", right.sql), "%", right.sql)
        return Whole(turned, right.bound, left.size + 3 * right.size)
    return register("fs_modulo", compiler, bound(node), left.sql, right.sql)


def _power(node: Apply, compiler: SqlCompiler, loose: bool) -> Whole:
    base, times = node.arguments[0], exponent(node)
    value = whole(base, compiler)
    if times == 1 and node.type.scale == base.type.scale:
        return value
    if 2 <= times <= 3 and value.plain and value.size == 1 and node.type.scale == base.type.scale * times:
        reach = value.bound**times
        if reach < WORD or (loose and times == 2):
            product = op(value.sql, "*", value.sql)
            return Whole(product if times == 2 else op(product, "*", value.sql), reach, times, over=reach >= WORD)
    return register("fs_power", compiler, bound(node), value.sql, times, base.type.scale, node.type.scale)


def _root(node: Apply, compiler: SqlCompiler, loose: bool) -> Whole:
    return register("fs_sqrt", compiler, bound(node), whole(node.arguments[0], compiler).sql, node.arguments[0].type.scale)


_BUILDERS: dict[str, Callable[[Apply, SqlCompiler, bool], Whole]] = {
    "+": _add,
    "-": _add,
    "*": _multiply,
    "/": _divide,
    "negate": _negate,
    "to_scale": _rescale,
    "store": _store,
    "IF": _if,
    "SWITCH": _switch,
    "COALESCE": _coalesce,
    "MIN": _extreme,
    "MAX": _extreme,
    "ABS": _absolute,
    "SIGN": _sign,
    "FLOOR": _floor,
    "CEILING": _floor,
    "ROUND": _round,
    "MOD": _modulo,
    "^": _power,
    "POWER": _power,
    "SQRT": _root,
}
