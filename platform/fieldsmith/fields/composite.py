"""Types of several parts: address and geolocation. They are written and replaced whole; an error names its part."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from babel import Locale

from fieldsmith.base.problems import did_you_mean
from fieldsmith.base.text import _m
from fieldsmith.expr.types import PARTS, decimal
from fieldsmith.expr.vocabulary import Symbol
from fieldsmith.fields.base import Column, Field, FieldType, Invalid, Json, Reader, Scope, Storage
from fieldsmith.fields.canonical_json import json_text, json_value
from fieldsmith.fields.number import decimal_rule
from fieldsmith.fields.number_text import number_reader
from fieldsmith.fields.symbols import part_of, scaled, symbol_of, text_parts
from fieldsmith.fields.text import limited, plain_text
from fieldsmith.fields.values import Address, GeoPoint


def parts_of(raw: Any, known: Sequence[str], example: str) -> Mapping[str, Any] | None:
    """`raw` as an object with no part but `known`, None when blank; else `Invalid` with `example` as the cure."""
    if raw is None or (isinstance(raw, str) and not raw.strip()):
        return None
    if not isinstance(raw, Mapping):
        raise Invalid("not_object", _m("This value has several parts."), _m("Write it like {example}.", example=example))
    for key in raw:
        if key not in known:
            hint = did_you_mean(str(key), known) or _m("Its parts are: {names}.", names=", ".join(known))
            raise Invalid("unknown_part", _m("“{key}” is no part of this value.", key=str(key)[:40]), hint, str(key)[:40])
    return raw


def read_object(text: str) -> Any:
    """The text of a cell: a JSON object where it looks like one, else itself."""
    text = text.strip()
    if not text.startswith("{"):
        return text
    try:
        return json_value(text)
    except ValueError:
        return text


_COUNTRY_LANGUAGES = ("en", "zh_Hans", "zh_Hant")
_ADDRESS_LIMITS = {"street": 500, "city": 120, "state": 120, "postal_code": 40}
_ADDRESS_EXAMPLE = '{"street": "1 Main St", "city": "Springfield", "state": "IL", "postal_code": "62701", "country": "US"}'


def country_names(locale: str) -> dict[str, str]:
    """ISO 3166 alpha-2 code → name in a language, without Babel's regions and reserved codes."""
    names = Locale.parse(locale).territories.items()
    return {code: str(name) for code, name in names if len(code) == 2 and code.isalpha() and code not in _NO_COUNTRIES}


_NO_COUNTRIES = frozenset({"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ", "AC", "CP", "CQ", "DG", "EA", "IC", "TA"})


class AddressType(FieldType):
    """Country is an ISO 3166 code; names in our languages are understood when written."""

    name = "address"
    title = _m("Address")
    help = _m("A postal address.")
    widget = "address"
    operators = ("isblank",)
    sortable = False
    searchable = True
    parts = Address._fields

    def columns(self, field: Field) -> tuple[Column, ...]:
        return tuple(Column(part, Storage.TEXT) for part in Address._fields)

    def symbol(self, field: Field) -> Symbol:
        return text_parts(field, Address._fields)

    def unpacker(self, field: Field) -> Callable[[Any], Any]:
        return lambda parts: Address(*parts) if any(part is not None for part in parts) else None

    def coercer(self, field: Field, scope: Scope) -> Callable[[Any], Any]:
        country = _country_reader()

        def coerce(raw: Any) -> Address | None:
            if type(raw) is Address:
                return raw
            parts = parts_of(raw, Address._fields, _ADDRESS_EXAMPLE)
            if parts is None:
                return None
            values: list[str | None] = [limited(parts.get(name), limit, name) for name, limit in _ADDRESS_LIMITS.items()]
            value = Address._make([*values, country(parts.get("country"))])
            return value if any(value) else None

        return coerce

    def json_schema(self, field: Field, scope: Scope) -> dict[str, Json]:
        shape: dict[str, Json] = {name: {"type": ["string", "null"], "maxLength": limit} for name, limit in _ADDRESS_LIMITS.items()}
        shape["country"] = {"type": ["string", "null"], "description": "ISO 3166 two-letter code when read; a code or a country's name when written."}
        return {"type": ["object", "string", "null"], "properties": shape, "additionalProperties": False, "examples": [self.example(field, scope)]}

    def example(self, field: Field, scope: Scope) -> Json:
        return json_value(_ADDRESS_EXAMPLE)

    def encoder(self, field: Field) -> Callable[[Any], Json] | None:
        return Address._asdict

    def displayer(self, field: Field, scope: Scope, reader: Reader) -> Callable[[Any], str]:
        """One line; the largest part first for Chinese readers."""
        names = Locale.parse(reader.locale).territories

        def display(value: Address) -> str:
            country = str(names.get(value.country, value.country)) if value.country else None
            if reader.language.startswith("zh"):
                return " ".join(part for part in (country, value.postal_code, value.state, value.city, value.street) if part)
            town = " ".join(part for part in (value.city, value.state, value.postal_code) if part)
            return ", ".join(part for part in (value.street, town, country) if part)

        return display

    def search_text(self, value: Any) -> str:
        return " ".join(part for part in value if part)

    def text_reader(self, field: Field, scope: Scope, *, date_format: str | None = None, locale: str | None = None) -> Callable[[str], Any]:
        return read_object

    def export_text(self, field: Field) -> Callable[[Any], str]:
        """A JSON object; columns named by part (`billing_address.city`) are what people read."""
        return lambda value: json_text({key: part for key, part in value._asdict().items() if part is not None})


