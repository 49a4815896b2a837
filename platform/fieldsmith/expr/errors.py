"""`ExpressionError`: what is wrong with a source text, each problem at its line and column with a caret."""

from __future__ import annotations

from collections.abc import Sequence

from fieldsmith.base.errors import BadInput
from fieldsmith.base.problems import Problem
from fieldsmith.base.text import Message, _m
from fieldsmith.expr.syntax import Span

_WIDEST = 80


class ExpressionError(BadInput):
    """The source cannot be used. `problems` carry line and column (from 1) in the expression itself."""


def problem_at(source: str, span: Span, code: str, message: Message, hint: Message | None = None) -> Problem:
    """A problem at `span`; pointer and document are the caller's to add."""
    line = source.count("\n", 0, span.start) + 1
    column = span.start - (source.rfind("\n", 0, span.start) + 1) + 1
    return Problem(code, message, "", hint, None, line, column)


def caret(source: str, problem: Problem) -> str:
    """The line at fault with a caret below the place, for terminals: two lines of at most 80 characters."""
    lines = source.split("\n")
    line, column = (problem.line or 1) - 1, (problem.column or 1) - 1
    text = lines[line] if line < len(lines) else ""
    start = max(0, min(column - _WIDEST // 2, len(text) - _WIDEST))
    return f"{text[start : start + _WIDEST]}\n{' ' * (column - start)}^"


def refused(problems: Sequence[Problem]) -> ExpressionError:
    return ExpressionError(problems, _m("The expression has problems."))
