"""`source_of`: a syntax tree as readable source that parses back to the same tree, with no bracket more than needed.

Comments and layout are not in the tree; to change names in a source that people wrote, use `rename`.
"""

from __future__ import annotations

from collections.abc import Mapping

from fieldsmith.expr.syntax import Binary, Call, Membership, Name, Number, Syntax, Text, Unary, Word

_BINDING: Mapping[str, int] = {
    **{"or": 1, "and": 2, "=": 4, "<>": 4, "<": 4, "<=": 4, ">": 4, ">=": 4},
    **{"&": 5, "+": 6, "-": 6, "*": 7, "/": 7, "^": 9},
}
"""How tightly each binary operator holds its sides; 3 is `not`, 4 also `in`, 8 the minus sign, 10 what stands alone."""
_NOT, _COMPARISON, _SIGN, _POWER, _ALONE = 3, 4, 8, 9, 10


def source_of(syntax: Syntax) -> str:
    """Source text of `syntax`: operators between spaces, keywords small, function names in capitals, text in double quotes."""
    return _written(syntax, 0)


def _written(node: Syntax, wanted: int) -> str:
    """`node` as source, bracketed when it binds less tightly than `wanted`."""
    binding, text = _bare(node)
    return text if binding >= wanted else f"({text})"


def _bare(node: Syntax) -> tuple[int, str]:
    """How tightly `node` binds, and its source without brackets around it."""
    if isinstance(node, Binary):
        return _binary(node)
    if isinstance(node, Unary):
        if node.operator == "not":
            return _NOT, f"not {_written(node.operand, _NOT)}"
        # `--` could begin a comment; a bracket says the same.
        operand = _written(node.operand, _SIGN)
        return _SIGN, f"-({operand})" if operand.startswith("-") else f"-{operand}"
    if isinstance(node, Membership):
        items = ", ".join(_written(item, 0) for item in node.items)
        return _COMPARISON, f"{_written(node.operand, _COMPARISON + 1)} {'not in' if node.negated else 'in'} ({items})"
    return _ALONE, _alone(node)


def _binary(node: Binary) -> tuple[int, str]:
    binding = _BINDING[node.operator]
    left, right = binding, binding + 1  # rows read from the left
    if binding == _COMPARISON:
        left = binding + 1  # and comparisons make no rows
    elif binding == _POWER:
        left, right = _ALONE, _SIGN  # 2 ^ -1 ^ 3 is 2 ^ (-(1 ^ 3))
    return binding, f"{_written(node.left, left)} {node.operator} {_written(node.right, right)}"


def _alone(node: Number | Text | Word | Name | Call) -> str:
    if isinstance(node, Number):
        return format(node.value, "f")
    if isinstance(node, Text):
        return '"' + node.value.replace('"', '""') + '"'
    if isinstance(node, Word):
        return "blank" if node.value is None else str(node.value).lower()
    if isinstance(node, Name):
        return ".".join(node.parts)
    arguments = ", ".join(_written(argument, 0) for argument in node.arguments)
    return f"{node.name}({arguments} where {_written(node.where, 0)})" if node.where is not None else f"{node.name}({arguments})"
