"""What comes over the network: at most 200 KB (compressed) for the first page somebody opens, at most 30 KB for each later one."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.serving import watch
from tests.browser.tabs import ENGLISH, Tabs, settle

pytestmark = pytest.mark.browser

PAGES = ("/", "/opportunity/", "/opportunity/2", "/opportunity/2/edit", "/account/2", "/quote/new", "/search?q=support", "/me", "/api/docs")
FIRST, LATER = 200 * 1024, 30 * 1024


class Meter:
    """Bytes that came over the network, headers included, as the browser counts them."""

    def __init__(self, page: Page) -> None:
        self._bytes = 0
        client = page.context.new_cdp_session(page)
        client.send("Network.enable")
        client.on("Network.loadingFinished", self._add)

    def taken(self) -> int:
        """Since the last call."""
        now, self._bytes = self._bytes, 0
        return now

    def _add(self, event: dict[str, Any]) -> None:
        self._bytes += int(event["encodedDataLength"])


@pytest.mark.parametrize("path", ["/", "/opportunity/", "/opportunity/2/edit"])
def test_a_first_page_is_light(tabs: Tabs, path: str) -> None:
    page = watch(tabs.fresh(ENGLISH)).page
    meter = Meter(page)
    page.goto(tabs.served.url + path, wait_until="networkidle")
    assert 20_000 < meter.taken() <= FIRST


def test_later_pages_are_lighter(tabs: Tabs) -> None:
    page = watch(tabs.fresh(ENGLISH)).page
    meter = Meter(page)
    page.goto(f"{tabs.served.url}/opportunity/new", wait_until="networkidle")
    meter.taken()
    weights = {}
    for path in PAGES:
        page.goto(tabs.served.url + path)
        settle(page)
        weights[path] = meter.taken()
    assert {path: weight for path, weight in weights.items() if not 500 < weight <= LATER} == {}


def test_moving_by_links_is_lighter_still(tabs: Tabs) -> None:
    page = watch(tabs.fresh(ENGLISH)).page
    meter = Meter(page)
    page.goto(tabs.served.url, wait_until="networkidle")
    whole = meter.taken()
    with page.expect_response("**/account/"):
        page.get_by_role("link", name="Accounts").first.click()
    page.locator(".list tbody tr").first.wait_for()
    settle(page)
    assert 500 < meter.taken() <= min(LATER, whole / 4)
