"""Filtering a list in a real browser: by mouse, by keyboard, by hand with completion; the address is shared; phone, Chinese, axe."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.axe import faults
from tests.browser.conftest import PHONE, Site

pytestmark = pytest.mark.browser


@pytest.fixture
def deals(site: Site) -> Site:
    site.make_many("account", [{"name": "Acme", "industry": "retail"}, {"name": "Borealis", "industry": "banking"}])
    stages = ("won", "lost", "proposal")
    site.make_many("opportunity", [{"name": f"Deal {at}", "stage": stages[at % 3], "amount": str(at * 100), "account": at % 2 + 1} for at in range(12)])
    return site


def open_builder(page: Page) -> Locator:
    """The builder, ready to be used."""
    page.locator("#filter-open").click()
    page.locator("#filter-text[role=combobox]").wait_for()
    return page.locator("#filter-form")


def choose_field(page: Page, label: str, row: int = 0) -> None:
    """In a picker that is open already or opens now."""
    control = page.locator(".filter-row").nth(row).locator(".filter-field .ts-control input")
    control.click()
    control.fill(label)
    page.locator(".ts-dropdown .option:visible", has_text=re.compile(f"^{label}$")).click()
    page.locator(".filter-row").nth(row).locator(".filter-comparison").wait_for()


def shown(page: Page) -> list[str]:
    return page.locator(".list .row-link").all_inner_texts()


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


def test_a_filter_built_with_the_mouse(deals: Site) -> None:
    page = deals.open("/opportunity/?sort=name")
    form = open_builder(page)
    choose_field(page, "Stage")
    form.locator(".filter-value select").select_option(label="Won")
    expect(page.locator("#filter-text")).to_have_value('stage = "won"')
    form.get_by_role("button", name="Add a condition").click()
    choose_field(page, "Amount", 1)
    form.locator(".filter-row").nth(1).locator(".filter-comparison").select_option(label="is at least")
    form.locator(".filter-row").nth(1).locator(".filter-value input").fill("600")
    expect(page.locator("#filter-text")).to_have_value('stage = "won" and amount >= 600')
    form.locator("#filter-join").select_option(label="any of these")
    expect(page.locator("#filter-text")).to_have_value('stage = "won" or amount >= 600')
    assert faults(page) == []
    form.locator("#filter-join").select_option(label="all of these")
    form.get_by_role("button", name="Apply").click()
    expect(page.locator(".filter-chips")).to_contain_text("Stage is Won")
    expect(page).to_have_url(deals.url + "/opportunity/?sort=name&filter=stage+%3D+%22won%22+and+amount+%3E%3D+600")
    assert shown(page) == ["Deal 6", "Deal 9"]
    expect(page.locator("section#filter-bar")).to_have_count(0)
    page.get_by_role("link", name="Take away: Amount is at least 600").click()
    expect(page.locator(".list .row-link")).to_have_count(4)
    page.get_by_role("link", name="Clear", exact=True).click()
    expect(page.locator(".list .row-link")).to_have_count(12)


def test_a_filter_built_with_the_keyboard(deals: Site) -> None:
    page = deals.open("/opportunity/?sort=name")
    page.locator("body").press("f")
    expect(page.locator(".filter-field .ts-control input")).to_be_focused()
    page.keyboard.type("stage")
    page.keyboard.press("Enter")
    expect(page.locator(".filter-comparison")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator(".filter-value select")).to_be_focused()
    page.keyboard.type("Lost")
    expect(page.locator("#filter-text")).to_have_value('stage = "lost"')
    page.locator("#filter-text").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".filter-chips")).to_contain_text("Stage is Lost")
    assert shown(page) == ["Deal 1", "Deal 10", "Deal 4", "Deal 7"]


def test_enter_in_a_row_applies_even_before_the_text_was_written(deals: Site) -> None:
    page = deals.open(f"/opportunity/?sort=name&filter={quote('amount > 100')}")
    form = open_builder(page)
    form.locator(".filter-value input").fill("1,050")
    form.locator(".filter-value input").press("Enter")
    expect(page.locator(".filter-chips")).to_contain_text("Amount is more than 1,050")
    assert shown(page) == ["Deal 11"]


def test_the_button_closes_what_it_opened(deals: Site) -> None:
    page = deals.open("/opportunity/")
    button = page.locator("#filter-open")
    expect(button).to_have_attribute("aria-expanded", "false")
    open_builder(page)
    expect(button).to_have_attribute("aria-expanded", "true")
    button.click()
    expect(page.locator("section#filter-bar")).to_have_count(0)
    expect(button).to_be_focused()
    open_builder(page)
    page.locator("#filter-text").press("Escape")
    expect(page.locator("section#filter-bar")).to_have_count(0)
    expect(button).to_have_attribute("aria-expanded", "false")


def test_rows_are_added_taken_away_and_must_be_filled_in(deals: Site) -> None:
    page = deals.open("/opportunity/?filter=" + quote("stage = 'won' or amount > 5 or owner = user"))
    form = open_builder(page)
    expect(form.locator(".filter-row")).to_have_count(3)
    form.locator(".filter-remove").nth(1).click()
    expect(page.locator("#filter-text")).to_have_value('stage = "won" or owner = user')
    form.get_by_role("button", name="Add a condition").click()
    choose_field(page, "Account", 2)
    form.get_by_role("button", name="Apply").click()
    expect(form.locator(".filter-row")).to_have_count(3)  # the browser asks for the value
    form.locator(".filter-row").nth(2).locator(".filter-value .ts-control").click()
    page.locator(".ts-dropdown .option:visible", has_text="Borealis").click()
    expect(page.locator("#filter-text")).to_have_value('stage = "won" or owner = user or account = 2')
    form.get_by_role("button", name="Apply").click()
    expect(page.locator(".filter-chips")).to_contain_text("Account is Borealis")


def test_the_text_is_completed_while_one_types(deals: Site) -> None:
    page = deals.open("/opportunity/?sort=name")
    open_builder(page)
    text = page.locator("#filter-text")
    text.focus()
    page.keyboard.type("acc")
    expect(page.locator(".complete-item").first).to_contain_text("account")
    assert faults(page) == []
    expect(text).to_have_attribute("aria-expanded", "true")
    assert page.locator(f"#{text.get_attribute('aria-activedescendant')}").get_attribute("aria-selected") == "true"
    page.keyboard.press("Enter")
    expect(text).to_have_value("account")
    page.keyboard.type(".indu")
    expect(page.locator(".complete-item").first).to_contain_text("industry")
    page.keyboard.press("Tab")
    page.keyboard.type(" = ")
    expect(page.locator(".complete-item", has_text="Banking")).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    expect(page.locator(".complete-box")).to_be_hidden()
    page.keyboard.type('"retail" and LEN(')
    expect(page.locator(".complete-help")).to_contain_text("LEN(")
    page.keyboard.type("name) > 6")
    expect(text).to_have_value('account.industry = "retail" and LEN(name) > 6')
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    expect(page.locator(".filter-chips code")).to_have_text('account.industry = "retail" and LEN(name) > 6')
    assert shown(page) == ["Deal 10"]


def test_places_are_right_behind_characters_of_two_units(deals: Site) -> None:
    page = deals.open("/opportunity/")
    open_builder(page)
    page.locator("#filter-text").fill('CONTAINS(name, "🦊") and sta')
    page.locator("#filter-text").press("Control+ ")
    page.locator(".complete-item", has_text="Stage").click()
    expect(page.locator("#filter-text")).to_have_value('CONTAINS(name, "🦊") and stage')


def test_rows_follow_the_text_when_it_is_left(deals: Site) -> None:
    page = deals.open(f"/opportunity/?filter={quote('amount > 5')}")
    form = open_builder(page)
    text = page.locator("#filter-text")
    text.fill("amount > 5 and stage = 'won'")
    form.locator("#filter-join").focus()
    expect(form.locator(".filter-row")).to_have_count(2)
    text.fill("LEN(name) > 5")
    text.blur()
    expect(form.locator(".filter-by-hand")).to_contain_text("Written by hand")
    text.fill("amount >")
    expect(page.locator("#filter-faults")).to_contain_text("amount >")
    expect(text).to_have_attribute("aria-invalid", "true")
    text.fill("")
    expect(page.locator(".filter-fault")).to_have_count(0)


def test_a_faulty_filter_comes_back_to_be_mended(deals: Site) -> None:
    page = deals.open("/opportunity/?sort=name")
    open_builder(page)
    text = page.locator("#filter-text")
    text.fill("stage = 'wom'")
    with page.expect_response(lambda answer: answer.status == 400):
        text.press("Enter")
    expect(page.get_by_text("The filter cannot be read.")).to_be_visible()
    expect(page.locator("#filter-faults mark")).to_have_text("'wom'")
    expect(text).to_be_focused()
    assert faults(page) == []
    text.fill("stage = 'won'")
    text.press("Enter")
    expect(page.locator(".filter-chips")).to_contain_text("Stage is Won")
    expect(page.locator(".list .row-link")).to_have_count(4)


def test_the_address_is_shared_and_back_leads_back(deals: Site) -> None:
    page = deals.open("/opportunity/?sort=name")
    open_builder(page)
    page.locator("#filter-text").fill("amount < 200")
    page.locator("#filter-text").press("Enter")
    expect(page.locator(".list .row-link")).to_have_count(2)
    other = deals.open(page.url.removeprefix(deals.url))
    assert shown(other) == ["Deal 0", "Deal 1"]
    page.go_back()
    expect(page.locator(".list .row-link")).to_have_count(12)


def test_searching_and_sorting_keep_the_filter(deals: Site) -> None:
    page = deals.open(f"/opportunity/?filter={quote('amount >= 500')}")
    page.locator(".list thead a", has_text="Opportunity name").click()
    expect(page).to_have_url(re.compile(r"sort=name&filter=amount"))
    page.locator("#list-search").fill("11")
    expect(page.locator(".list .row-link")).to_have_count(1)
    assert "filter=amount" in page.url


def test_nothing_moves_while_one_writes(deals: Site) -> None:
    page = deals.open(f"/opportunity/?filter={quote('amount > 5')}")
    open_builder(page)
    text = page.locator("#filter-text")
    before = text.bounding_box()
    text.press("End")
    page.keyboard.type(" and LEN(name) > 3 and (")
    page.locator(".filter-fault").wait_for()
    after = text.bounding_box()
    assert before and after and before["y"] == after["y"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_filter_on_a_phone(deals: Site, scheme: str) -> None:
    page = deals.open("/opportunity/?filter=" + quote("owner = user or stage in ('won', 'lost')"), PHONE, color_scheme=scheme)
    assert fits(page)
    form = open_builder(page)
    choose_field(page, "Close date", 0)
    assert fits(page) and faults(page) == []
    form.locator(".filter-row").first.locator(".filter-comparison").select_option(label="is blank")
    form.get_by_role("button", name="Apply").click()
    expect(page.locator(".filter-chips")).to_contain_text("Close date is blank")
    assert fits(page) and faults(page) == []


@pytest.mark.parametrize(("tag", "words"), [("zh-CN", ("阶段", "赢单")), ("zh-TW", ("階段", "贏單"))])
def test_a_filter_in_chinese(deals: Site, tag: str, words: tuple[str, str]) -> None:
    page = deals.open("/opportunity/", locale=tag)
    form = open_builder(page)
    choose_field(page, words[0])
    form.locator(".filter-value select").select_option(label=words[1])
    expect(page.locator("#filter-text")).to_have_value('stage = "won"')
    page.locator("#filter-text").press("Enter")
    expect(page.locator(".chip")).to_contain_text(words[1])
    assert faults(page) == []


def test_without_scripts_it_is_a_form(deals: Site) -> None:
    page = deals.open("/opportunity/?sort=name", java_script_enabled=False)
    page.locator("#filter-open").click()
    expect(page.get_by_role("heading", name="Filter: Opportunities")).to_be_visible()
    page.get_by_label("Field", exact=True).select_option(label="Stage")
    page.get_by_role("button", name="Apply").click()
    page.get_by_label("Value", exact=True).select_option(label="Won")
    page.get_by_role("button", name="Apply").click()
    assert shown(page) == ["Deal 0", "Deal 3", "Deal 6", "Deal 9"]
