"""The parts of an expression and what each gives, by either engine. Used by `records.evaluate`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from fieldsmith.db.expression_columns import ExpressionColumns
from fieldsmith.db.joins import Joins, RowGuard
from fieldsmith.db.tables import Schema
from fieldsmith.expr.environment import Env, Evaluator, Moment
from fieldsmith.expr.nodes import Aggregate, Node, children
from fieldsmith.expr.to_python import PythonCompiler
from fieldsmith.expr.to_sql import parameters
from fieldsmith.expr.vocabulary import Vocabulary
from fieldsmith.meta.model import Model
from fieldsmith.records.evaluate_values import from_sql

MAX_SQL_STEPS = 600
"""Sub-expressions, counted once for each they stand in, that one statement computes."""


def parts_of(node: Node) -> list[Node]:
    """Every sub-expression of `node` and itself, in the order of evaluation: what is inside comes first.

    What is inside an aggregate has a value for each of many records and is left out; so are steps that are not in the source,
    such as rounding to a common scale, which have the place of what they were put around.
    """
    out: list[Node] = []
    waiting: list[tuple[Node, bool]] = [(node, True)]
    while waiting:  # backwards: parents first, their children from the last to the first
        here, said = waiting.pop()
        if said:
            out.append(here)
        if not isinstance(here, Aggregate):
            waiting.extend((child, child.span != here.span) for child in children(here))
    out.reverse()
    return out


def written_out(node: Node) -> int:
    """How many nodes the expressions of all parts have together."""
    total, waiting = 0, [(node, 1)]
    while waiting:
        here, depth = waiting.pop()
        total += depth  # it stands in itself and in all it is inside of
        if not isinstance(here, Aggregate):
            waiting.extend((child, depth + 1) for child in children(here))
    return total


def computed_by_python(model: Model, vocabulary: Vocabulary, nodes: Sequence[Node], env: Env) -> list[Any]:
    """What each of `nodes` gives, in the form `expr.types` describes."""
    compiler = _Remembering(model, vocabulary, nodes)
    return [compiler.evaluator(node)(env) for node in nodes]


class _Remembering(PythonCompiler):
    """Evaluators of `nodes` are made once and remember their value, so that the steps of a deep tree cost what the tree costs."""

    def __init__(self, model: Model, vocabulary: Vocabulary, nodes: Sequence[Node]) -> None:
        super().__init__(model.functions, vocabulary, model.calendar)
        self._nodes = {id(node): node for node in nodes}  # what compiling makes besides has other ids as long as these live
        self._made: dict[int, Evaluator] = {}

    def evaluator(self, node: Node) -> Evaluator:
        key = id(node)
        if key not in self._nodes:
            return super().evaluator(node)
        if key not in self._made:
            self._made[key] = _once(super().evaluator(node))
        return self._made[key]


def _once(evaluate: Evaluator) -> Evaluator:
    known: list[Any] = []

    def value(env: Env) -> Any:
        if not known:
            known.append(evaluate(env))
        return known[0]

    return value


def computed_by_sql(
    schema: Schema, connection: sa.Connection, entity: str, id: int | None, nodes: Sequence[Node], moment: Moment, user_id: int | None, guard: RowGuard
) -> list[Any]:
    """What each of `nodes` gives for the stored record `id`, by one statement; without an id they may read no record.

    What paths and related lists reach is what `guard` lets the reader see.
    """
    joins = Joins(schema, schema.table(entity), guard=guard)
    values = [ExpressionColumns(joins, entity, guarded=True).compiler().value(node).label(f"v{number}") for number, node in enumerate(nodes)]
    statement = sa.select(*values)
    if id is not None:
        statement = statement.select_from(joins.from_clause).where(joins.root.c.id == id)
    row = connection.execute(statement, parameters(moment, user_id, schema.dialect)).one()
    return [from_sql(raw, node.type) for node, raw in zip(nodes, row, strict=True)]
