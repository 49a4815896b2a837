"""Rules, formulas and default expressions on the screens: first paint, what a form asks while one types, the save, record and list."""

from __future__ import annotations

import re
from typing import Any

import pytest

from fieldsmith.web.app import create_app
from tests.conftest import MakeWorkspace
from tests.meta.samples import package
from tests.shop_front import SHOP_FRONT
from tests.web.conftest import make_person
from tests.web.screens import Visitor, words
from tests.web.test_screens_form import FIELDS


@pytest.fixture
def shop(make_workspace: MakeWorkspace) -> Visitor:
    workspace = make_workspace("core", SHOP_FRONT)
    return Visitor(create_app(workspace), workspace, make_person(workspace, "Ana", "administrator"))


def field(page: str, name: str) -> str:
    """The field set of a form that holds the field `name`."""
    found = re.search(rf'<fieldset class="field[^"]*" role="none" data-field="{name}".*?</fieldset>', page, re.S)
    assert found is not None, f"no field {name}"
    return found[0]


def state(page: str, name: str) -> str:
    """`hidden`, `locked` or `open`, with ` required`."""
    html = field(page, name)
    tag = html[: html.index(">")]
    said = "hidden" if " hidden" in tag else "locked" if " disabled" in tag else "open"
    return said + (" required" if 'class="form-label required"' in html else "")


def value(page: str, name: str) -> str:
    found = re.search(r' value="([^"]*)"', field(page, name))
    return found[1] if found else ""


def output(page: str, name: str) -> str:
    return words(field(page, name).partition("<output")[2].partition(">")[2].partition("</output>")[0])


def asked(shop: Visitor, path: str, **held: Any) -> dict[str, Any]:
    answer = shop.post(path, {name.replace("__", "."): text for name, text in held.items()})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.get_json()
    return found


# The first paint


def test_a_new_form_respects_the_rules_and_begins_with_what_defaults_give(shop: Visitor) -> None:
    page = shop.get("/order/new").text
    assert state(page, "reason") == "hidden"
    assert '<fieldset class="form-section" hidden>\n  <legend>Why it was lost' in page
    assert value(page, "due") == "2026-12-06"
    assert 'data-follow="/order/form"' in page
    assert output(page, "total") == "–" and output(page, "title") == "(0)"


def test_the_query_string_decides_before_the_defaults(shop: Visitor) -> None:
    customer = shop.make("customer", name="Cora", region="east")
    page = shop.get(f"/order/new?customer={customer}&stage=lost&due=2027-01-01").text
    assert value(page, "due") == "2027-01-01"
    assert (value(page, "region"), state(page, "region")) == ("east", "locked")
    assert "The region is the customer’s".replace("’", "&#39;") in field(page, "region")
    assert state(page, "reason") == "open required"
    assert 'name="form.untouched" value="region"' in page


def test_an_edit_form_shows_what_the_stored_record_calls_for(shop: Visitor) -> None:
    order = shop.make("order", name="A", stage="lost", reason="too dear")
    shop.make("line", name="L", order=order, quantity=3, price="2.50")
    page = shop.get(f"/order/{order}/edit").text
    assert (state(page, "reason"), value(page, "reason")) == ("open required", "too dear")
    assert (output(page, "total"), output(page, "net"), output(page, "title"), output(page, "overdue")) == ("7.50", "7.50", "A (1)", "No")


def test_a_form_without_anything_to_follow_asks_nothing(shop: Visitor) -> None:
    assert "data-follow" not in shop.get("/file/new").text


# While one types


def test_a_formula_follows_what_is_typed(shop: Visitor) -> None:
    found = asked(shop, "/line/form", name="L", quantity="12", price="1,000.50")
    assert found["outputs"]["net"] == "12,006.00"
    assert found["outputs"]["worth"] == "$12,006.00"
    assert found["outputs"]["size"] == '<span class="tint tint-red">Large &lt;L&gt;</span>'
    assert found["outputs"]["ready"] == "–"


