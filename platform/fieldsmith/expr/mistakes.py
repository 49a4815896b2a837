"""Common slips of spelling, each with its cure: signs of other languages and keyboards, quotes, numbers, names.

The scanner asks; what is spelt right but stands in the wrong place is for `misplaced`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from fieldsmith.base.problems import Problem
from fieldsmith.base.text import Message, _m
from fieldsmith.expr.errors import problem_at
from fieldsmith.expr.grammar import KEYWORDS, SIGNS
from fieldsmith.expr.syntax import Span

_SHOWN = 40

WRONG_SIGNS: Mapping[str, str] = {
    "==": "=",
    "===": "=",
    "!=": "<>",
    "!==": "<>",
    "=>": ">=",
    "=<": "<=",
    "<=>": "=",
    "&&": "and",
    "||": "or",
    "**": "^",
    **dict.fromkeys(("//", "++", "->", "<<", ">>", "/*", "*/", ":=", "+=", "-=", "*=", "/=", "&="), ""),
}
"""Signs of other languages that can stand in no expression, and what is meant ("" where that is not one sign)."""

_TYPOGRAPHIC: Mapping[str, str] = {
    **{"×": "*", "·": "*", "∗": "*", "÷": "/", "∕": "/", "−": "-", "–": "-", "—": "-"},
    **{"≠": "<>", "≤": "<=", "≥": ">=", "≦": "<=", "≧": ">=", "∧": "and", "∨": "or", "¬": "not"},
    **{"、": ",", "《": "<", "》": ">", "〈": "<", "〉": ">", "【": "(", "】": ")", "〔": "(", "〕": ")"},
}
"""Signs of print and of Chinese keyboards; full-width forms of ASCII (，（＝) are found by their compatibility forms."""
_QUOTES = "“”„‟«»＂‘’‚‛＇`´「」『』"  # the scanner takes the text between two of them as one slip
_NOTHINGS = frozenset({"null", "none", "nil", "undefined", "nothing", "empty"})


def shown(text: str) -> str:
    """`text` short enough to stand in a sentence."""
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def meant_by(sign: str) -> str:
    """What a sign of another language or keyboard stands for; the sign itself where nothing is known."""
    return WRONG_SIGNS.get(sign) or _TYPOGRAPHIC.get(sign) or unicodedata.normalize("NFKC", sign[:1])


def unclosed_problem(source: str, start: int) -> Problem:
    """A quote at `start` that opens a text which never ends."""
    quote = source[start]
    message = _m("The text that begins here is never closed.")
    if "\\" + quote in source:
        hint = _m("A quote inside a text is written twice, without a backslash: {quote}{quote}.", quote=quote)
    else:
        hint = _m("Write {quote} after its last letter; a quote inside a text is written twice.", quote=quote)
    return problem_at(source, Span(start, start + 1), "unclosed_text", message, hint)


def number_problem(source: str, text: str, span: Span) -> Problem:
    """A number spelt otherwise than `12` or `12.50`."""
    plain = unicodedata.normalize("NFKC", text)
    cure: Message = _m("Numbers are written with digits and one point: 12 or 12.50.")
    if sum(sign.isdigit() for sign in plain) > 38:
        return problem_at(source, span, "number_too_long", _m("A number has at most 38 digits."))
    if re.fullmatch(r"[0-9]+\.", plain):
        cure = _m("Write {number}.", number=shown(plain[:-1]))
    elif re.fullmatch(r"\.[0-9]+", plain):
        cure = _m("Write {number}.", number=shown("0" + plain))
    elif re.fullmatch(r"[0-9]+(?:\.[0-9]+)?[eE][0-9]*", plain):
        cure = _m("Numbers are written out, without a power of ten: 1000, not 1e3.")
    elif re.fullmatch(r"[0-9]{1,3}(?:_[0-9]{3})+", plain):
        cure = _m("Write {number}.", number=plain.replace("_", ""))
    elif plain != text and re.fullmatch(r"[0-9]+(?:\.[0-9]+)?", plain):
        cure = _m("Write {number}, with the digits 0 to 9.", number=shown(plain))
    elif re.fullmatch(r"[0-9]+[a-zA-Z_][a-zA-Z0-9_]*", plain):
        cure = _m("A sign or a space is missing after the number; names begin with a letter.")
    return problem_at(source, span, "malformed_number", _m("“{number}” is not a number.", number=shown(text)), cure)


def name_problem(source: str, name: str, span: Span, called: bool) -> Problem:
    """A word that is no name of a field, or no name of a function where `called`."""
    if called and "." in name:
        last = name.rpartition(".")[2].upper()
        message = _m("“{name}” is not a function: values have none of their own.", name=shown(name))
        return problem_at(source, span, "unknown_syntax", message, _m("Functions stand alone and take the value in brackets: {name}(…).", name=shown(last)))
    if called:
        message = _m("“{name}” cannot be the name of a function.", name=shown(name))
        return problem_at(source, span, "malformed_name", message, _m("Names of functions have the letters A to Z, digits and “_”, like STARTOF."))
    message = _m("“{name}” cannot be a name here.", name=shown(name))
    return problem_at(source, span, "malformed_name", message, _name_cure(name))


def _name_cure(name: str) -> Message:
    keywords = [part for part in name.lower().split(".") if part in KEYWORDS]
    if keywords and "." in name:
        return _m("“{word}” is a word of the language and never part of a path.", word=keywords[0])
    if name.lower() in _NOTHINGS:
        return _m("Write “blank” for no value.")
    plain = unicodedata.normalize("NFKC", name)
    if name.isascii() and name.isupper() and "." not in name:
        return _m("Fields are written in small letters: “{field}”; functions with brackets: “{name}()”.", field=shown(name.lower()), name=shown(name))
    small = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", plain).lower()
    if re.fullmatch(r"[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*", small):
        return _m("Write it in small letters: “{field}”.", field=shown(small))
    return _m("Names have the small letters a to z, digits and “_”, and begin with a letter. Use the name of the field, not its label; text needs quotes.")


def odd_problem(source: str, text: str, span: Span) -> Problem:
    """A sign that the language does not have."""
    if text in WRONG_SIGNS:
        return _wrong_sign(source, text, span)
    first = text[0]
    if first in _QUOTES:
        message = _m("Typographic quotes such as {sign} do not mark text.", sign=first)
        return problem_at(source, span, "typographic_quote", message, _m("""Write text in straight quotes: "text" or 'text'."""))
    if first == ".":
        message = _m("A point can only join names.")
        return problem_at(source, span, "unknown_syntax", message, _m("Write paths without spaces: account.name; values have no attributes."))
    if not first.isprintable():
        code = f"U+{ord(first):04X}"
        return problem_at(source, span, "unreadable_character", _m("An invisible character ({code}) stands here.", code=code), _m("Delete it."))
    meant = meant_by(text)
    if meant in SIGNS or meant in KEYWORDS:
        return problem_at(source, span, "typographic_sign", _m("“{sign}” is not a sign of the language.", sign=first), _m("Write “{meant}”.", meant=meant))
    return problem_at(source, span, "unknown_sign", _m("“{sign}” is not a sign of the language.", sign=first), _sign_cure(meant if meant.isascii() else first))


def _wrong_sign(source: str, text: str, span: Span) -> Problem:
    meant = WRONG_SIGNS[text]
    if text == "||":
        cure: Message | None = _m("Write “or” between conditions, “&” to join text.")
    elif meant:
        cure = _m("Write “{meant}”.", meant=meant)
    else:
        cure = _wrong_sign_cure(text)
    return problem_at(source, span, "unknown_sign", _m("“{sign}” is not a sign of the language.", sign=text), cure)


def _wrong_sign_cure(text: str) -> Message | None:
    if text in ("//", "/*", "*/"):
        return _m("A comment begins with “--” and ends with its line; whole quotients are FLOOR(a / b).")
    if text.endswith("="):
        return _m("An expression only gives a value and can set none; “=” compares.")
    if text == "->":
        return _m("Paths are joined by a point: account.name.")
    return None


def _sign_cure(sign: str) -> Message | None:
    cures: Mapping[str, Message] = {
        "%": _m("Write MOD(a, b) for a remainder; 25 percent of x is x * 25 / 100."),
        "!": _m("Write “not” before a condition, “<>” for not equal."),
        "|": _m("Write “or” between conditions, “&” to join text."),
        "?": _m("Write IF(condition, value, otherwise)."),
        ":": _m("An expression only gives a value: it sets none and defines no functions. To choose, write IF(condition, value, otherwise)."),
        ";": _m("Arguments are separated by commas; an expression is one only and ends without a sign."),
        "#": _m("A comment begins with “--”."),
        "\\": _m("A quote inside a text is written twice, without a backslash."),
        **dict.fromkeys("[]{}", _m("Write round brackets; a field goes by its name alone.")),
        **dict.fromkeys("$€£¥", _m("Write the number alone; the sign of a currency needs quotes.")),
        **dict.fromkeys("@~", _m("Text needs quotes.")),
    }
    return cures.get(sign)
