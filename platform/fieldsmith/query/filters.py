"""Filters: source text → checked condition, with the names its reader may use. A name they may not see is an unknown one."""

from __future__ import annotations

from dataclasses import replace

from fieldsmith.access.sight import Sight
from fieldsmith.base.errors import BadQuery
from fieldsmith.base.problems import Problem
from fieldsmith.expr.check import check
from fieldsmith.expr.errors import ExpressionError
from fieldsmith.expr.nodes import Node
from fieldsmith.meta.model import Model
from fieldsmith.meta.places import filter_place
from fieldsmith.meta.vocabulary import ModelVocabulary


def condition(model: Model, entity: str, source: str, sight: Sight | None = None) -> Node:
    """The condition `source` over records of `entity`; raises `BadQuery` with every problem, at `/filter`, with line and column."""
    unspoken = sight.unspoken if sight is not None else frozenset()
    vocabulary = ModelVocabulary(model, unspoken) if unspoken else model.vocabulary
    try:
        return check(source, filter_place(entity), vocabulary, model.functions)
    except ExpressionError as wrong:
        raise BadQuery([_placed(problem) for problem in wrong.problems]) from None


def _placed(problem: Problem) -> Problem:
    return replace(problem, pointer="/filter")
