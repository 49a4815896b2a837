"""Currency: an amount, its ISO 4217 code, and the same in company currency at the rate of the day it was saved."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from operator import itemgetter
from typing import Any, ClassVar

from babel.core import get_global
from babel.numbers import get_currency_symbol

from fieldsmith.base.problems import did_you_mean
from fieldsmith.base.text import _m
from fieldsmith.expr.types import TEXT, number
from fieldsmith.expr.vocabulary import Symbol
from fieldsmith.fields import option_schemas
from fieldsmith.fields.base import Column, Field, FieldType, Invalid, Json, Reader, Scope, Storage
from fieldsmith.fields.number import DIGITS, NUMBER_OPERATORS, decimal_encoder, decimal_rule
from fieldsmith.fields.number_format import currency_displayer
from fieldsmith.fields.number_text import number_reader
from fieldsmith.fields.symbols import part_of, scaled, symbol_of
from fieldsmith.fields.values import Money


def currency_codes() -> frozenset[str]:
    """The ISO 4217 codes that are money somewhere today, as Babel knows them."""
    uses = get_global("territory_currencies").values()
    return frozenset(code for spans in uses for code, _, end, tender in spans if end is None and tender)


class CurrencyType(FieldType):
    """Sorts and compares by the company amount; `amount` and `currency` are what was entered."""

    name = "currency"
    title = _m("Currency")
    help = _m("An amount of money in any currency.")
    widget = "money"
    option_properties: ClassVar[Mapping[str, Json]] = {"scale": option_schemas.scale(2)}
    operators = NUMBER_OPERATORS
    align_end = True
    sort_part = "company"
    parts = ("amount", "currency")

    def scale(self, field: Field) -> int:
        """Digits after the decimal point."""
        return int(field.options.get("scale", 2))

    def columns(self, field: Field) -> tuple[Column, ...]:
        scale = self.scale(field)
        return (Column("", Storage.DECIMAL, scale=scale), Column("currency", Storage.TEXT), Column("company", Storage.DECIMAL, scale=scale))

    def symbol(self, field: Field) -> Symbol:
        """The company amount; what was entered by part."""
        scale = self.scale(field)
        whole, type_ = scaled(scale), number(scale)
        parts = {
            "amount": part_of(field, "amount", type_, "", lambda value: whole(value[0])),
            "currency": part_of(field, "currency", TEXT, "currency", itemgetter(1)),
        }
        return symbol_of(field, type_, column="company", read=lambda value: whole(value[2]), parts=parts)

    def unpacker(self, field: Field) -> Callable[[Any], Any]:
        return lambda parts: None if parts[0] is None else Money(*parts)

    def coercer(self, field: Field, scope: Scope) -> Callable[[Any], Any]:
        scale, home = self.scale(field), scope.currency
        known: set[str] = set()  # codes met so far
        read = decimal_rule(scale)
        read_amount = decimal_rule(scale, part="amount")

        def coerce(raw: Any) -> Money | None:
            if type(raw) is Money:
                return raw
            if isinstance(raw, Mapping):
                if not raw.keys() <= {"amount", "currency"}:
                    raise _not_money(raw)
                amount, code = read_amount(raw.get("amount")), raw.get("currency")
            else:
                amount, code = read(raw), None
            if amount is None:
                return None
            if code is None or code == home or code == "":
                return Money(amount, home, amount)
            if not isinstance(code, str) or code not in known:
                code = _currency_code(code, home)
                known.add(code)
            return Money(amount, code, _company_amount(amount, code, scale, scope))

        return coerce

    def same(self, old: Any, new: Any) -> bool:
        """Amount and code decide: a changed rate alone does not change what was saved at another day's rate."""
        return old is new or (old is not None and new is not None and old[:2] == new[:2])

    def json_schema(self, field: Field, scope: Scope) -> dict[str, Json]:
        amount = option_schemas.decimal_value(f"Text with {self.scale(field)} decimals when read.", "12.50")
        code = {"type": ["string", "null"], "description": "ISO 4217; without one the company's currency.", "examples": ["EUR"]}
        return {
            "type": ["object", "string", "number", "null"],
            "properties": {"amount": amount, "currency": code},
            "additionalProperties": False,
            "description": "An object when read; a plain number in company currency is accepted when written.",
            "examples": [self.example(field, scope)],
        }

    def example(self, field: Field, scope: Scope) -> Json:
        return {"amount": f"{Decimal('12.5').quantize(Decimal(1).scaleb(-self.scale(field)), ROUND_HALF_UP):f}", "currency": scope.currency}

    def encoder(self, field: Field) -> Callable[[Any], Json] | None:
        write = decimal_encoder(self.scale(field))
        return lambda value: {"amount": write(value[0]), "currency": value[1]}

    def displayer(self, field: Field, scope: Scope, reader: Reader) -> Callable[[Any], str]:
        return currency_displayer(reader.locale, self.scale(field))

    def search_text(self, value: Any) -> str:
        return f"{value[0]:f}"

    def text_reader(self, field: Field, scope: Scope, *, date_format: str | None = None, locale: str | None = None) -> Callable[[str], Any]:
        """`12.50`, `12.50 EUR`, `EUR 12.50`, and the company currency's own sign."""
        read = number_reader(locale)
        sign = get_currency_symbol(scope.currency, locale.replace("-", "_") if locale else "en")

        def cell(text: str) -> Any:
            text = text.strip()
            code = None
            if text[-3:].isalpha() and text[-3:].isascii():
                text, code = text[:-3], text[-3:]
            elif text[:3].isalpha() and text[:3].isascii():
                text, code = text[3:], text[:3]
            elif sign in text:
                minus = "-" if text.startswith("-") else ""
                text = minus + text.removeprefix("-").strip().removeprefix(sign).removesuffix(sign)
            amount = read(text)
            return amount if code is None else {"amount": amount, "currency": code}

        return cell

    def export_text(self, field: Field) -> Callable[[Any], str]:
        write = decimal_encoder(self.scale(field))
        return lambda value: f"{write(value[0])} {value[1]}"


