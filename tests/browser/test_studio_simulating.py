"""Who gains and who loses, on the plan of a draft in a real browser: fetched when the page is open, by keyboard, on a phone, in the dark."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from fieldsmith.base.context import OPERATOR
from tests.browser.axe import faults
from tests.browser.conftest import PHONE, Site
from tests.web.conftest import make_person

pytestmark = pytest.mark.browser

OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
SELLER: dict[str, Any] = {"entities": {"account": {"read": "own", "update": "own"}, "contact": {"read": "all", "update": "all"}, "user": ["read"]}}
GUEST: dict[str, Any] = {"entities": {"contact": {"read": "all"}, "user": ["read"]}}


def plan(site: Site) -> str:
    """The address of the plan of a draft by which sellers gain accounts and lose contacts, and guests lose contacts."""
    sets = site.workspace.changesets
    roles = sets.open(OPERATOR, "Roles")
    for name, body in (("seller", SELLER), ("guest", GUEST)):
        sets.put(OPERATOR, roles, "role", name, {"name": name, **body})
    sets.publish(OPERATOR, roles, sets.plan(OPERATOR, roles).hash)
    lee = make_person(site.workspace, "Lee", "seller")
    for name in ("Max", "Maximiliane Countess of Schleswig-Holstein", "Ona"):
        make_person(site.workspace, name, "guest")
    site.make_many("account", [{"name": f"Account {at}", "owner": lee.id if at < 3 else None} for at in range(40)])
    site.make_many("contact", [{"name": {"first": "C", "last": f"{at}"}, "owner": lee.id if at < 5 else None} for at in range(20)])
    id = sets.open(site.person.actor, "Sellers see all accounts")
    seller = {"account": {"read": "all", "update": "own", "export": "all"}, "contact": {"read": "own", "update": "own"}}
    operations = [{"op": "change", "path": f"/entities/{name}", "value": value} for name, value in seller.items()]
    masked = {"op": "change", "path": "/field_rights/account", "value": {"website": "masked", "phone": "none"}}
    sets.change(OPERATOR, id, "role", "seller", {"operations": [*operations, masked]})
    sets.change(OPERATOR, id, "role", "guest", {"operations": [{"op": "change", "path": "/restrict/contact", "value": {"records": "isblank(owner)"}}]})
    return f"/studio/drafts/{id}/publish"


def lee(page: Page) -> Any:
    return page.locator(".access-person", has_text="Lee")


def test_the_plan_tells_who_gains_and_loses(site: Site) -> None:
    page = site.open(plan(site))
    expect(page.get_by_role("heading", name="Who gains, who loses")).to_be_visible()
    expect(page.locator(".access-sum")).to_contain_text("Lose: 4")
    expect(page.locator(".access-person[open]")).to_have_count(0)
    summary = lee(page).locator("summary")
    summary.focus()
    page.keyboard.press("Enter")
    expect(lee(page).get_by_text("gains 37")).to_be_visible()
    expect(lee(page).get_by_text("loses 15").first).to_be_visible()
    assert faults(page) == [] and page.evaluate(OVERFLOW) <= 0


def test_it_fits_a_phone_in_the_dark(site: Site) -> None:
    page = site.open(plan(site), PHONE, color_scheme="dark")
    lee(page).locator("summary").click()
    expect(lee(page).get_by_text("gains 37")).to_be_visible()
    assert faults(page) == [] and page.evaluate(OVERFLOW) <= 0


def test_without_scripts_it_is_a_page_of_its_own(site: Site) -> None:
    page = site.open("/", java_script_enabled=False)
    page.goto(f"{site.url}{plan(site)}")
    page.get_by_role("link", name="On a page of its own").click()
    expect(page.get_by_role("heading", name="Who gains, who loses")).to_be_visible()
