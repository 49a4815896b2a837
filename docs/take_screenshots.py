"""Writes docs/images/: home, list, filter, record and form, wide and on a phone, light and dark, and the studio, in three languages. Run by `make screenshots`.

Sets up a workspace with demo data for each language the way people do, in a browser (needs Chromium). Nothing here is imported by the product.
"""

from __future__ import annotations

import shutil
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from playwright.sync_api import Browser, Page, sync_playwright

from docs.small_png import shrink
from tests.browser.serving import PASSWORD, Served, serve
from tests.browser.tabs import ENGLISH, LANGUAGES, THEMES, WIDTHS, Look, Tabs, settle

IMAGES = Path(__file__).with_name("images")
LIMIT = 120 * 1024
# The interface face of the machine differs from reader to reader; these are drawn in one that is free and has all three scripts.
FONTS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><include ignore_missing="yes">/etc/fonts/fonts.conf</include>{}</fontconfig>"""
ALIAS = '<match target="pattern"><test name="family"><string>{}</string></test><edit name="family" mode="prepend" binding="strong">{}</edit></match>'
FACES = "<string>Inter</string><string>Noto Sans</string><string>Noto Sans CJK SC</string>"


@dataclass(frozen=True)
class Words:
    """What is typed into one language's workspace."""

    name: str
    company: str
    country: str
    next_steps: tuple[str, str]


WORDS = {
    "en": Words("Ana Diaz", "Harbour & Pine", "US", ("Send the revised offer", "Call about the delivery dates")),
    "zh_Hans": Words("陈安娜", "晨光贸易", "CN", ("发送修订后的报价", "电话确认交货日期")),
    "zh_Hant": Words("陳怡君", "晨光貿易", "TW", ("寄送修訂後的報價", "電話確認交貨日期")),
}
FILTERED = "/opportunity/?" + urlencode({"filter": 'stage in ("proposal", "negotiation") and amount >= 5000 and account.industry = "retail"'})
STUDIO = {"layout": "/studio/entity/opportunity/layouts/default?at=sections/sales", "role": "/studio/roles/user"}
"""Pages of the studio, taken wide and light only."""
ASK = """
([method, path, body]) => fetch(`/api/v1${path}`, {
  method, body: body && JSON.stringify(body),
  headers: {"Content-Type": "application/json", "X-CSRF-Token": document.querySelector('meta[name="csrf-token"]').content},
}).then(async (answer) => { if (!answer.ok) throw new Error(await answer.text()); return answer.json(); })
"""


def main() -> None:
    """Take every picture anew."""
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        fonts = Path(folder, "fonts.conf")
        fonts.write_text(FONTS.format("".join(ALIAS.format(family, FACES) for family in ("system-ui", "sans-serif"))), "utf-8")
        found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
        for language, tag in LANGUAGES.items():
            environment: dict[str, str | float | bool] = {"FONTCONFIG_FILE": str(fonts), "LANGUAGE": tag.replace("-", "_")}
            with (
                serve(Path(folder, language)) as served,
                playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu", f"--lang={tag}"], env=environment) as browser,
            ):
                take(browser, served, language)


def take(browser: Browser, served: Served, language: str) -> None:
    """The pictures of one language, from a workspace nobody set up yet."""
    english = Look(ENGLISH.width, ENGLISH.theme, language)
    with ExitStack() as stack:
        page = Tabs(browser, served, None, stack).at(english).page
        set_up(page, served, language)
        deal = prepare(page, WORDS[language])
        tabs = Tabs(browser, served, page.context.storage_state(), stack)
        canvas = browser.new_page()
        addresses = {"home": "/", "list": "/opportunity/", "filter": FILTERED, "record": f"/opportunity/{deal}", "form": f"/opportunity/{deal}/edit"}
        for width, theme, (name, address) in product(WIDTHS, THEMES, (addresses | STUDIO).items()):
            look = Look(width, theme, language)
            if name in STUDIO and look != english:
                continue
            tab = tabs.at(look).page
            tab.goto(served.url + address)
            settle(tab)
            if name == "filter":
                tab.locator("#filter-open").click()
                tab.locator("#filter-text[role=combobox]").wait_for()
                settle(tab)
            tab.wait_for_load_state("networkidle")
            picture = shrink(tab.screenshot(animations="disabled", caret="hide"), canvas)
            assert len(picture) <= LIMIT, f"{name}-{look} has {len(picture)} bytes"
            (IMAGES / f"{name}-{look}.png").write_bytes(picture)


def set_up(page: Page, served: Served, language: str) -> None:
    words = WORDS[language]
    page.set_default_timeout(60_000)  # the demo data is loaded while one waits
    page.goto(str(served.link))
    page.fill("#name", words.name)
    page.fill("#email", "ana@example.com")
    page.fill("#password", PASSWORD)
    page.fill("#company", words.company)
    page.select_option("#country", words.country)
    page.select_option("#language", language)
    page.check("#demo")
    page.locator("main button.btn-primary").click()
    page.wait_for_url(f"{served.url}/")


def prepare(page: Page, words: Words) -> int:
    """Some work for the one who looks: activities of their own, and a deal that moved on. The deal's id."""
    me = ask(page, "GET", "/records/user?columns=id,email&limit=500")["items"]
    mine = next(user["id"] for user in me if user["email"] == "ana@example.com")
    todo = ask(page, "GET", "/records/activity?columns=status,due_at&sort=due_at&limit=500")["items"]
    waiting = [item["id"] for item in todo if item["status"] in ("open", "in_progress", "planned", "not_started") and item["due_at"]]
    ask(page, "POST", "/records/activity/bulk", {"update": [{"id": id, "owner": mine} for id in waiting[-6:]]})
    deals = ask(page, "GET", "/records/opportunity?columns=stage,amount,account,close_date&limit=500")["items"]
    deal: int = next(item["id"] for item in deals if item["stage"] == "proposal" and item["amount"] and item["account"] and item["close_date"])
    for change in ({"next_step": words.next_steps[0]}, {"stage": "negotiation"}, {"next_step": words.next_steps[1]}):
        ask(page, "PATCH", f"/records/opportunity/{deal}", change)
    return deal


def ask(page: Page, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    return page.evaluate(ASK, [method, path, body])


if __name__ == "__main__":
    main()
