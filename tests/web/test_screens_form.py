"""Forms: every widget there and back, errors beside their fields, defaults, conflicts."""

from __future__ import annotations

import html
import io
import re
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import pytest

from fieldsmith.base.context import SYSTEM
from fieldsmith.fields.values import Address, GeoPoint, Money
from tests.databases import SqliteTemplates
from tests.meta.samples import package
from tests.web.conftest import Person
from tests.web.screens import Visitor, link, words

FIELDS: list[dict[str, Any]] = [
    *({"name": kind, "type": kind} for kind in ("text", "long_text", "rich_text", "email", "phone", "url", "integer", "decimal", "percent", "currency")),
    *({"name": kind, "type": kind} for kind in ("boolean", "date", "datetime", "time", "duration", "person_name", "address", "geolocation")),
    *({"name": kind, "type": kind} for kind in ("file", "image", "colour", "rating", "json", "external_id")),
    {"name": "choice", "type": "choice", "choices": "size"},
    {"name": "multi_choice", "type": "multi_choice", "choices": "size"},
    {"name": "lookup", "type": "lookup", "to": "account"},
    {"name": "polymorphic_lookup", "type": "polymorphic_lookup", "to": ["account", "contact"]},
    {"name": "many_to_many", "type": "many_to_many", "to": "account"},
    {"name": "auto_number", "type": "auto_number", "pattern": "N-{0000}"},
]
ALL_TYPES = package(
    "all_types",
    {
        "entity": [{"name": "thing", "label": "Thing", "name_field": "text", "fields": FIELDS}],
        "choices": [{"name": "size", "values": [{"name": "small"}, {"name": "large", "colour": "red"}, {"name": "old", "active": False}]}],
    },
    requires=["crm"],
)

SENT: list[tuple[dict[str, Any], str, Any]] = [
    ({"text": " A "}, "text", "A"),
    ({"long_text": "one\r\ntwo"}, "long_text", "one\ntwo"),
    ({"integer": "1,234"}, "integer", 1234),
    ({"decimal": "1,234.5"}, "decimal", Decimal("1234.50")),
    ({"percent": "12.5"}, "percent", Decimal("12.50")),
    ({"currency": "1,234.50", "currency.currency": "USD"}, "currency", Money(Decimal("1234.50"), "USD", Decimal("1234.50"))),
    ({"boolean": ["", "1"]}, "boolean", True),
    ({"boolean": ""}, "boolean", False),
    ({"date": "2026-12-01"}, "date", date(2026, 12, 1)),
    ({"datetime": "2026-12-01T09:30"}, "datetime", datetime(2026, 12, 1, 9, 30)),
    ({"time": "09:30"}, "time", time(9, 30)),
    ({"duration": "1:30"}, "duration", 5400),
    ({"choice": "large"}, "choice", "large"),
    ({"multi_choice": ["", "small", "large"]}, "multi_choice", ("small", "large")),
    ({"address.city": "Paris", "address.country": "FR"}, "address", Address(city="Paris", country="FR")),
    ({"geolocation.latitude": "48.85", "geolocation.longitude": "2.35"}, "geolocation", GeoPoint(Decimal("48.850000"), Decimal("2.350000"))),
    ({"colour": "#AABBCC"}, "colour", "#aabbcc"),
    ({"rating": "4"}, "rating", 4),
    ({"json": '{"a": [1]}'}, "json", '{"a":[1]}'),
]


@pytest.fixture
def templates(sqlite_templates: SqliteTemplates) -> SqliteTemplates:
    """What these pages ask of a database the records tests ask of both."""
    return sqlite_templates


@pytest.fixture
def things(visitor: Visitor) -> Visitor:
    visitor.workspace.publish(SYSTEM, [ALL_TYPES], "test")
    visitor.make("account", name="Acme")
    visitor.make("account", name="Bolt")
    return visitor


def posted(page: str) -> dict[str, list[str]]:
    """What a browser would send of the form on `page`, nothing changed."""
    form = page.partition('<form class="record-form"')[2].partition("</form>")[0]
    out: dict[str, list[str]] = {}
    for tag in re.findall(r"<input [^>]*>", re.sub(r"<noscript>.*?</noscript>", "", form, flags=re.S)):
        at = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if at.get("type") != "file" and "name" in at and (at.get("type") != "checkbox" or " checked" in tag):
            out.setdefault(at["name"], []).append(html.unescape(at.get("value", "")))
    for name, body in re.findall(r'<select [^>]*?name="([^"]+)"[^>]*>(.*?)</select>', form, re.S):
        out.setdefault(name, []).extend(re.findall(r'<option value="([^"]*)" selected', body) or [""])
    for name, body in re.findall(r'<textarea [^>]*?name="([^"]+)"[^>]*>\n?(.*?)</textarea>', form, re.S):
        out[name] = [html.unescape(body)]
    return out