@pytest.mark.parametrize("quantity", ["1e", "-", "", "99999999999999999999999"])
def test_what_cannot_be_read_yet_counts_as_blank(shop: Visitor, quantity: str) -> None:
    assert asked(shop, "/line/form", quantity=quantity, price="2")["outputs"]["net"] == "–"


def test_rules_follow_what_is_typed(shop: Visitor) -> None:
    assert asked(shop, "/order/form", stage="open")["fields"]["reason"]["visible"] is False
    assert asked(shop, "/order/form", stage="lost")["fields"]["reason"] == {"visible": True, "required": True, "locked": False, "note": ""}
    assert asked(shop, "/line/form", gift="1", quantity="5")["fields"]["note"]["required"] is False
    assert asked(shop, "/line/form", gift="1", quantity="6")["fields"]["note"]["required"] is True


def test_defaults_follow_until_the_field_is_touched(shop: Visitor) -> None:
    customer = shop.make("customer", name="Cora", region="east")
    found = asked(shop, "/order/form", customer=str(customer), region="", due="2027-01-01", form__untouched="region")
    assert found["values"]["region"]["texts"] == {"": "east"}
    assert "due" not in found["values"]
    assert found["fields"]["region"]["note"] == "The region is the customer's"


def test_a_locked_field_shows_what_will_be_kept(shop: Visitor) -> None:
    customer = shop.make("customer", name="Cora", region="east")
    order = shop.make("order", name="A", region="north")
    found = asked(shop, f"/order/{order}/form", customer=str(customer), region="west", stage="open")
    assert found["values"]["region"]["texts"] == {"": "north"}
    assert asked(shop, "/order/form", customer=str(customer), region="west")["values"]["region"]["texts"] == {"": "east"}


def test_an_edit_compares_with_the_stored_record(shop: Visitor) -> None:
    customer = shop.make("customer", name="Cora", discount="10")
    order = shop.make("order", name="A", customer=customer)
    shop.make("line", name="L", order=order, quantity=2, price="50")
    found = asked(shop, f"/order/{order}/form", name="a", customer=str(customer), stage="open")
    assert (found["outputs"]["net"], found["outputs"]["total"], found["outputs"]["title"]) == ("90.00", "100.00", "A (1)")
    assert asked(shop, f"/order/{order}/form", name="b", customer="", stage="open")["outputs"]["net"] == "100.00"


def test_a_lookup_to_nothing_the_actor_may_see_counts_as_blank(shop: Visitor) -> None:
    assert asked(shop, "/order/form", customer="77", form__untouched="region")["values"]["region"]["texts"] == {}
    assert asked(shop, "/order/form", customer="x", form__untouched="region")["fields"]["region"]["locked"] is False


@pytest.mark.parametrize(("path", "status"), [("/order/7/form", 404), ("/nothing/form", 404)])
def test_there_must_be_something_to_ask_about(shop: Visitor, path: str, status: int) -> None:
    assert shop.post(path, {"name": "A"}).status_code == status


def test_asking_needs_the_form_token(shop: Visitor) -> None:
    assert shop.client.post("/order/form", data={"name": "A"}).status_code == 403


def test_asking_changes_nothing(shop: Visitor) -> None:
    order = shop.make("order", name="A")
    before = shop.values("order", order)
    asked(shop, f"/order/{order}/form", name="B", stage="lost", reason="x")
    asked(shop, "/order/form", name="B")
    assert shop.values("order", order) == before and "1" in words(shop.get("/order/"))


# The save


def test_a_blank_nobody_touched_is_filled_and_one_that_was_emptied_stays_blank(shop: Visitor) -> None:
    customer = shop.make("customer", name="Cora", region="east")
    sent = {"name": "A", "customer": str(customer), "stage": "open", "due": "", "region": "", "form.untouched": "region", "form.unfilled": "region"}
    assert shop.post("/order/new", sent).status_code == 303
    values = shop.values("order", 1)
    assert (values["region"], values["due"]) == ("east", None)


