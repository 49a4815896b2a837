"""Rules and formulas in a real browser: values follow what is typed, fields come and go, the focus stays where it is."""

from __future__ import annotations

import re
import time
from contextlib import suppress

import pytest
from playwright.sync_api import Error, Page, Route, expect

from fieldsmith.workspace import Workspace
from tests.browser.axe import faults
from tests.browser.conftest import PHONE, Site
from tests.browser.test_screens import fits, pick
from tests.conftest import MakeWorkspace
from tests.shop_front import SHOP_FRONT

pytestmark = pytest.mark.browser


@pytest.fixture
def workspace(make_workspace: MakeWorkspace) -> Workspace:
    return make_workspace("core", SHOP_FRONT)


def choose_stage(page: Page, stage: str) -> None:
    """As a person does, who is in the list then."""
    page.locator("#stage").focus()
    page.select_option("#stage", stage)


def test_a_formula_follows_without_the_focus_being_lost(site: Site) -> None:
    site.make("order", name="A")
    page = site.open("/line/new?order=1")
    page.locator("#quantity").focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("12")
    page.locator("#price").focus()
    page.keyboard.type("1000.5")
    expect(page.locator("#net")).to_have_text("12,006.00")
    expect(page.locator("#size .tint-red")).to_have_text("Large <L>")
    expect(page.locator("#price")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    page.keyboard.type("2")
    expect(page.locator("#price")).to_have_value("1000.25")
    expect(page.locator("#net")).to_have_text("12,003.00")


def test_a_field_comes_when_its_condition_holds_and_is_demanded(site: Site) -> None:
    page = site.open("/order/new")
    page.fill("#name", "A")
    expect(page.locator("#reason")).to_be_hidden()
    expect(page.get_by_text("Why it was lost")).to_be_hidden()
    choose_stage(page, "lost")
    expect(page.locator("#reason")).to_be_visible()
    expect(page.get_by_text("Why it was lost")).to_be_visible()
    expect(page.locator("#stage")).to_be_focused()
    expect(page.locator("[data-field=reason] .form-label")).to_have_class(re.compile("required"))
    expect(page.locator("#reason")).to_have_attribute("required", "")
    expect(page.locator("[data-said]")).to_have_text("Now shown: Reason")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#reason-error")).to_contain_text("Reason is required.")
    expect(page.locator("#reason")).to_be_focused()
    page.keyboard.type("too dear")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#value-reason")).to_have_text("too dear")


def test_a_field_that_goes_is_not_sent_and_keeps_its_text_for_when_it_comes_back(site: Site) -> None:
    page = site.open("/order/new?stage=lost")
    page.fill("#name", "A")
    page.fill("#reason", "too dear")
    choose_stage(page, "open")
    expect(page.locator("#reason")).to_be_hidden()
    choose_stage(page, "lost")
    expect(page.locator("#reason")).to_have_value("too dear")
    choose_stage(page, "open")
    expect(page.locator("#reason")).to_be_hidden()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page).to_have_url(re.compile(r"/order/1$"))
    assert site.values("order", 1)["reason"] is None


def test_a_default_follows_a_picked_record_and_the_field_is_locked(site: Site) -> None:
    site.make("customer", name="Cora", region="east")
    site.make("customer", name="Dan")
    page = site.open("/order/new")
    page.fill("#name", "A")
    pick(page, "customer", "cora", "Cora")
    expect(page.locator("#region")).to_have_value("east")
    expect(page.locator("#region")).to_be_disabled()
    expect(page.locator("[data-field=region] [data-note]")).to_have_text("The region is the customer's")
    pick(page, "customer", "dan", "Dan")
    expect(page.locator("#region")).to_have_value("")
    expect(page.locator("#region")).to_be_enabled()
    page.fill("#region", "west")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#value-region")).to_have_text("west")


def test_a_locked_field_shows_what_is_kept_and_gets_back_what_was_typed(site: Site) -> None:
    site.make("customer", name="Cora", region="east")
    site.make("customer", name="Dan")
    site.make("order", name="A", region="north")
    page = site.open("/order/1/edit")
    page.fill("#region", "west")
    pick(page, "customer", "cora", "Cora")
    expect(page.locator("#region")).to_be_disabled()
    expect(page.locator("#region")).to_have_value("north")
    pick(page, "customer", "dan", "Dan")
    expect(page.locator("#region")).to_be_enabled()
    expect(page.locator("#region")).to_have_value("west")


