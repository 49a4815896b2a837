"""Every kind of input in a real browser while a rule locks and opens it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from fieldsmith.workspace import Workspace
from tests.browser.axe import faults
from tests.browser.conftest import PHONE, WIDE, Site
from tests.browser.test_screens import fits
from tests.conftest import MakeWorkspace
from tests.web.test_screens_rules import EVERY_TYPE, HELD

pytestmark = pytest.mark.browser


@pytest.fixture
def workspace(make_workspace: MakeWorkspace) -> Workspace:
    return make_workspace("core", "crm", EVERY_TYPE)


def held(page: Page) -> object:
    """What the form would send, but for the field the rule looks at."""
    sent = page.evaluate("[...new FormData(document.querySelector('.record-form'))].map(([name, text]) => [name, String(text)])")
    return [(name, text) for name, text in sent if name != "text"]


@pytest.mark.parametrize(("size", "theme"), [(WIDE, "light"), (PHONE, "dark")])
def test_every_kind_of_input_is_locked_and_opened_again(site: Site, size: tuple[int, int], theme: str) -> None:
    account = site.make("account", name="Acme")
    site.make("thing", **HELD, lookup=account, many_to_many=[account], polymorphic_lookup={"entity": "account", "id": account})
    page = site.open("/thing/1/edit", size, color_scheme=theme)
    expect(page.locator("select[data-picker]:not(.tomselected)")).to_have_count(0)
    before = held(page)
    page.fill("#text", "lock")
    expect(page.locator("#choice")).to_be_disabled()
    expect(page.locator("[data-field]:not([data-field=text]):not(:disabled)")).to_have_count(0)
    expect(page.locator(".ts-wrapper:not(.disabled)")).to_have_count(0)
    expect(page.locator("[data-field=lookup] .item")).to_contain_text("Acme")
    expect(page.locator("#text")).to_be_focused()
    assert faults(page) == [] and fits(page)
    page.fill("#text", "A")
    expect(page.locator("#choice")).to_be_enabled()
    assert held(page) == before
    page.locator("#lookup-ts-control").click()
    expect(page.locator("[data-field=lookup] .ts-dropdown .option").first).to_be_visible()
    page.keyboard.press("Escape")
    page.locator("#text").press("Control+Enter")
    expect(page).to_have_url(re.compile(r"/thing/1$"))
    with site.workspace.read() as work:
        assert work.records.get(site.person.actor, "thing", 1).version == 1, "nothing was changed"
