"""Boards in a browser: cards are moved with the mouse, a finger, the keyboard and the menu; what is refused goes back."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from fieldsmith.workspace import Workspace
from tests.browser.axe import faults
from tests.browser.conftest import PHONE, Site
from tests.conftest import MakeWorkspace
from tests.meta.samples import package

BOARD = "/opportunity/?view=pipeline"
RULE: dict[str, Any] = {
    "type": "validation",
    "name": "lost_needs_reason",
    "entity": "opportunity",
    "when": "stage = 'qualification'",
    "must": "not ISBLANK(description)",
    "message": "Describe it before you qualify it.",
}
STRICT = package("qualified", {"rule": [RULE]}, requires=["crm"])


@pytest.fixture
def workspace(make_workspace: MakeWorkspace) -> Workspace:
    return make_workspace("core", "crm", STRICT)


@pytest.fixture
def deals(site: Site) -> dict[str, int]:
    free = site.make("opportunity", name="Free", amount="5", stage="qualification", description="known")
    return {"Free": free, "Bound": site.make("opportunity", name="Bound", amount="7", stage="prospecting")}


def column(page: Page, label: str) -> Locator:
    return page.get_by_role("region", name=label)


def card(page: Page, name: str) -> Locator:
    return page.locator(".board-card", has_text=name)


def middle(found: Locator) -> tuple[float, float]:
    box = found.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def ready(page: Page) -> Page:
    page.locator(".board-live .sort-handle[aria-pressed]").first.wait_for(state="attached")
    return page


def drag(page: Page, name: str, to: str) -> None:
    page.mouse.move(*middle(card(page, name).locator(".row-link")))
    page.mouse.down()
    x, y = middle(column(page, to).locator(".board-cards"))
    page.mouse.move(x - 30, y, steps=6)
    page.mouse.move(x, y, steps=3)
    page.mouse.up()


def test_a_card_dragged_with_the_mouse_changes_its_record_and_the_sums(site: Site, deals: dict[str, int]) -> None:
    page = ready(site.open(BOARD))
    drag(page, "Free", "Needs analysis")
    expect(column(page, "Needs analysis").locator("header")).to_contain_text("$5.00")
    expect(column(page, "Needs analysis").locator(".board-card")).to_have_attribute("data-version", "2")
    expect(column(page, "Qualification").locator("header")).not_to_contain_text("$5.00")
    assert site.values("opportunity", deals["Free"])["stage"] == "needs_analysis"
    drag(page, "Free", "Prospecting")
    expect(column(page, "Prospecting").locator(".board-card")).to_have_count(2)
    expect(card(page, "Free")).to_have_attribute("data-version", "3")
    card(page, "Free").locator(".row-link").click()
    page.wait_for_url(f"{site.url}/opportunity/{deals['Free']}")


def test_a_refused_card_goes_back_and_the_reason_is_told(site: Site, deals: dict[str, int]) -> None:
    page = ready(site.open(BOARD))
    drag(page, "Bound", "Qualification")
    expect(page.locator(".notice-danger")).to_contain_text("Describe it before you qualify it.")
    expect(column(page, "Prospecting").locator(".board-card")).to_contain_text(["Bound"])
    assert site.values("opportunity", deals["Bound"])["stage"] == "prospecting"


def test_a_card_somebody_else_moved_goes_where_it_is_now(site: Site, deals: dict[str, int]) -> None:
    page = ready(site.open(BOARD))
    site.workspace.write(lambda work: work.records.update(site.person.actor, "opportunity", deals["Free"], {"stage": "prospecting"}))
    drag(page, "Free", "Needs analysis")
    expect(page.locator(".notice-warning")).to_contain_text("so it was not moved")
    expect(column(page, "Prospecting").locator(".board-card")).to_have_count(2)


def test_the_keyboard_moves_a_card_and_says_so(site: Site, deals: dict[str, int]) -> None:
    page = ready(site.open(BOARD))
    handle = card(page, "Free").locator(".sort-handle")
    handle.focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("status").filter(has_text="Free: Needs analysis")).to_be_attached()
    page.keyboard.press("Space")
    expect(card(page, "Free")).to_have_attribute("data-version", "2")
    expect(card(page, "Free").locator(".sort-handle")).to_be_focused()
    assert site.values("opportunity", deals["Free"])["stage"] == "needs_analysis"


def test_a_finger_drags_a_card_on_a_phone(site: Site, deals: dict[str, int]) -> None:
    page = ready(site.open(BOARD, PHONE, has_touch=True, is_mobile=True))
    card(page, "Free").scroll_into_view_if_needed()
    page.wait_for_timeout(300)
    touch = page.context.new_cdp_session(page)
    x, y = middle(card(page, "Free").locator(".sort-handle"))
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    page.wait_for_timeout(250)
    for step in range(1, 9):
        at = {"x": x + (PHONE[0] - 14 - x) * step / 8, "y": y + 20}
        touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [at]})
        page.wait_for_timeout(60)
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(card(page, "Free")).to_have_attribute("data-version", "2")
    assert site.values("opportunity", deals["Free"])["stage"] == "needs_analysis"
    card(page, "Free").locator(".row-link").tap()
    page.wait_for_url(f"{site.url}/opportunity/{deals['Free']}")


def test_the_menu_of_a_card_moves_it_too(site: Site, deals: dict[str, int]) -> None:
    page = ready(site.open(BOARD, color_scheme="dark"))
    assert faults(page) == []
    card(page, "Free").locator(".board-move").click()
    assert faults(page) == []
    page.locator("#board-menu").get_by_role("button", name="Won").click()
    expect(column(page, "Won").locator(".board-card")).to_have_attribute("data-version", "2")
    assert site.values("opportunity", deals["Free"])["stage"] == "won"