def test_only_the_newest_answer_counts(site: Site) -> None:
    site.make("order", name="A")
    page = site.open("/line/new?order=1")
    page.fill("#price", "10")
    expect(page.locator("#net")).to_have_text("10.00")
    asked: list[str] = []

    def slow_at_first(route: Route) -> None:
        asked.append(route.request.post_data or "")
        answer = route.fetch()
        if len(asked) == 1:
            time.sleep(1)
        with suppress(Error):  # the page has given this one up
            route.fulfill(response=answer)

    page.route("**/line/form", slow_at_first)
    page.fill("#quantity", "2")
    page.wait_for_timeout(400)
    page.fill("#quantity", "3")
    expect(page.locator("#net")).to_have_text("30.00")
    page.wait_for_timeout(1200)
    expect(page.locator("#net")).to_have_text("30.00")
    assert len(asked) == 2


def test_a_form_works_on_while_the_server_is_away(site: Site) -> None:
    page = site.open("/order/new")
    page.route("**/order/form", lambda route: route.abort())
    choose_stage(page, "lost")
    page.fill("#name", "A")
    page.wait_for_timeout(200)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#reason-error")).to_contain_text("Reason is required.")


def test_without_scripts_the_server_shows_and_checks(site: Site) -> None:
    site.make("customer", name="Cora", region="east")
    page = site.open("/order/new?customer=1", java_script_enabled=False)
    expect(page.locator("#region")).to_be_disabled()
    expect(page.locator("#reason")).to_be_hidden()
    page.fill("#name", "A")
    page.select_option("#stage", "lost")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#reason-error")).to_contain_text("Reason is required.")
    page.fill("#reason", "too dear")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#value-reason")).to_have_text("too dear")
    expect(page.locator("#value-region")).to_have_text("east")


def test_what_was_typed_is_not_overwritten_by_a_default(site: Site) -> None:
    site.make("customer", name="Dan")
    page = site.open("/order/new")
    page.fill("#due", "")
    page.fill("#region", "west")
    pick(page, "customer", "dan", "Dan")
    expect(page.locator("#net")).to_have_text("0.00")
    page.wait_for_load_state("networkidle")
    expect(page.locator("#region")).to_have_value("west")
    expect(page.locator("#due")).to_have_value("")


def test_a_rule_that_is_broken_is_told_beside_its_field(site: Site) -> None:
    site.make("order", name="A")
    page = site.open("/order/1/edit")
    page.select_option("#stage", "paid")
    page.locator("#stage").press("Control+Enter")
    expect(page.locator("#paid_on-error")).to_contain_text("Say when it was paid.")
    expect(page.locator("#paid_on")).to_be_focused()
    assert site.values("order", 1)["stage"] == "open"


def test_it_all_goes_by_keyboard(site: Site) -> None:
    page = site.open("/order/new")
    expect(page.locator("#name")).to_be_focused()
    page.keyboard.type("A")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.locator("#stage")).to_be_focused()
    page.keyboard.type("Lost")
    expect(page.locator("#reason")).to_be_visible()
    expect(page.locator("#stage")).to_be_focused()
    while not page.evaluate("document.activeElement.id == 'reason'"):
        page.keyboard.press("Tab")
    page.keyboard.type("too dear")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#value-reason")).to_have_text("too dear")


def test_the_record_page_explains_a_computed_value(site: Site) -> None:
    site.make("order", name="A")
    site.make("line", name="L", order=1, quantity=2, price="3")
    page = site.open("/line/1")
    page.get_by_role("button", name="How “Net” is worked out").press("Enter")
    expect(page.locator("#why-net")).to_be_visible()
    expect(page.locator("#why-net")).to_contain_text("quantity * price")
    page.keyboard.press("Escape")
    expect(page.locator("#why-net")).to_be_hidden()
    expect(page).to_have_url(re.compile(r"/line/1$"))


@pytest.mark.parametrize("size", [(1280, 800), PHONE])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_pages_have_no_faults(site: Site, size: tuple[int, int], theme: str) -> None:
    site.make("customer", name="Cora", region="east")
    site.make("order", name="A", customer=1, stage="lost", reason="too dear")
    site.make("line", name="L", order=1, quantity=20, price="3")
    for path in ("/order/new", "/order/1/edit", "/line/new?order=1&gift=1&quantity=9", "/order/1", "/line/1", "/line/?view=all"):
        page = site.open(path, size, color_scheme=theme)
        page.wait_for_load_state("networkidle")
        assert fits(page) and faults(page) == []
