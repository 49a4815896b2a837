"""Everything by keyboard: Tab reaches the main controls of each page, one after the other, and one sees where one is."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.tabs import ENGLISH, Look, Tabs, settle

pytestmark = pytest.mark.browser

STOPS = 70
WHERE = """
() => {
  const here = document.activeElement;
  if (!here || here === document.body) return null;
  const drawn = here.closest(".ts-wrapper")?.querySelector(".ts-control") ?? here;
  const style = getComputedStyle(drawn), box = drawn.getBoundingClientRect();
  const outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1;
  const middle = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
  return {
    name: (here.id ? `#${here.id}` : here.getAttribute("aria-label") || here.textContent || here.name || here.tagName).trim(),
    seen: middle !== null && (drawn.contains(middle) || middle.contains(drawn) || middle.closest("label")?.control === drawn),
    marked: outlined || style.boxShadow !== "none",
  };
}
"""


def walk(page: Page) -> list[dict[str, Any]]:
    """Where Tab leads from the top of the page, at most `STOPS` places."""
    stops = []
    for _ in range(STOPS):
        page.keyboard.press("Tab")
        stop = page.evaluate(WHERE)
        if stop is None:
            break
        stops.append(stop)
    return stops


@pytest.mark.parametrize(
    ("path", "main"),
    [
        ("/", ["#search", "Home", "Opportunities"]),
        ("/opportunity/", ["#search", "#list-search", "Recycle bin", "New", "Amount"]),
        ("/opportunity/2", ["Edit", "Delete", "Negotiation"]),
        ("/account/new", ["#name", "#website", "Cancel", "Save and new", "Save"]),
        ("/me", ["#name", "#language", "Save", "Dark", "#current", "#token_name"]),
    ],
)
@pytest.mark.parametrize("look", [ENGLISH, Look(390, "dark", "en")], ids=str)
def test_tab_reaches_the_main_controls_and_shows_where_one_is(tabs: Tabs, path: str, main: list[str], look: Look) -> None:
    page = tabs.at(look).page
    page.goto(tabs.served.url + path)
    settle(page)
    page.locator(".skip-link").focus()
    stops = walk(page)
    names = [stop["name"] for stop in stops]
    hidden_on_phones = {"Home", "Opportunities", "Amount"} if look.width < 640 else set()
    assert [name for name in main if name not in names and name not in hidden_on_phones] == []
    assert [stop for stop in stops if not (stop["seen"] and stop["marked"])] == []


def test_keys_take_one_through_the_day(tabs: Tabs) -> None:
    page = tabs.at(ENGLISH).page
    page.goto(f"{tabs.served.url}/account/")
    page.keyboard.press("/")
    expect(page.locator("#search")).to_be_focused()
    page.keyboard.press("Control+k")
    expect(page.locator("#palette")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).to_be_hidden()
    page.locator(".row-link").first.focus()
    page.keyboard.press("n")
    expect(page.locator("#name")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".list")).to_be_visible()
