"""The layout editor in a real browser: dragging by mouse, finger and keyboard; focus and scroll stay; nothing for axe to find."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.axe import faults
from tests.browser.conftest import PHONE, Site

EDITOR = "/studio/entity/opportunity/layouts/default"


def said(site: Site) -> list[tuple[str, str]]:
    """The draft's operations on the layout."""
    service, actor = site.workspace.changesets, site.person.actor
    drafts = service.listed(actor)
    edit = (service.get(actor, drafts[0].id).edits or {}).get(("layout", "opportunity.default")) if drafts else None
    return [(item.op, item.path) for item in edit.operations] if edit is not None else []


def items(page: Page, list_name: str) -> list[Any]:
    names: list[Any] = page.eval_on_selector_all(f'[data-list="{list_name}"] > [data-item]', "found => found.map(item => item.dataset.item)")
    return names


def saved(page: Page) -> None:
    expect(page.locator("[data-state]")).to_have_text("Saved in the draft")


def middle(of: Locator) -> tuple[float, float]:
    of.scroll_into_view_if_needed()
    box = of.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


@pytest.fixture
def editor(site: Site) -> Iterator[Page]:
    page = site.open(EDITOR)
    page.wait_for_selector("[data-handle][aria-pressed]")
    yield page


def test_drag_by_mouse(site: Site, editor: Page) -> None:
    handle, target = editor.locator("#field-of-created_at [data-handle]"), editor.locator("#field-of-account")
    x, y = middle(handle)
    to_x, to_y = middle(target)
    editor.mouse.move(x, y)
    editor.mouse.down()
    editor.mouse.move(to_x, to_y - 4, steps=12)
    editor.mouse.move(to_x, to_y, steps=4)
    editor.mouse.up()
    saved(editor)
    assert "created_at" in items(editor, "sections/main")
    assert said(site) == [("add", "/sections/main/fields/created_at")]


def test_drag_by_finger(site: Site) -> None:
    page = site.open(EDITOR, PHONE, has_touch=True, is_mobile=True)
    page.wait_for_selector("[data-handle][aria-pressed]")
    handle, target = page.locator("#field-of-type [data-handle]"), page.locator("#field-of-campaign")
    handle.scroll_into_view_if_needed()
    touch = page.context.new_cdp_session(page)
    x, y = middle(handle)
    to_x, to_y = middle(target)

    def send(kind: str, *points: tuple[float, float]) -> None:
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]})

    send("touchStart", (x, y))
    page.wait_for_timeout(250)  # a finger that stays is no scroll
    for step in range(1, 13):
        send("touchMove", (x + (to_x - x) * step / 12, y + (to_y + 20 - y) * step / 12))
    send("touchEnd")
    saved(page)
    order = items(page, "sections/sales")
    assert order.index("type") > order.index("campaign")
    assert said(site) == [("move", "/sections/sales/fields/type")]
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]


def test_drag_by_keyboard_keeps_focus_and_is_undone(site: Site, editor: Page) -> None:
    editor.locator("#field-of-type [data-handle]").focus()
    for key in ("Space", "ArrowDown", "Space"):
        editor.keyboard.press(key)
    saved(editor)
    assert (items(editor, "sections/sales")[:2], said(site)) == (["lead_source", "type"], [("move", "/sections/sales/fields/type")])
    expect(editor.locator("#field-of-type [data-handle]")).to_be_focused()
    editor.keyboard.press("Control+z")
    expect(editor.locator("[data-undo]")).to_be_disabled()
    assert (items(editor, "sections/sales")[:2], said(site)) == (["type", "lead_source"], [])
    editor.keyboard.press("Control+Shift+z")
    expect(editor.locator("[data-redo]")).to_be_disabled()
    assert said(site) == [("move", "/sections/sales/fields/type")]


def test_sections_are_dragged_whole_and_renamed_in_place(site: Site, editor: Page) -> None:
    editor.locator("#part-sections-additional > header [data-handle]").focus()
    for key in ("Space", "ArrowUp", "Space"):
        editor.keyboard.press(key)
    saved(editor)
    name = editor.locator("#name-of-sales")
    name.fill("Selling")
    top = editor.evaluate("window.scrollY")
    name.press("Enter")
    expect(editor.locator("#part-sections-sales")).to_have_attribute("data-label", "Selling")
    expect(name).to_be_focused()
    assert editor.evaluate("window.scrollY") == top
    assert said(site) == [("move", "/sections/additional"), ("add", "/sections/sales/label")]


def test_the_side_panel_shapes_a_section(site: Site, editor: Page) -> None:
    editor.locator('[data-choose="sections/sales"]').click()
    editor.locator("label:has([name=columns][value='3'])").click()
    saved(editor)
    expect(editor.locator("#fields-of-sales")).to_have_class(re.compile("columns-3"))
    editor.get_by_role("button", name="Remove the section").click()
    expect(editor.locator("#part-sections-sales")).to_have_count(0)
    assert "campaign" in items(editor, "palette")
    assert said(site) == [("add", "/sections/sales/columns"), ("hide", "/sections/sales")]


@pytest.mark.parametrize(("size", "scheme"), [((1280, 800), "light"), (PHONE, "dark")], ids=["desk", "phone"])
def test_axe_finds_nothing(site: Site, size: tuple[int, int], scheme: str) -> None:
    page = site.open(EDITOR + "?at=sections/sales", size, color_scheme=scheme)
    page.wait_for_selector("[data-handle][aria-pressed]")
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]


def publish_tabs(site: Site) -> None:
    """A second tab with a section that depends on the stage."""
    service, actor = site.workspace.changesets, site.person.actor
    id = service.open(actor, "Tabs")
    tabs = [{"op": "add", "path": f"/tabs/{name}", "value": {}} for name in ("facts", "papers")]
    part = [{"op": "add", "path": "/sections/sales/tab", "value": "papers"}, {"op": "add", "path": "/sections/sales/visible", "value": "stage = 'negotiation'"}]
    service.change(actor, id, "layout", "opportunity.default", {"operations": [*tabs, *part]})
    service.publish(actor, id, service.plan(actor, id).hash)


def test_tabs_of_a_record_and_a_form_that_follows(site: Site) -> None:
    publish_tabs(site)
    page = site.open(f"/opportunity/{site.make('opportunity', name='Deal', stage='negotiation', next_step='Call')}")
    front = page.locator("[role=tab][aria-selected=true]")
    expect(front).to_have_text("Facts")
    front.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#tab-papers")).to_contain_text("Call")
    assert page.url.endswith("?tab=papers") and faults(page) == []
    page.reload()
    expect(front).to_have_text("Papers")
    page.goto(site.url + "/opportunity/new")
    expect(page.locator("[data-tab=papers]")).to_be_hidden()
    page.select_option("[name=stage]", "negotiation")
    page.locator("[data-tab=papers]").click()
    page.fill("[name=next_step]", "Write")
    page.locator("[data-tab=facts]").click()
    page.select_option("[name=stage]", "qualification")
    expect(page.locator("[data-tab=papers]")).to_be_hidden()
    page.fill("[name=name]", "Other")
    page.locator("[data-save]").click()
    page.wait_for_url(re.compile(r"/opportunity/\d+$"))
    assert site.values("opportunity", int(page.url.rpartition("/")[2]))["next_step"] is None
