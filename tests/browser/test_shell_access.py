"""Accessibility: axe-core finds nothing serious in open menus and the palette, light and dark, wide and on a phone. Pages: `test_every_page.py`."""

from __future__ import annotations

import pytest

from tests.browser.axe import faults
from tests.browser.conftest import PHONE, WIDE, Site

pytestmark = pytest.mark.browser

LOOKS = ((WIDE, "light"), (WIDE, "dark"), (PHONE, "light"), (PHONE, "dark"))


@pytest.mark.parametrize(("size", "scheme"), LOOKS, ids=lambda value: str(value))
def test_nothing_serious_in_what_opens(site: Site, size: tuple[int, int], scheme: str) -> None:
    page = site.open("/", size, color_scheme=scheme)
    found: list[str] = []
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
