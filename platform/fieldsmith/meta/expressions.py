"""Checking the expressions of documents, some of which may be refused: what leads into those is not judged."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fieldsmith.base.problems import Problem
from fieldsmith.base.text import Message, _m
from fieldsmith.expr.check import check
from fieldsmith.expr.check_state import UNKNOWN
from fieldsmith.expr.errors import ExpressionError
from fieldsmith.expr.nodes import Node, walk
from fieldsmith.expr.vocabulary import ChoiceName, EntityNames, Place
from fieldsmith.meta.vocabulary import ModelVocabulary, Name, SymbolOf

if TYPE_CHECKING:
    from fieldsmith.meta.model import Model

_MISSING_LIST = frozenset({"unknown_field", "list_expected"})


@dataclass(frozen=True, slots=True)
class Checked:
    """Neither a node nor problems: it cannot be judged, because it speaks of what is refused itself."""

    node: Node | None
    problems: tuple[Problem, ...] = ()


class _Watched(ModelVocabulary):
    """Tells whether somebody asked for something that is missing because its document is refused."""

    def __init__(self, model: Model, refused: Collection[tuple[str, str]], symbol_of: SymbolOf | None, hidden: frozenset[str | Name]) -> None:
        super().__init__(model, hidden, symbol_of)
        self._refused = refused
        self.missed = False

    def entity(self, name: str) -> EntityNames | None:
        found = super().entity(name)
        self.missed |= found is None and ("entity", name) in self._refused
        return found

    def choices(self, name: str) -> Sequence[ChoiceName] | None:
        found = super().choices(name)
        self.missed |= found is None and ("choices", name) in self._refused
        return found


class Expressions:
    """The expressions of one model, without the names in `hidden`. `symbol_of` is for `meta.computed`, which works out what fields are."""

    def __init__(
        self, model: Model, refused: Collection[tuple[str, str]] = (), symbol_of: SymbolOf | None = None, hidden: frozenset[str | Name] = frozenset()
    ) -> None:
        self._functions = model.functions
        self._vocabulary = _Watched(model, refused, symbol_of, hidden)
        self._lists_missing = any(kind == "entity" for kind, _ in refused)

    def check(self, source: str, place: Place) -> Checked:
        """Never raises."""
        self._vocabulary.missed = False
        try:
            node = check(source, place, self._vocabulary, self._functions)
        except ExpressionError as error:
            if self._vocabulary.missed:
                return Checked(None)
            return Checked(None, tuple(item for item in error.problems if not (self._lists_missing and item.code in _MISSING_LIST)))
        return Checked(None if any(item.type is UNKNOWN for item in walk(node)) else node)


def in_document(problem: Problem, source: str) -> Message:
    """The sentence of a problem within an expression, with its place there: line and column of the problem are the document's."""
    line, column = problem.line or 1, problem.column or 1
    if "\n" in source.strip():
        return _m("Line {line}, column {column} of the expression: {problem}", line=line, column=column, problem=problem.message)
    if column == 1:
        return problem.message
    return _m("At character {column} of the expression: {problem}", column=column, problem=problem.message)
