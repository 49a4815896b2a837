"""What is wrong with an expression, as people are shown it: the line with the place marked, the sentence, the cure, and a fix to click.

Used by the filter builder of lists and by the studio's expression editor.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from fieldsmith.base.problems import Problem, meant
from fieldsmith.base.text import Message

_WORD = re.compile(r""""[^"]*"|'[^']*'|[\w.]+|\S|$""")
_NAME = re.compile(r"""(?P<quote>["'])(?P<inside>[^"']*)(?P=quote)|(?P<word>\w+)""")
_WIDEST = 120


@dataclass(frozen=True, slots=True)
class Fix:
    """`text` instead of the characters from `start` to `end` of the source."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Fault:
    """The sentence, its cure, and the line with the place in three pieces; `start` and `end` say where that is in the source."""

    sentence: Message
    cure: Message | None
    before: str
    marked: str
    after: str
    start: int
    end: int
    fix: Fix | None = None


def fault(source: str, problem: Problem) -> Fault:
    """`problem` carries line and column in `source`, as those of `ExpressionError` do."""
    lines = source.split("\n")
    line, column = (problem.line or 1) - 1, (problem.column or 1) - 1
    text = lines[line] if line < len(lines) else ""
    found = _WORD.match(text, column) or _WORD.search(text, column)
    start, end = (column, column) if found is None else found.span()
    first = max(0, min(start - _WIDEST // 2, len(text) - _WIDEST))
    before = ("…" if first else "") + text[first:start]
    offset = sum(len(each) + 1 for each in lines[:line])
    marked, after = text[start:end] or " ", text[end : first + _WIDEST]
    return Fault(problem.message, problem.hint, before, marked, after, offset + start, offset + end, _fix(source, offset + column, problem))


def _fix(source: str, place: int, problem: Problem) -> Fix | None:
    """What a “did you mean” says, put in the place of the name that was not known."""
    name = meant(problem.hint)
    found = _NAME.match(source, place)
    if name is None or found is None:
        return None
    group = "inside" if found["word"] is None else "word"
    return Fix(found.start(group), found.end(group), name)
