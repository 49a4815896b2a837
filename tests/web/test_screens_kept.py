"""Pages kept between requests hold nothing personal: names, form tokens and notices are each reader's own."""

from __future__ import annotations

import pytest
from flask import Flask

from fieldsmith.workspace import Workspace
from tests.databases import SqliteTemplates
from tests.web.conftest import Person, form_token, make_person
from tests.web.screens import Visitor, words

PAGES = ("/account/", "/account/?sort=-name", "/opportunity/1", "/opportunity/1/edit", "/search?q=acme", "/")


@pytest.fixture
def templates(sqlite_templates: SqliteTemplates) -> SqliteTemplates:
    """What is kept in memory is the same on every database."""
    return sqlite_templates


@pytest.fixture
def ana(app: Flask, workspace: Workspace, admin: Person) -> Visitor:
    visitor = Visitor(app, workspace, admin)
    visitor.make_many("account", [{"name": f"Acme {number:02}"} for number in range(60)])
    visitor.make("opportunity", name="Deal", account=1)
    return visitor


@pytest.fixture
def eve(app: Flask, workspace: Workspace, ana: Visitor) -> Visitor:
    return Visitor(app, workspace, make_person(workspace, "Eve <b>", "administrator"))


@pytest.mark.parametrize("path", PAGES)
def test_every_reader_gets_a_page_of_their_own(ana: Visitor, eve: Visitor, path: str) -> None:
    first, second = ana.get(path).text, eve.get(path).text
    assert ana.token in first and ana.token not in second and eve.token in second
    assert "Eve &lt;b&gt;" in second and "Eve" not in first and "\x00" not in second
    assert form_token(second) == eve.token


def test_the_form_of_a_kept_page_can_be_sent(ana: Visitor, eve: Visitor) -> None:
    ana.get("/opportunity/1")
    page = eve.get("/opportunity/1").text
    assert f'name="csrf_token" value="{eve.token}"><input type="hidden" name="version" value="1">' in page


def test_a_notice_is_shown_once(ana: Visitor) -> None:
    ana.post("/account/1/edit", {"version": "1", "name": "Other"})
    assert "Saved." in words(ana.get("/account/1")) and "Saved." not in words(ana.get("/account/1"))


def test_rows_and_counts_are_never_kept(ana: Visitor) -> None:
    ana.get("/account/")
    ana.make("account", name="Aaa first")
    page = words(ana.get("/account/"))
    assert "Aaa first" in page and " 61 " in page


def test_languages_do_not_mix(ana: Visitor) -> None:
    english, chinese = words(ana.get("/account/")), words(ana.get("/account/", Accept_Language="zh-CN"))
    assert "All accounts" in english and "全部客户" in chinese and "All accounts" not in chinese


def test_who_may_less_is_offered_less(app: Flask, workspace: Workspace, ana: Visitor, clerk: Person) -> None:
    assert 'href="/user/new"' in ana.get("/user/").text
    assert 'href="/user/new"' not in Visitor(app, workspace, clerk).get("/user/").text