@pytest.mark.parametrize(("sent", "field", "value"), SENT, ids=[f"{field}={sent}" for sent, field, _ in SENT])
def test_what_is_typed_is_what_is_stored(things: Visitor, sent: dict[str, Any], field: str, value: Any) -> None:
    answer = things.post("/thing/new", {"text": "A", **sent})
    assert answer.status_code == 303, words(answer)
    assert things.values("thing", 1)[field] == value


def test_references_are_picked_or_typed(things: Visitor) -> None:
    things.post("/thing/new", {"text": "A", "lookup": "1", "polymorphic_lookup": "account:2", "many_to_many": ["", "1", "2"]})
    things.post("/thing/new", {"text": "B", "lookup": "", "lookup.typed": "#2", "many_to_many": "", "many_to_many.typed": "1, 2"})
    first, second = things.values("thing", 1), things.values("thing", 2)
    assert (first["lookup"].id, first["polymorphic_lookup"].label, len(first["many_to_many"])) == (1, "Bolt", 2)
    assert (second["lookup"].id, len(second["many_to_many"])) == (2, 2)


def test_an_untouched_form_changes_nothing(things: Visitor) -> None:
    everything = {key: value for sent, _, _ in SENT for key, value in sent.items()}
    everything |= {"email": "a@example.com", "phone": "+12125550100", "url": "https://example.com", "rich_text": "<p>A</p>", "external_id": "X1"}
    everything |= {"person_name.first": "Ana", "person_name.last": "Diaz", "lookup": "1", "polymorphic_lookup": "account:2", "many_to_many": ["", "1"]}
    answer = things.post("/thing/new", everything)
    assert answer.status_code == 303, words(answer)
    page = things.get("/thing/1/edit")
    again = things.post("/thing/1/edit", {**posted(page.text), "csrf_token": things.token})
    assert again.status_code == 303 and things.values("thing", 1)["version"] == 1, words(things.get("/thing/1"))


def test_a_file_is_stored_and_only_ever_downloaded(things: Visitor) -> None:
    things.post("/thing/new", {"text": "A", "file": "", "file.upload": (io.BytesIO(b"<svg onload=alert(1)>"), "../évil.svg")})
    stored = things.values("thing", 1)["file"]
    answer = things.get(f"/thing/1/files/{stored.id}")
    assert (answer.data, answer.headers["X-Content-Type-Options"]) == (b"<svg onload=alert(1)>", "nosniff")
    assert answer.headers["Content-Disposition"].startswith("attachment") and "sandbox" in answer.headers["Content-Security-Policy"]
    assert things.get(f"/account/1/files/{stored.id}").status_code == 404


def test_a_file_can_be_taken_away_again(things: Visitor) -> None:
    things.post("/thing/new", {"text": "A", "file": "", "file.upload": (io.BytesIO(b"x"), "x.txt")})
    assert "x.txt" in words(things.get("/thing/1/edit"))
    things.post("/thing/1/edit", {"version": "1", "file": "1", "file.remove": "1"})
    assert things.values("thing", 1)["file"] is None


def test_errors_stand_beside_their_fields_with_all_that_was_typed(visitor: Visitor) -> None:
    page = visitor.post("/account/new", {"name": "", "employees": "many", "phone": "+12125550100", "description": "<b>kept</b>"})
    assert page.status_code == 422 and "Account name is required." in words(page)
    assert re.search(r'<input[^>]*id="employees"[^>]*value="many"[^>]*>', page.text) and "&lt;b&gt;kept&lt;/b&gt;" in page.text
    assert re.search(r'<input[^>]*id="name"[^>]*aria-invalid="true" aria-describedby="name-error"[^>]* autofocus', page.text)
    assert re.search(r'id="employees-error"', page.text) and visitor.get("/account/1").status_code == 404


