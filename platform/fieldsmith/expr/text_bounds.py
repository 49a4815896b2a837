"""How long the text of a checked expression can get, worked out from the tree: no row is looked at.

Nearly every formula is far from `MAX_TEXT` whatever its fields hold, and then needs no guard in SQL; a formula that could pass
it (SUBSTITUTE in SUBSTITUTE, joining texts of a million characters) gets one.
"""

from __future__ import annotations

from fieldsmith.expr.nodes import Aggregate, Apply, Constant, FieldRef, Node
from fieldsmith.expr.text_values import MAX_TEXT
from fieldsmith.expr.types import Kind

_TEXTS = frozenset({Kind.TEXT, Kind.CHOICE})
_NAME = 64  # a choice's value, an entity's name, a number or moment in digits: all shorter
_LABEL = 1_000
_CHOOSES = frozenset({"IF", "SWITCH", "COALESCE", "MIN", "MAX"})
_GROWTH = {"UPPER": 3, "LOWER": 2}  # code points that one may become: ΐ, İ


def longest(node: Node) -> int:
    """Most code points the value of `node` may have; never more than `MAX_TEXT`."""
    return min(unguarded(node), MAX_TEXT)


def unguarded(node: Node) -> int:
    """The same before the limit is applied to the outermost function: more than `MAX_TEXT` means that it has to be."""
    if isinstance(node, Constant):
        return len(node.value) if isinstance(node.value, str) else 0 if node.value is None else _NAME
    if node.type.kind is not Kind.TEXT:
        return _NAME
    if isinstance(node, FieldRef):
        return node.symbol.longest if node.root != "params" else MAX_TEXT
    if isinstance(node, Aggregate):
        return MAX_TEXT if node.value is None else longest(node.value)
    return _applied(node)


def _applied(node: Apply) -> int:
    function, arguments = node.function, node.arguments
    if function in _CHOOSES:
        return max((longest(argument) for argument in arguments if argument.type.kind in _TEXTS), default=0)
    if function == "&":
        return sum(unguarded(each) if isinstance(each, Apply) and each.function == "&" else longest(each) for each in arguments)  # a chain is one
    if function == "SUBSTITUTE":
        return _substituted(*arguments)
    if function == "LABEL":
        return _LABEL
    if function == "TYPE":
        return _NAME
    if function in _GROWTH:
        return longest(arguments[0]) * _GROWTH[function]
    if function == "INITIALS":
        return (longest(arguments[0]) + 1) // 2 * _GROWTH["UPPER"]
    if function in ("LEFT", "RIGHT", "MID"):
        count = arguments[-1]
        most = longest(arguments[0])
        return max(0, min(most, count.value)) if isinstance(count, Constant) and count.value is not None else most
    if function in ("TRIM", "TEXT"):
        return longest(arguments[0])
    return MAX_TEXT


def _substituted(text: Node, old: Node, new: Node) -> int:
    """Most of all when every `old` is found; one that is not written out may be a single character."""
    shortest = len(old.value) if isinstance(old, Constant) and old.value else 1
    most, put = longest(text), longest(new)
    return max(most, most // shortest * put + most % shortest)
