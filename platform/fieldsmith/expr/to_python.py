"""A checked expression → a Python function. Closures over closures: nothing is looked up or parsed when it runs.

evaluate = PythonCompiler(functions, vocabulary, calendar).evaluator(node)
evaluate(Env(record=…, moment=…))
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from fieldsmith.expr.environment import Env, Evaluator, Source
from fieldsmith.expr.function import Function
from fieldsmith.expr.nodes import Aggregate, Apply, Constant, FieldRef, Node, Root
from fieldsmith.expr.python_aggregates import aggregator
from fieldsmith.expr.vocabulary import Calendar, Symbol, Vocabulary


class PythonCompiler:
    """Stateless but for what it was made with; `calendar` is the company's."""

    def __init__(self, functions: Mapping[str, Function], vocabulary: Vocabulary, calendar: Calendar) -> None:
        self.functions = functions
        self.vocabulary = vocabulary
        self.calendar = calendar

    def evaluator(self, node: Node) -> Evaluator:
        """The function of `node`; its value is in the form `types` describes. Never raises for values of the checked types."""
        if isinstance(node, Constant):
            value = node.value
            return lambda env: value
        if isinstance(node, FieldRef):
            return _reader(node)
        if isinstance(node, Aggregate):
            return self._aggregate(node)
        return self.functions[node.function].python(node, self)

    def arguments(self, node: Apply) -> list[Evaluator]:
        """The evaluators of its arguments."""
        return [self.evaluator(argument) for argument in node.arguments]

    def strict(self, node: Apply, plain: Callable[..., Any]) -> Evaluator:
        """`plain` over the values of all arguments; blank when one of them is."""
        arguments = self.arguments(node)
        if len(arguments) == 1:
            [only] = arguments

            def one(env: Env) -> Any:
                value = only(env)
                return None if value is None else plain(value)

            return one
        if len(arguments) == 2:
            left, right = arguments

            def two(env: Env) -> Any:
                a = left(env)
                if a is None:
                    return None
                b = right(env)
                return None if b is None else plain(a, b)

            return two

        def every(env: Env) -> Any:
            values = [argument(env) for argument in arguments]
            return None if None in values else plain(*values)

        return every

    def _aggregate(self, node: Aggregate) -> Evaluator:
        outer = _source(node.root, node.hops)
        related = node.related
        value = None if node.value is None else self.evaluator(node.value)
        where = None if node.where is None else self.evaluator(node.where)
        combine = aggregator(node)

        def aggregate(env: Env) -> Any:
            owner = outer(env)
            if owner is None:
                return combine(())
            return combine(_values(env, owner.related(related), value, where))

        return aggregate


def _values(env: Env, rows: Iterable[Source], value: Evaluator | None, where: Evaluator | None) -> Iterable[Any]:
    inner = Env(None, env.moment, user=env.user, user_id=env.user_id, params=env.params, parent=env.record)
    for row in rows:
        inner.record = row
        if where is None or where(inner):
            yield True if value is None else value(inner)


def _source(root: Root, hops: tuple[Symbol, ...]) -> Callable[[Env], Source | None]:
    """The record a path leads to; None when a lookup on the way is blank."""
    names = tuple(hop.field for hop in hops)

    def find(env: Env) -> Source | None:
        here: Source | None = getattr(env, root)
        for name in names:
            if here is None:
                return None
            here = here.follow(name)
        return here

    return find


def _reader(node: FieldRef) -> Evaluator:
    symbol, name, read = node.symbol, node.symbol.field, node.symbol.read
    if node.root == "params":
        return lambda env: env.params.get(name)
    if node.root == "user" and not node.hops and name == "id":
        return lambda env: env.user_id
    blank = False if symbol.type.kind.value == "boolean" else None
    if node.root == "record" and not node.hops:

        def own(env: Env) -> Any:
            value = env.record.get(name)  # type: ignore[union-attr]
            return blank if value is None else value if read is None else read(value)

        return own
    find = _source(node.root, node.hops)

    def far(env: Env) -> Any:
        source = find(env)
        value = None if source is None else source.get(name)
        return blank if value is None else value if read is None else read(value)

    return far
