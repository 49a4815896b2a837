"""Numbers as people write them in a file: the decimal and grouping signs of a locale, made the plain form coercers read."""

from __future__ import annotations

import re
from collections.abc import Callable

from babel import Locale, UnknownLocaleError

from fieldsmith.base.text import _m
from fieldsmith.fields.base import Invalid

_SPACES = "\u00a0\u202f "
_APOSTROPHES = "'’"


def locale_named(name: str) -> Locale:
    """The Babel locale of `name`; `Invalid` when there is none."""
    try:
        return Locale.parse(name.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        message = _m("There is no locale “{name}”.", name=name)
        raise Invalid("unknown_locale", message, _m("Use one like en, de or zh_Hans.")) from None


def number_reader(locale: str | None) -> Callable[[str], str]:
    """Text in the decimal form of `locale` → text with ASCII digits and a point; what it cannot read it leaves to the coercer to refuse.

    Groups must stand where the locale puts them, so `1,234` under `en` is 1234 but `1,23` is refused, not 123.
    """
    if locale is None:
        return str.strip
    known = locale_named(locale)
    symbols = known.number_symbols["latn"] if "latn" in known.number_symbols else known.number_symbols[known.default_numbering_system]
    group, point = str(symbols["group"]), str(symbols["decimal"])
    groups = next((family for family in (_SPACES, _APOSTROPHES) if group in family), group)
    primary, secondary = known.decimal_formats[None].grouping
    sign = re.escape(groups)
    grouped = rf"[0-9]{{1,{secondary}}}(?:[{sign}][0-9]{{{secondary}}})*[{sign}][0-9]{{{primary}}}"
    shape = re.compile(rf"([+\-−]?)((?:{grouped})|[0-9]+)(?:{re.escape(point)}([0-9]*))?\Z")
    drop = str.maketrans("", "", groups)

    def read(text: str) -> str:
        text = text.strip()
        found = shape.match(text)
        if found is None:
            return _left_alone(text, point)
        minus, whole, fraction = found.groups()
        digits = whole if whole.isdigit() else whole.translate(drop)
        return ("-" if minus in ("-", "−") and minus else "") + digits + (f".{fraction}" if fraction else "")

    return read


def _left_alone(text: str, point: str) -> str:
    """A plain `1234.5` under a locale with another decimal sign must not slip through as if it had been read by that locale."""
    if point != "." and text.strip("+-").replace(".", "").isdigit() and "." in text:
        message = _m("“{value}” has no decimal form of this locale, which writes “{point}” before decimals.", value=text[:40], point=point)
        raise Invalid("not_number", message, _m("Correct the number, or choose the locale the file was written in."))
    return text