def _currency_code(raw: Any, home: str) -> str:
    code = raw.strip().upper() if isinstance(raw, str) else ""
    if code == home or code in currency_codes():
        return code
    message = _m("There is no currency “{code}”.", code=code[:20]) if code else _m("The currency is missing or is not text.")
    hint = did_you_mean(code, currency_codes()) or _m("Use a three-letter code like USD, EUR or CNY.")
    raise Invalid("unknown_currency", message, hint, "currency")


def _company_amount(amount: Decimal, code: str, scale: int, scope: Scope) -> Decimal:
    if code == scope.currency:
        return amount
    rate = scope.rate(code, scope.today())
    if rate is None:
        message = _m("There is no exchange rate from {code} to {home} for today.", code=code, home=scope.currency)
        hint = _m("Ask an administrator to add the rate to the company profile, or enter the amount in {home}.", home=scope.currency)
        raise Invalid("no_rate", message, hint, "currency")
    product = amount * rate
    if product and product.adjusted() >= DIGITS - scale:
        message = _m("In {home} this amount is too large to be kept.", home=scope.currency)
        raise Invalid("out_of_range", message, _m("Write a smaller number."), "amount")
    rounded = product.quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP)
    return rounded if rounded else rounded.copy_abs()


def _not_money(raw: Mapping[Any, Any]) -> Invalid:
    unknown = next(str(key) for key in raw if key not in ("amount", "currency"))
    message = _m("“{key}” is no part of a currency value.", key=unknown[:40])
    return Invalid("unknown_part", message, did_you_mean(unknown, ("amount", "currency")) or _m("Write only “amount” and “currency”."), unknown[:40])
