"""A dealer in a real browser: signs in with the password, lands in their app, opens a case for their own account, and finds nobody else."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.axe import faults
from tests.browser.conftest import Site
from tests.web.conftest import PASSWORD
from tests.web.test_portal_screens import settle

pytestmark = pytest.mark.browser


def test_a_dealer_signs_in_and_opens_a_case(site: Site) -> None:
    dealer, _ = settle(site.workspace)
    page = site.open("/")
    page.context.clear_cookies()
    page.goto(f"{site.url}/login")
    page.fill("input[name=name]", dealer.login)
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/case/")
    expect(page.locator(".sidebar, nav").first).to_contain_text("Dealer desk")
    expect(page.locator("a.row-link")).to_have_text(["My pump leaks"])
    page.goto(f"{site.url}/case/new")
    page.get_by_label("Subject").fill("Pump broke")
    page.locator("#account-ts-control").fill("Ltd")
    offered = page.locator(".ts-dropdown .option")
    expect(offered).to_have_text(["Mine Ltd"])
    offered.click()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", name="Pump broke")).to_be_visible()
    assert faults(page) == []
    page.keyboard.press("Control+k")
    page.keyboard.type("pump")
    expect(page.locator("#palette-results")).to_contain_text("My pump leaks")
    expect(page.locator("#palette-results")).not_to_contain_text("Their")
