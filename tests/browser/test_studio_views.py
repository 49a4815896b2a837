"""The view editor in a browser: columns are chosen, ordered and taken away, the preview follows, the list then shows it."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.axe import faults
from tests.browser.conftest import PHONE, Site

VIEWS = "/studio/entity/opportunity/views/"


def test_a_view_is_made_with_the_keyboard_and_used(site: Site) -> None:
    account = site.make("account", name="Acme", industry="energy")
    site.make("opportunity", name="Turbines", amount="5", account=account)
    page = site.open(VIEWS + "new")
    page.get_by_label("Label").fill("By industry")
    page.locator(".view-add .ts-control input").fill("industry")
    page.keyboard.press("Enter")
    preview = page.locator("#view-preview")
    expect(preview.get_by_role("columnheader").last).to_have_text("Account · Industry")
    page.get_by_role("button", name="Move Account · Industry").focus()
    for key in ("Space", "ArrowUp", "ArrowUp", "ArrowUp", "ArrowUp", "Space"):
        page.keyboard.press(key)
    expect(preview.get_by_role("columnheader").first).to_have_text("Account · Industry")
    page.get_by_role("checkbox", name="Primary contact").click()
    expect(preview.get_by_role("columnheader")).to_have_count(4)
    assert faults(page) == []
    page.get_by_role("button", name="Save in the draft").click()
    page.wait_for_url(site.url + VIEWS)
    sets = site.workspace.changesets
    id = sets.listed(site.person.actor)[0].id
    sets.publish(site.person.actor, id, sets.plan(site.person.actor, id).hash)
    page.goto(site.url + "/opportunity/?view=by_industry")
    expect(page.locator("thead")).to_contain_text("Account · Industry")
    page.get_by_role("button", name="By industry").click()
    page.get_by_role("link", name="Edit this view").click()
    page.wait_for_url(site.url + VIEWS + "by_industry")


def test_a_board_is_set_up_on_a_phone(site: Site) -> None:
    site.make("opportunity", name="Turbines", amount="5")
    page = site.open(VIEWS + "by_amount", PHONE, color_scheme="dark")
    expect(page.get_by_label("Columns of the board")).to_be_hidden()
    page.get_by_role("radio", name="Board").check()
    page.get_by_label("Columns of the board").select_option("stage")
    page.get_by_label("Sum over each column").select_option("amount")
    expect(page.locator("#view-preview")).to_contain_text("Prospecting 1 $5.00")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0] and faults(page) == []
