"""A rule made in a real browser: a mistake seen and mended as one types, conditions as rows, tried on a record, tested on all."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.axe import faults
from tests.browser.conftest import PHONE, Site

pytestmark = pytest.mark.browser

RULES = "/studio/entity/opportunity/rules/"


@pytest.fixture
def deals(site: Site) -> Site:
    account = site.make("account", name="Acme")
    site.make_many("opportunity", [{"name": "Big deal", "account": account, "amount": "100", "stage": "won"}, {"name": "Small deal", "account": account}])
    return site


def test_an_expression_with_a_mistake_is_mended_and_tried(deals: Site) -> None:
    page = deals.open(f"{RULES}new/validation")
    page.get_by_label("What people call the rule").fill("Amount known")
    page.get_by_role("button", name="Expression", exact=True).first.click()
    text = page.get_by_role("combobox", name="A record can be saved only when")
    text.press_sequentially("amont > 0 and sta")
    page.locator(".complete-item", has_text="stage").first.click()
    expect(page.locator(".expression-mirror mark").first).to_have_text("amont")
    expect(page.locator("#must-checked")).to_contain_text("Unknown field “amont”")
    page.get_by_role("button", name="Use “amount”").click()
    expect(text).to_have_value("amount > 0 and stage")
    text.press_sequentially(' = "won"')
    expect(page.locator("#must-checked")).to_contain_text("Gives a condition.")
    page.get_by_role("button", name="Try on a record").first.click()
    panel = page.locator("#must-try")
    expect(panel).to_contain_text("Result no")
    panel.get_by_role("combobox").click()
    page.locator(".ts-dropdown .option", has_text="Big deal").click()
    expect(panel).to_contain_text("Result yes")
    assert faults(page) == []
    page.get_by_label("What people read when the save is refused").fill("Enter the amount.")
    page.get_by_role("button", name="Test on existing records").click()
    expect(page.locator("#rule-tested")).to_contain_text("Small deal")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".rule-list")).to_contain_text("A record is saved only when Amount is more than 0 and Stage is Won.")


def test_conditions_as_rows_on_a_phone(deals: Site) -> None:
    page = deals.open(f"{RULES}new/validation", PHONE)
    rows = page.locator("#must").locator("xpath=ancestor::*[@data-expression-editor]").locator("[data-rows]")
    field = rows.locator(".filter-field .ts-control input")
    field.click()
    field.fill("Amount")
    page.locator(".ts-dropdown .option:visible", has_text="Amount").first.click()
    rows.locator(".filter-comparison").select_option(label="is at least")
    rows.locator(".filter-value input").fill("500")
    expect(page.locator("#must")).to_have_value("amount >= 500")
    rows.get_by_role("button", name="Add a condition").click()
    expect(rows.locator(".filter-row")).to_have_count(2)
    rows.get_by_role("button", name="Take this condition away").first.click()
    expect(page.locator("#must")).to_have_value("")
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