def test_a_unique_clash_stands_beside_its_field(visitor: Visitor) -> None:
    visitor.make("account", name="Acme", external_id="X1")
    page = visitor.post("/account/new", {"name": "Other", "external_id": "X1"})
    assert page.status_code == 409 and 'id="external_id-error"' in page.text and 'value="Other"' in page.text


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"website": "javascript:alert(1)"}, "website"),
        ({"parent_account": "999"}, "parent_account"),
        ({"parent_account": "x'; drop"}, "parent_account"),
        ({"type": "nope"}, "type"),
        ({"annual_revenue": "1e999"}, "annual_revenue"),
        ({"annual_revenue": "5", "annual_revenue.currency": "XXX"}, "annual_revenue"),
        ({"name": "a\0b"}, "name"),
        ({"billing_address.city": "x" * 5000}, "billing_address"),
    ],
)
def test_odd_input_is_refused_beside_its_field(visitor: Visitor, sent: dict[str, str], field: str) -> None:
    page = visitor.post("/account/new", {"name": "Acme", **sent})
    assert page.status_code == 422 and f'id="{field}-error"' in page.text


def test_unknown_and_forbidden_fields_are_not_taken(visitor: Visitor) -> None:
    answer = visitor.post("/account/new", {"name": "Acme", "id": "77", "created_by": "5", "nonsense": "x"})
    assert answer.headers["Location"] == "/account/1" and visitor.values("account", 1)["created_by"].label == "Ana"


def test_a_new_form_begins_with_defaults_and_its_maker(visitor: Visitor) -> None:
    page = visitor.get("/opportunity/new").text
    assert re.search(r'<option value="prospecting" selected|<option value="qualification" selected', page)
    assert '<option value="1" selected>Ana</option>' in page


def test_save_and_new_comes_back_to_an_empty_form(visitor: Visitor) -> None:
    answer = visitor.post("/contact/new?account=1", {"name.last": "Diaz", "then": "new"})
    assert answer.headers["Location"] == "/contact/new?account=1"


def test_times_are_in_the_readers_zone(things: Visitor, admin: Person) -> None:
    things.workspace.write(lambda work: work.records.update(SYSTEM, "user", admin.id, {"time_zone": "Asia/Shanghai"}))
    visitor = Visitor(things.client.application, things.workspace, admin)
    visitor.post("/thing/new", {"text": "A", "datetime": "2026-12-01T09:30"})
    assert visitor.values("thing", 1)["datetime"] == datetime(2026, 12, 1, 1, 30)
    assert 'value="2026-12-01T09:30"' in visitor.get("/thing/1/edit").text


def test_a_retired_choice_stays_where_it_is_but_cannot_be_picked(things: Visitor) -> None:
    assert 'value="old"' not in things.get("/thing/new").text


def test_a_save_over_a_newer_version_compares_field_by_field(visitor: Visitor) -> None:
    visitor.make("account", name="Acme", phone="+12125550100")
    visitor.change("account", 1, phone="+12125550199", employees=5)
    page = visitor.post("/account/1/edit", {"version": "1", "name": "Acme", "phone": "+12125550111", "employees": "", "website": "https://a.example.com"})
    said = words(page)
    assert page.status_code == 409 and "Acme was changed meanwhile" in said
    assert 'name="keep.phone"' in page.text and 'name="keep.website"' not in page.text and 'name="employees"' not in page.text
    assert visitor.values("account", 1)["version"] == 2


@pytest.mark.parametrize(("keep", "phone"), [("mine", "+12125550111"), ("theirs", "+12125550199")])
def test_the_choice_made_in_a_conflict_is_saved(visitor: Visitor, keep: str, phone: str) -> None:
    visitor.make("account", name="Acme", phone="+12125550100")
    visitor.change("account", 1, phone="+12125550199")
    sent = {"version": "2", "phone": "+12125550111", "website": "https://a.example.com", "keep.phone": keep}
    assert visitor.post("/account/1/edit", sent).status_code == 303
    values = visitor.values("account", 1)
    assert (values["phone"], values["website"]) == (phone, "https://a.example.com")


def test_a_field_added_by_metadata_is_on_the_form_and_the_page(visitor: Visitor) -> None:
    more = {"extends": "account", "operations": [{"op": "add", "path": "/fields/renewal_date", "value": {"type": "date", "label": "Renewal date"}}]}
    visitor.workspace.publish(SYSTEM, [package("more", {"entity": [more]}, requires=["crm"])], "test")
    visitor.post("/account/new", {"name": "Acme", "renewal_date": "2027-01-31"})
    page = visitor.get("/account/1")
    assert "Renewal date" in words(page) and "Jan 31, 2027" in words(page)


def test_a_form_in_chinese(visitor: Visitor) -> None:
    page = words(visitor.get("/opportunity/new", Accept_Language="zh-TW"))
    assert "商機" in page and "Opportunity name" not in page


def test_cancel_leads_back(visitor: Visitor) -> None:
    visitor.make("account", name="Acme")
    assert (link(visitor.get("/account/1/edit"), "Cancel"), link(visitor.get("/account/new"), "Cancel")) == ("/account/1", "/account/")
