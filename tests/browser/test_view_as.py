"""An administrator sees the product as somebody else does: their list, a bar on every page, nothing to save, and a row in the audit log."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from fieldsmith.base.context import OPERATOR
from tests.browser.conftest import PHONE, Site
from tests.browser.test_screens import fits
from tests.web.conftest import Person, make_person

pytestmark = pytest.mark.browser

SELLER: dict[str, Any] = {"name": "seller", "label": "Seller", "entities": {"account": dict.fromkeys(("read", "update", "create"), "own"), "user": ["read"]}}


@pytest.fixture
def ben(site: Site) -> Person:
    """Somebody who has one account; there is another."""
    sets = site.workspace.changesets
    id = sets.open(OPERATOR, "Seller")
    sets.put(OPERATOR, id, "role", "seller", SELLER)
    sets.publish(OPERATOR, id, sets.plan(OPERATOR, id).hash)
    found = make_person(site.workspace, "Ben", "seller")
    site.make("account", name="Bolt", owner=found.id)
    site.make("account", name="Acme", owner=site.person.id)
    return found


def test_their_list_the_bar_no_saving_and_the_way_back(site: Site, ben: Person) -> None:
    page = site.open(f"/studio/access/?user={ben.id}&entity=account")
    page.get_by_role("button", name=re.compile("^View as Ben")).click()
    bar = page.get_by_role("complementary", name="View as user")
    expect(bar).to_contain_text("You see what Ben sees.")
    page.goto(f"{site.url}/account/")
    expect(page.locator("#list-table").get_by_role("link", name="Bolt")).to_be_visible()
    expect(page.locator("#list-table").get_by_text("Acme")).to_have_count(0)
    expect(bar).to_be_visible()
    page.goto(f"{site.url}/account/new")
    page.fill("#name", "Made by somebody else")
    page.get_by_role("button", name="Save", exact=True).first.click()
    expect(page.locator("#page")).to_contain_text("nothing can be changed")
    expect(bar).to_be_visible()
    bar.get_by_role("button", name="Stop viewing").click()
    expect(page).to_have_url(re.compile(rf"/studio/access/\?user={ben.id}$"))
    expect(bar).to_have_count(0)
    page.goto(f"{site.url}/account/")
    expect(page.locator("#list-table").get_by_role("link", name="Acme")).to_be_visible()
    page.goto(f"{site.url}/studio/audit/")
    for said in ("Began to view as somebody else", "Stopped viewing as somebody else"):
        expect(page.locator("#page")).to_contain_text(re.compile(said, re.I))


def test_the_bar_fits_a_phone(site: Site, ben: Person) -> None:
    page = site.open(f"/studio/access/?user={ben.id}&entity=account", PHONE)
    page.get_by_role("button", name=re.compile("^View as Ben")).click()
    expect(page.get_by_role("button", name="Stop viewing")).to_be_visible()
    assert fits(page)
