"""Number expressions built by hand over one table of adversarial rows, and what they must give: exact fractions, no floats."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from fieldsmith.base.text import Label
from fieldsmith.expr.functions import functions
from fieldsmith.expr.nodes import Apply, Constant, FieldRef, Node
from fieldsmith.expr.syntax import Span
from fieldsmith.expr.types import BOOLEAN, INTEGER, Kind, Type, decimal, number
from fieldsmith.expr.vocabulary import Symbol

HERE = Span(0, 0)
TABLE = functions()
COLUMNS: dict[str, Type] = {"i": INTEGER, "j": INTEGER, "a": decimal(2), "b": decimal(2), "c": decimal(4), "d": decimal(8), "z": decimal(0), "yes": BOOLEAN}
_MOST = 10**18 - 1
_FIXED = [
    (2**63 - 1, -(2**63), _MOST, -_MOST, _MOST, _MOST, _MOST, True),
    (-(2**63), 1, _MOST, 1, -1, -_MOST, 3, False),
    (0, 0, 0, 0, 0, 0, 0, True),
    (3, -2, 5, -15, 5, 50, 2, False),
    (None, 7, None, 250, None, 1, None, True),
    (-7, 3, -1050, 333, 12345, -5, -9, True),
    (10**9, 10**9, 10**17, 7, 10**15 + 5, 10**10, 10**9, False),
    (-1, -1, -5, 5, 15, -15, 1, True),
    (4611686018427387904, 2, 92233720368547758, 10, 9999, 25, 1, True),
    (None, None, None, None, None, None, None, False),
    (25, 400, 10**16 * 5, 10**16 * 2, 50000, 10**9 + 1, 100, True),
    (10**18, -(10**18), 4 * 10**17 + 5, 25 * 10**14, -45, 10**16, -(10**17), True),
]
ROWS: list[dict[str, Any]] = [{"id": at, **dict(zip(COLUMNS, row, strict=True))} for at, row in enumerate(_FIXED, 1)]
"""Decimals as scaled whole numbers."""


def field(name: str) -> FieldRef:
    return FieldRef("record", (), Symbol("t", name, name, Label(name), COLUMNS[name]), COLUMNS[name], HERE)


def constant(value: int | None, scale: int = 0) -> Constant:
    return Constant(value, number(scale), HERE)


def apply(name: str, *arguments: Node, type_: Type | None = None) -> Apply:
    """The call with the type the checker would give it; `type_` where the row cannot say."""
    if name in ("+", "-", "MOD", "IF", "COALESCE", "MIN", "MAX"):
        first = 1 if name == "IF" else 0
        arguments = (*arguments[:first], *level(arguments[first:]))
        return Apply(name, arguments, type_ or arguments[-1].type, HERE)
    result = TABLE[name].result
    if type_ is None:
        type_ = result if isinstance(result, Type) else result(arguments)  # type: ignore[operator]
    return Apply(name, arguments, type_, HERE)


def level(arguments: tuple[Node, ...]) -> tuple[Node, ...]:
    """All at the largest scale, as the checker does it."""
    scale = max(argument.type.scale for argument in arguments)
    type_ = decimal(scale) if any(argument.type.kind is Kind.DECIMAL for argument in arguments) else INTEGER
    return tuple(argument if argument.type == type_ else Apply("to_scale", (argument,), type_, HERE) for argument in arguments)


def expected(node: Node, row: Mapping[str, Any]) -> Any:
    """The scaled whole number, or truth, that `node` must give for `row`."""
    if isinstance(node, Constant):
        return node.value
    if isinstance(node, FieldRef):
        return row[node.symbol.field]
    assert isinstance(node, Apply)
    if not node.type.is_number:
        return _truth(node, row)
    found = _exact(node, row)
    if found is None:
        return None
    scaled = _half_away(found * 10**node.type.scale)
    return scaled if abs(scaled) < (10**18 if node.function == "store" else 10**38) else None


def _half_away(value: Fraction) -> int:
    whole, rest = divmod(abs(value), 1)
    return (whole + (rest >= Fraction(1, 2))) * (1 if value >= 0 else -1)


def _number(node: Node, row: Mapping[str, Any]) -> Fraction | None:
    value = expected(node, row)
    return None if value is None else Fraction(value, 10**node.type.scale)


def _exact(node: Apply, row: Mapping[str, Any]) -> Fraction | None:
    name = node.function
    if name == "IF":
        return _number(node.arguments[1 if expected(node.arguments[0], row) else 2], row)
    if name == "SWITCH":
        return _switch(node, row)
    values = [_number(argument, row) for argument in node.arguments]
    there = [value for value in values if value is not None]
    if name == "COALESCE":
        return there[0] if there else None
    if name in ("MIN", "MAX"):
        return (min if name == "MIN" else max)(there, default=None)
    if len(there) < len(values):
        return None
    return _strict(name, there)


def _switch(node: Apply, row: Mapping[str, Any]) -> Fraction | None:
    sought, *rest = node.arguments
    value = _number(sought, row)
    for case, then in zip(rest[::2], rest[1::2], strict=False):
        if _number(case, row) == value:
            return _number(then, row)
    return _number(rest[-1], row) if len(rest) % 2 else None


def _strict(name: str, values: list[Fraction]) -> Fraction | None:
    first, second = values[0], values[-1]
    match name:
        case "+":
            return first + second
        case "-":
            return first - second
        case "*":
            return first * second
        case "/":
            return first / second if second else None
        case "MOD":
            return first - second * (first // second) if second else None
        case "negate":
            return -first
        case "to_scale" | "store":
            return first
        case "ABS":
            return abs(first)
        case "SIGN":
            return Fraction((first > 0) - (first < 0))
        case "FLOOR":
            return Fraction(first // 1)
        case "CEILING":
            return Fraction(-(-first // 1))
        case "ROUND":
            return Fraction(_half_away(first * Fraction(10) ** int(second))) / Fraction(10) ** int(second)
        case "^" | "POWER":
            return None if first == 0 and second < 0 else first ** int(second)
        case "SQRT":
            return _root(first)
    raise AssertionError(name)


def _root(value: Fraction) -> Fraction | None:
    """By bisection over the results at scale 9, enough to round to 8."""
    if value < 0:
        return None
    low, high = 0, 10**30
    while high - low > 1:
        middle = (low + high) // 2
        if Fraction(middle, 10**9) ** 2 <= value:
            low = middle
        else:
            high = middle
    return Fraction(low, 10**9)


def _truth(node: Apply, row: Mapping[str, Any]) -> bool:
    name = node.function
    if name == "and":
        return all(expected(argument, row) for argument in node.arguments)
    if name == "or":
        return any(expected(argument, row) for argument in node.arguments)
    if name == "not":
        return not expected(node.arguments[0], row)
    if name == "in":
        sought, *items = (_number(argument, row) for argument in node.arguments)
        if sought is None:
            return any(isinstance(item, Constant) and item.value is None for item in node.arguments[1:])
        return sought in items
    a, b = (_number(argument, row) for argument in node.arguments)
    if name in ("=", "<>"):
        return (a == b) is (name == "=")
    if a is None or b is None:
        return False
    return {"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[name]
