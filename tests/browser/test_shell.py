"""The shell in a real browser: moving about, menus, palette, theme, languages, phones, without scripts."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Response, expect
from werkzeug.serving import make_server

from fieldsmith.base.settings import Settings
from fieldsmith.identity import first_start
from fieldsmith.identity.passwords import Passwords
from fieldsmith.identity.users import Users
from fieldsmith.web.app import create_app
from fieldsmith.workspace import Work, Workspace
from tests.browser.axe import faults
from tests.browser.conftest import PHONE, WIDE, Site
from tests.web.conftest import PASSWORD

pytestmark = pytest.mark.browser

PASSWORDS = Passwords(Settings(home=Path(), database="", secret=""))


def test_moving_fetches_only_the_sheet(site: Site) -> None:
    page = site.open("/")
    fetched: list[Response] = []
    page.on("response", lambda answer: fetched.append(answer))
    page.get_by_role("link", name="Accounts").first.click()
    expect(page).to_have_title(re.compile("All accounts"))
    expect(page.locator("#sidebar [aria-current=page]")).to_have_text("Accounts")
    pages = [answer for answer in fetched if "/static/" not in answer.url]
    assert [answer.request.headers.get("hx-target") for answer in pages] == ["page"]
    assert len(pages[0].body()) < 30_000
    assert page.evaluate("document.activeElement.id") == "page"


def test_going_back_shows_the_page_before(site: Site) -> None:
    page = site.open("/")
    page.get_by_role("link", name="Accounts").first.click()
    expect(page).to_have_title(re.compile("All accounts"))
    page.go_back()
    expect(page).to_have_title(re.compile("Home"))
    expect(page.locator("#sidebar [aria-current=page]")).to_have_text("Home")
    expect(page.locator("#sidebar")).to_have_count(1)


def test_another_app_brings_its_own_tabs(site: Site) -> None:
    page = site.open("/")
    page.get_by_role("button", name="Change app: Sales").click()
    page.locator("#apps").get_by_role("button", name="Service").click()
    expect(page.locator("#sidebar").get_by_role("link", name="Cases")).to_be_visible()


def test_menus_open_and_close_by_keyboard(site: Site) -> None:
    page = site.open("/")
    page.get_by_role("button", name="New", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.locator("#quick-create")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    expect(page.locator("#quick-create")).to_be_hidden()
    assert page.evaluate("document.activeElement.getAttribute('popovertarget')") == "quick-create"


def test_the_first_stop_of_the_keyboard_skips_the_navigation(site: Site) -> None:
    page = site.open("/account/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "page"


def test_the_palette_finds_and_opens_by_keyboard(site: Site) -> None:
    site.make("account", name="Brightwater Logistics")
    page = site.open("/me")
    page.keyboard.press("Control+k")
    expect(page.locator("#palette")).to_be_visible()
    page.keyboard.type("brightw")
    expect(page.locator("#palette-results [aria-selected=true]")).to_contain_text("Brightwater")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{site.url}/account/1")
    expect(page.locator("#palette")).to_be_hidden()


def test_slash_goes_to_the_search_and_enter_searches(site: Site) -> None:
    site.make("account", name="Brightwater Logistics")
    page = site.open("/")
    page.keyboard.press("/")
    page.keyboard.type("brightwater")
    page.keyboard.press("Enter")
    expect(page.locator("main").get_by_role("link", name="Brightwater Logistics").first).to_be_visible()


def test_the_theme_changes_at_once_and_stays(site: Site) -> None:
    page = site.open("/", color_scheme="light")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.get_by_role("button", name="My menu: Ana").click()
    with page.expect_response("**/me/preferences"):
        page.locator("#user-menu").get_by_role("button", name="Dark").click()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != light
    page.reload()
    assert page.evaluate("document.documentElement.dataset.bsTheme") == "dark"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_without_a_choice_the_system_decides(site: Site, scheme: str) -> None:
    page = site.open("/", color_scheme=scheme)
    red = int(re.findall(r"\d+", page.evaluate("getComputedStyle(document.body).backgroundColor"))[0])
    assert (red > 128) == (scheme == "light")


def test_another_language_is_one_choice_away(site: Site) -> None:
    page = site.open("/account/")
    page.get_by_role("button", name="My menu: Ana").click()
    page.get_by_role("button", name="繁體中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hant")
    expect(page).to_have_url(f"{site.url}/account/")
    expect(page.locator("#sidebar")).to_contain_text("客戶")


def test_good_news_goes_away_when_closed(site: Site) -> None:
    page = site.open("/me")
    page.get_by_role("button", name="Save", exact=True).click()
    notice = page.locator(".notice")
    expect(notice).to_contain_text("Your settings were saved.")
    notice.get_by_role("button", name="Close").click()
    expect(notice).to_have_count(0)


def test_a_server_out_of_reach_is_said(site: Site) -> None:
    page = site.open("/")
    page.context.set_offline(True)
    page.get_by_role("link", name="Accounts").first.click()
    expect(page.locator(".notice-danger")).to_contain_text("cannot be reached")


def test_on_a_phone_the_menu_slides_in_and_closes_after_a_choice(site: Site) -> None:
    page = site.open("/", PHONE)
    expect(page.locator("#sidebar")).to_be_hidden()
    page.locator(".bottombar").get_by_role("button", name="Menu").click()
    page.locator("#sidebar").get_by_role("link", name="Contacts").click()
    expect(page).to_have_title(re.compile("All contacts"))
    expect(page.locator("#sidebar")).to_be_hidden()


@pytest.mark.parametrize("path", ["/", "/me", "/search?q=x", "/nosuch/"])
def test_nothing_sticks_out_on_a_phone(site: Site, path: str) -> None:
    page = site.open(path, PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]


def test_the_shell_works_without_scripts(site: Site) -> None:
    page = site.open("/", java_script_enabled=False)
    page.get_by_role("button", name="New", exact=True).click()
    page.locator("#quick-create").get_by_role("link", name="Account").click()
    expect(page).to_have_url(f"{site.url}/account/new")
    page.get_by_role("button", name="My menu: Ana").click()
    page.locator("#user-menu").get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    page.get_by_role("button", name="My menu: Ana").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(f"{site.url}/login")
    page.get_by_label("User name or e-mail").fill("ana")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(f"{site.url}/")


@pytest.mark.parametrize("size", [WIDE, PHONE])
def test_set_up_from_the_link_to_the_start_page(unset_site: str, chromium: Browser, size: tuple[int, int]) -> None:
    page = chromium.new_page(viewport={"width": size[0], "height": size[1]}, locale="en-DE", timezone_id="Europe/Berlin")
    page.goto(unset_site)
    assert faults(page) == []
    assert _chosen(page) == ("DE", "EUR", "Europe/Berlin")
    page.select_option("#country", "CH")
    assert _chosen(page) == ("CH", "CHF", "Europe/Berlin")
    page.fill("#name", "Eva Huber")
    page.fill("#email", "eva@example.com")
    page.fill("#password", "short")
    page.fill("#company", "Huber AG")
    page.get_by_role("button", name="Finish set-up").click()
    expect(page.locator("#password")).to_be_focused()
    page.fill("#password", PASSWORD)
    page.locator("#demo").uncheck()
    page.get_by_role("button", name="Finish set-up").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Eva Huber")
    expect(page.locator(".notice-success")).to_contain_text("Huber AG is set up.")
    page.context.close()


@pytest.fixture
def unset_site(workspace: Workspace) -> Iterator[str]:
    """The set-up link of a served workspace that nobody administers yet."""
    token = workspace.write(_offered)
    server = make_server("127.0.0.1", 0, create_app(workspace), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/setup?token={token}"
    server.shutdown()
    thread.join()
    server.server_close()


def _offered(work: Work) -> str:
    users = Users(work.connection, work.model, work.schema, PASSWORDS, work.now)
    return first_start.offer(work.connection, users) or ""


def _chosen(page: Page) -> tuple[str, str, str]:
    return page.input_value("#country"), page.input_value("#currency"), page.input_value("#time_zone")
