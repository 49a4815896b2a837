"""Who sees which app, tab and view, and where a role starts: shaped in the studio, held to on every screen."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from tests.databases import SqliteTemplates
from tests.web.conftest import Person, make_person, sign_in
from tests.web.screens import Visitor, words

VIEWS = "/studio/entity/account/views/"
BIG = {"label": "Big ones", "columns": ["name", "industry"], "show": "table"}


@pytest.fixture
def templates(sqlite_templates: SqliteTemplates) -> SqliteTemplates:
    return sqlite_templates


def publish(visitor: Visitor, admin: Person) -> None:
    sets = visitor.workspace.changesets
    [draft] = sets.listed(admin.actor)
    sets.publish(admin.actor, draft.id, sets.plan(admin.actor, draft.id).hash)


def said(visitor: Visitor, admin: Person, *documents: tuple[str, str, dict[str, Any]]) -> None:
    """Publish operations on documents."""
    sets = visitor.workspace.changesets
    id = sets.open(admin.actor, "Said")
    for kind, name, operation in documents:
        sets.change(admin.actor, id, kind, name, {"operations": [operation]})
    sets.publish(admin.actor, id, sets.plan(admin.actor, id).hash)


def test_a_view_for_some_roles_is_not_there_for_others(app: Flask, visitor: Visitor, admin: Person, clerk: Person) -> None:
    assert visitor.post(f"{VIEWS}new", {**BIG, "roles": ["administrator"]}).status_code == 303
    publish(visitor, admin)
    other = Visitor(app, visitor.workspace, clerk)
    assert visitor.get("/account/?view=big_ones").status_code == 200 and "Big ones" in visitor.get("/account/").text
    answer, missing = other.get("/account/?view=big_ones"), other.get("/account/?view=never_was")
    assert answer.status_code == missing.status_code == 400
    assert words(answer).replace("big_ones", "never_was") == words(missing) and "Big ones" not in other.get("/account/").text


def test_without_a_view_for_them_people_get_a_plain_list(app: Flask, visitor: Visitor, admin: Person, clerk: Person) -> None:
    views = visitor.workspace.runtime().model.views_of["account"]
    said(visitor, admin, *(("view", f"account.{view.name}", {"op": "add", "path": "/roles/administrator"}) for view in views))
    answer = Visitor(app, visitor.workspace, clerk).get("/account/")
    assert answer.status_code == 200 and views[0].label.text not in words(answer).partition("Accounts")[0]
    assert visitor.get(f"/account/?view={views[0].name}").status_code == 200


def test_the_roles_of_a_view_are_changed_and_taken_back(visitor: Visitor, admin: Person) -> None:
    visitor.post(f"{VIEWS}new", {**BIG, "roles": ["user", "administrator"]})
    assert 'value="user" checked' in visitor.get(f"{VIEWS}big_ones").text
    visitor.post(f"{VIEWS}big_ones", {**BIG, "roles": ["user"]})
    [draft] = visitor.workspace.changesets.listed(admin.actor)
    assert visitor.workspace.changesets.look(admin.actor, draft.id).model.views["account.big_ones"].roles == ("user",)


def test_a_tab_for_some_roles_stands_in_nobody_elses_sidebar(app: Flask, visitor: Visitor, admin: Person, clerk: Person) -> None:
    answer = visitor.post("/studio/navigation/tabs/contact", {"label": "", "icon": "", "opens": "contact.", "roles": ["administrator"]})
    assert answer.status_code == 303
    publish(visitor, admin)
    other = Visitor(app, visitor.workspace, clerk)
    assert 'class="tab-link" href="/contact/"' in visitor.get("/search").text
    assert 'class="tab-link" href="/contact/"' not in other.get("/search").text
    assert other.get("/contact/").status_code == 200  # a tab shows the way; what may be read, rights say


def test_a_tab_whose_view_is_for_others_is_not_shown(app: Flask, visitor: Visitor, admin: Person, clerk: Person) -> None:
    visitor.post(f"{VIEWS}new", {**BIG, "roles": ["administrator"]})
    visitor.post("/studio/navigation/new-tab", {"label": "Big accounts", "icon": "", "opens": "account.big_ones", "app": "sales"})
    publish(visitor, admin)
    assert "Big accounts" in visitor.get("/search").text
    assert "Big accounts" not in Visitor(app, visitor.workspace, clerk).get("/search").text


def test_a_role_opens_its_own_tab_first(app: Flask, visitor: Visitor, admin: Person) -> None:
    visitor.post("/studio/roles/new", {"label": "Desk", "copy": "user"})
    visitor.post("/studio/roles/desk/settings", {"label": "Desk", "start": "contact"})
    publish(visitor, admin)
    person = make_person(visitor.workspace, "Cleo", "desk")
    assert sign_in(app.test_client(), person).location == "/contact/"
    assert sign_in(app.test_client(), admin).location == "/"


def test_a_start_tab_one_may_not_read_is_none(app: Flask, visitor: Visitor, admin: Person) -> None:
    visitor.post("/studio/roles/new", {"label": "Desk"})
    visitor.post("/studio/roles/desk/cell", {"entity": "account", "right": "read", "scope": "all"})
    visitor.post("/studio/roles/desk/settings", {"label": "Desk", "start": "contact"})
    publish(visitor, admin)
    assert sign_in(app.test_client(), make_person(visitor.workspace, "Cleo", "desk")).location == "/"
