"""How large an expression may be, and the problems of those that are larger.

What is counted while scanning (characters, nodes, open brackets) is refused before the parser runs; the depth of the tree right
after, without recursion. So everything behind the parser may recurse.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from fieldsmith.base.problems import Problem
from fieldsmith.base.text import _m
from fieldsmith.expr.errors import problem_at
from fieldsmith.expr.syntax import Binary, Call, Membership, Span, Syntax, Unary

MAX_LENGTH = 10_000
MAX_DEPTH = 60
MAX_NODES = 2_000
MAX_MARKS = 30
"""Combining marks in a row: the most that Unicode's stream-safe text has."""
_DOUBLE_MARKS = "\u0f73\u0f75\u0f81"  # the three that are marks only once decomposed
MAX_PROBLEMS = 20
"""Slips shown at once; who has more mends these first."""


def too_long(source: str) -> Problem | None:
    if len(source) <= MAX_LENGTH:
        return None
    message = _m("The expression has {length} characters; at most {limit} are allowed.", length=len(source), limit=MAX_LENGTH)
    return problem_at(source, Span(MAX_LENGTH, MAX_LENGTH), "expression_too_long", message, _m("Split it into several formula fields."))


def too_many_nodes(source: str, span: Span) -> Problem:
    """`span` is the first name, value, sign or call beyond the limit."""
    message = _m("The expression has more than {limit} values, names, operators and calls.", limit=MAX_NODES)
    return problem_at(source, span, "expression_too_large", message, _m("Split it into several formula fields."))


def too_many_brackets(source: str, span: Span) -> Problem:
    """`span` is the first bracket inside too many others."""
    message = _m("More than {limit} brackets stand inside each other here.", limit=MAX_DEPTH)
    return problem_at(source, span, "expression_too_deep", message, _m("Leave out brackets that are not needed, or split it into several formula fields."))


def too_many_marks(source: str, text: str, start: int) -> Problem | None:
    """The problem of `text` (at `start`) with endless accents on one letter, which would take NFC quadratic time to sort."""
    run = 0
    for number, sign in enumerate(text):
        run = run + 1 if unicodedata.combining(sign) or sign in _DOUBLE_MARKS else 0
        if run > MAX_MARKS:
            message = _m("More than {limit} accents stand on one letter here.", limit=MAX_MARKS)
            return problem_at(source, Span(start + number, start + number + 1), "unreadable_character", message, _m("Delete them."))
    return None


def too_deep(source: str, tree: Syntax) -> Problem | None:
    """The problem of a tree with more than MAX_DEPTH nodes below each other."""
    waiting: list[tuple[Syntax, int]] = [(tree, 1)]
    while waiting:
        node, depth = waiting.pop()
        if depth > MAX_DEPTH:
            message = _m("The expression has more than {limit} steps inside each other. Operators in a row count one step each.", limit=MAX_DEPTH)
            hint = _m("Bracket groups of a long row, list values with “in (…)”, or split it into several formula fields.")
            return problem_at(source, node.span, "expression_too_deep", message, hint)
        waiting.extend((below, depth + 1) for below in children(node))
    return None


def children(node: Syntax) -> Iterator[Syntax]:
    """The nodes directly below, in source order."""
    if isinstance(node, Binary):
        yield node.left
        yield node.right
    elif isinstance(node, Call):
        yield from node.arguments
        if node.where is not None:
            yield node.where
    elif isinstance(node, Unary):
        yield node.operand
    elif isinstance(node, Membership):
        yield node.operand
        yield from node.items
