"""The studio as somebody sees it who shapes accounts only: their entity, a field added and published, on a desk and on a phone."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from fieldsmith.base.context import OPERATOR
from fieldsmith.identity import sessions
from fieldsmith.web.auth import SESSION_COOKIE
from tests.browser.axe import faults
from tests.browser.conftest import PHONE, WIDE, Site
from tests.browser.test_screens import fits
from tests.web.conftest import make_person

pytestmark = pytest.mark.browser

SHAPER: dict[str, Any] = {
    "name": "shaper",
    "label": "Shaper",
    "entities": {"account": ["read", "create", "update"], "user": ["read"]},
    "field_rights": {"account": {"annual_revenue": "none"}},
    "studio": ["account"],
}


def as_lee(site: Site, path: str, size: tuple[int, int]) -> Page:
    """A tab of somebody who shapes accounts."""
    sets = site.workspace.changesets
    id = sets.open(OPERATOR, "Shaper")
    sets.put(OPERATOR, id, "role", "shaper", SHAPER)
    sets.publish(OPERATOR, id, sets.plan(OPERATOR, id).hash)
    lee = make_person(site.workspace, "Lee", "shaper")
    page = site.open("/login", size)
    page.context.clear_cookies()
    token = site.workspace.write(lambda work: sessions.begin(work.connection, work.now, lee.id, 1, "127.0.0.1", "test"))
    page.context.add_cookies([{"name": SESSION_COOKIE, "value": token, "url": site.url}])
    page.goto(site.url + path)
    return page


def test_a_field_is_added_and_published(site: Site) -> None:
    page = as_lee(site, "/studio/", WIDE)
    expect(page.locator(".entity-grid a")).to_have_count(1)
    assert faults(page) == []
    page.locator(".entity-grid a").click()
    expect(page.locator(".studio-tabs a")).to_have_text(["Fields", "Layouts", "Rules", "Views", "Record types", "Usage"])
    assert faults(page) == []
    page.get_by_label("Label").first.fill("Region")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator(".field-list")).to_contain_text("Region")
    page.get_by_role("link", name="Publish …").click()
    page.get_by_role("button", name=re.compile("^Publish")).click()
    expect(page.locator("#page")).to_contain_text("is published")
    assert "region" in site.workspace.runtime().model.entities["account"].fields


@pytest.mark.parametrize("path", ["/studio/", "/studio/entity/account/", "/studio/entity/account/fields/name", "/studio/drafts/"])
def test_their_pages_fit_a_phone(site: Site, path: str) -> None:
    assert fits(as_lee(site, path, PHONE))
