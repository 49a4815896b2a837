"""Formula and rollup: fields whose values the platform works out. Nobody writes them.

Everything about a value — how it is kept, encoded, shown, sorted — is said by the type the field returns; only money is kept
without a code, as an amount in company currency. Whether a field has a column is worked out by `meta.computed` and told in its
options, as are what a rollup returns and its scale.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from fieldsmith.base.text import Message, _m
from fieldsmith.expr.vocabulary import Symbol
from fieldsmith.fields import option_schemas
from fieldsmith.fields.base import Column, Field, FieldType, Json, Reader, Scope
from fieldsmith.fields.choice import BooleanType, ChoiceType
from fieldsmith.fields.number import DecimalType, IntegerType, PercentType
from fieldsmith.fields.number_format import currency_displayer
from fieldsmith.fields.temporal import DatetimeType, DateType, DurationType, TimeType
from fieldsmith.fields.text import TextType

MAX_SOURCE = 10_000
"""Characters of an expression."""
COMPUTED = frozenset({"formula", "rollup"})
_LONGEST = 1_000_000


class _AnyText(TextType):
    """What an expression gives may be longer than what people may write."""

    def limit(self, field: Field) -> int:
        return _LONGEST


class _CompanyMoney(DecimalType):
    """An amount that is always in company currency."""

    def displayer(self, field: Field, scope: Scope, reader: Reader) -> Callable[[Any], str]:
        show, home = currency_displayer(reader.locale, self.scale(field)), scope.currency
        return lambda value: show((value, home))


RETURNS: Mapping[str, type[FieldType]] = {
    "text": _AnyText,
    "integer": IntegerType,
    "decimal": DecimalType,
    "percent": PercentType,
    "currency": _CompanyMoney,
    "boolean": BooleanType,
    "date": DateType,
    "datetime": DatetimeType,
    "time": TimeType,
    "duration": DurationType,
    "choice": ChoiceType,
}
SCALED = frozenset({"decimal", "percent", "currency"})
_EXPRESSION: Json = {"type": "string", "minLength": 1, "maxLength": MAX_SOURCE}
_CHOICES: Json = {**option_schemas.OPTION_NAME, "description": "The choice list whose values it gives, where it returns a choice."}


class ComputedType(FieldType):
    """`returns` of a field's options names the type its values have. The traits are those of a whole number until `for_field` is asked."""

    writable = False

    def __init__(self, result: str = "integer") -> None:
        of = RETURNS[result]()
        self.widget = of.widget
        self.operators = of.operators
        self.align_end = of.align_end
        self.sortable = of.sortable
        self.folds = of.folds

    def for_field(self, field: Field) -> FieldType:
        return type(self)(returned(field))

    def columns(self, field: Field) -> tuple[Column, ...]:
        """One where the value is kept; it may be NULL, whatever it returns, until it has been filled."""
        if not field.options.get("stored"):
            return ()
        kind, result = _result(field)
        [column] = kind.columns(result)
        return (replace(column, nullable=True, default=None),)

    def symbol(self, field: Field) -> Symbol:
        kind, result = _result(field)
        return kind.symbol(result)

    def coercer(self, field: Field, scope: Scope) -> Callable[[Any], Any]:
        kind, result = _result(field)
        return kind.coercer(result, scope)

    def packer(self, field: Field) -> Callable[[Any], tuple[Any, ...]]:
        kind, result = _result(field)
        return kind.packer(result) if self.columns(field) else lambda value: ()

    def unpacker(self, field: Field) -> Callable[[Sequence[Any]], Any]:
        """Of one value, kept or worked out by the query."""
        kind, result = _result(field)
        return kind.unpacker(result)

    def json_schema(self, field: Field, scope: Scope) -> dict[str, Json]:
        kind, result = _result(field)
        return {**kind.json_schema(result, scope), "readOnly": True}

    def example(self, field: Field, scope: Scope) -> Json:
        kind, result = _result(field)
        return kind.example(result, scope)

    def encoder(self, field: Field) -> Callable[[Any], Json] | None:
        kind, result = _result(field)
        return kind.encoder(result)

    def displayer(self, field: Field, scope: Scope, reader: Reader) -> Callable[[Any], str]:
        kind, result = _result(field)
        return kind.displayer(result, scope, reader)

    def search_text(self, value: Any) -> str:
        return ""

    def text_reader(self, field: Field, scope: Scope, *, date_format: str | None = None, locale: str | None = None) -> Callable[[str], Any]:
        kind, result = _result(field)
        return kind.text_reader(result, scope, date_format=date_format, locale=locale)

    def export_text(self, field: Field) -> Callable[[Any], str]:
        kind, result = _result(field)
        return kind.export_text(result)

    def option_problems(self, field: Field) -> tuple[tuple[str, Message, Message | None], ...]:
        returns, options = field.options.get("returns"), field.options
        if returns is None:
            return ()
        if returns == "choice" and "choices" not in options:
            return (("choices", _m("Say which pick list the values are of: the key “choices” is missing."), None),)
        if returns != "choice" and "choices" in options:
            return (("choices", _m("Only a field that returns a choice has a pick list."), _m("Leave the key out.")),)
        if returns not in SCALED and "scale" in options:
            return (("scale", _m("Only a field that returns a decimal, percent or currency has digits after the point."), _m("Leave the key out.")),)
        return ()


class FormulaType(ComputedType):
    name = "formula"
    title = _m("Formula")
    help = _m("A value worked out from other fields by an expression.")
    option_properties: ClassVar[Mapping[str, Json]] = {
        "returns": {"enum": list(RETURNS), "description": "What kind of value the expression gives."},
        "expression": {**_EXPRESSION, "description": "The expression, such as quantity * price; it may follow lookups: account.owner.name."},
        "scale": option_schemas.scale(2),
        "choices": _CHOICES,
    }
    required_options = ("returns", "expression")


class RollupType(ComputedType):
    name = "rollup"
    title = _m("Rollup")
    help = _m("A count, sum, average, least or greatest value over related records.")
    option_properties: ClassVar[Mapping[str, Json]] = {
        "expression": {**_EXPRESSION, "description": "An aggregate over a related list, such as SUM(lines.total where not cancelled)."},
        "returns": {"enum": list(RETURNS), "description": "What kind of value it gives; without it what the expression gives."},
        "scale": {
            "type": "integer",
            "minimum": 0,
            "maximum": 8,
            "description": "Digits after the decimal point; without it as many as the expression gives, or 2 where “returns” is written.",
        },
        "choices": _CHOICES,
        "stored": {
            "type": "boolean",
            "description": "true keeps the value in a column, right after every change; false works it out when read. Without it: kept where that is possible.",
        },
    }
    required_options = ("expression",)


def returned(field: Field) -> str:
    """The name of the type a computed field's values have."""
    found = str(field.options.get("returns", "integer"))
    return found if found in RETURNS else "integer"


def shown_as(field: Field) -> str:
    """The name of the type as which values of `field` are shown: its own, for a computed field that of its values."""
    return returned(field) if field.type in COMPUTED else field.type


def _result(field: Field) -> tuple[FieldType, Field]:
    """The type of the values, and the field as if it were of that type."""
    name = returned(field)
    return RETURNS[name](), replace(field, type=name)
