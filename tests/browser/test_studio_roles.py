"""The matrix of a role in a real browser: cells by mouse and keyboard, columns, fields unfolded, many entities, a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import faults
from tests.browser.conftest import PHONE, Site

pytestmark = pytest.mark.browser

ROLES = "/studio/roles/"


def made(site: Site, page: Page) -> None:
    page.goto(f"{site.url}{ROLES}new")
    page.get_by_label("What people call the role").fill("Sales")
    page.get_by_role("button", name="Create role").click()
    expect(page.locator(".page-header h1")).to_contain_text("Sales")


def test_cells_columns_and_fields_are_saved_without_leaving_the_page(site: Site) -> None:
    page = site.open(ROLES)
    made(site, page)
    page.evaluate("window.stayed = true")
    account = page.locator('tr[data-entity="account"]')
    account.locator('[data-right="read"]').click()
    page.locator('[data-choose="team"]').click()
    expect(account.locator('[data-right="read"]')).to_have_text("Team")
    expect(page.locator(".draft-bar")).to_contain_text("Changes: 2")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(account.locator('[data-right="update"]')).to_have_text("Own")
    expect(account.locator('[data-right="update"]')).to_be_focused()
    page.locator('tr[data-entity="contact"] input[name=entities]').check()
    page.locator('[data-column="read"]').click()
    expect(page.locator("[data-menu-title]")).to_have_text("Read: 1 entities")
    page.locator('[data-choose="all"]').click()
    expect(page.locator('tr[data-entity="contact"] [data-right="read"]')).to_have_text("All")
    page.get_by_role("button", name="Fields of Accounts").click()
    phone = page.locator("#f-account-phone")
    phone.select_option("masked")
    expect(phone).to_have_class("form-select form-select-sm field-masked")
    expect(page.locator('tr[data-entity="account"] .matrix-unfold')).to_have_attribute("aria-expanded", "true")
    assert faults(page) == []
    assert page.evaluate("window.stayed")
    page.reload()
    expect(account.locator('[data-right="read"]')).to_have_text("Team")
    expect(account.locator(".matrix-unfold .badge")).to_have_text("1")


def test_three_hundred_entities_stay_usable(site: Site) -> None:
    for number in range(3):
        sets = site.workspace.changesets
        id = sets.open(site.person.actor, f"Many {number}")
        for at in range(100):
            name = f"thing_{number}_{at}"
            sets.put(site.person.actor, id, "entity", name, {"name": name, "label": f"Thing {number} {at}", "fields": [{"name": "name", "type": "text"}]})
        sets.publish(site.person.actor, id, sets.plan(site.person.actor, id).hash)
    page = site.open(ROLES)
    made(site, page)
    expect(page.locator("tr[data-entity]")).to_have_count(page.locator("tr[data-entity]").count())
    assert page.locator("tr[data-entity]").count() > 300
    page.get_by_role("searchbox", name="Find an entity").fill("thing 2 77")
    expect(page.locator("tr[data-entity]:visible")).to_have_count(1)
    page.locator('[data-column="read"]').click()
    expect(page.locator("[data-menu-title]")).to_have_text("Read: 1 entities")
    page.locator('[data-choose="all"]').click()
    expect(page.locator('tr[data-entity="thing_2_77"] [data-right="read"]')).to_have_text("All")
    expect(page.locator("tr[data-entity]:visible")).to_have_count(1)
    head = page.locator(".matrix > thead th").first
    page.get_by_role("searchbox", name="Find an entity").fill("")
    before = head.bounding_box()
    page.locator("#role-matrix").evaluate("(box) => box.scrollTop = 4000")
    assert head.bounding_box() == before


def test_on_a_phone_every_entity_is_a_card(site: Site) -> None:
    page = site.open(ROLES, PHONE)
    made(site, page)
    account = page.locator('tr[data-entity="account"]')
    account.locator('[data-right="delete"]').click()
    page.locator('[data-choose="own"]').click()
    expect(account.locator('[data-right="delete"]')).to_have_text("Own")
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
