"""The shell round every page: language, theme, navigation, what htmx gets, notices, headers."""

from __future__ import annotations

import gzip
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from fieldsmith.workspace import Workspace
from tests.databases import SqliteTemplates, Templates
from tests.web.conftest import Person
from tests.web.screens import Visitor


@pytest.fixture
def templates(sqlite_templates: SqliteTemplates) -> Templates:
    """No database makes the shell differ."""
    return sqlite_templates


@pytest.fixture
def clerk_visitor(app: Flask, workspace: Workspace, clerk: Person) -> Visitor:
    return Visitor(app, workspace, clerk)


def shell_key(visitor: Visitor) -> str:
    found = re.search(r'data-shell="(\w+)"', visitor.get("/").text)
    assert found
    return found[1]


@pytest.mark.parametrize(
    ("asked", "tag"),
    [
        ("zh-TW,zh;q=0.9", "zh-Hant"),
        ("zh-HK", "zh-Hant"),
        ("zh-CN", "zh-Hans"),
        ("zh", "zh-Hans"),
        ("fr-FR,en;q=0.5", "en"),
        ("fr", "en"),
    ],
)
def test_visitors_read_in_the_language_their_browser_asks_for(client: FlaskClient, asked: str, tag: str) -> None:
    assert f'<html lang="{tag}"' in client.get("/login", headers={"Accept-Language": asked}).text


def test_visitors_choose_a_language_by_its_link(client: FlaskClient) -> None:
    page = client.get("/login?next=/account/&lang=zh_Hant", headers={"Accept-Language": "en"}).text
    assert '<html lang="zh-Hant"' in page
    assert 'name="next" value="/account/"' in page


def test_pages_carry_the_strict_policy_and_no_inline_code(visitor: Visitor) -> None:
    for path in ("/", "/me", "/account/", "/account/new", "/nosuch/"):
        answer = visitor.get(path)
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert not re.search(r"<style|\sstyle=|\son\w+=|hx-on|<script(?![^>]* src=)", answer.text), path


def test_navigation_holds_the_tabs_of_the_app(visitor: Visitor) -> None:
    page = visitor.get("/account/").text
    assert 'href="/account/" aria-current="page"' in page
    assert page.count('aria-current="page"') == 1
    assert 'href="/opportunity/"' in page


def test_apps_for_other_roles_are_not_offered(visitor: Visitor, clerk_visitor: Visitor) -> None:
    assert 'value="administration"' in visitor.get("/").text
    assert 'value="administration"' not in clerk_visitor.get("/").text


def test_the_app_chosen_stays_chosen(visitor: Visitor) -> None:
    assert visitor.post("/me/preferences", {"app": "service"}).status_code == 303
    assert 'class="tab-link" href="/case/"' in visitor.get("/").text


def test_the_theme_chosen_is_in_the_first_byte_of_the_page(visitor: Visitor) -> None:
    visitor.post("/me/preferences", {"theme": "dark"})
    assert 'data-bs-theme="dark"' in visitor.get("/").text
    visitor.client.delete_cookie("fieldsmith_shell")
    assert 'data-bs-theme="dark"' in visitor.get("/").text


@pytest.mark.parametrize("form", [{"theme": "pink"}, {"app": "nosuch"}, {"language": "xx"}, {}])
def test_choices_that_do_not_exist_change_nothing(visitor: Visitor, form: dict[str, str]) -> None:
    before = visitor.get("/").text
    assert visitor.post("/me/preferences", form).status_code == 303
    assert visitor.get("/").text == before


def test_a_tampered_cookie_of_choices_is_harmless(visitor: Visitor) -> None:
    visitor.client.set_cookie("fieldsmith_shell", '1."><script>.nosuch')
    page = visitor.get("/").text
    assert 'data-bs-theme="auto"' in page and "<script>." not in page


def test_the_language_chosen_is_the_users_own(visitor: Visitor) -> None:
    answer = visitor.post("/me/preferences", {"language": "zh_Hans", "next": "/account/"})
    assert answer.headers["Location"] == "/account/"
    assert '<html lang="zh-Hans"' in visitor.get("/").text


def test_htmx_gets_the_sheet_alone(visitor: Visitor) -> None:
    answer = visitor.get("/account/", HX_Request="true", HX_Boosted="true", HX_Target="page", X_Shell=shell_key(visitor))
    assert answer.text.lstrip().startswith("<title>")
    assert "<html" not in answer.text and 'id="sidebar"' not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


def test_htmx_with_an_outdated_shell_loads_the_whole_page(visitor: Visitor) -> None:
    answer = visitor.get("/account/?q=a", HX_Request="true", HX_Boosted="true", HX_Target="page", X_Shell="old")
    assert (answer.headers["HX-Redirect"], answer.text) == ("/account/?q=a", "")


def test_going_back_in_history_gets_a_whole_page(visitor: Visitor) -> None:
    assert "<html" in visitor.get("/account/", HX_History_Restore_Request="true", HX_Target="page").text


def test_an_error_in_a_piece_becomes_a_notice(visitor: Visitor) -> None:
    answer = visitor.get("/nosuch/", HX_Request="true", HX_Target="more")
    assert (answer.status_code, answer.headers["HX-Reswap"]) == (404, "none")
    assert 'hx-swap-oob="beforeend"' in answer.text and "notice-danger" in answer.text


def test_what_was_said_before_a_redirect_is_shown_once(visitor: Visitor) -> None:
    visitor.post("/me", {"name": "Ana Maria", "language": "", "time_zone": ""})
    assert "Your settings were saved." in visitor.get("/me").text
    assert "Your settings were saved." not in visitor.get("/me").text


def test_a_forged_notice_is_not_shown(visitor: Visitor) -> None:
    visitor.client.set_cookie("fieldsmith_notice", "W1siZGFuZ2VyIiwiU2VuZCBtb25leSJdXQ==.0000")
    assert "Send money" not in visitor.get("/me").text


def test_pages_are_compressed_for_browsers_that_take_it(visitor: Visitor) -> None:
    answer = visitor.get("/", Accept_Encoding="gzip, br")
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert gzip.decompress(answer.data).startswith(b"<!doctype html>")


def test_visitors_are_sent_to_sign_in_and_back(client: FlaskClient) -> None:
    answer = client.get("/account/?view=all")
    assert answer.headers["Location"] == "/login?next=/account/%3Fview%3Dall"


def test_the_palette_goes_to_tabs_records_and_forms(visitor: Visitor) -> None:
    id = visitor.make("account", name="Opport Ltd")
    found = visitor.get("/palette?q=opport").text
    assert 'href="/opportunity/"' in found and f'href="/account/{id}"' in found and 'href="/opportunity/new"' in found


def test_the_palette_says_when_it_finds_nothing(visitor: Visitor) -> None:
    assert "Nothing found" in visitor.get("/palette?q=" + "x" * 5000).text
