"""Accessibility: axe-core finds nothing serious on any page, light and dark, wide and on a phone."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import PHONE, WIDE, Site

pytestmark = pytest.mark.browser

AXE = Path(str(files("fieldsmith.ui"))) / "node_modules" / "axe-core" / "axe.min.js"
PAGES = ("/", "/me", "/account/", "/account/1", "/account/new", "/opportunity/1", "/opportunity/1/edit", "/search?q=acme", "/nosuch/", "/api/docs")
LOOKS = ((WIDE, "light"), (WIDE, "dark"), (PHONE, "light"), (PHONE, "dark"))


@pytest.mark.parametrize(("size", "scheme"), LOOKS, ids=lambda value: str(value))
def test_nothing_serious_on_any_page(site: Site, size: tuple[int, int], scheme: str) -> None:
    account = site.make("account", name="Acme")
    site.make("opportunity", name="Renewal", account=account, stage="proposal", amount="12.50")
    page = site.open("/", size, color_scheme=scheme)
    found: list[str] = []
    for path in PAGES:
        page.goto(site.url + path)
        found += faults(page)
    for opener in ("user-menu", "quick-create", "apps") if size == WIDE else ("sidebar",):
        page.goto(site.url)
        page.locator(f"[popovertarget={opener}]:visible").first.click()
        found += faults(page)
    page.goto(site.url)
    page.keyboard.press("Control+k")
    page.locator("#palette-results [role=option]").first.wait_for()
    found += faults(page)
    assert found == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_serious_before_signing_in(site: Site, scheme: str) -> None:
    page = site.open("/", color_scheme=scheme)
    page.context.clear_cookies()
    page.goto(f"{site.url}/login")
    assert faults(page) == []


def faults(page: Page) -> list[str]:
    """What axe finds serious or critical, each as one line."""
    page.evaluate(AXE.read_text("utf-8"))
    result: dict[str, Any] = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{page.url} {found['id']}: {node['html'][:160]} {node['failureSummary'].splitlines()[-1].strip()[:200]}"
        for found in result["violations"]
        if found["impact"] in {"serious", "critical"}
        for node in found["nodes"]
    ]
