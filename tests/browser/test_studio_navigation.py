"""Tabs put in order in a real browser, by keyboard and by mouse; the parts of the studio that shape the whole, on a phone and for axe."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.axe import faults
from tests.browser.conftest import PHONE, Site

pytestmark = pytest.mark.browser


def test_tabs_are_moved_by_keyboard_and_by_mouse(site: Site) -> None:
    page = site.open("/studio/navigation")
    service = page.locator("[data-list=service] > li")
    handle = page.locator("#handle-service-case[aria-pressed]")
    handle.focus()
    for key in ("Space", "ArrowDown", "Space"):
        page.keyboard.press(key)
    expect(page.locator(".draft-bar")).to_contain_text("Changes: 1")
    expect(page.locator("#handle-service-case")).to_be_focused()
    expect(service.nth(1)).to_contain_text("Cases")
    for name in ("pool-quote", "service-account"):
        page.locator(f"#handle-{name}[aria-pressed]").wait_for()
    page.locator("#handle-service-account").scroll_into_view_if_needed()
    source, target = page.locator("#handle-pool-quote").bounding_box(), page.locator("#handle-service-account").bounding_box()
    assert source is not None and target is not None
    page.mouse.move(source["x"] + 8, source["y"] + 8)
    page.mouse.down()
    for y, steps in ((12, 12), (4, 6), (3, 1)):
        page.mouse.move(target["x"] + 8, target["y"] + y, steps=steps)
        page.wait_for_timeout(150)  # where the pointer is, is looked at a few times a second
    page.mouse.up()
    expect(service.nth(0)).to_contain_text("Quotes")
    expect(page.locator('[data-list=""] > [data-item=quote]')).to_have_count(1)
    assert faults(page) == []


@pytest.mark.parametrize("path", ["/studio/navigation/new-app", "/studio/company", "/studio/translations/", "/studio/translations/zh_Hans?group=lead"])
def test_the_other_screens_fit_a_phone_and_please_axe(site: Site, path: str) -> None:
    page = site.open(path, PHONE)
    page.wait_for_load_state("networkidle")
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
