"""Rewriting names in a source that people wrote: only the names change, comments and layout stay.

Whoever renames a field checks the source first (only the checker knows which `name` is the field's), collects the spans of the
parts that mean it, and gives them to `renamed`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fieldsmith.expr.limits import children
from fieldsmith.expr.syntax import Name, Span, Syntax


def renamed(source: str, changes: Iterable[tuple[Span, str]]) -> str:
    """`source` with the text of each span replaced.

    Spans may come in any order and more than once with the same text; those that overlap otherwise are a ValueError.

    >>> renamed("owner.name -- who", [(Span(0, 5), "holder")])
    'holder.name -- who'
    """
    out: list[str] = []
    done = 0
    for (start, end), text in sorted({((span.start, span.end), text) for span, text in changes}):
        if start < done:
            raise ValueError(f"two changes overlap at {start}")
        out += [source[done:start], text]
        done = end
    return "".join([*out, source[done:]])


def names(syntax: Syntax) -> Iterator[Name]:
    """Every name in the tree, in source order: where to look for what is renamed or deleted."""
    waiting = [syntax]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Name):
            yield node
        waiting.extend(reversed(tuple(children(node))))
