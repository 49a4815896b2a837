"""Choices that hang on others in a real browser: what can be chosen follows, what no longer fits is cleared, and comes back."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from fieldsmith.workspace import Workspace
from tests.browser.axe import faults
from tests.browser.conftest import Site
from tests.conftest import MakeWorkspace
from tests.records.test_narrowing import SHOP

pytestmark = pytest.mark.browser


@pytest.fixture
def workspace(make_workspace: MakeWorkspace) -> Workspace:
    return make_workspace("core", SHOP)


def offered(page: Page, name: str, *labels: str) -> None:
    expect(page.locator(f"#{name} option:not([value=''])")).to_have_text(list(labels))


def choose(page: Page, name: str, value: str) -> None:
    """As a person does, who is in the list then."""
    page.locator(f"#{name}").focus()
    page.select_option(f"#{name}", value)


def test_what_can_be_chosen_follows_what_is_chosen(site: Site) -> None:
    page = site.open("/deal/new")
    page.get_by_role("link", name="Fresh").click()
    offered(page, "region", "Texas", "Other")
    choose(page, "city", "dallas")
    choose(page, "country", "de")
    offered(page, "region", "Hesse", "Other")
    expect(page.locator("#region")).to_have_value("")
    offered(page, "city")
    expect(page.locator("[data-said]")).to_contain_text("City")
    choose(page, "country", "us")
    expect(page.locator("#region")).to_have_value("texas")
    expect(page.locator("#city")).to_have_value("dallas")
    choose(page, "record_type", "renewal")
    offered(page, "stage", "Won", "Lost deal")
    assert faults(page) == []
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".record-kind")).to_contain_text("Renewal")
    expect(page.locator("#value-city")).to_have_text("Dallas")
    deal = site.make("deal", name="A", country="us", visited=["texas", "other"])  # a picker of many follows too
    page.goto(f"{site.url}/deal/{deal}/edit")
    expect(page.locator("[data-field=visited] .item")).to_have_count(2)
    choose(page, "country", "de")
    expect(page.locator("[data-field=visited] .item")).to_have_count(1)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#value-visited")).to_have_text("Other")


def test_values_are_dragged_by_keyboard_and_the_matrix_follows_its_list(site: Site) -> None:
    page = site.open("/studio/choices/regions")
    page.get_by_role("button", name="Move Other").focus()
    for key in ("Space", "ArrowUp", "ArrowUp", "Space"):
        page.keyboard.press(key)
    expect(page.locator(".draft-title")).to_be_visible()
    page.reload()
    expect(page.locator(".value-row .tint")).to_have_text(["Other", "Texas", "Hesse"])
    assert faults(page) == []
    page.goto(site.url + "/studio/choices/stages/dependencies")
    page.select_option("#on", "countries")
    expect(page.get_by_role("columnheader", name="Germany")).to_be_visible()
    page.get_by_label("Won with Germany").uncheck()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("depends on the list")).to_be_visible()
