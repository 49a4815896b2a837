"""Which number nodes are one column times a constant fraction, rounded at most once, at the end: `amount * 1.19`, `amount / 100`."""

from __future__ import annotations

from fractions import Fraction

from fieldsmith.expr.bounds import bound, exponent
from fieldsmith.expr.nodes import Apply, Constant, FieldRef, Node
from fieldsmith.expr.number_values import LIMIT, STORED_LIMIT

Ratio = tuple[FieldRef, Fraction]


def ratio(node: Node) -> Ratio | None:
    """The column and the fraction that the scaled value of `node` is of the column's; None when it is something else."""
    if isinstance(node, FieldRef):
        return (node, Fraction(1)) if node.type.is_number else None
    if not isinstance(node, Apply):
        return None
    if node.function == "negate":
        inner = node.arguments[0]
        found = None if isinstance(inner, Apply) and inner.function == "store" else ratio(inner)
        return None if found is None else (found[0], -found[1])
    found = _step(node)
    if found is None:
        return None
    field, factor = found
    return found if bound(field) * abs(factor) + 1 < LIMIT else None


def _step(node: Apply) -> Ratio | None:
    arguments = node.arguments
    if node.function == "*":
        left, right = arguments
        if isinstance(left, Constant):
            left, right = right, left
        factor = Fraction(right.value) if isinstance(right, Constant) and right.value is not None else None
        return _times(left, factor, node.type.scale - left.type.scale - right.type.scale)
    if node.function == "/":
        left, right = arguments
        factor = 1 / Fraction(right.value) if isinstance(right, Constant) and right.value else None
        return _times(left, factor, node.type.scale - left.type.scale + right.type.scale)
    if node.function in ("to_scale", "store") or (node.function == "ROUND" and exponent(node) >= 0):
        return _times(arguments[0], Fraction(1), node.type.scale - arguments[0].type.scale)
    return None


def _times(node: Node, factor: Fraction | None, digits: int) -> Ratio | None:
    """`node`, unless it is rounded already, times `factor` and 10^`digits`."""
    found = None if factor is None else ratio(node)
    if found is None or factor is None or found[1].denominator != 1:
        return None
    if isinstance(node, Apply) and node.function == "store" and bound(found[0]) * abs(found[1]) >= STORED_LIMIT:
        return None
    return found[0], found[1] * factor * Fraction(10) ** digits
