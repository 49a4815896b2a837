"""Every field type through the services: what is stored is what was sent, and whatever a get gives, an update takes."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import pytest

from fieldsmith.fields.values import Address, GeoPoint, Link, Money
from tests.desk import Desk
from tests.tiny import FILLED

STORED: dict[str, Any] = {
    "text": "Straße",
    "long_text": "one\ntwo",
    "rich_text": "<p>Hi</p>",
    "email": "ana@example.com",
    "phone": "+12125550100",
    "url": "https://example.com/",
    "integer": -(2**63),
    "decimal": Decimal("-1234.50"),
    "percent": Decimal("12.50"),
    "currency": Money(Decimal("12.50"), "EUR", Decimal("13.50")),
    "boolean": True,
    "date": date(2024, 2, 29),
    "datetime": datetime(2026, 11, 22, 9, 30, 0, 123456),
    "time": time(23, 59, 59, 999999),
    "duration": -5400,
    "address": Address(street="1 Main St", country="US"),
    "geolocation": GeoPoint(Decimal("52.520000"), Decimal("-13.405000")),
    "colour": "#2f5bea",
    "rating": 5,
    "json": '{"a":[true,null,"x"]}',
    "choice": "large",
    "multi_choice": ("small", "large"),
    "external_id": "A-7",
    "weight": Decimal("7.25"),
    "born": date(2000, 1, 2),
}


def test_every_type_is_stored_as_sent(tiny: Desk) -> None:
    values = tiny.get("thing", tiny.make("thing", **FILLED))
    assert {name: values[name] for name in STORED} == STORED


def test_every_type_may_be_blank(tiny: Desk) -> None:
    values = tiny.get("thing", tiny.make("thing", text="A"))
    filled = {"text", "boolean", "auto_number", "standard", "id", "created_at", "modified_at", "version"}
    assert {name for name, value in values.items() if value is not None} == filled


def test_every_type_is_updated_and_blanked(tiny: Desk) -> None:
    id = tiny.make("thing", text="A")
    assert {name: tiny.change("thing", id, **FILLED).values[name] for name in STORED} == STORED
    blanks: dict[str, Any] = dict.fromkeys(FILLED.keys() - {"text", "boolean"})
    blanked = tiny.change("thing", id, **blanks).values
    assert {blanked[name] for name in blanks} == {None}


def test_references_are_stored_with_the_names_of_their_targets(tiny: Desk) -> None:
    boxes = [tiny.make("box", name=name) for name in "ab"]
    vault = tiny.make("vault", name="v")
    id = tiny.make("thing", text="A", lookup=boxes[0], polymorphic_lookup={"entity": "vault", "id": vault}, many_to_many=boxes)
    values = tiny.get("thing", id)
    assert values["lookup"] == Link(boxes[0], "a")
    assert values["polymorphic_lookup"] == Link(vault, "v", "vault")
    assert values["many_to_many"] == (Link(boxes[0], "a"), Link(boxes[1], "b"))


def test_whatever_a_get_gives_an_update_takes_without_a_change(tiny: Desk) -> None:
    box = tiny.make("box", name="b")
    files: dict[str, Any] = {"file": tiny.upload(), "image": tiny.upload(content=b"GIF89a")}
    id = tiny.make("thing", **FILLED, **files, lookup=box, polymorphic_lookup={"entity": "box", "id": box}, many_to_many=[box])
    with tiny.unchanged():
        assert tiny.change("thing", id, **tiny.json("thing", id)).version == 1


CRM: dict[str, dict[str, Any]] = {
    "account": {"name": "Acme", "annual_revenue": "5", "billing_address": {"city": "Paris"}},
    "campaign": {"name": "Spring"},
    "case": {"subject": "Broken"},
    "contact": {"name": {"first": "Ana", "last": "Lopez"}, "email": "ana@example.com"},
    "lead": {"name": {"first": "Ben", "last": "Li"}},
    "opportunity": {"name": "Deal"},
    "order": {"account": None},
    "price_list": {"name": "Retail"},
    "product": {"name": "GTX Pro"},
    "quote": {"name": "Quote"},
    "activity": {"subject": "Call"},
    "note": {"title": "Note"},
    "tag": {"name": "vip"},
    "team": {"name": "East"},
    "user": {"name": "Ana"},
}


def test_records_of_shipped_entities_go_round(desk: Desk) -> None:
    made = {entity: desk.make(entity, **values) for entity, values in CRM.items()}
    with desk.unchanged():
        for entity, id in made.items():
            desk.change(entity, id, **desk.json(entity, id))


@pytest.mark.parametrize(("sent", "company"), [({"amount": "10", "currency": "EUR"}, "10.80"), ({"amount": "10", "currency": "USD"}, "10.00"), ("10", "10.00")])
def test_amounts_are_kept_in_company_currency_too(tiny: Desk, sent: Any, company: str) -> None:
    assert tiny.get("thing", tiny.make("thing", text="A", currency=sent))["currency"].company == Decimal(company)


def test_a_currency_without_a_rate_is_refused(tiny: Desk) -> None:
    with tiny.refuses(("no_rate", "/currency/currency")):
        tiny.make("thing", text="A", currency={"amount": "1", "currency": "JPY"})
