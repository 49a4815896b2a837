"""What to say of a terminal that is spelt right but cannot stand where it does.

Lark says which token that is; the words come from its neighbours and from the brackets open around it, for people do not know
the names of a grammar. After a complete value only an operator can follow (`_after_value`); everywhere else a value has to come
(`_where_value`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from lark import Token

from fieldsmith.base.problems import Problem
from fieldsmith.base.text import Message, _m
from fieldsmith.expr.errors import problem_at
from fieldsmith.expr.mistakes import shown
from fieldsmith.expr.syntax import Span

_VALUE_ENDS = frozenset({"NUMBER", "TEXT", "WORD", "NAME", "CLOSE"})
_CONDITIONS = frozenset({"OR", "AND", "NOT", "WHERE"})
_TIGHT = frozenset({"COMPARE", "JOIN", "PLUS", "MINUS", "TIMES", "POWER"})
_SPLIT_SIGNS = frozenset({"<=", ">=", "<>"})

Finding = tuple[str, Message, Message | None]
"""Code, message and hint."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a token went wrong: the tokens next to it (None at the ends) and the innermost open bracket."""

    token: Token
    before: Token | None
    earlier: Token | None
    after: Token | None
    bracket: Token | None
    inside: Literal["", "call", "list", "group"]
    filtered: bool  # a `where` has come in this bracket

    @property
    def text(self) -> str:
        return shown(str(self.token))

    @property
    def text_before(self) -> str:
        return shown(str(self.before or ""))


def misplaced(source: str, tokens: Sequence[Token], wrong: int) -> Problem:
    """The problem of `tokens[wrong]`; `wrong` may be just behind the last when the text ends too early."""
    place = _place(tokens, wrong)
    if place is None:
        return _ended(source, tokens)
    if place.token.type == "CLOSE" and place.bracket is None:
        found: Finding = "unopened_bracket", _m("This bracket closes nothing."), _m("Delete it, or write “(” where its contents begin.")
    elif place.before is not None and place.before.type in _VALUE_ENDS:
        found = _after_value(place)
    else:
        found = _where_value(place)
    code, message, hint = found
    return problem_at(source, _span(place.token), code, message, hint)


def _place(tokens: Sequence[Token], wrong: int) -> _Place | None:
    if wrong >= len(tokens):
        return None
    opened: list[tuple[Token, Literal["call", "list", "group"], bool]] = []
    kinds: Mapping[str, Literal["call", "list"]] = {"CALL": "call", "IN": "list"}
    for number, token in enumerate(tokens[:wrong]):
        if token.type == "OPEN":
            opened.append((token, kinds.get(tokens[number - 1].type, "group") if number else "group", False))
        elif token.type == "CLOSE":
            opened.pop()
        elif token.type == "WHERE":
            opened[-1] = (*opened[-1][:2], True)
    before, earlier, after = (tokens[number] if 0 <= number < len(tokens) else None for number in (wrong - 1, wrong - 2, wrong + 1))
    if not opened:
        return _Place(tokens[wrong], before, earlier, after, None, "", False)
    bracket, inside, filtered = opened[-1]
    return _Place(tokens[wrong], before, earlier, after, bracket, inside, filtered)


def _ended(source: str, tokens: Sequence[Token]) -> Problem:
    if not tokens:
        message = _m("The expression is empty.")
        return problem_at(source, Span(0, 0), "empty_expression", message, _m("Write a value, a field or a formula."))
    last = tokens[-1]
    if last.type in _VALUE_ENDS:
        opened: list[Token] = []
        for token in tokens:
            if token.type == "OPEN":
                opened.append(token)
            elif token.type == "CLOSE":
                opened.pop()
        return problem_at(source, _span(opened[-1]), "unclosed_bracket", _m("This bracket is never closed."), _m("Write “)” where its contents end."))
    end = _span(last).end
    if last.type == "IN" or (last.type == "NOT" and len(tokens) > 1 and tokens[-2].type in _VALUE_ENDS):
        message = _m("The expression ends where a list in brackets is expected.")
        return problem_at(source, Span(end, end), "unexpected_end", message, _list_cure())
    if last.type in _CONDITIONS:
        message = _m("The expression ends after “{word}”, where a condition is expected.", word=str(last).lower())
    else:
        message = _m("The expression ends after “{word}”, where a value is expected.", word=str(last))
    return problem_at(source, Span(end, end), "unexpected_end", message)


def _after_value(place: _Place) -> Finding:
    """A value is complete, and what follows can neither continue nor end it."""
    if place.token.type in ("COMPARE", "IN", "NOT"):
        message = _m("Comparisons cannot be chained: “{sign}” follows another one.", sign=place.text.lower())
        return "chained_comparison", message, _m("Join two comparisons with “and”: a < b and b < c.")
    if place.token.type == "COMMA":
        return _stray_comma(place)
    if place.token.type == "WHERE":
        if place.inside == "call":
            message = _m("“where” can only follow the first argument, and once.")
            return "misplaced_where", message, _m("Join conditions with “and”: SUM(lines.total where a and b).")
        message = _m("“where” belongs inside the brackets of an aggregate.")
        return "misplaced_where", message, _m("For example SUM(lines.total where not cancelled).")
    if place.inside in ("call", "list"):
        message = _m("A comma or an operator is missing between “{before}” and “{found}”.", before=place.text_before, found=place.text)
    else:
        message = _m("An operator is missing between “{before}” and “{found}”.", before=place.text_before, found=place.text)
    return "missing_operator", message, _missing_operator_cure(place)