def test_a_broken_rule_is_said_beside_its_field(shop: Visitor) -> None:
    page = shop.post("/order/new", {"name": "A", "stage": "paid", "paid_on": ""})
    assert page.status_code == 422
    assert "Say when it was paid." in words(field(page.text, "paid_on")) and 'aria-invalid="true"' in field(page.text, "paid_on")
    page = shop.post("/order/new", {"name": "A", "stage": "lost", "reason": ""})
    assert "Reason is required." in words(field(page.text, "reason")) and state(page.text, "reason") == "open required"


def test_a_rule_about_no_field_is_said_at_the_top(shop: Visitor) -> None:
    order = shop.make("order", name="A", stage="paid", paid_on="2026-01-02")
    page = shop.post(f"/order/{order}/edit", {"version": "1", "name": "A", "stage": "open", "paid_on": "2026-01-02"})
    assert page.status_code == 422
    assert "A paid order stays paid." in words(page.text.partition('role="alert"')[2].partition("</div></div>")[0])


def test_what_a_rule_says_of_a_hidden_field_is_said_at_the_top(shop: Visitor) -> None:
    page = shop.post("/order/new", {"name": "A", "stage": "open", "reason": "too dear"})
    assert page.status_code == 422
    assert "Reason does not apply here" in words(page.text.partition('role="alert"')[2].partition("</div></div>")[0])
    assert state(page.text, "reason") == "hidden"


def test_a_path_click_that_breaks_a_rule_says_so(shop: Visitor) -> None:
    order = shop.make("order", name="A")
    assert shop.post(f"/order/{order}/path", {"version": "1", "value": "lost"}).status_code == 303
    assert "Reason is required." in words(shop.get(f"/order/{order}"))
    shop.post(f"/order/{order}/path", {"version": "1", "value": "paid"})
    assert "Say when it was paid." in words(shop.get(f"/order/{order}"))
    assert shop.values("order", order)["stage"] == "open"


def test_a_conflict_still_lets_choose_and_then_checks_the_rules(shop: Visitor) -> None:
    order = shop.make("order", name="A")
    shop.change("order", order, name="B")
    page = shop.post(f"/order/{order}/edit", {"version": "1", "name": "A", "stage": "lost", "reason": "too dear"})
    assert page.status_code == 409 and "too dear" in page.text
    again = shop.post(f"/order/{order}/edit", {"version": "2", "stage": "lost", "reason": ""})
    assert again.status_code == 422 and "Reason is required." in words(field(again.text, "reason"))


# Record page and list


def test_the_record_page_leaves_out_what_rules_hide(shop: Visitor) -> None:
    lost = shop.make("order", name="A", stage="lost", reason="too dear")
    kept = shop.make("order", name="B")
    assert words(shop.get(f"/order/{lost}")).count("too dear") >= 2
    page = shop.get(f"/order/{kept}").text
    assert "value-reason" not in page and "Why it was lost" not in page and "<dt>Reason</dt>" not in page


def test_the_record_page_says_how_a_value_is_worked_out(shop: Visitor) -> None:
    line = shop.make("line", name="L", order=shop.make("order", name="A"), quantity=12, price="1000.50")
    page = shop.get(f"/line/{line}").text
    assert '<dd id="value-worth">$12,006.00</dd>' in page
    assert '<dd id="value-size"><span class="tint tint-red">Large &lt;L&gt;</span></dd>' in page
    assert 'popovertarget="why-worth"' in page
    said = words(page.partition('id="why-worth" popover>')[2].partition("</div>")[0])
    assert said == "Formula quantity * price It looks at: Quantity, Price"


