"""A draft looked at on the real screens before it is published: seen, filled in, never saved, and left again."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, Site
from tests.browser.test_screens import fits

pytestmark = pytest.mark.browser

MARK = {"op": "add", "path": "/fields/mark", "value": {"type": "text", "label": "Mark"}}
RENT = {"name": "rent", "label": "Rental", "plural": "Rentals", "fields": [{"name": "name", "type": "text"}]}


@pytest.fixture
def draft(site: Site) -> int:
    sets, ana = site.workspace.changesets, site.person.actor
    id = sets.open(ana, "Equipment rental")
    sets.change(ana, id, "entity", "account", {"operations": [MARK]})
    sets.put(ana, id, "entity", "rent", RENT)
    return id


def test_a_draft_is_previewed_on_real_screens(site: Site, draft: int) -> None:
    acme = site.make("account", name="Acme")
    page = site.open(f"/studio/drafts/{draft}")
    page.get_by_role("link", name="Preview").first.click()
    page.get_by_role("button", name="Start the preview").click()
    bar = page.locator(".preview-bar")
    expect(bar).to_contain_text("Preview of draft “Equipment rental” as myself")
    page.get_by_role("link", name="Accounts").first.click()
    expect(page).to_have_url(re.compile("/account/$"))  # the home page lists Acme too
    page.locator("#list-table").get_by_role("link", name="Acme").first.click()
    expect(page).to_have_url(re.compile(f"/account/{acme}$"))
    page.get_by_role("link", name="Edit", exact=True).first.click()
    expect(page.get_by_label("Mark", exact=True)).to_be_visible()
    page.goto(f"{site.url}/rent/new")
    page.fill("#name", "Excavator")
    page.get_by_role("button", name="Save", exact=True).first.click()
    expect(page.locator("#page")).to_contain_text("nothing can be saved")
    expect(bar).to_be_visible()
    bar.get_by_role("button", name="Leave preview").click()
    expect(page).to_have_url(re.compile(f"/studio/drafts/{draft}$"))
    expect(bar).to_have_count(0)
    page.goto(f"{site.url}/account/{acme}/edit")
    expect(page.get_by_label("Website")).to_be_visible()
    expect(page.get_by_label("Mark", exact=True)).to_have_count(0)


def test_the_preview_as_a_role_fits_a_phone(site: Site, draft: int) -> None:
    page = site.open(f"/studio/drafts/{draft}/preview", PHONE)
    page.get_by_label("User").check()
    page.get_by_role("button", name="Start the preview").click()
    expect(page.locator(".preview-bar")).to_contain_text("as User")
    assert fits(page)