def _stray_comma(place: _Place) -> Finding:
    message = _m("A comma can only separate the arguments of a function or the values of “in (…)”.")
    if place.inside == "call":
        message = _m("After “where” comes one condition and nothing else.")
        return "misplaced_comma", message, _m("Join conditions with “and”: SUM(lines.total where a and b).")
    if place.before is not None and place.after is not None and place.before.type == place.after.type == "NUMBER":
        cure = _m("Write the number with a point: {number}.", number=shown(f"{place.before}.{place.after}"))
        return "misplaced_comma", message, cure
    if place.inside == "group":
        return "misplaced_comma", message, _m("Close the bracket before the comma, or write “in” or the function's name before it.")
    return "misplaced_comma", message, _m("An expression gives one value.")


def _missing_operator_cure(place: _Place) -> Message | None:
    """By the words of other languages first, then by what stands side by side."""
    before, token = place.before, place.token
    for word in (token, before):
        if word is not None and word.type in ("NAME", "CALL"):
            cure = _foreign_word(str(word).lower())
            if cure is not None:
                return cure
    if before is None:
        return None
    if token.type == "TEXT" and before.type == "NAME" and before.end_pos == token.start_pos:
        return _m("Values are joined to text with “&”: {example}.", example='"Dear " & first_name')
    if before.type == "TEXT" and token.type == "TEXT" and before.end_pos == token.start_pos:
        return _m("A quote inside a text is written twice.")
    if "TEXT" in (before.type, token.type):
        return _m("Join text with “&”.")
    if before.type == token.type == "NUMBER":
        return _m("Digits are written without spaces.")
    if token.type == "OPEN" and before.type in ("NUMBER", "CLOSE"):
        return _m("Write “*” to multiply.")
    if before.type == token.type == "NAME" and place.inside in ("", "group"):
        return _m("Use the name of the field, not its label: names have “_” instead of spaces.")
    return None


def _foreign_word(word: str) -> Message | None:
    if word in ("is", "isnull", "null", "equals"):
        return _m("Compare with “=”; no value is “blank”: phone = blank.")
    if word in ("like", "ilike", "contains", "matches"):
        return _m("Use CONTAINS(text, part), STARTSWITH or ENDSWITH.")
    if word == "between":
        return _m("Write both limits: a >= 1 and a <= 9.")
    if word in ("if", "then", "else", "elif", "endif", "case", "when", "end"):
        return _m("Write IF(condition, value, otherwise).")
    if word in ("lambda", "def", "function", "return", "import", "from", "for", "while", "let", "var", "const", "set", "del", "exec", "select"):
        return _m("An expression only gives a value: it has no statements, loops or functions of its own.")
    if word in ("mod", "div"):
        return _m("Write MOD(a, b) for a remainder, FLOOR(a / b) for a whole quotient.")
    if word == "xor":
        return _m("Compare the two conditions with “<>”: (a) <> (b).")
    return None


def _where_value(place: _Place) -> Finding:
    """A value has to come, and something else does."""
    token, before = place.token, place.before
    if before is not None and before.type == "NOT" and place.earlier is not None and place.earlier.type in _VALUE_ENDS:
        message = _m("After a value “not” can only begin “not in (…)”.")
        return "misplaced_not", message, _m("Write “<>” for not equal, “and not” for a second condition.")
    if before is not None and before.type == "IN":
        return "missing_list", _m("After “in” comes a list in brackets."), _list_cure()
    if token.type == "NOT":
        message = _m("“not” cannot follow “{before}” without brackets.", before=place.text_before)
        return "misplaced_not", message, _m("Bracket the condition: (not …).")
    if token.type == "PLUS":
        message = _m("“+” needs a value on its left.")
        return "missing_value", message, _m("Leave the sign of a positive number out.")
    if before is None:
        message = _m("The expression begins with “{found}”, where a value is expected.", found=place.text)
        return "missing_value", message, _m("Leave the first “=” out.") if token == "=" else None
    return _missing_value(place, before)


def _missing_value(place: _Place, before: Token) -> Finding:
    token = place.token
    if token.type in ("CLOSE", "COMMA") and place.inside == "list":
        return "missing_value", _m("A value is missing in the list."), _list_cure()
    if token.type in ("CLOSE", "COMMA") and place.inside == "call" and not place.filtered and before.type in ("OPEN", "COMMA"):
        return "missing_value", _m("An argument is missing before “{found}”.", found=place.text), _m("Leave the comma out, or write “blank” for no value.")
    if token.type == "WHERE" and before.type == "OPEN":
        return "missing_value", _m("Before “where” the related list is missing."), _m("For example SUM(lines.total where not cancelled).")
    if token.type == "CLOSE" and before.type == "OPEN":
        return "missing_value", _m("The brackets are empty."), _m("Write a value into them, or the name of a function before them.")
    cure = None
    if str(before) + str(token) in _SPLIT_SIGNS and before.type == "COMPARE":
        cure = _m("Write “{sign}” without a space.", sign=str(before) + str(token))
    elif str(before) + str(token) in ("=<", "=>"):
        cure = _m("Write “{sign}”.", sign=str(token) + str(before))
    elif before.type in _TIGHT and token == before:
        cure = _m("Write it once.")
    message = _m("A value is missing between “{before}” and “{found}”.", before=place.text_before, found=place.text)
    return "missing_value", message, cure


def _list_cure() -> Message:
    return _m("For example {example}.", example='stage in ("won", "lost")')


def _span(token: Token) -> Span:
    return Span(token.start_pos or 0, token.end_pos or 0)