def test_lists_show_computed_values_as_what_they_return(shop: Visitor) -> None:
    order = shop.make("order", name="A", due="2026-12-30")
    shop.make_many("line", [{"name": name, "order": order, "quantity": count, "price": "1000.50"} for name, count in (("B", 1), ("A", 12))])
    page = shop.get("/line/?view=all&sort=-size").text
    assert '<td class="num" data-label="Worth">$12,006.00</td>' in page and '<td class="num" data-label="Net">1,000.50</td>' in page
    assert '<td data-label="Size"><span class="tint tint-green">Small</span></td>' in page
    assert '<td data-label="Ready">Dec 31, 2026</td>' in page
    assert page.index("tint-red") < page.index("tint-green")
    ascending = shop.get("/line/?view=all&sort=size").text
    assert ascending.index("tint-green") < ascending.index("tint-red")


def test_the_column_chooser_offers_computed_fields(shop: Visitor) -> None:
    shop.make("line", name="A", order=shop.make("order", name="A"), quantity=2, price="3")
    page = shop.get("/line/?view=all").text
    assert 'value="doubled"' in page
    assert '<td class="num" data-label="Doubled">12.00</td>' in shop.get("/line/?columns=name,doubled").text


# Every kind of input

LOCKED = sorted({item["name"] for item in FIELDS} - {"text", "auto_number"})
RULE: dict[str, Any] = {
    "type": "field",
    "entity": "thing",
    "name": "lock",
    "label": "Locked",
    "fields": LOCKED,
    "read_only": "text = 'lock'",
    "visible": "text <> 'hide'",
}
EVERY_TYPE = package(
    "every_type",
    {
        "entity": [{"name": "thing", "label": "Thing", "name_field": "text", "fields": FIELDS}],
        "choices": [{"name": "size", "values": [{"name": "small"}, {"name": "large", "colour": "red"}, {"name": "old", "active": False}]}],
        "rule": [RULE],
    },
    requires=["crm"],
)
HELD: dict[str, Any] = {
    "text": "A",
    "long_text": "one\ntwo",
    "currency": {"amount": "12.50", "currency": "USD"},
    "boolean": True,
    "datetime": "2026-12-01T09:30:00Z",
    "duration": 5400,
    "choice": "large",
    "multi_choice": ["small", "large"],
    "person_name": {"first": "Ann", "last": "Lee"},
    "address": {"city": "Paris", "country": "FR"},
    "geolocation": {"latitude": "48.85", "longitude": "2.35"},
    "rating": 3,
    "json": {"a": 1},
}


@pytest.fixture
def things(make_workspace: MakeWorkspace) -> Visitor:
    workspace = make_workspace("core", "crm", EVERY_TYPE)
    return Visitor(create_app(workspace), workspace, make_person(workspace, "Ana", "administrator"))


def test_every_kind_of_input_shows_what_is_kept_when_it_is_locked(things: Visitor) -> None:
    account = things.make("account", name="Acme")
    id = things.make("thing", **HELD, lookup=account, many_to_many=[account], polymorphic_lookup={"entity": "account", "id": account})
    found = asked(things, f"/thing/{id}/form", text="lock")
    assert {name for name, state in found["fields"].items() if state["locked"]} == set(LOCKED)
    texts = {name: said["texts"] for name, said in found["values"].items()}
    assert texts["currency"] == {"": "12.50", "currency": "USD"} and texts["boolean"] == {"": "1"}
    assert texts["multi_choice"] == {"": ["small", "large"]} and texts["datetime"] == {"": "2026-12-01T09:30"}
    assert texts["address"]["city"] == "Paris" and texts["person_name"]["last"] == "Lee"
    acme = [{"value": str(account), "text": "Acme"}]
    assert (found["values"]["lookup"]["options"], found["values"]["many_to_many"]["options"]) == (acme, acme)
    assert found["values"]["polymorphic_lookup"] == {"texts": {"": f"account:{account}"}, "options": [{"value": f"account:{account}", "text": "Acme"}]}


@pytest.mark.parametrize("text", ["lock", "hide"])
def test_every_kind_of_input_that_is_off_is_inside_a_disabled_field_set(things: Visitor, text: str) -> None:
    page = things.get(f"/thing/new?text={text}").text
    assert {state(page, name) for name in LOCKED} == {"locked" if text == "lock" else "hidden"}
    assert things.post("/thing/new", {"text": text}).status_code == 303
