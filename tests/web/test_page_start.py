"""Set-up with the one-time link, and the start page it ends on."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from fieldsmith.bulk import demo
from fieldsmith.identity import first_start
from fieldsmith.identity.passwords import Passwords
from fieldsmith.identity.users import Users
from fieldsmith.workspace import Work, Workspace
from tests.databases import SqliteTemplates, Templates
from tests.web.conftest import Person, form_token

FORM = {
    "name": "Ana Lindqvist",
    "email": "ana@example.com",
    "password": "correct horse battery",
    "company": "Nordwind GmbH",
    "language": "zh_Hant",
    "country": "TW",
    "currency": "TWD",
    "time_zone": "Asia/Taipei",
}


@pytest.fixture
def templates(sqlite_templates: SqliteTemplates) -> Templates:
    """What set-up writes is tested on both databases in its parts."""
    return sqlite_templates


@pytest.fixture
def token(workspace: Workspace) -> str:
    """The token of the set-up link."""

    def offer(work: Work) -> str:
        users = Users(work.connection, work.model, work.schema, Passwords(workspace.settings), work.now)
        return first_start.offer(work.connection, users) or ""

    return workspace.write(offer)


def set_up(client: FlaskClient, token: str, **changes: str) -> tuple[int, str]:
    page = client.get(f"/setup?token={token}").text
    answer = client.post("/setup?lang=en", data={**FORM, "token": token, "csrf_token": form_token(page), **changes})
    return answer.status_code, answer.text


def test_set_up_makes_company_and_administrator_and_signs_in(client: FlaskClient, workspace: Workspace, token: str) -> None:
    assert set_up(client, token)[0] == 303
    company = workspace.runtime().model.company
    assert (company.name, company.language, company.country, company.currency, company.timezone) == ("Nordwind GmbH", "zh_Hant", "TW", "TWD", "Asia/Taipei")
    page = client.get("/").text
    assert '<html lang="zh-Hant"' in page and "Nordwind GmbH" in page and 'value="administration"' in page


def test_set_up_with_demo_data(client: FlaskClient, workspace: Workspace, token: str) -> None:
    assert set_up(client, token, demo="yes", language="en")[0] == 303
    with workspace.read() as work:
        assert demo.is_loaded(work)
    assert "Remove demo data" in client.get("/").text


def test_the_link_works_once(client: FlaskClient, token: str) -> None:
    set_up(client, token)
    client.delete_cookie("fieldsmith_session")
    assert client.get(f"/setup?token={token}").headers["Location"] == "/login"
    form = {**FORM, "token": token, "csrf_token": form_token(client.get("/login").text)}
    assert client.post("/setup", data=form).headers["Location"] == "/login"
    assert client.get("/").headers["Location"].startswith("/login")


@pytest.mark.parametrize("wrong", ["", "nosuch"])
def test_without_the_link_nobody_sets_up(client: FlaskClient, token: str, wrong: str) -> None:
    assert client.get(f"/setup?token={wrong}").status_code == 403
    page = client.get("/login").text
    assert client.post("/setup", data={**FORM, "token": wrong, "csrf_token": form_token(page)}).status_code == 403


def test_set_up_without_the_form_token_is_refused(client: FlaskClient, token: str) -> None:
    assert client.post("/setup", data={**FORM, "token": token}).status_code == 403


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "x" * 121),
        ("email", "nobody"),
        ("email", ""),
        ("password", "short"),
        ("password", "ana@example.com"),
        ("company", ""),
        ("company", "a\x00b"),
        ("company", "x" * 256),
        ("language", "xx"),
        ("country", "ZZ"),
        ("currency", "XXX"),
        ("time_zone", "UTC'||(select 1)"),
    ],
)
def test_wrong_answers_stand_beside_their_field_and_change_nothing(client: FlaskClient, workspace: Workspace, token: str, field: str, value: str) -> None:
    before = workspace.runtime().model
    status, page = set_up(client, token, **{field: value})
    assert status == 422
    assert f'id="{field}-error"' in page
    with workspace.read() as work:
        assert work.model is before or work.model.company.name == FORM["company"]
        assert not Users(work.connection, work.model, work.schema, Passwords(workspace.settings), work.now).has_administrator()


def test_what_was_typed_is_kept_but_the_password(client: FlaskClient, token: str) -> None:
    page = set_up(client, token, company="")[1]
    assert 'value="Ana Lindqvist"' in page and '<option value="TW" data-currency="TWD" selected>' in page
    assert FORM["password"] not in page


def test_the_browsers_region_proposes_country_and_currency(client: FlaskClient, token: str) -> None:
    page = client.get(f"/setup?token={token}", headers={"Accept-Language": "zh-TW"}).text
    assert '<option value="TW" data-currency="TWD" selected>' in page
    assert '<option value="TWD" selected>' in page


def test_sign_in_says_when_nobody_set_up(client: FlaskClient, token: str) -> None:
    assert "not set up yet" in client.get("/login").text


def test_sign_in_after_set_up_does_not(client: FlaskClient, admin: Person) -> None:
    assert "not set up yet" not in client.get("/login").text


@pytest.mark.parametrize("target", ["//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)"])
def test_signing_in_never_leads_away(client: FlaskClient, admin: Person, target: str) -> None:
    page = client.get("/login", query_string={"next": target}).text
    data = {"name": admin.login, "password": FORM["password"], "csrf_token": form_token(page), "next": target}
    assert client.post("/login", data=data).headers["Location"] == "/"
