"""Every page in a real browser, wide and on a phone, light and dark, in three languages: nothing sticks out sideways, nothing jumps,
nothing goes wrong in the console, axe-core finds nothing serious. `make test` looks at each page in three of the twelve looks, so
that any two of page, width, theme and language meet; `make fuzz` at the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations, product
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Page

from tests.browser.axe import faults
from tests.browser.tabs import LANGUAGES, THEMES, WIDTHS, Look, Tabs, settle

pytestmark = pytest.mark.browser

OVERFLOWING = """
() => ["html", "#page"].map((name) => document.querySelector(name)).filter((box) => box && box.scrollWidth > box.clientWidth + 1)
  .map((box) => `sideways: ${box.tagName} is ${box.scrollWidth} wide in ${box.clientWidth}`)
"""
BULK = """
(rows) => fetch("/api/v1/records/opportunity/bulk", {
  method: "POST", body: JSON.stringify(rows),
  headers: {"Content-Type": "application/json", "X-CSRF-Token": document.querySelector('meta[name="csrf-token"]').content},
}).then((answer) => { if (!answer.ok) throw new Error(`status ${answer.status}`); })
"""

DRAFT = """
async () => {
  const send = async (method, path, body) => {
    const answer = await fetch(`/api/v1/changesets${path}`, {
      method, body: JSON.stringify(body),
      headers: {"Content-Type": "application/json", "X-CSRF-Token": document.querySelector('meta[name="csrf-token"]').content},
    });
    if (!answer.ok) throw new Error(`status ${answer.status}: ${await answer.text()}`);
    return answer.json();
  };
  const { id } = await send("POST", "", {title: "A draft"});
  await send("PATCH", `/${id}/entity/account`, {operations: [
    {op: "add", path: "/fields/mark", value: {type: "text", label: "Mark"}}, {op: "change", path: "/fields/website/label", value: "Home page"},
  ]});
  return id;
}
"""
DISCARD = """
(id) => fetch(`/api/v1/changesets/${id}`, {
  method: "DELETE", headers: {"X-CSRF-Token": document.querySelector('meta[name="csrf-token"]').content},
}).then((answer) => { if (!answer.ok) throw new Error(`status ${answer.status}`); })
"""


def conflict(page: Page, url: str) -> None:
    """Save a form over a version somebody else saved meanwhile."""
    page.goto(f"{url}/opportunity/2/edit")
    page.evaluate(BULK, {"update": [{"id": 2, "next_step": str(uuid4())}]})
    page.locator("#next_step").fill("Mine")
    page.locator("[data-save]").click()
    page.locator(".choice-pair").wait_for()


def recycle_bin(page: Page, url: str) -> None:
    """With a record in it."""
    page.goto(f"{url}/opportunity/")
    page.evaluate(BULK, {"delete": [{"id": 3}], "mode": "each"})
    page.goto(f"{url}/opportunity/?deleted=1")
    page.locator("tbody tr").first.wait_for()


def filter_bar(page: Page, url: str) -> None:
    """Open above a list that is filtered."""
    page.goto(f"{url}/opportunity/?filter=account.industry+%3D+%22retail%22+and+amount+%3E+10+and+owner+in+(1,+2)")
    page.locator("#filter-open").click()
    page.locator("#filter-text[role=combobox]").wait_for()


def draft(page: Page, url: str) -> str:
    """A new draft with a new field and a change; the address of its page."""
    page.goto(f"{url}/me")
    id: int = page.evaluate(DRAFT)
    return f"{url}/studio/drafts/{id}"


def of_draft(rest: str) -> Callable[[Page, str], None]:
    """A page of a draft that is discarded once it is shown, so that no other page has a draft to tell of."""

    def opened(page: Page, url: str) -> None:
        address = draft(page, url)
        page.goto(address + rest)
        page.evaluate(DISCARD, int(address.rpartition("/")[2]))

    return opened


PAGES: dict[str, str | Callable[[Page, str], None]] = {
    "setup": "/setup",
    "login": "/login",
    "home": "/",
    "list": "/opportunity/",
    "empty list": "/price_list/?q=nothing+has+this",
    "board": "/opportunity/?view=pipeline",
    "move a card": "/opportunity/2/move?view=pipeline",
    "filter": filter_bar,
    "faulty filter": "/opportunity/?filter=amout+%3E+5+and+stage+%3D+%22wom%22",
    "record": "/opportunity/2",
    "account": "/account/2",
    "new": "/quote/new",
    "edit": "/opportunity/2/edit",
    "delete": "/opportunity/2/delete",
    "conflict": conflict,
    "recycle bin": recycle_bin,
    "search": "/search?q=support",
    "me": "/me",
    "api": "/api/docs",
    "api entity": "/api/docs/opportunity",
    "help": "/help/expressions",
    "studio": "/studio/",
    "studio drafts": "/studio/drafts/",
    "studio history": "/studio/revisions/",
    "studio audit": "/studio/audit/",
    "studio revision": "/studio/revisions/1",
    "studio new entity": "/studio/entities/new",
    "studio fields": "/studio/entity/opportunity/",
    "studio field types": "/studio/entity/opportunity/fields/new",
    "studio field": "/studio/entity/opportunity/fields/stage",
    "studio entity settings": "/studio/entity/opportunity/settings",
    "studio views": "/studio/entity/opportunity/views/",
    "studio view": "/studio/entity/opportunity/views/pipeline",
    "studio usage": "/studio/entity/opportunity/usage",
    "studio relations": "/studio/entity/opportunity/relations",
    "studio formula": "/studio/entity/opportunity/fields/new?type=formula",
    "studio remove field": "/studio/entity/opportunity/fields/stage/remove",
    "studio retype": "/studio/entity/account/fields/website/type?type=choice",
    "studio layouts": "/studio/entity/opportunity/layouts/",
    "studio layout": "/studio/entity/opportunity/layouts/default?at=sections/sales",
    "studio rules": "/studio/entity/opportunity/rules/",
    "studio rule": "/studio/entity/opportunity/rules/probability_possible",
    "studio record type": "/studio/entity/opportunity/record-types/new",
    "studio choices": "/studio/choices/",
    "studio pick list": "/studio/choices/sales_stage",
    "studio dependencies": "/studio/choices/case_type/dependencies?on=case_origin",
    "studio navigation": "/studio/navigation",
    "studio tab": "/studio/navigation/tabs/opportunity",
    "studio company": "/studio/company",
    "studio translations": "/studio/translations/",
    "studio translations grid": "/studio/translations/zh_Hans",
    "studio packages": "/studio/packages/",
    "studio package": "/studio/packages/crm/",
    "studio export": "/studio/packages/crm/export",
    "studio retired": "/studio/retired/",
    "studio draft": of_draft(""),
    "studio plan": of_draft("/publish"),
    "404": "/nowhere/at/all",
}
LOOKS = [Look(*parts) for parts in product(WIDTHS, THEMES, LANGUAGES)]


def chosen() -> list[tuple[str, Look]]:
    """Each page in every language, with widths and themes changing."""
    looks = [(page, language) for page in enumerate(PAGES) for language in enumerate(LANGUAGES)]
    return [(name, Look(tuple(WIDTHS)[(row + column) % 2], THEMES[(row + column // 2 + row // 2) % 2], language)) for (row, name), (column, language) in looks]


def cases() -> Iterator[Any]:
    now = set(chosen())
    for name, look in product(PAGES, LOOKS):
        yield pytest.param(name, look, id=f"{name}-{look}", marks=() if (name, look) in now else pytest.mark.fuzz)


def test_any_two_meet() -> None:
    def pairs(every: Iterator[tuple[str, Look]] | list[tuple[str, Look]]) -> set[Any]:
        values = [(("page", name), ("width", look.width), ("theme", look.theme), ("language", look.language)) for name, look in every]
        return {pair for row in values for pair in combinations(row, 2)}

    assert pairs(chosen()) == pairs(product(PAGES, LOOKS))


@pytest.mark.parametrize(("name", "look"), list(cases()))
def test_a_page_is_calm_and_open_to_everybody(request: pytest.FixtureRequest, name: str, look: Look) -> None:
    tabs: Tabs = request.getfixturevalue({"setup": "unset_tabs", "login": "visitor_tabs"}.get(name, "tabs"))
    tab = tabs.at(look)
    page, address = tab.page, PAGES[name]
    if name == "setup":
        page.goto(str(tabs.served.link))
    elif isinstance(address, str):
        page.goto(tabs.served.url + address)
    else:
        address(page, tabs.served.url)
    settle(page)
    assert page.locator("html").get_attribute("lang") == look.language.replace("_", "-")
    shifted: float = page.evaluate("window.shifted")
    found = tab.taken() + page.evaluate(OVERFLOWING) + faults(page)
    assert found + ([f"jumps by {shifted:.2f}"] if shifted > 0.1 else []) == []
