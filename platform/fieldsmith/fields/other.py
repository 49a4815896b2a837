"""Types of their own kind: colour, rating, JSON, external id. Auto-numbers: `auto_number`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from fieldsmith.base.text import _m
from fieldsmith.expr.vocabulary import Symbol
from fieldsmith.fields import option_schemas
from fieldsmith.fields.base import Column, Field, FieldType, Invalid, Json, Reader, Scope, Storage
from fieldsmith.fields.canonical_json import checked_json, json_value
from fieldsmith.fields.number import IntegerType, whole_number
from fieldsmith.fields.symbols import text_symbol
from fieldsmith.fields.text import TextType, plain_text

_COLOUR = re.compile(r"#[0-9a-f]{6}\Z")


class ColourType(FieldType):
    name = "colour"
    title = _m("Colour")
    help = _m("A colour as #rrggbb.")
    widget = "colour"
    operators = ("=", "<>", "in", "not in", "isblank")
    sortable = False

    def columns(self, field: Field) -> tuple[Column, ...]:
        return (Column("", Storage.TEXT),)

    def symbol(self, field: Field) -> Symbol:
        return text_symbol(field, 7)

    def coercer(self, field: Field, scope: Scope) -> Callable[[Any], Any]:
        def coerce(raw: Any) -> str | None:
            text = plain_text(raw)
            if text is None:
                return None
            colour = text.lower()
            if not _COLOUR.match(colour):
                raise Invalid("not_colour", _m("“{value}” is not a colour.", value=text[:40]), _m("Write six hexadecimal digits, like #2f5bea."))
            return colour

        return coerce

    def json_schema(self, field: Field, scope: Scope) -> dict[str, Json]:
        return {"type": ["string", "null"], "description": "#rrggbb", "examples": [self.example(field, scope)]}

    def example(self, field: Field, scope: Scope) -> Json:
        return "#2f5bea"

    def search_text(self, value: Any) -> str:
        return ""


class RatingType(IntegerType):
    """1 … `max`; no stars is blank."""

    name = "rating"
    title = _m("Rating")
    help = _m("A number of stars.")
    widget = "rating"
    option_properties: ClassVar[Mapping[str, Json]] = {
        "max": {"type": "integer", "minimum": 2, "maximum": 10, "default": 5, "description": "Most stars that can be given (default 5)."},
    }
    align_end = False
    can_be_unique = False

    def bounds(self, field: Field) -> tuple[int, int]:
        return 1, int(field.options.get("max", 5))

    def coercer(self, field: Field, scope: Scope) -> Callable[[Any], Any]:
        low, high = self.bounds(field)

        def coerce(raw: Any) -> int | None:
            stars = whole_number(raw)
            if stars is not None and not low <= stars <= high:
                hint = _m("Give 1 to {most} stars, or leave it blank.", most=high)
                raise Invalid("too_small" if stars < low else "too_big", _m("{stars} is not a possible number of stars.", stars=stars), hint)
            return stars

        return coerce

    def example(self, field: Field, scope: Scope) -> Json:
        return min(4, self.bounds(field)[1])

    def displayer(self, field: Field, scope: Scope, reader: Reader) -> Callable[[Any], str]:
        most = self.bounds(field)[1]
        return lambda value: "★" * value + "☆" * (most - value)

    def search_text(self, value: Any) -> str:
        return ""


class JsonType(FieldType):
    """Canonical: canonical JSON text (sorted keys), at most 64 KB and 64 levels; null and empty text are blank."""

    name = "json"
    title = _m("JSON")
    help = _m("Any JSON value, for programs.")
    widget = "json"
    operators = ("isblank",)
    sortable = False

    def columns(self, field: Field) -> tuple[Column, ...]:
        return (Column("", Storage.JSON),)

    def coercer(self, field: Field, scope: Scope) -> Callable[[Any], Any]:
        return lambda raw: None if raw is None or raw == "" else checked_json(raw)

    def json_schema(self, field: Field, scope: Scope) -> dict[str, Json]:
        return {"description": "Any JSON value of at most 64 KB and 64 levels.", "examples": [self.example(field, scope)]}

    def example(self, field: Field, scope: Scope) -> Json:
        return {"source": "web", "visits": 3}

    def encoder(self, field: Field) -> Callable[[Any], Json] | None:
        return json_value

    def search_text(self, value: Any) -> str:
        return ""

    def text_reader(self, field: Field, scope: Scope, *, date_format: str | None = None, locale: str | None = None) -> Callable[[str], Any]:
        """The text of a JSON value; forms read their text area with it too."""

        def read(text: str) -> Json:
            if not text.strip():
                return None
            try:
                return json_value(text)
            except (ValueError, RecursionError) as error:
                line, column = getattr(error, "lineno", 1), getattr(error, "colno", 1)
                message = _m("This is not JSON: something is wrong in line {line}, column {column}.", line=line, column=column)
                raise Invalid("not_json", message, _m("Look for a missing quotation mark, comma or bracket there.")) from None

        return read


class ExternalIdType(TextType):
    """The key another system knows the record by; compared exactly."""

    name = "external_id"
    title = _m("External id")
    help = _m("The key by which another system knows this record.")
    widget = "text"
    option_properties: ClassVar[Mapping[str, Json]] = {"max_length": option_schemas.max_length(255, 255)}
    always_unique = True

    def example(self, field: Field, scope: Scope) -> Json:
        return "A-1007"[: self.limit(field)]
