"""What every field type is to an expression: its type, where the value is stored, and how it is read from the canonical value."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from fieldsmith.expr.types import BOOLEAN, DATE, DATETIME, INTEGER, OPAQUE, PARTS, TEXT, TIME, Kind, Type, decimal
from fieldsmith.expr.vocabulary import Symbol
from fieldsmith.fields.registry import field_types
from fieldsmith.fields.symbols import raw_of
from fieldsmith.fields.values import Address, GeoPoint, Link, Money, PersonName, RecordRef
from tests.fields.sample import field_of, scope

TYPES = field_types()
SCOPE = scope()

WHOLE: list[tuple[str, dict[str, Any], Type, str]] = [
    ("text", {}, TEXT, ""),
    ("long_text", {}, TEXT, ""),
    ("rich_text", {}, TEXT, "plain"),
    ("email", {}, TEXT, ""),
    ("phone", {}, TEXT, ""),
    ("url", {}, TEXT, ""),
    ("integer", {}, INTEGER, ""),
    ("decimal", {"scale": 3}, decimal(3), ""),
    ("decimal", {"scale": 0}, INTEGER, ""),
    ("percent", {}, decimal(2), ""),
    ("currency", {}, decimal(2), "company"),
    ("boolean", {}, BOOLEAN, ""),
    ("date", {}, DATE, ""),
    ("datetime", {}, DATETIME, ""),
    ("time", {}, TIME, ""),
    ("duration", {}, INTEGER, ""),
    ("choice", {}, Type(Kind.CHOICE, choices="stage"), ""),
    ("multi_choice", {}, Type(Kind.SET, choices="stage"), ""),
    ("lookup", {}, Type(Kind.RECORD, entities=("account",)), ""),
    ("polymorphic_lookup", {}, Type(Kind.RECORD, entities=("account", "lead")), ""),
    ("polymorphic_lookup", {"to": ["lead"]}, Type(Kind.RECORD, entities=("lead",)), ""),
    ("many_to_many", {}, Type(Kind.LIST, entities=("tag",)), ""),
    ("person_name", {}, PARTS, ""),
    ("address", {}, PARTS, ""),
    ("geolocation", {}, PARTS, ""),
    ("file", {}, OPAQUE, ""),
    ("image", {}, OPAQUE, ""),
    ("colour", {}, TEXT, ""),
    ("rating", {}, INTEGER, ""),
    ("json", {}, OPAQUE, ""),
    ("auto_number", {}, TEXT, ""),
    ("external_id", {}, TEXT, ""),
    ("formula", {}, decimal(2), ""),
    ("formula", {"returns": "currency", "scale": 4}, decimal(4), ""),
    ("formula", {"returns": "percent"}, decimal(2), ""),
    ("formula", {"returns": "choice", "choices": "stage"}, Type(Kind.CHOICE, choices="stage"), ""),
    ("formula", {"returns": "boolean"}, BOOLEAN, ""),
    ("formula", {"returns": "duration"}, INTEGER, ""),
    ("rollup", {"returns": "date"}, DATE, ""),
]


@pytest.mark.parametrize(("kind", "options", "type_", "column"), WHOLE)
def test_a_field_has_the_type_of_the_table(kind: str, options: dict[str, Any], type_: Type, column: str) -> None:
    item = field_of(kind, options)
    symbol = TYPES[kind].symbol(item)
    assert (symbol.entity, symbol.name, symbol.field, symbol.label) == (item.entity, item.name, item.name, item.label)
    assert (symbol.type, symbol.column) == (type_, column)


def test_the_table_names_every_type() -> None:
    assert {kind for kind, *_ in WHOLE} == set(TYPES)


def symbol_of(kind: str, part: str = "") -> Symbol:
    symbol = TYPES[kind].symbol(field_of(kind))
    return symbol.parts[part] if part else symbol


PARTS_OF = [
    ("currency", "amount", decimal(2), ""),
    ("currency", "currency", TEXT, "currency"),
    ("person_name", "full", TEXT, ""),
    ("person_name", "salutation", TEXT, "salutation"),
    ("person_name", "last", TEXT, "last"),
    ("address", "postal_code", TEXT, "postal_code"),
    ("geolocation", "latitude", decimal(6), "latitude"),
    ("geolocation", "longitude", decimal(6), "longitude"),
]


@pytest.mark.parametrize(("kind", "part", "type_", "column"), PARTS_OF)
def test_a_part_is_a_symbol_of_its_own(kind: str, part: str, type_: Type, column: str) -> None:
    symbol = symbol_of(kind, part)
    assert (symbol.name, symbol.field) == (f"value.{part}", "value")
    assert (symbol.type, symbol.column) == (type_, column)


@pytest.mark.parametrize("kind", [kind for kind, item in TYPES.items() if item.symbol(field_of(kind)).parts])
def test_parts_are_stored_where_they_say(kind: str) -> None:
    stored = {column.part for column in TYPES[kind].columns(field_of(kind))}
    symbol = TYPES[kind].symbol(field_of(kind))
    assert {part.column for part in symbol.parts.values()} <= stored
    assert symbol.type is PARTS or symbol.column in stored


NAME = PersonName("Dr. Ana Lopez", "Dr.", "Ana", None, "Lopez")
READ: list[tuple[str, str, Any, Any]] = [
    ("decimal", "", Decimal("12.50"), 1250),
    ("percent", "", Decimal("-0.01"), -1),
    ("currency", "", Money(Decimal("100.00"), "EUR", Decimal("108.00")), 10800),
    ("currency", "amount", Money(Decimal("100.00"), "EUR", Decimal("108.00")), 10000),
    ("currency", "currency", Money(Decimal("100.00"), "EUR", Decimal("108.00")), "EUR"),
    ("rich_text", "", "<p>Likes <b>tea</b> &amp; cake</p>", "Likes tea & cake"),
    ("rich_text", "", "<hr>", None),
    ("lookup", "", 7, 7),
    ("lookup", "", Link(7, "Acme"), 7),
    ("polymorphic_lookup", "", RecordRef("lead", 7), RecordRef("lead", 7)),
    ("polymorphic_lookup", "", Link(7, "Ana", "lead"), RecordRef("lead", 7)),
    ("person_name", "full", NAME, "Dr. Ana Lopez"),
    ("person_name", "middle", NAME, None),
    ("address", "city", Address(city="Berlin"), "Berlin"),
    ("geolocation", "longitude", GeoPoint(Decimal("52.520000"), Decimal("13.405000")), 13405000),
    ("formula", "", Decimal("1.25"), 125),
]


@pytest.mark.parametrize(("kind", "part", "value", "expected"), READ)
def test_the_value_is_read_from_the_canonical_one(kind: str, part: str, value: Any, expected: Any) -> None:
    read = symbol_of(kind, part).read
    assert read is not None
    found = read(value)
    assert (type(found), found) == (type(expected), expected)


def test_a_polymorphic_lookup_to_one_entity_is_read_as_an_id() -> None:
    read = TYPES["polymorphic_lookup"].symbol(field_of("polymorphic_lookup", {"to": ["lead"]})).read
    assert read is not None
    assert read(RecordRef("lead", 7)) == 7


@pytest.mark.parametrize("kind", ["text", "integer", "boolean", "date", "datetime", "time", "duration", "choice", "multi_choice", "rating", "colour"])
def test_other_values_are_used_as_they_are(kind: str) -> None:
    assert symbol_of(kind).read is None


@pytest.mark.parametrize(("kind", "options", "longest"), [("text", {"max_length": 20}, 20), ("rich_text", {}, 100_000), ("email", {}, 254), ("colour", {}, 7)])
def test_a_text_says_how_long_it_may_be(kind: str, options: dict[str, Any], longest: int) -> None:
    assert TYPES[kind].symbol(field_of(kind, options)).longest == longest


def test_the_order_of_the_list_is_the_order_of_a_set() -> None:
    item = field_of("multi_choice")
    kind = TYPES["multi_choice"]
    one, two = (kind.coercer(item, SCOPE)(raw) for raw in (["won", "open"], ["open", "won", "open"]))
    assert one == two == ("open", "won")
    assert kind.packer(item)(one) == ('["open","won"]',)


def test_rich_text_stores_its_plain_text() -> None:
    item = field_of("rich_text")
    kind = TYPES["rich_text"]
    assert [column.part for column in kind.columns(item)] == ["", "plain"]
    packed = kind.packer(item)("<p>a &lt; b</p>")
    assert packed == ("<p>a &lt; b</p>", "a < b")
    assert kind.unpacker(item)(packed) == "<p>a &lt; b</p>"
    assert kind.packer(item)("<hr>") == ("<hr>", None)


@pytest.mark.parametrize(
    ("kind", "value", "canonical"),
    [
        ("decimal", 1250, Decimal("12.50")),
        ("currency", 1250, Money(Decimal("12.50"), "USD", Decimal("12.50"))),
        ("integer", 7, 7),
        ("duration", 60, 60),
        ("text", "a", "a"),
        ("date", date(2026, 11, 22), date(2026, 11, 22)),
        ("datetime", datetime(2026, 11, 22, 9, 30), datetime(2026, 11, 22, 9, 30)),
        ("choice", "won", "won"),
        ("multi_choice", ("open", "won"), ("open", "won")),
        ("lookup", 7, 7),
        ("polymorphic_lookup", RecordRef("lead", 7), RecordRef("lead", 7)),
        ("boolean", True, True),
        ("formula", 1250, Decimal("12.50")),
    ],
)
def test_the_answer_of_an_expression_becomes_a_value(kind: str, value: Any, canonical: Any) -> None:
    item = field_of(kind)
    raw = raw_of(TYPES[kind].symbol(item).type)(value)
    assert TYPES[kind].coercer(item, SCOPE)(raw) == canonical