def _country_reader() -> Callable[[Any], str | None]:
    """Raw → country code. The names of all countries are looked up when the first is neither blank nor a code."""
    codes = frozenset(country_names("en"))
    names: dict[str, str] = {}

    def read(raw: Any) -> str | None:
        if isinstance(raw, str) and raw in codes:
            return raw
        text = limited(raw, 120, "country")
        if text is None or text.upper() in codes:
            return text and text.upper()
        if not names:
            names.update({name.casefold(): code for language in _COUNTRY_LANGUAGES for code, name in country_names(language).items()})
        found = names.get(text.casefold())
        if found is None:
            near = did_you_mean(text, country_names("en").values())
            raise Invalid("unknown_country", _m("There is no country “{name}”.", name=text), near or _m("Use a two-letter code like US or CN."), "country")
        return found

    return read


_GEO_EXAMPLE = '{"latitude": "52.520000", "longitude": "13.405000"}'


class GeolocationType(FieldType):
    """Degrees, WGS 84, six decimals (a tenth of a metre)."""

    name = "geolocation"
    title = _m("Geolocation")
    help = _m("A point on the map: latitude and longitude in degrees.")
    widget = "geolocation"
    operators = ("isblank",)
    sortable = False
    parts = GeoPoint._fields

    def columns(self, field: Field) -> tuple[Column, ...]:
        return tuple(Column(part, Storage.DECIMAL, scale=6) for part in GeoPoint._fields)

    def symbol(self, field: Field) -> Symbol:
        whole = scaled(6)
        parts = {
            "latitude": part_of(field, "latitude", decimal(6), "latitude", lambda value: whole(value[0])),
            "longitude": part_of(field, "longitude", decimal(6), "longitude", lambda value: whole(value[1])),
        }
        return symbol_of(field, PARTS, parts=parts)

    def unpacker(self, field: Field) -> Callable[[Any], Any]:
        return lambda parts: None if parts[0] is None else GeoPoint(*parts)

    def coercer(self, field: Field, scope: Scope) -> Callable[[Any], Any]:
        latitude = decimal_rule(6, Decimal(-90), Decimal(90), "latitude")
        longitude = decimal_rule(6, Decimal(-180), Decimal(180), "longitude")

        def coerce(raw: Any) -> GeoPoint | None:
            if type(raw) is GeoPoint:
                return raw
            parts = parts_of(raw, GeoPoint._fields, _GEO_EXAMPLE)
            if parts is None:
                return None
            north, east = latitude(parts.get("latitude")), longitude(parts.get("longitude"))
            if north is None and east is None:
                return None
            if north is None or east is None:
                part = "latitude" if north is None else "longitude"
                raise Invalid("part_missing", _m("A point needs both latitude and longitude."), _m("Fill in both or neither."), part)
            return GeoPoint(north, east)

        return coerce

    def json_schema(self, field: Field, scope: Scope) -> dict[str, Json]:
        shape = {
            part: {"type": ["string", "number", "null"], "description": f"Degrees, from -{most} to {most}."}
            for part, most in (("latitude", 90), ("longitude", 180))
        }
        return {"type": ["object", "string", "null"], "properties": shape, "additionalProperties": False, "examples": [self.example(field, scope)]}

    def example(self, field: Field, scope: Scope) -> Json:
        return json_value(_GEO_EXAMPLE)

    def encoder(self, field: Field) -> Callable[[Any], Json] | None:
        return lambda value: {"latitude": str(value[0]), "longitude": str(value[1])}

    def displayer(self, field: Field, scope: Scope, reader: Reader) -> Callable[[Any], str]:
        return _point_text

    def search_text(self, value: Any) -> str:
        return ""

    def text_reader(self, field: Field, scope: Scope, *, date_format: str | None = None, locale: str | None = None) -> Callable[[str], Any]:
        """`52.52, 13.405`; where the locale's decimal sign is the comma, `52,52; 13,405`."""
        read = number_reader(locale)

        def cell(text: str) -> Any:
            halves = text.split(";") if ";" in text else text.split(",")
            if len(halves) != 2:
                return plain_text(text)
            return {"latitude": read(halves[0]), "longitude": read(halves[1])}

        return cell

    def export_text(self, field: Field) -> Callable[[Any], str]:
        return _point_text


def _point_text(value: GeoPoint) -> str:
    return f"{value[0]:f}, {value[1]:f}"
