"""A type changed in a real browser on a phone: tried, mapped, watched while it is carried over, undone."""

from __future__ import annotations

from playwright.sync_api import expect

from fieldsmith.base.context import OPERATOR
from tests.browser.conftest import PHONE, Site

MARK = {"op": "add", "path": "/fields/mark", "value": {"type": "text", "label": "Mark"}}


def test_a_type_is_changed_while_one_looks_on(site: Site) -> None:
    workspace = site.workspace
    sets = workspace.changesets
    draft = sets.open(OPERATOR, "Mark")
    sets.change(OPERATOR, draft, "entity", "account", {"operations": [MARK]})
    sets.publish(OPERATOR, draft, sets.plan(OPERATOR, draft).hash)
    for mark in ("12", "13", "n/a"):
        site.make("account", name=mark, mark=mark)
    workspace.retyping.at_once = 2
    page = site.open("/studio/entity/account/fields/mark/type?type=integer", PHONE)
    page.click("text=Try it on the records")
    page.fill("#becomes-0", "-")
    page.click("text=Try again")
    page.click("button[value=start]")
    expect(page.locator("#retype-progress")).to_contain_text("Done: 0 percent.")
    workspace.retyping.jobs.run()
    expect(page.locator("#retype-progress")).to_contain_text("Done. It is revision")
    expect(page.locator("h1")).to_contain_text("Account")
    page.click("button:has-text('Undo')")
    page.wait_for_url("**/fields/mark")
    assert [site.values("account", id)["mark"] for id in (1, 2, 3)] == ["12", "13", "n/a"]
