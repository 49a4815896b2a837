"""Looks at a served workspace: a tab for each width, theme and language, and what `watch` noted in it.

For tests and pictures that go through many looks; fixtures of the conftest make them.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, StorageState

from tests.browser.serving import Served, Watched, watch

WIDTHS = {1280: 800, 390: 844}
THEMES = ("light", "dark")
LANGUAGES = {"en": "en-US", "zh_Hans": "zh-CN", "zh_Hant": "zh-TW"}
SETTLED = """
() => document.readyState === "complete" && !document.querySelector(".htmx-request, .htmx-swapping, .htmx-settling")
  && !document.querySelector("select[data-picker]:not(.tomselected)")
"""


@dataclass(frozen=True)
class Look:
    width: int
    theme: Any
    language: str

    def __str__(self) -> str:
        return f"{self.width}-{self.theme}-{self.language}"


ENGLISH = Look(1280, "light", "en")


@dataclass(frozen=True)
class Tabs:
    """Tabs of one browser for one person, one for each look; opened when first asked for and closed with `stack`."""

    browser: Browser
    served: Served
    state: StorageState | None
    stack: ExitStack
    opened: dict[Look, Watched] = field(default_factory=dict)

    def at(self, look: Look) -> Watched:
        if look not in self.opened:
            self.opened[look] = watch(self.fresh(look))
        return self.opened[look]

    def fresh(self, look: Look) -> BrowserContext:
        """A browser of its own, with nothing in its cache."""
        size: Any = {"width": look.width, "height": WIDTHS[look.width]}
        context = self.browser.new_context(viewport=size, color_scheme=look.theme, locale=LANGUAGES[look.language], storage_state=self.state)
        context.set_default_timeout(20_000)
        self.stack.callback(context.close)
        return context


def settle(page: Page) -> None:
    """Wait until nothing is loading and every picker is drawn."""
    page.wait_for_function(SETTLED)
