"""“Show” beside a mask puts the value in its place, once; reading the page again masks it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from fieldsmith.base.context import SYSTEM
from fieldsmith.identity import sessions
from fieldsmith.meta.layers import CUSTOM, layer_of
from fieldsmith.web.auth import SESSION_COOKIE
from tests.browser.axe import faults
from tests.browser.conftest import Site
from tests.web.conftest import make_person

pytestmark = pytest.mark.browser
ROLE = {"name": "asking", "entities": {"account": {"read": "all", "reveal": "all"}}, "field_rights": {"account": {"phone": "masked"}}}


def test_a_mask_is_lifted_in_its_place(site: Site) -> None:
    workspace = site.workspace
    workspace.publish(SYSTEM, [layer_of(CUSTOM, [("role", "asking", ROLE)])], "role")
    eve = make_person(workspace, "Eve", "asking")
    account = site.make("account", name="Acme", phone="+12125550100")
    page = site.open("/")
    token = workspace.write(lambda work: sessions.begin(work.connection, work.now, eve.id, 1, "127.0.0.1", "test"))
    page.context.add_cookies([{"name": SESSION_COOKIE, "value": token, "url": site.url}])
    page.goto(f"{site.url}/account/{account}")
    value = page.locator("#value-phone")
    expect(value).to_contain_text("••••")
    assert faults(page) == []
    value.get_by_role("button").click()
    expect(value).to_contain_text("555")
    expect(value.get_by_role("button")).to_have_count(0)
    expect(page).to_have_url(f"{site.url}/account/{account}")
    page.reload()
    expect(value).to_contain_text("••••")
    page.goto(f"{site.url}/account/")
    page.go_back()
    expect(value).to_contain_text("••••")
