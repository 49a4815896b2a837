"""What to say of a terminal that is spelt right but cannot stand where it does.

Lark says which token that is; the words come from its neighbours and from the brackets open around it, for people do not know
the names of a grammar.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lark import Token

from fieldsmith.base.problems import Problem
from fieldsmith.base.text import Message, _m
from fieldsmith.expr.errors import problem_at
from fieldsmith.expr.mistakes import shown
from fieldsmith.expr.syntax import Span

_ENDS = frozenset({"NUMBER", "TEXT", "WORD", "NAME", "CLOSE"})
_BEGINS = frozenset({"NUMBER", "TEXT", "WORD", "NAME", "CALL", "OPEN"})
_BETWEEN = frozenset({"OR", "AND", "COMPARE", "IN", "JOIN", "PLUS", "MINUS", "TIMES", "POWER"})


@dataclass(frozen=True, slots=True)
class _Open:
    """A bracket not yet closed. `kind` is "call", "list" (after `in`) or "group"; `commas` and `where` count inside it."""

    token: Token
    kind: str
    where: bool


def misplaced(source: str, tokens: Sequence[Token], wrong: int) -> Problem:
    """The problem of `tokens[wrong]`; `wrong` may be just behind the last when the text ends too early."""
    before = tokens[wrong - 1] if wrong else None
    opened = _open_brackets(tokens[:wrong])
    if wrong >= len(tokens):
        return _ended(source, before, opened)
    token = tokens[wrong]
    code, message, hint = _explained(source, tokens, wrong, token, before, opened)
    return problem_at(source, _span(token), code, message, hint)


def _open_brackets(tokens: Sequence[Token]) -> list[_Open]:
    """The brackets open behind the last of `tokens`, outermost first."""
    out: list[_Open] = []
    before = ""
    for token in tokens:
        if token.type == "OPEN":
            out.append(_Open(token, {"CALL": "call", "IN": "list"}.get(before, "group"), False))
        elif token.type == "CLOSE" and out:
            out.pop()
        elif token.type == "WHERE" and out:
            out[-1] = _Open(out[-1].token, out[-1].kind, True)
        before = token.type
    return out


def _ended(source: str, before: Token | None, opened: Sequence[_Open]) -> Problem:
    if before is None:
        message = _m("The expression is empty.")
        return problem_at(source, Span(0, 0), "empty_expression", message, _m("Write a value, a field or a formula."))
    if opened and before.type in _ENDS:
        message = _m("This bracket is never closed.")
        return problem_at(source, _span(opened[-1].token), "unclosed_bracket", message, _m("Write “)” where its contents end."))
    end = _span(before).end
    return problem_at(source, Span(end, end), "unexpected_end", _m("The expression ends where {expected} is expected.", expected=_wanted(before)))


def _wanted(before: Token | None) -> Message:
    """What has to follow `before`, in words."""
    if before is not None and before.type == "IN":
        return _m("a list in brackets")
    if before is not None and before.type in ("WHERE", "NOT", "AND", "OR"):
        return _m("a condition")
    return _m("a value")


def _explained(
    source: str, tokens: Sequence[Token], wrong: int, token: Token, before: Token | None, opened: Sequence[_Open]
) -> tuple[str, Message, Message | None]:
    inside = opened[-1] if opened else None
    if token.type == "CLOSE" and inside is None:
        return "unopened_bracket", _m("This bracket closes nothing."), _m("Delete it, or write “(” where its contents begin.")
    if before is not None and before.type in _ENDS:
        return _after_value(token, before, inside)
    return _where_value(token, before)


def _after_value(token: Token, before: Token, inside: _Open | None) -> tuple[str, Message, Message | None]:
    """A value is complete and something follows that cannot."""
    text = shown(str(token))
    return "unexpected_word", _m("“{found}” cannot follow “{before}”.", found=text, before=shown(str(before))), None


def _where_value(token: Token, before: Token | None) -> tuple[str, Message, Message | None]:
    """A value has to come, and something else does."""
    return "missing_value", _m("Before “{found}” {expected} is missing.", found=shown(str(token)), expected=_wanted(before)), None


def _span(token: Token) -> Span:
    return Span(token.start_pos or 0, token.end_pos or 0)
