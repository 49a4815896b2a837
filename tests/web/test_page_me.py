"""My settings: profile, password, API tokens."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from fieldsmith.base.context import OPERATOR
from fieldsmith.db.system import fs_reset
from fieldsmith.identity.audit_log import Wanted
from fieldsmith.workspace import Workspace
from tests.conftest import NOW
from tests.databases import SqliteTemplates, Templates
from tests.web.conftest import PASSWORD, V1, Person, form_token
from tests.web.screens import Visitor

NEW = "a longer and better one"


@pytest.fixture
def templates(sqlite_templates: SqliteTemplates) -> Templates:
    return sqlite_templates


@pytest.fixture
def visitor(app: Flask, workspace: Workspace, clerk: Person) -> Visitor:
    """Somebody without rights on users."""
    return Visitor(app, workspace, clerk)


def password_form(**changes: str) -> dict[str, str]:
    return {"current": PASSWORD, "password": NEW, "again": NEW, **changes}


def signs_in(client: FlaskClient, person: Person, password: str) -> bool:
    page = client.get("/login").text
    return client.post("/login", data={"name": person.login, "password": password, "csrf_token": form_token(page)}).status_code == 303


def test_profile_is_saved_without_a_right_on_users(visitor: Visitor, clerk: Person) -> None:
    assert visitor.post("/me", {"name": "Benedikt", "language": "zh_Hans", "time_zone": "Asia/Shanghai"}).status_code == 303
    page = visitor.get("/me").text
    assert '<html lang="zh-Hans"' in page and 'value="Benedikt"' in page and '<option value="Asia/Shanghai" selected>' in page


def test_profile_changes_are_in_the_history_under_my_name(visitor: Visitor, workspace: Workspace, admin: Person, clerk: Person) -> None:
    visitor.post("/me", {"name": "Benedikt", "language": "", "time_zone": ""})
    with workspace.read() as work:
        [latest, *_] = work.records.history(admin.actor, "user", clerk.id).items
    assert latest.by == clerk.actor.name


@pytest.mark.parametrize(("field", "value"), [("name", ""), ("name", "a\nb"), ("language", "fr"), ("time_zone", "Mars/Olympus")])
def test_a_wrong_profile_is_refused_beside_the_field(visitor: Visitor, field: str, value: str) -> None:
    answer = visitor.post("/me", {"name": "Ben", "language": "", "time_zone": "", field: value})
    assert answer.status_code == 422 and f'id="{field}-error"' in answer.text


def test_a_new_password_opens_the_door_and_the_old_one_does_not(visitor: Visitor, app: Flask, clerk: Person) -> None:
    assert visitor.post("/me/password", password_form()).status_code == 303
    assert visitor.get("/me").status_code == 200
    assert signs_in(app.test_client(), clerk, NEW)
    assert not signs_in(app.test_client(), clerk, PASSWORD)


def test_a_new_password_signs_other_browsers_out(visitor: Visitor, app: Flask, workspace: Workspace, clerk: Person) -> None:
    other = Visitor(app, workspace, clerk)
    visitor.post("/me/password", password_form())
    assert other.get("/me").headers["Location"].startswith("/login")


def login_form(**changes: str) -> dict[str, str]:
    return {"login": "benedikt", "email": "benedikt@example.com", "proof": PASSWORD, **changes}


def test_a_new_login_name_and_address_open_the_door_and_the_old_ones_do_not(visitor: Visitor, app: Flask, clerk: Person) -> None:
    assert visitor.post("/me/login", login_form()).status_code == 303
    page = visitor.get("/me").text
    assert 'value="benedikt"' in page and 'value="benedikt@example.com"' in page
    for name, opens in (("Benedikt", True), ("benedikt@example.com", True), (clerk.login, False), ("ben@example.com", False)):
        assert signs_in(app.test_client(), replace(clerk, login=name), PASSWORD) is opens, name


def test_a_new_login_name_signs_other_browsers_out_and_is_noted(visitor: Visitor, app: Flask, workspace: Workspace, clerk: Person) -> None:
    other = Visitor(app, workspace, clerk)
    visitor.post("/me/login", login_form())
    assert other.get("/me").headers["Location"].startswith("/login") and visitor.get("/me").status_code == 200
    with workspace.read() as work:
        [row] = work.audit.page(OPERATOR, Wanted(event="login.changed")).items
    assert (row.by_id, row.record, row.detail) == (clerk.id, clerk.id, {"name": "benedikt", "former": "ben", "email": "benedikt@example.com"})


def test_a_reset_link_is_void_once_the_address_changed(visitor: Visitor, workspace: Workspace, clerk: Person) -> None:
    workspace.write(lambda work: work.connection.execute(sa.insert(fs_reset), {"token_hash": "x", "user_id": clerk.id, "created_at": NOW, "expires_at": NOW}))
    visitor.post("/me/login", login_form())
    with workspace.read() as work:
        assert work.connection.execute(sa.select(fs_reset)).all() == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"proof": "wrong password"}, "proof"),
        ({"login": ""}, "login"),
        ({"login": "ANA"}, "login"),
        ({"login": "ana@example.com"}, "login"),
        ({"email": "ana@EXAMPLE.com"}, "email"),
        ({"email": "no address"}, "email"),
    ],
)
def test_a_wrong_change_of_the_login_changes_nothing(visitor: Visitor, app: Flask, admin: Person, clerk: Person, changes: dict[str, str], field: str) -> None:
    answer = visitor.post("/me/login", login_form(**changes))
    assert answer.status_code == 422 and f'id="{field}-error"' in answer.text
    assert signs_in(app.test_client(), clerk, PASSWORD) and signs_in(app.test_client(), admin, PASSWORD)


def test_the_same_name_in_other_capitals_is_ones_own(visitor: Visitor, clerk: Person) -> None:
    assert visitor.post("/me/login", login_form(login="BEN", email="ben@example.com")).status_code == 303


@pytest.mark.parametrize(("revoke", "status"), [("", 200), ("yes", 401)])
def test_tokens_are_revoked_with_the_password_by_choice(visitor: Visitor, client: FlaskClient, clerk: Person, revoke: str, status: int) -> None:
    visitor.post("/me/password", password_form(revoke=revoke))
    assert client.get(f"{V1}/records/account", headers={"Authorization": f"Bearer {clerk.token}"}).status_code == status


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"current": "wrong password"}, "current"), ({"password": "short", "again": "short"}, "password"), ({"again": "something else"}, "again")],
)
def test_a_wrong_change_of_password_changes_nothing(visitor: Visitor, app: Flask, clerk: Person, changes: dict[str, str], field: str) -> None:
    answer = visitor.post("/me/password", password_form(**changes))
    assert answer.status_code == 422 and f'id="{field}-error"' in answer.text
    assert signs_in(app.test_client(), clerk, PASSWORD)


def test_guessing_the_present_password_is_slowed_down(visitor: Visitor) -> None:
    statuses = [visitor.post("/me/password", password_form(current=f"guess {n}")).status_code for n in range(11)]
    assert statuses == [422] * 10 + [429]


def test_a_token_is_shown_once_and_works_until_revoked(visitor: Visitor, client: FlaskClient) -> None:
    answer = visitor.post("/me/tokens", {"token_name": "Sync", "scope": "read", "days": "30"})
    secret = re.findall(r"fs_[\w-]{43}", answer.text)[0]
    header = {"Authorization": f"Bearer {secret}"}
    assert answer.headers["Cache-Control"] == "no-store" and secret not in visitor.get("/me").text
    assert client.get(f"{V1}/records/account", headers=header).status_code == 200
    assert client.post(f"{V1}/records/account", headers=header, json={"name": "x"}).status_code == 403
    number = re.findall(r"/me/tokens/(\d+)/revoke", visitor.get("/me").text)[0]
    assert visitor.post(f"/me/tokens/{number}/revoke", {}).status_code == 303
    assert client.get(f"{V1}/records/account", headers=header).status_code == 401


@pytest.mark.parametrize("form", [{"token_name": "", "scope": "all"}, {"token_name": "x" * 121, "scope": "all"}, {"token_name": "Sync", "scope": "root"}])
def test_a_token_without_name_or_scope_is_refused(visitor: Visitor, form: dict[str, str]) -> None:
    answer = visitor.post("/me/tokens", {"days": "", **form})
    assert answer.status_code == 422 and 'id="token_name-error"' in answer.text


def test_nobody_revokes_the_tokens_of_others(visitor: Visitor, admin: Person) -> None:
    assert visitor.post("/me/tokens/1/revoke", {}).status_code in {303, 404}
    assert visitor.post("/me/tokens/999/revoke", {}).status_code == 404


@pytest.mark.parametrize("path", ["/me", "/me/login", "/me/password", "/me/tokens", "/me/preferences", "/demo/load"])
def test_forms_without_their_token_are_refused(visitor: Visitor, path: str) -> None:
    assert visitor.client.post(path, data={"name": "x"}).status_code == 403


def test_me_is_for_people_who_signed_in(client: FlaskClient) -> None:
    assert client.get("/me").headers["Location"] == "/login?next=/me"
