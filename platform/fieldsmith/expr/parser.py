"""`parse`: a source text becomes a syntax tree, or an ExpressionError that says where and how to mend it.

Lark's LALR parser drives; the scanner gives it terminals, `_Tree` makes nodes while it reads, so no tree of Lark's is ever built.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from functools import cache
from typing import Any

from lark import Lark, Token, UnexpectedToken
from lark.common import LexerConf
from lark.lexer import Lexer, LexerState

from fieldsmith.expr.errors import refused
from fieldsmith.expr.grammar import GRAMMAR
from fieldsmith.expr.limits import MAX_DEPTH, too_deep
from fieldsmith.expr.misplaced import misplaced
from fieldsmith.expr.scanner import scan
from fieldsmith.expr.syntax import Binary, Call, Membership, Name, Number, Span, Syntax, Text, Unary, Word


def parse(source: str) -> Syntax:
    """The tree of `source`; raises ExpressionError (and nothing else) with every slip of spelling, or the first misplaced word."""
    tokens = scan(source)
    if not tokens:
        raise refused([misplaced(source, tokens, 0)])
    try:
        tree: Syntax = _parser().parse(tokens)
    except UnexpectedToken as found:
        wrong = next((number for number, token in enumerate(tokens) if token is found.token), len(tokens))
        raise refused([misplaced(source, tokens, wrong)]) from None
    problem = too_deep(source, tree) if len(tokens) > MAX_DEPTH else None
    if problem:
        raise refused([problem])
    return tree


@cache
def _parser() -> Parser:
    """Built at the first use (25 ms); it never changes afterwards."""
    return Parser()


class Parser:
    """Lark's tables for the grammar, ready to run any number of times, in several threads at once."""

    def __init__(self) -> None:
        self._lark = Lark(GRAMMAR, parser="lalr", lexer=_Scanned, transformer=_Tree(), keep_all_tokens=True)

    def parse(self, tokens: list[Token]) -> Any:
        """The syntax tree of `scan`'s tokens; UnexpectedToken names the first that cannot stand where it does."""
        return self._lark.parse(tokens)


class _Scanned(Lexer):
    """Hands Lark what `scan` has made: the "text" it is given is already the list of tokens."""

    __future_interface__ = 2

    def __init__(self, lexer_conf: LexerConf) -> None:
        """Lark passes its configuration; nothing of it is needed."""

    def lex(self, lexer_state: LexerState, parser_state: Any) -> Iterator[Token]:
        tokens: Any = lexer_state.text
        return iter(tokens)


class _Tree:
    """One method for each alias of the grammar; each takes what was read for it, signs included."""

    def binary(self, parts: list[Any]) -> Binary:
        left, sign, right = parts
        return Binary(sign.lower(), left, right, Span(left.span.start, right.span.end))

    def unary(self, parts: list[Any]) -> Unary:
        sign, operand = parts
        return Unary(sign.lower(), operand, Span(sign.start_pos, operand.span.end))

    def membership(self, parts: list[Any]) -> Membership:
        operand, *_, items, close = parts
        return Membership(operand, tuple(items), False, Span(operand.span.start, close.end_pos))

    def no_membership(self, parts: list[Any]) -> Membership:
        operand, *_, items, close = parts
        return Membership(operand, tuple(items), True, Span(operand.span.start, close.end_pos))

    def number(self, parts: list[Token]) -> Number:
        return Number(Decimal(parts[0]), _span(parts[0]))

    def text(self, parts: list[Token]) -> Text:
        written = str(parts[0])
        quote = written[0]
        inner = written[1:-1].replace(quote + quote, quote)
        return Text(inner if inner.isascii() else unicodedata.normalize("NFC", inner), _span(parts[0]))

    def word(self, parts: list[Token]) -> Word:
        written = parts[0].lower()
        return Word(None if written == "blank" else written == "true", _span(parts[0]))

    def name(self, parts: list[Token]) -> Name:
        whole = _span(parts[0])
        names = tuple(str(parts[0]).split("."))
        if len(names) == 1:
            return Name(names, (whole,), whole)
        spans, start = [], whole.start
        for name in names:
            spans.append(Span(start, start + len(name)))
            start += len(name) + 1
        return Name(names, tuple(spans), whole)

    def call(self, parts: list[Any]) -> Call:
        name, close = parts[0], parts[-1]
        arguments = tuple(parts[2]) if len(parts) == 4 else ()
        return Call(name.upper(), _span(name), arguments, None, Span(name.start_pos, close.end_pos))

    def call_where(self, parts: list[Any]) -> Call:
        name, _, argument, _, where, close = parts
        return Call(name.upper(), _span(name), (argument,), where, Span(name.start_pos, close.end_pos))

    def bracketed(self, parts: list[Any]) -> Syntax:
        """The node inside, whose span takes in its brackets: it is what the source says for this value."""
        opened, node, closed = parts
        made: Syntax = replace(node, span=Span(opened.start_pos, closed.end_pos))
        return made

    def items(self, parts: list[Any]) -> list[Syntax]:
        """Grows one list from left to right: ten thousand items cost ten thousand steps."""
        if len(parts) == 1:
            return parts
        parts[0].append(parts[2])
        grown: list[Syntax] = parts[0]
        return grown


def _span(token: Token) -> Span:
    return Span(token.start_pos or 0, token.end_pos or 0)
