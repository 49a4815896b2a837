"""Where a cursor stands in a source that is still being typed: the tokens before it and the brackets open around it.

The parser wants whole expressions; this reads any beginning of one, and never complains.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from fieldsmith.expr.grammar import KEYWORDS
from fieldsmith.expr.syntax import Span

_TOKEN = re.compile(
    r"""(?P<space>\s+)
    |(?P<comment>(?<!\S)--[^\r\n]*)
    |(?P<text>"(?:[^"]++|"")*+"|'(?:[^']++|'')*+')
    |(?P<open>"(?:[^"]++|"")*+\Z|'(?:[^']++|'')*+\Z)
    |(?P<word>[^\W\d]\w*(?:\.\w*)*)
    |(?P<number>\d[\w.]*)
    |(?P<sign><>|<=|>=|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_REST = re.compile(r"\w*")


@dataclass(frozen=True, slots=True)
class Piece:
    """`kind` is word, keyword, text, open (a text whose quote is not closed), number, comment or sign."""

    kind: str
    text: str
    start: int

    @property
    def ends_value(self) -> bool:
        """Whether an operand is complete here, so that an operator follows."""
        return self.kind in ("word", "text", "number") or self.text == ")" or (self.kind == "keyword" and self.text in ("true", "false", "blank"))


@dataclass(slots=True)
class Bracket:
    """An open bracket: of a call (`name` in capitals), of `in` (`operand` is what stands before), or a plain one.

    `arguments` are the pieces of each argument so far; in the condition of an aggregate they go on counting as its argument.
    """

    name: str = ""
    operand: tuple[Piece, ...] = ()
    arguments: list[list[Piece]] = field(default_factory=lambda: [[]])
    where: bool = False

    @property
    def argument(self) -> int:
        return len(self.arguments) - 1


@dataclass(frozen=True, slots=True)
class Cursor:
    """`current` is the unfinished word or text at the cursor, None between tokens; `before` the pieces of the same argument.

    `span` is what a completion replaces: the last part of a name, or the inside of a text.
    """

    current: Piece | None
    before: tuple[Piece, ...]
    brackets: tuple[Bracket, ...]
    span: Span
    idle: bool = False
    """In a comment or a number: nothing to complete."""


def cursor_at(source: str, position: int) -> Cursor:
    """What stands before and around `position`."""
    position = max(0, min(position, len(source)))
    head = source[:position]
    brackets = [Bracket()]
    pieces = _pieces(head)
    current = pieces.pop() if pieces and _unfinished(pieces[-1], position) else None
    for piece in pieces:
        _take(brackets, piece)
    before = tuple(brackets[-1].arguments[-1])
    start = position
    if current is not None:
        start = current.start + (1 if current.kind == "open" else current.text.rfind(".") + 1)
    rest = _REST.match(source, position)
    end = rest.end() if rest else position
    return Cursor(current, before, tuple(brackets), Span(start, end), current is not None and current.kind in ("number", "comment"))


def _pieces(head: str) -> list[Piece]:
    out: list[Piece] = []
    for match in _TOKEN.finditer(head):
        kind, text = str(match.lastgroup), match[0]
        if kind == "word" and text.lower() in KEYWORDS:
            kind, text = "keyword", text.lower()
        if kind != "space" and (kind != "comment" or match.end() == len(head)):
            out.append(Piece(kind, text, match.start()))
    return out


def _unfinished(piece: Piece, position: int) -> bool:
    return piece.kind in ("open", "comment") or (piece.kind in ("word", "keyword", "number") and piece.start + len(piece.text) == position)


def _take(brackets: list[Bracket], piece: Piece) -> None:
    """Go on by one piece. A bracket too many that closes is passed over."""
    top = brackets[-1]
    here = top.arguments[-1]
    if piece.text == "(" and piece.kind == "sign":
        brackets.append(_opened(here))
        return
    if piece.text == ")" and piece.kind == "sign" and len(brackets) > 1:
        brackets.pop()
        brackets[-1].arguments[-1].append(piece)
        return
    if piece.text == "," and piece.kind == "sign":
        top.arguments.append([])
        return
    if piece.kind == "keyword" and piece.text == "where" and top.name:
        top.where = True
    here.append(piece)


def _opened(before: list[Piece]) -> Bracket:
    last = before[-1] if before else None
    if last is not None and last.kind == "word":
        before.pop()
        return Bracket(name=last.text.upper())
    if last is not None and last.kind == "keyword" and last.text == "in":
        until = len(before) - 1
        if until and before[until - 1].text == "not":
            until -= 1
        return Bracket(operand=tuple(before[:until]))
    return Bracket()
