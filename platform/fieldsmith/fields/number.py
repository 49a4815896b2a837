"""Number types: integer, decimal, percent; and the rules by which other types read whole numbers and decimals.

Decimals are exact: rounded half away from zero to the declared scale, 18 digits stored; NaN, infinities and -0 are refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, ClassVar

from fieldsmith.base.text import Message, _m
from fieldsmith.expr.types import INTEGER
from fieldsmith.expr.vocabulary import Symbol
from fieldsmith.fields import option_schemas
from fieldsmith.fields.base import Column, Field, FieldType, Invalid, Json, Reader, Scope, Storage
from fieldsmith.fields.number_format import decimal_displayer, percent_displayer
from fieldsmith.fields.number_text import number_reader
from fieldsmith.fields.symbols import decimal_symbol, symbol_of

NUMBER_OPERATORS = ("=", "<>", "<", "<=", ">", ">=", "in", "not in", "isblank")
DIGITS = 18
LOWEST, HIGHEST = -(2**63), 2**63 - 1

_INTEGER = re.compile(r"[+-]?[0-9]{1,19}\Z")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]{1,60}(?:\.[0-9]{0,60})?|\.[0-9]{1,60})\Z")
_LONG = re.compile(r"[+-]?[0-9]+(?:\.[0-9]*)?\Z")


def whole_number(raw: Any, low: int = LOWEST, high: int = HIGHEST) -> int | None:
    """Raw → integer within limits or None when blank. Takes `12`, `"12"` and the JSON float `12.0`; not `true`, not `"1e3"`."""
    number: int | None = raw if type(raw) is int else _as_integer(raw)
    if number is not None and not low <= number <= high:
        raise _outside(number, low, high)
    return number


def _as_integer(raw: Any) -> int | None:
    if isinstance(raw, str):
        text = raw.strip()
        if not text:
            return None
        if _INTEGER.match(text):
            whole = int(text)
            if whole == 0 and text[0] == "-":
                raise _negative_zero()
            return whole
        if _LONG.match(text) and "." not in text:
            raise _outside(2**64, LOWEST, HIGHEST)
    elif isinstance(raw, (float, Decimal)):
        number = Decimal(raw)
        if number.is_finite() and number.adjusted() > DIGITS:
            raise _outside(2**64, LOWEST, HIGHEST)
        if number.is_finite() and number == number.to_integral_value():
            if not number and number.is_signed():
                raise _negative_zero()
            return int(number)
    elif raw is None:
        return None
    raise Invalid("not_integer", _m("{value} is not a whole number.", value=_shown(raw)), _m("Write digits only, like 1200."))


def decimal_rule(scale: int, low: Decimal | None = None, high: Decimal | None = None, part: str = "") -> Callable[[Any], Decimal | None]:
    """Raw → exact Decimal of `scale` digits after the point (None when blank), within `low`…`high`.

    A float counts as its shortest text (0.1 + 0.2 is 0.30000000000000004, so 0.30 at scale 2).
    """
    unit = Decimal(1).scaleb(-scale)
    top = DIGITS - 1 - scale  # highest power of ten that fits

    def read(raw: Any) -> Decimal | None:
        if type(raw) is int or (type(raw) is str and _DECIMAL.match(raw)):
            number = Decimal(raw)
        else:
            found = _as_decimal(raw, part)
            if found is None:
                return None
            number = found
        if not number:
            if number.is_signed():
                raise _negative_zero(part)
        elif number.adjusted() > top:
            raise _too_large(top + 1, part)
        number = number.quantize(unit, ROUND_HALF_UP)
        if not number:
            number = number.copy_abs()
        elif number.adjusted() > top:
            raise _too_large(top + 1, part)
        if (low is not None and number < low) or (high is not None and number > high):
            raise _outside(number, low, high, part)
        return number

    return read


def _as_decimal(raw: Any, part: str) -> Decimal | None:
    if isinstance(raw, str):
        text = raw.strip()
        if not text:
            return None
        if _DECIMAL.match(text):
            return Decimal(text)
        if _LONG.match(text):
            raise _too_large(DIGITS, part)
    elif isinstance(raw, float):
        if raw - raw == 0:  # neither infinite nor NaN
            return Decimal(repr(raw))
    elif isinstance(raw, Decimal):
        if raw.is_finite():
            return raw
    elif raw is None:
        return None
    message = _m("{value} is not a number.", value=_shown(raw))
    raise Invalid("not_number", message, _m("Write digits and at most one decimal point, like 1234.50."), part)


def _shown(raw: Any) -> Any:
    """`raw` as a sentence may quote it."""
    if isinstance(raw, str):
        return f"“{raw.strip()[:40]}”"
    if isinstance(raw, bool):
        return "true" if raw else "false"
    return str(raw)[:40] if isinstance(raw, (float, Decimal)) else _m("This value")


def _too_large(digits: int, part: str = "") -> Invalid:
    message = _m("This number is too large: it may have {digits} digits before the decimal point.", digits=digits)
    return Invalid("out_of_range", message, _m("Write a smaller number."), part)


def _negative_zero(part: str = "") -> Invalid:
    return Invalid("negative_zero", _m("There is no negative zero."), _m("Write 0."), part)


def _outside(number: int | Decimal, low: int | Decimal | None, high: int | Decimal | None, part: str = "") -> Invalid:
    if type(number) is int and not LOWEST <= number <= HIGHEST:
        return Invalid("out_of_range", _m("This number is too large to be kept."), _m("Numbers of up to 18 digits can be kept."), part)
    if low is not None and number < low:
        return Invalid("too_small", _m("{value} is too small.", value=number), _m("Write {limit} or more.", limit=low), part)
    return Invalid("too_big", _m("{value} is too big.", value=number), _m("Write {limit} or less.", limit=high), part)


def limit_of(field: Field, option: str) -> Decimal | None:
    """The option `min` or `max` as a decimal, None where it is not set (or unreadable, which `option_problems` says)."""
    found = field.options.get(option)
    try:
        return decimal_rule(8)(found)
    except Invalid:
        return None


def limits_crossed(field: Field) -> tuple[tuple[str, Message, Message | None], ...]:
    """The option problem of a `min` above the `max`."""
    low, high = limit_of(field, "min"), limit_of(field, "max")
    if low is not None and high is not None and low > high:
        return (("min", _m("“min” is greater than “max”, so no value would do."), _m("Exchange the two.")),)
    return ()


class IntegerType(FieldType):
    name = "integer"
    title = _m("Whole number")
    help = _m("A number without decimals.")
    widget = "number"
    option_properties: ClassVar[Mapping[str, Json]] = {
        "min": {"type": "integer", "minimum": LOWEST, "maximum": HIGHEST, "description": "Smallest value allowed."},
        "max": {"type": "integer", "minimum": LOWEST, "maximum": HIGHEST, "description": "Greatest value allowed."},
        "grouping": {"type": "boolean", "default": True, "description": "false shows it without thousands separators, as years and codes are written."},
    }
    operators = NUMBER_OPERATORS
    align_end = True
    can_be_unique = True

    def columns(self, field: Field) -> tuple[Column, ...]:
        return (Column("", Storage.INTEGER),)

    def symbol(self, field: Field) -> Symbol:
        return symbol_of(field, INTEGER)

    def bounds(self, field: Field) -> tuple[int, int]:
        """Smallest and greatest value."""
        low, high = field.options.get("min"), field.options.get("max")
        return (LOWEST if low is None else int(low), HIGHEST if high is None else int(high))

    def coercer(self, field: Field, scope: Scope) -> Callable[[Any], Any]:
        low, high = self.bounds(field)

        def coerce(raw: Any) -> int | None:
            if type(raw) is int and low <= raw <= high:
                return raw
            return whole_number(raw, low, high)

        return coerce

    def json_schema(self, field: Field, scope: Scope) -> dict[str, Json]:
        low, high = self.bounds(field)
        return {"type": ["integer", "null"], "minimum": low, "maximum": high, "examples": [self.example(field, scope)]}

    def example(self, field: Field, scope: Scope) -> Json:
        low, high = self.bounds(field)
        return max(low, min(12, high))

    def displayer(self, field: Field, scope: Scope, reader: Reader) -> Callable[[Any], str]:
        return decimal_displayer(reader.locale, 0) if field.options.get("grouping", True) else str

    def text_reader(self, field: Field, scope: Scope, *, date_format: str | None = None, locale: str | None = None) -> Callable[[str], Any]:
        return number_reader(locale)

    def option_problems(self, field: Field) -> tuple[tuple[str, Message, Message | None], ...]:
        low, high = self.bounds(field)
        return (("min", _m("“min” is greater than “max”, so no value would do."), _m("Exchange the two.")),) if low > high else ()


class DecimalType(FieldType):
    name = "decimal"
    title = _m("Decimal number")
    help = _m("An exact number with decimals.")
    widget = "number"
    option_properties: ClassVar[Mapping[str, Json]] = {
        "scale": option_schemas.scale(2),
        "min": {"type": ["number", "string"], "description": "Smallest value allowed."},
        "max": {"type": ["number", "string"], "description": "Greatest value allowed."},
    }
    operators = NUMBER_OPERATORS
    align_end = True
    can_be_unique = True

    def scale(self, field: Field) -> int:
        """Digits after the decimal point."""
        return int(field.options.get("scale", 2))

    def columns(self, field: Field) -> tuple[Column, ...]:
        return (Column("", Storage.DECIMAL, scale=self.scale(field)),)

    def symbol(self, field: Field) -> Symbol:
        return decimal_symbol(field, self.scale(field))

    def coercer(self, field: Field, scope: Scope) -> Callable[[Any], Any]:
        return decimal_rule(self.scale(field), limit_of(field, "min"), limit_of(field, "max"))

    def json_schema(self, field: Field, scope: Scope) -> dict[str, Json]:
        text = f"Text with {self.scale(field)} decimals when read; text or a number when written."
        return option_schemas.decimal_value(text, self.example(field, scope))

    def example(self, field: Field, scope: Scope) -> Json:
        wanted = Decimal("12.5")
        low, high = limit_of(field, "min"), limit_of(field, "max")
        wanted = wanted if low is None else max(low, wanted)
        return fixed(wanted if high is None else min(high, wanted), self.scale(field))

    def encoder(self, field: Field) -> Callable[[Any], Json] | None:
        return decimal_encoder(self.scale(field))

    def displayer(self, field: Field, scope: Scope, reader: Reader) -> Callable[[Any], str]:
        return decimal_displayer(reader.locale, self.scale(field))

    def text_reader(self, field: Field, scope: Scope, *, date_format: str | None = None, locale: str | None = None) -> Callable[[str], Any]:
        return number_reader(locale)

    def export_text(self, field: Field) -> Callable[[Any], str]:
        return decimal_encoder(self.scale(field))

    def option_problems(self, field: Field) -> tuple[tuple[str, Message, Message | None], ...]:
        unreadable = [
            (key, _m("“{option}” is not a number.", option=key), _m("Write it like 12.50."))
            for key in ("min", "max")
            if field.options.get(key) is not None and limit_of(field, key) is None
        ]
        return (*unreadable, *limits_crossed(field))


def decimal_encoder(scale: int) -> Callable[[Any], str]:
    """Canonical decimal → text with its declared scale. `str` would turn to exponents below a millionth."""
    return str if scale <= 6 else "{:f}".format


def fixed(number: Decimal, scale: int) -> str:
    """`number` rounded to `scale`, as the API writes it."""
    return f"{number.quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP):f}"


class PercentType(DecimalType):
    """25 means 25 %."""

    name = "percent"
    title = _m("Percent")
    help = _m("A share of a hundred: 25 means 25 %.")
    widget = "number"
    option_properties: ClassVar[Mapping[str, Json]] = {"scale": option_schemas.scale(2)}

    def displayer(self, field: Field, scope: Scope, reader: Reader) -> Callable[[Any], str]:
        return percent_displayer(reader.locale, self.scale(field))

    def text_reader(self, field: Field, scope: Scope, *, date_format: str | None = None, locale: str | None = None) -> Callable[[str], Any]:
        read = number_reader(locale)
        return lambda text: read(text.strip().removesuffix("%"))
