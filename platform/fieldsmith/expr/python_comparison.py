"""`= <> < <= > >= in` in Python. Blank is a value to `=` and `<>`, and nothing is before or after it."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from fieldsmith.expr.environment import Env, Evaluator
from fieldsmith.expr.nodes import Apply, Constant, Node
from fieldsmith.expr.to_python import PythonCompiler

_OPERATIONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def compare(node: Apply, compiler: PythonCompiler) -> Evaluator:
    """The evaluator of a comparison node."""
    left_node, right_node = node.arguments
    scale = max(left_node.type.scale, right_node.type.scale)
    left, right = (at_scale(side, scale, compiler) for side in node.arguments)
    operation = _OPERATIONS[node.function]
    if node.function in ("=", "<>"):
        if isinstance(right_node, Constant):
            fixed = right(_NOTHING)
            return (lambda env: left(env) == fixed) if node.function == "=" else (lambda env: left(env) != fixed)
        return lambda env: operation(left(env), right(env))
    if isinstance(right_node, Constant):
        bar = right(_NOTHING)

        def beside(env: Env) -> bool:
            value = left(env)
            return value is not None and bar is not None and operation(value, bar)

        return beside

    def ordered(env: Env) -> bool:
        a = left(env)
        if a is None:
            return False
        b = right(env)
        return b is not None and operation(a, b)

    return ordered


_NOTHING: Any = None  # constants ask the environment for nothing


def at_scale(node: Node, scale: int, compiler: PythonCompiler) -> Evaluator:
    """The evaluator of `node` with a number's digits brought to `scale`, which is at least its own."""
    evaluate = compiler.evaluator(node)
    if not node.type.is_number or node.type.scale == scale:
        return evaluate
    factor = 10 ** (scale - node.type.scale)
    if isinstance(node, Constant):
        fixed = None if node.value is None else node.value * factor
        return lambda env: fixed

    def raised(env: Env) -> Any:
        value = evaluate(env)
        return None if value is None else value * factor

    return raised


def member(node: Apply, compiler: PythonCompiler) -> Evaluator:
    """`operand in (item, …)`: a blank operand is in it only when the word `blank` is among the items."""
    scale = max(argument.type.scale for argument in node.arguments)
    operand, *items = (at_scale(argument, scale, compiler) for argument in node.arguments)
    blank = any(isinstance(item, Constant) and item.value is None for item in node.arguments[1:])
    if all(isinstance(item, Constant) for item in node.arguments[1:]):
        fixed = frozenset(item(_NOTHING) for item in items)
        return lambda env: operand(env) in fixed

    def among(env: Env) -> bool:
        value = operand(env)
        return blank if value is None else any(item(env) == value for item in items)

    return among
