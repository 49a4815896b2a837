"""Every page in a real browser, wide and on a phone, light and dark, in three languages: nothing sticks out sideways, nothing jumps,
nothing goes wrong in the console, axe-core finds nothing serious. `make test` looks at each page in three of the twelve looks, so
that any two of page, width, theme and language meet; `make fuzz` at the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from importlib.resources import files
from itertools import combinations, product
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, StorageState

from tests.browser.serving import Served, Watched, password_file, serve, sign_in, watch

pytestmark = pytest.mark.browser

AXE = Path(str(files("fieldsmith.ui"))) / "node_modules" / "axe-core" / "axe.min.js"
WIDTHS = {1280: 800, 390: 844}
THEMES = ("light", "dark")
LANGUAGES = {"en": "en-US", "zh_Hans": "zh-CN", "zh_Hant": "zh-TW"}
SETTLED = """
document.readyState === "complete" && !document.querySelector(".htmx-request, .htmx-swapping, .htmx-settling")
  && !document.querySelector("select[data-picker]:not(.tomselected)")
"""
OVERFLOWING = """
() => ["html", "#page"].map((name) => document.querySelector(name)).filter((box) => box && box.scrollWidth > box.clientWidth + 1)
  .map((box) => `sideways: ${box.tagName} is ${box.scrollWidth} wide in ${box.clientWidth}`)
"""


@dataclass(frozen=True)
class Look:
    width: int
    theme: Any
    language: str

    def __str__(self) -> str:
        return f"{self.width}-{self.theme}-{self.language}"


def conflict(page: Page, url: str) -> None:
    """Save a form over a version somebody else saved meanwhile."""
    page.goto(f"{url}/opportunity/2/edit")
    page.evaluate(SAVE_ELSEWHERE)
    page.locator("#next_step").fill("Mine")
    page.locator("[data-save]").click()
    page.locator(".choice-pair").wait_for()


SAVE_ELSEWHERE = """
() => fetch("/api/v1/records/opportunity/2", {
  method: "PATCH", body: JSON.stringify({next_step: `Theirs ${Date.now()}`}),
  headers: {"Content-Type": "application/json", "X-CSRF-Token": document.querySelector('meta[name="csrf-token"]').content},
}).then((answer) => { if (!answer.ok) throw new Error(`status ${answer.status}`); })
"""

PAGES: dict[str, str | Callable[[Page, str], None]] = {
    "setup": "/setup",
    "login": "/login",
    "home": "/",
    "list": "/opportunity/",
    "empty list": "/price_list/?q=nothing+has+this",
    "record": "/opportunity/2",
    "account": "/account/2",
    "new": "/quote/new",
    "edit": "/opportunity/2/edit",
    "delete": "/opportunity/2/delete",
    "conflict": conflict,
    "recycle bin": "/opportunity/?deleted=1",
    "search": "/search?q=support",
    "me": "/me",
    "api": "/api/docs",
    "api entity": "/api/docs/opportunity",
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


@dataclass(frozen=True)
class Tabs:
    """Tabs of one browser, one for each look and person; opened when first asked for."""

    browser: Browser
    served: Served
    state: StorageState | None
    stack: ExitStack
    opened: dict[Look, Watched] = field(default_factory=dict)

    def at(self, look: Look) -> Watched:
        if look not in self.opened:
            options: dict[str, Any] = {"viewport": {"width": look.width, "height": WIDTHS[look.width]}, "color_scheme": look.theme}
            context = self.browser.new_context(locale=LANGUAGES[look.language], storage_state=self.state, **options)
            context.set_default_timeout(20_000)
            self.stack.callback(context.close)
            self.opened[look] = watch(context)
        return self.opened[look]


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A workspace with demo data and the administrator Ana."""
    folder = tmp_path_factory.mktemp("served")
    with serve(folder / "home", "--demo", "--admin", "Ana", "--password-file", password_file(folder)) as running:
        yield running


@pytest.fixture(scope="session")
def state(chromium: Browser, served: Served) -> StorageState:
    """Ana's cookies."""
    with chromium.new_context() as context:
        sign_in(context.new_page(), served, "Ana")
        return context.storage_state()


@pytest.fixture(scope="session")
def inside(chromium: Browser, served: Served, state: StorageState) -> Iterator[Tabs]:
    """Tabs of Ana."""
    with ExitStack() as stack:
        yield Tabs(chromium, served, state, stack)


@pytest.fixture(scope="session")
def outside(chromium: Browser, served: Served) -> Iterator[Tabs]:
    """Tabs of somebody who did not sign in."""
    with ExitStack() as stack:
        yield Tabs(chromium, served, None, stack)


@pytest.fixture(scope="session")
def unset(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tabs]:
    """Tabs in front of a workspace that nobody set up yet."""
    with ExitStack() as stack, serve(tmp_path_factory.mktemp("unset")) as running:
        yield Tabs(chromium, running, None, stack)


def test_any_two_meet() -> None:
    def pairs(every: Iterator[tuple[str, Look]] | list[tuple[str, Look]]) -> set[Any]:
        values = [(("page", name), ("width", look.width), ("theme", look.theme), ("language", look.language)) for name, look in every]
        return {pair for row in values for pair in combinations(row, 2)}

    assert pairs(chosen()) == pairs(product(PAGES, LOOKS))


@pytest.mark.parametrize(("name", "look"), list(cases()))
def test_a_page_is_calm_and_open_to_everybody(request: pytest.FixtureRequest, name: str, look: Look) -> None:
    tabs: Tabs = request.getfixturevalue({"setup": "unset", "login": "outside"}.get(name, "inside"))
    tab = tabs.at(look)
    page, address = tab.page, PAGES[name]
    if name == "setup":
        page.goto(str(tabs.served.link))
    elif isinstance(address, str):
        page.goto(tabs.served.url + address)
    else:
        address(page, tabs.served.url)
    page.wait_for_function(SETTLED)
    assert page.locator("html").get_attribute("lang") == look.language.replace("_", "-")
    shifted: float = page.evaluate("window.shifted")
    found = tab.taken() + page.evaluate(OVERFLOWING) + serious(page)
    assert found + ([f"jumps by {shifted:.2f}"] if shifted > 0.1 else []) == []


def serious(page: Page) -> list[str]:
    """What axe finds serious or critical, each as one line."""
    page.evaluate(AXE.read_text("utf-8"))
    result: dict[str, Any] = page.evaluate("axe.run(document, {resultTypes: ['violations'], elementRef: false})")
    bad = [found for found in result["violations"] if found["impact"] in {"serious", "critical"}]
    return [f"{found['id']}: {node['html'][:160]} {node['failureSummary'].splitlines()[-1].strip()[:200]}" for found in bad for node in found["nodes"]]
