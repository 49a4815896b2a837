"""What the text functions compute, on plain values. A text is never "": what would be empty is blank (None).

`SQLITE` are the same functions as SQLite calls them: blank when an argument is blank, a number beyond 64 bits as its digits.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from types import MappingProxyType
from typing import Any

from fieldsmith.expr.folding import FUNCTION, fold
from fieldsmith.expr.types import DIGITS, MAX_SCALE

MAX_TEXT = 1_000_000
"""Code points a text may have while computing, as many as the longest field takes; a longer result is blank."""

WHITE_SPACE = "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
"""The code points of Unicode's White_Space; Python's `str.split` knows four more."""

_RUN = re.compile(f"[{WHITE_SPACE}]+")
_WORD = re.compile(f"[^{WHITE_SPACE}]+")
_NUMBER = re.compile(r"([+-]?)([0-9]+)(?:\.([0-9]+))?")
_WHOLE_DIGITS = DIGITS - MAX_SCALE
_SMALLEST, _LARGEST = -(2**63), 2**63 - 1


def length(text: str | None) -> int:
    return 0 if text is None else len(text)


def left(text: str, count: int) -> str | None:
    return text[:count] if count > 0 else None


def right(text: str, count: int) -> str | None:
    return text[-count:] if count > 0 else None


def mid(text: str, start: int, count: int) -> str | None:
    """`count` code points from position `start`, counted from 1; blank when `start` is before the text."""
    return text[start - 1 : start - 1 + count] or None if start > 0 and count > 0 else None


def upper(text: str) -> str | None:
    return limited(text.upper())


def lower(text: str) -> str | None:
    return limited(text.lower())


def trim(text: str) -> str | None:
    return _RUN.sub(" ", text).strip(" ") or None


def contains(text: str, part: str) -> bool:
    return fold(part) in fold(text)


def starts_with(text: str, part: str) -> bool:
    return fold(text).startswith(fold(part))


def ends_with(text: str, part: str) -> bool:
    return fold(text).endswith(fold(part))


def find(part: str, text: str) -> int:
    """The position, from 1, of the first `part` in `text`; 0 when there is none."""
    return text.find(part) + 1


def substitute(text: str | None, old: str | None, new: str | None) -> str | None:
    """Every `old` in `text` replaced; a blank `new` takes it away. How long the result gets is known before it is made."""
    if text is None or old is None:
        return None
    new = new or ""
    growth = len(new) - len(old)
    if growth > 0 and len(text) + text.count(old) * growth > MAX_TEXT:
        return None
    return text.replace(old, new) or None


def initials(text: str) -> str | None:
    """The first code point of every word, in capitals."""
    return limited("".join([word[0] for word in _WORD.findall(text)]).upper())


def limited(text: str) -> str | None:
    """`text`, or blank when it is empty or longer than `MAX_TEXT`."""
    return text if 0 < len(text) <= MAX_TEXT else None


def value(text: str) -> int | None:
    """The number an ASCII text `[+-]?digits[.digits]` writes, scaled by 10^8; blank for any other text and beyond 38 digits."""
    found = _NUMBER.fullmatch(text)
    if found is None:
        return None
    sign, zeros, fraction = found.groups()
    whole = zeros.lstrip("0")
    if len(whole) > _WHOLE_DIGITS:
        return None
    digits = (fraction or "")[: MAX_SCALE + 1].ljust(MAX_SCALE + 1, "0")
    scaled = (int(whole + digits) + 5) // 10
    if scaled >= 10**DIGITS:
        return None
    return -scaled if sign == "-" else scaled


def number_text(scaled: int, scale: int) -> str:
    """A decimal in digits: no grouping, no zeros at its end."""
    if scale == 0:
        return str(scaled)
    digits = str(abs(scaled)).rjust(scale + 1, "0")
    fraction = digits[-scale:].rstrip("0")
    return f"{'-' if scaled < 0 else ''}{digits[:-scale]}{'.' if fraction else ''}{fraction}"


def boolean_text(value: bool) -> str:
    return "true" if value else "false"


def moment_text(value: date | datetime | time) -> str:
    """`2026-11-22`, `2026-11-22 09:30:00`, `09:30:00`; a datetime in UTC; microseconds only where there are any."""
    return value.isoformat(" ") if isinstance(value, datetime) else value.isoformat()


def _integer(value: int | None) -> int | str | None:
    """As SQLite keeps numbers while computing."""
    return value if value is None or _SMALLEST <= value <= _LARGEST else str(value)


def _strict(plain: Callable[..., Any]) -> Callable[..., Any]:
    def call(*values: Any) -> Any:
        return None if None in values else plain(*values)

    return call


def _in_folded(text: str | None, folded: str | None) -> bool | None:
    """`contains` of a part already folded; written out, because filters over a million rows live in it."""
    if text is None or folded is None:
        return None
    return folded in (text.lower() if text.isascii() else fold(text))


SQLITE: Mapping[str, tuple[int, Callable[..., Any]]] = MappingProxyType(
    {
        FUNCTION: (1, _strict(fold)),
        "fs_upper": (1, _strict(upper)),
        "fs_lower": (1, _strict(lower)),
        "fs_trim": (1, _strict(trim)),
        "fs_initials": (1, _strict(initials)),
        "fs_limited": (1, _strict(limited)),
        "fs_left": (2, _strict(lambda text, count: left(text, int(count)))),
        "fs_right": (2, _strict(lambda text, count: right(text, int(count)))),
        "fs_mid": (3, _strict(lambda text, start, count: mid(text, int(start), int(count)))),
        "fs_contains": (2, _in_folded),
        "fs_starts_with": (2, _strict(lambda text, folded: fold(text).startswith(folded))),
        "fs_ends_with": (2, _strict(lambda text, folded: fold(text).endswith(folded))),
        "fs_substitute": (3, substitute),
        "fs_value": (1, _strict(lambda text: _integer(value(text)))),
        "fs_number_text": (2, _strict(lambda scaled, scale: number_text(int(scaled), scale))),
    }
)
"""Name → how many arguments it takes, and what it computes. The part that CONTAINS and its like look for comes folded."""
