"""The administrators' pages of who may sign in."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from fieldsmith.base.context import FixedClock
from fieldsmith.identity import tokens
from fieldsmith.web import reauth
from fieldsmith.workspace import Workspace
from tests.conftest import NOW
from tests.databases import SqliteTemplates, Templates
from tests.web.conftest import V1, Api, Person, form_token, make_person, sign_in
from tests.web.screens import Visitor, words

PEOPLE = "/studio/people/"
ACTS = ("roles", "suspend", "resume", "sign-out", "reset-link", "second-factor-off", "tokens", "tokens/revoke")
NEW = "quite another sentence"


@pytest.fixture
def templates(sqlite_templates: SqliteTemplates) -> Templates:
    return sqlite_templates


def test_everybody_is_listed_and_found(visitor: Visitor, clerk: Person) -> None:
    assert {"Ana", "Ben"} <= set(words(visitor.get(PEOPLE)).split())
    assert f'href="{PEOPLE}{clerk.id}"' in visitor.get(f"{PEOPLE}?text=BE").text
    assert "Nobody found" in words(visitor.get(f"{PEOPLE}?text=100%25_\\"))


def test_many_are_listed_by_pages(visitor: Visitor, workspace: Workspace) -> None:
    for number in range(52):
        make_person(workspace, f"Person {number:02}", "user")
    first = visitor.get(PEOPLE).text
    [more] = re.findall(r'href="(/studio/people/\?[^"]*after=[^"]*)"', first)
    names = [set(re.findall(r'class="door-name"[^>]*>([^<]+)<', text)) for text in (first, visitor.get(more.replace("&amp;", "&")).text)]
    assert not names[0] & names[1] and len(names[0] | names[1]) == 53


@pytest.mark.parametrize("path", [PEOPLE, f"{PEOPLE}new", f"{PEOPLE}1"])
def test_only_administrators_see_them(app: Flask, workspace: Workspace, admin: Person, clerk: Person, path: str) -> None:
    assert Visitor(app, workspace, clerk).get(path).status_code == 403


@pytest.mark.parametrize("act", ACTS)
def test_only_administrators_act(app: Flask, workspace: Workspace, admin: Person, clerk: Person, unchanged: None, act: str) -> None:
    answer = Visitor(app, workspace, clerk).post(f"{PEOPLE}{admin.id}/{act}", {"roles": "user", "token_name": "x", "scope": "all"})
    assert answer.status_code == 403


@pytest.mark.parametrize("act", ACTS)
def test_every_act_asks_for_the_password_after_a_while(visitor: Visitor, workspace: Workspace, clerk: Person, unchanged: None, act: str) -> None:
    workspace.clock = FixedClock(NOW + reauth.FRESH)
    answer = visitor.post(f"{PEOPLE}{clerk.id}/{act}", {"roles": "administrator", "token_name": "x", "scope": "all"})
    assert answer.headers["Location"].startswith("/me/confirm?next=")


@pytest.mark.parametrize("act", ACTS)
def test_a_person_without_login_is_not_found(visitor: Visitor, act: str) -> None:
    id = visitor.make("user", name="Nobody")
    assert visitor.post(f"{PEOPLE}{id}/{act}", {"roles": "user", "token_name": "x", "scope": "all"}).status_code in (404, 303)
    assert visitor.get(f"{PEOPLE}{id}").status_code == 404


def test_a_new_person_chooses_the_password_behind_a_link(visitor: Visitor, app: Flask) -> None:
    answer = visitor.post(f"{PEOPLE}new", {"name": "Eva Roth", "email": "eva@example.com", "login": "", "kind": "person", "roles": ["user"]})
    link = re.findall(r"/login/reset\?token=[\w-]+", visitor.post(f"{answer.headers['Location']}/reset-link", {}).text)[0]
    client = app.test_client()
    form = {"csrf_token": form_token(client.get(link).text), "token": link.partition("=")[2], "password": NEW, "again": NEW}
    assert client.post("/login/reset", data=form).headers["Location"] == "/login"
    name = {"name": "EVA@example.com", "password": NEW, "csrf_token": form_token(client.get("/login").text)}
    assert client.post("/login", data=name).status_code == 303


def test_a_record_there_is_gets_a_login(visitor: Visitor) -> None:
    id = visitor.make("user", name="Lena", email="lena@example.com")
    assert "lena@example.com" in visitor.get(f"{PEOPLE}new?user={id}").text
    assert visitor.post(f"{PEOPLE}new", {"user": str(id), "login": "lena", "kind": "person", "roles": ["user"]}).headers["Location"] == f"{PEOPLE}{id}"


@pytest.mark.parametrize(
    ("form", "field"),
    [({"name": ""}, "name"), ({"login": "ANA"}, "login"), ({"email": "no address"}, "email"), ({"roles": ["root"]}, "roles"), ({"kind": "queue"}, "kind")],
)
def test_a_faulty_new_person_leaves_nothing(visitor: Visitor, unchanged: None, form: dict[str, object], field: str) -> None:
    answer = visitor.post(f"{PEOPLE}new", {"name": "Eva", "email": "", "login": "eva", "kind": "person", "roles": ["user"], **form})
    assert answer.status_code == 422 and f'id="{field}-error"' in answer.text


def test_ticked_roles_hold_at_once(visitor: Visitor, clerk_api: Api, clerk: Person) -> None:
    visitor.post(f"{PEOPLE}{clerk.id}/roles", {})
    assert clerk_api.get("/records/account").status_code == 404
    visitor.post(f"{PEOPLE}{clerk.id}/roles", {"roles": ["user"]})
    assert clerk_api.get("/records/account").status_code == 200


def test_the_last_administrator_keeps_the_role(visitor: Visitor, admin: Person, unchanged: None) -> None:
    answer = visitor.post(f"{PEOPLE}{admin.id}/roles", {"roles": ["user"]})
    assert answer.status_code == 409 and "nobody to administer" in words(answer)
    assert visitor.post(f"{PEOPLE}{admin.id}/suspend", {}).status_code == 409


def test_a_suspended_person_stops_at_the_next_request(visitor: Visitor, client: FlaskClient, clerk_api: Api, clerk: Person) -> None:
    sign_in(client, clerk)
    visitor.post(f"{PEOPLE}{clerk.id}/suspend", {})
    assert client.get("/account/").headers["Location"].startswith("/login") and clerk_api.get("/records/account").status_code == 401
    assert sign_in(client, clerk).status_code == 422
    visitor.post(f"{PEOPLE}{clerk.id}/resume", {})
    assert sign_in(client, clerk).status_code == 303


def test_signed_out_everywhere_and_tokens_revoked(visitor: Visitor, client: FlaskClient, clerk_api: Api, clerk: Person) -> None:
    sign_in(client, clerk)
    visitor.post(f"{PEOPLE}{clerk.id}/sign-out", {})
    assert client.get(f"{V1}/records/account").status_code == 401 and clerk_api.get("/records/account").status_code == 200
    visitor.post(f"{PEOPLE}{clerk.id}/tokens/revoke", {})
    assert clerk_api.get("/records/account").status_code == 401


def test_a_service_holds_tokens_and_nothing_else(visitor: Visitor, app: Flask, client: FlaskClient) -> None:
    page = visitor.post(f"{PEOPLE}new", {"name": "Sync", "email": "", "login": "sync", "kind": "service", "roles": ["user"]}).headers["Location"]
    token = re.findall(r"fs_[\w-]{43}", visitor.post(f"{page}/tokens", {"token_name": "ERP", "scope": "all", "days": "30"}).text)[0]
    made = Api(app, token).post("/records/account", json={"name": "Acme"})
    assert made.status_code == 201
    assert visitor.post(f"{page}/reset-link", {}).status_code == 409


def test_people_make_their_tokens_themselves(visitor: Visitor, clerk: Person, workspace: Workspace) -> None:
    assert visitor.post(f"{PEOPLE}{clerk.id}/tokens", {"token_name": "x", "scope": "all", "days": ""}).status_code == 409
    with workspace.read() as work:
        assert len(tokens.list_of(work.connection, clerk.id)) == 1


def test_a_link_shown_is_not_kept_by_the_browser(visitor: Visitor, clerk: Person) -> None:
    assert visitor.post(f"{PEOPLE}{clerk.id}/reset-link", {}).headers["Cache-Control"].endswith("no-store")


def test_the_last_sign_in_is_told(visitor: Visitor, client: FlaskClient, clerk: Person, workspace: Workspace) -> None:
    sign_in(client, clerk)
    workspace.clock = FixedClock(NOW + timedelta(hours=3))
    assert "3 hours ago" in words(visitor.get(f"{PEOPLE}?text=ben"))
