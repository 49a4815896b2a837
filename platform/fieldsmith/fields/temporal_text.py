"""Dates as people write them in a file, by a stated CLDR pattern: `M/d/yyyy`, `dd.MM.yyyy`, `d MMM yyyy`, `yyyy-MM-dd HH:mm`.

Letters understood: y M d H h m s a, and text between apostrophes. Years must be `yyyy`: two digits would be a guess.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from babel import Locale

from fieldsmith.base.text import Message, _m
from fieldsmith.fields.base import Invalid
from fieldsmith.fields.number_text import locale_named

_TOKENS = re.compile(r"'(?:[^']|'')*'|([a-zA-Z])\1*|.", re.DOTALL)
_NUMERIC = {"M": "month", "d": "day", "H": "hour", "h": "hour12", "m": "minute", "s": "second"}
_OFFSET = re.compile(r"[0-9](?:[Zz]|[+-][0-9]{2}:[0-9]{2})\Z")

Reading = Callable[[str], "datetime | None"]


def date_reader(pattern: str, locale: str | None) -> Callable[[str], date | None]:
    """Text in `pattern` → date, blank → None. Throws `Invalid`, for an unusable pattern at once."""
    read = _reader(pattern, locale)

    def read_day(text: str) -> date | None:
        found = read(text)
        return None if found is None else found.date()

    return read_day


def datetime_reader(pattern: str, locale: str | None, zone: ZoneInfo) -> Callable[[str], datetime | str | None]:
    """Text in `pattern`, on the clock of `zone` → naive UTC. RFC 3339 with an offset is passed on to the coercer."""
    read = _reader(pattern, locale)

    def read_moment(text: str) -> datetime | str | None:
        if "T" in text and _OFFSET.search(text):
            return text
        found = read(text)
        if found is None:
            return None
        try:
            return found.replace(tzinfo=zone).astimezone(UTC).replace(tzinfo=None)
        except OverflowError:
            raise _unlike(text, pattern) from None

    return read_moment


def _reader(pattern: str, locale: str | None) -> Reading:
    """One regular expression per pattern, made once; then a match and a `datetime` per value."""
    shape, months, halves = _shape(pattern, locale_named(locale or "en"))

    def read(text: str) -> datetime | None:
        text = text.strip()
        if not text:
            return None
        found = shape.match(text)
        if found is None:
            raise _unlike(text, pattern)
        parts = found.groupdict()
        year, month, day = int(parts["year"]), parts["month"], int(parts["day"])
        month = months[month.casefold()] if months else int(month)
        try:
            if len(parts) == 3:
                return datetime(year, month, day)
            hour, minute, second = _clock(parts, halves)
            return datetime(year, month, day, hour, minute, second)
        except ValueError:
            message = _m("There is no such day or time as “{value}”.", value=text[:40])
            raise Invalid("impossible_date", message, _m("Correct it in the form {pattern}.", pattern=pattern)) from None

    return read


def _clock(parts: Mapping[str, str | None], halves: Mapping[str, int]) -> tuple[int, int, int]:
    """Hour, minute, second; ValueError for 13 o'clock of a half day."""
    hour = int(parts.get("hour") or 0)
    twelve = parts.get("hour12")
    if twelve is not None:
        if not 1 <= int(twelve) <= 12:
            raise ValueError(twelve)
        hour = int(twelve) % 12 + halves[(parts.get("half") or "").casefold()]
    return hour, int(parts.get("minute") or 0), int(parts.get("second") or 0)


def _shape(pattern: str, locale: Locale) -> tuple[re.Pattern[str], Mapping[str, int], Mapping[str, int]]:
    """The regular expression of `pattern`, month names → number (empty where months are digits), day halves → hours to add."""
    tokens = [found.group() for found in _TOKENS.finditer(pattern)] if len(pattern) <= 60 else []
    months: dict[str, int] = {}
    halves = {"am": 0, "pm": 12, **{str(locale.day_periods["format"]["abbreviated"][key]).casefold(): add for key, add in (("am", 0), ("pm", 12))}}
    pieces: list[str] = []
    for index, token in enumerate(tokens):
        letter, after = token[0], tokens[index + 1][:1] if index + 1 < len(tokens) else ""
        if letter == "'":
            pieces.append(re.escape(token[1:-1].replace("''", "'") or "'"))
        elif token == "yyyy" or token == "y":
            pieces.append("(?P<year>[0-9]{4})")
        elif letter == "y":
            raise _bad_pattern(pattern, _m("Write the year as yyyy; two digits would be a guess."))
        elif letter == "M" and len(token) > 2:
            width = "wide" if len(token) == 4 else "abbreviated"
            months = {str(name).casefold(): number for number, name in locale.months["format"][width].items()}
            pieces.append(f"(?P<month>{_one_of(months)})")
        elif letter in _NUMERIC and len(token) <= 2:
            digits = "{2}" if len(token) == 2 and after.isalpha() else "{1,2}"
            pieces.append(f"(?P<{_NUMERIC[letter]}>[0-9]{digits})")
        elif token == "a":
            pieces.append(f"(?P<half>{_one_of(halves)})")
        elif letter.isalpha() and letter.isascii():
            raise _bad_pattern(pattern, _m("Use the letters y M d H h m s a; put other words between apostrophes."))
        else:
            pieces.append(r"\s+" if token.isspace() else re.escape(token))
    try:
        shape = re.compile("".join(pieces) + r"\Z", re.IGNORECASE)
    except re.error:  # a part named twice
        raise _bad_pattern(pattern, _m("Name each part of the date once.")) from None
    if not {"year", "month", "day"} <= shape.groupindex.keys() or ("hour12" in shape.groupindex) != ("half" in shape.groupindex):
        raise _bad_pattern(pattern, _m("Name year, month and day, like dd.MM.yyyy; with h also a."))
    return shape, months, halves


def _one_of(words: Mapping[str, int]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


def _bad_pattern(pattern: str, hint: Message) -> Invalid:
    return Invalid("date_format", _m("“{pattern}” is not a usable form of dates.", pattern=pattern[:60]), hint)


def _unlike(text: str, pattern: str) -> Invalid:
    if re.search(r"(?<![0-9])[0-9]{1,2}[-/. ][0-9]{1,2}[-/. ][0-9]{2}(?![0-9])", text):
        return Invalid("two_digit_year", _m("The year of “{value}” has two digits only.", value=text[:40]), _m("Write the year with four digits."))
    message = _m("“{value}” has not the form {pattern}.", value=text[:40], pattern=pattern)
    return Invalid("not_date", message, _m("Correct it, or choose the form the file has."))
