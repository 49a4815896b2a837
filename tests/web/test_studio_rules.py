"""Rules in the studio: sentences, new ones, changed ones, switched off, and how many records would fail them."""

from __future__ import annotations

from typing import Any

import pytest

from fieldsmith.meta.model import FieldRule, ValidationRule
from fieldsmith.studio.workbench import Said
from tests.databases import SqliteTemplates
from tests.web.conftest import Person
from tests.web.screens import Visitor, drafted, words

RULES = "/studio/entity/opportunity/rules/"
SHIPPED = "probability_possible"
WON = {"label": "Amount of what was won", "when": 'stage = "won"', "must": "amount > 0", "message": "Enter the amount.", "field": "amount"}
CLOSING = {"label": "Closing", "fields": ["close_date", "amount"], "required": 'stage = "won"'}


@pytest.fixture
def templates(sqlite_templates: SqliteTemplates) -> SqliteTemplates:
    return sqlite_templates


def test_rules_are_told_in_sentences(visitor: Visitor) -> None:
    page = visitor.get(RULES)
    assert f'href="{RULES}{SHIPPED}"' in page.text and "Package crm" in words(page)
    assert visitor.post(f"{RULES}new/validation", WON).location == RULES
    assert "When Stage is Won, a record is saved only if Amount is more than 0." in words(visitor.get(RULES))


def test_a_new_validation_rule_is_named_after_its_label(visitor: Visitor, admin: Person) -> None:
    visitor.post(f"{RULES}new/validation", {**WON, "message.zh_Hans": "请填写金额"})
    bench = drafted(visitor, admin)
    rule = bench.model.rules["opportunity.amount_of_what_was_won"]
    assert isinstance(rule, ValidationRule)
    assert (rule.must, rule.when, rule.field, rule.message.translations) == ("amount > 0", 'stage = "won"', "amount", {"zh_Hans": "请填写金额"})


def test_a_new_field_rule(visitor: Visitor, admin: Person) -> None:
    assert visitor.post(f"{RULES}new/field", CLOSING).status_code == 303
    rule = drafted(visitor, admin).model.rules["opportunity.closing"]
    assert isinstance(rule, FieldRule) and rule.fields == ("close_date", "amount")
    assert "Close date, Amount: required when Stage is Won." in words(visitor.get(RULES))


@pytest.mark.parametrize(
    ("kind", "sent", "told"),
    [
        ("validation", {**WON, "label": ""}, "This is needed."),
        ("validation", {**WON, "must": " "}, "Say what must be true for a record to be saved."),
        ("validation", {**WON, "must": "amont > 0"}, "Did you mean “amount”?"),
        ("validation", {**WON, "must": "amount"}, "amount"),
        ("validation", {**WON, "message": ""}, "Say what people read when the save is refused."),
        ("validation", {**WON, "field": "nothing"}, "nothing"),
        ("field", {**CLOSING, "fields": []}, "Tick the fields the rule is about."),
        ("field", {**CLOSING, "required": ""}, "Say when the fields are shown, required or read-only."),
        ("field", {**CLOSING, "fields": ["weighted_amount"]}, "rule"),
    ],
)
def test_what_is_wrong_stands_on_the_form(visitor: Visitor, admin: Person, kind: str, sent: dict[str, Any], told: str) -> None:
    answer = visitor.post(f"{RULES}new/{kind}", sent)
    assert answer.status_code == 422 and told in words(answer)
    assert visitor.workspace.changesets.listed(admin.actor) == []


def test_a_changed_rule_says_only_what_differs(visitor: Visitor, admin: Person) -> None:
    page = visitor.get(RULES + SHIPPED).text
    assert "ISBLANK(probability)" in page and "origin-base" not in page.partition("<form")[0]
    sent = {"label": "Probability from 0 to 100", "must": "probability >= 0", "message": "A probability lies between 0 and 100 %.", "field": "probability"}
    visitor.post(RULES + SHIPPED, sent)
    draft = drafted(visitor, admin).draft
    assert draft is not None and draft.edits is not None
    assert [(item.op, item.path, item.value) for item in draft.edits["rule", f"opportunity.{SHIPPED}"].operations] == [("change", "/must", "probability >= 0")]


def test_fields_are_added_and_taken_from_a_rule(visitor: Visitor, admin: Person) -> None:
    visitor.post(f"{RULES}new/field", CLOSING)
    visitor.post(f"{RULES}closing", {**CLOSING, "fields": ["amount", "probability"], "required": "", "read_only": "amount > 5"})
    rule: Any = drafted(visitor, admin).model.rules["opportunity.closing"]
    assert (rule.fields, rule.required, rule.read_only) == (("amount", "probability"), "", "amount > 5")


def test_a_rule_is_switched_off_and_on(visitor: Visitor, admin: Person) -> None:
    for on, there in (("no", False), ("yes", True), ("no", False)):
        visitor.post(f"{RULES}{SHIPPED}/switch", {"on": on})
        assert (f"opportunity.{SHIPPED}" in drafted(visitor, admin).model.rules) is there


def test_only_ones_own_rule_can_be_deleted(visitor: Visitor, admin: Person) -> None:
    visitor.post(f"{RULES}new/field", CLOSING)
    assert "Delete rule" in visitor.get(f"{RULES}closing").text
    assert "Delete rule" not in visitor.get(RULES + SHIPPED).text
    visitor.post(f"{RULES}closing/delete", {})
    visitor.post(f"{RULES}{SHIPPED}/delete", {})
    assert [item.name for item in drafted(visitor, admin).of_kind("rule", "opportunity")] == [f"opportunity.{SHIPPED}"]


@pytest.mark.parametrize(
    ("kind", "sent", "told"),
    [
        ("validation", WON, "Records that do not meet it now: 1."),
        ("validation", {**WON, "when": "", "must": "amount > 0 -- always"}, "Records that do not meet it now: 2."),
        ("validation", {**WON, "must": "amount >= 0 or ISBLANK(amount)"}, "Every record that is there meets the rule."),
        ("validation", {**WON, "must": "not CHANGED(amount)"}, "Stored records cannot be tested with it"),
        ("validation", {**WON, "must": "amont"}, "Put the expressions right first."),
        ("validation", {**WON, "must": "discount > 0"}, "“Discount” is not published yet"),
        ("field", CLOSING, "Records that do not meet it now: 1."),
        ("field", {**CLOSING, "required": "", "visible": "true"}, "It refuses no save by itself"),
    ],
)
def test_how_many_records_would_fail(visitor: Visitor, admin: Person, kind: str, sent: dict[str, Any], told: str) -> None:
    id = visitor.workspace.changesets.open(admin.actor, "Discounts")
    field = {"op": "add", "path": "/fields/discount", "value": {"type": "decimal", "label": "Discount"}}
    visitor.workspace.changesets.say(admin.actor, id, [Said("entity", "opportunity", [field])])
    account = visitor.make("account", name="Acme")
    for name, values in (("Blank", {"stage": "won"}), ("Good", {"stage": "won", "amount": "5", "close_date": "2026-11-30"}), ("Open", {"stage": "proposal"})):
        visitor.make("opportunity", name=name, account=account, **values)
    answer = visitor.post(f"{RULES}test", {"type": kind, **sent})
    assert answer.status_code == 200 and told in words(answer)
