"""How large the scaled value of a number node can be at most: what both databases need to know to leave out guards."""

from __future__ import annotations

import math
from collections.abc import Callable

from fieldsmith.expr.nodes import Aggregate, Apply, Constant, FieldRef, Node
from fieldsmith.expr.number_values import LIMIT, STORED_LIMIT, WORD, ten
from fieldsmith.expr.types import MAX_SCALE, Kind


def bound(node: Node) -> int:
    """No absolute value of `node` is greater; below 10^38, as what is beyond is blank."""
    return min(raw_bound(node), (STORED_LIMIT if isinstance(node, Apply) and node.function == "store" else LIMIT) - 1)


def raw_bound(node: Node) -> int:
    """The same before what is beyond the limit became blank."""
    if isinstance(node, Constant):
        return abs(int(node.value or 0))
    if isinstance(node, FieldRef):
        return WORD if node.type.kind is Kind.INTEGER else STORED_LIMIT - 1
    if isinstance(node, Aggregate):
        return _aggregate(node)
    rule = _RULES.get(node.function)
    if rule is None:  # of another family: whole numbers there fit in 64 bits
        return WORD - 1 if node.type.kind is Kind.INTEGER else LIMIT - 1
    return rule(node)


def exponent(node: Apply, at: int = 1, default: int = 0) -> int:
    """The whole number written as argument `at`."""
    if at >= len(node.arguments):
        return default
    argument = node.arguments[at]
    if isinstance(argument, Apply) and argument.function == "negate":
        return -exponent(argument, 0)
    assert isinstance(argument, Constant)
    return int(argument.value or 0)


def scale_up(value: int, digits: int) -> int:
    """An upper bound of `value` times 10^`digits`, rounded."""
    return value * ten(digits) if digits >= 0 else value // ten(-digits) + 1


def product_drop(node: Apply) -> int:
    """The digits a product loses."""
    return node.arguments[0].type.scale + node.arguments[1].type.scale - node.type.scale


def quotient_up(node: Apply) -> int:
    """The digits the dividend gets before whole numbers are divided."""
    return node.type.scale - node.arguments[0].type.scale + node.arguments[1].type.scale


def _aggregate(node: Aggregate) -> int:
    if node.function == "COUNT" or node.value is None:
        return WORD - 1
    if node.function == "SUM":
        return LIMIT * 10
    if node.function == "AVG":
        return scale_up(bound(node.value), MAX_SCALE - node.value.type.scale) + 1
    return bound(node.value)


def _sum(node: Apply) -> int:
    return sum(bound(argument) for argument in node.arguments)


def _product(node: Apply) -> int:
    left, right = node.arguments
    return scale_up(bound(left) * bound(right), -product_drop(node))


def _quotient(node: Apply) -> int:
    left, right = node.arguments
    least = abs(right.value) if isinstance(right, Constant) and right.value else 1
    return scale_up(bound(left), quotient_up(node)) // least + 1


def _rescaled(node: Apply) -> int:
    return scale_up(bound(node.arguments[0]), node.type.scale - node.arguments[0].type.scale)


def _rounded(node: Apply) -> int:
    digits = exponent(node)
    value = scale_up(bound(node.arguments[0]), digits - node.arguments[0].type.scale)
    return value * ten(max(-digits, 0))


def _power(node: Apply) -> int:
    """A power of a number below one unit is below one unit; of a number above, it grows with the exponent."""
    times, scale = exponent(node), node.arguments[0].type.scale
    base = bound(node.arguments[0])
    if times < 0:
        return ten(scale * -times + MAX_SCALE)
    return scale_up(int(base**times), node.type.scale - scale * times)


def _root(node: Apply) -> int:
    return math.isqrt(scale_up(bound(node.arguments[0]), 2 * MAX_SCALE - node.arguments[0].type.scale)) + 1


def _largest(node: Apply) -> int:
    return max((bound(argument) for argument in node.arguments if argument.type.is_number), default=0)


def _branches(node: Apply) -> int:
    """Of IF the first argument is a condition."""
    return max((bound(argument) for argument in node.arguments[1:]), default=0)


def _values(node: Apply) -> int:
    """The values of a SWITCH, not its cases."""
    return max(bound(argument) for argument in switch_values(node))


def switch_values(node: Apply) -> tuple[Node, ...]:
    """`SWITCH(x, case, value, …, else)`: the values, and else when there is one."""
    rest = node.arguments[1:]
    return (*rest[1::2], rest[-1]) if len(rest) % 2 else rest[1::2]


_RULES: dict[str, Callable[[Apply], int]] = {
    "+": _sum,
    "-": _sum,
    "*": _product,
    "/": _quotient,
    "negate": _largest,
    "to_scale": _rescaled,
    "store": _rescaled,
    "MOD": lambda node: bound(node.arguments[1]),
    "IF": _branches,
    "SWITCH": _values,
    "COALESCE": _largest,
    "MIN": _largest,
    "MAX": _largest,
    "ABS": _largest,
    "SIGN": lambda node: 1,
    "ROUND": _rounded,
    "FLOOR": _rescaled,
    "CEILING": _rescaled,
    "^": _power,
    "POWER": _power,
    "SQRT": _root,
}
