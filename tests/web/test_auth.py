"""Signing in and out, form tokens, API tokens: who a request comes from and what it must prove."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from fieldsmith.base.context import FixedClock
from fieldsmith.identity import sessions, tokens
from fieldsmith.identity.passwords import Passwords
from fieldsmith.identity.users import Users
from fieldsmith.web.auth import local_target
from fieldsmith.workspace import Work, Workspace
from tests.conftest import NOW
from tests.databases import SqliteTemplates, Templates
from tests.web.conftest import PASSWORD, V1, Api, Person, form_token, make_person, sign_in

ACCOUNTS = f"{V1}/records/account"
HTTPS = "https://localhost"


@pytest.fixture
def templates(sqlite_templates: SqliteTemplates) -> Templates:
    """What the database does here is tested on both in tests/identity."""
    return sqlite_templates


def users_of(workspace: Workspace, work: Work) -> Users:
    return Users(work.connection, work.model, work.schema, Passwords(workspace.settings), work.now)


def try_password(client: FlaskClient, name: str, password: str) -> tuple[int, str]:
    page = client.get("/login").get_data(as_text=True)
    answer = client.post("/login", data={"name": name, "password": password, "csrf_token": form_token(page)})
    return answer.status_code, answer.get_data(as_text=True)


@pytest.mark.parametrize("name", ["ana", "ANA", "Ana@Example.com"])
def test_name_or_email_in_any_case_opens_the_door(client: FlaskClient, admin: Person, name: str) -> None:
    assert try_password(client, name, PASSWORD)[0] == 303
    assert client.get(ACCOUNTS).status_code == 200


def test_the_cookie_is_closed_to_scripts_and_other_sites(client: FlaskClient, admin: Person) -> None:
    cookie = next(line for line in sign_in(client, admin).headers.getlist("Set-Cookie") if line.startswith("fieldsmith_session="))
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    assert "Secure" not in cookie


def test_under_https_cookies_are_secure_and_bound_to_this_host(client: FlaskClient, admin: Person) -> None:
    page = client.get("/login", base_url=HTTPS).get_data(as_text=True)
    form = {"name": admin.login, "password": PASSWORD, "csrf_token": form_token(page)}
    lines = client.post("/login", data=form, base_url=HTTPS).headers.getlist("Set-Cookie")
    assert any(line.startswith("__Host-fieldsmith_session=") for line in lines)
    assert all(line.startswith("__Host-") and {"Secure", "HttpOnly", "Path=/"} <= set(line.split("; ")) and "Domain" not in line for line in lines)
    assert client.get(ACCOUNTS, base_url=HTTPS).status_code == 200


def test_a_cookie_planted_from_outside_is_not_seen_under_https(app: Flask, client: FlaskClient, admin: Person) -> None:
    sign_in(client, admin)
    cookie = client.get_cookie("fieldsmith_session")
    assert cookie is not None
    for name, status in (("fieldsmith_session", 401), ("__Host-fieldsmith_session", 200)):
        assert app.test_client(use_cookies=False).get(ACCOUNTS, base_url=HTTPS, headers={"Cookie": f"{name}={cookie.value}"}).status_code == status


def test_a_session_fixed_before_signing_in_is_not_used(client: FlaskClient, admin: Person) -> None:
    client.set_cookie("fieldsmith_session", "chosen-by-an-attacker")
    sign_in(client, admin)
    cookie = client.get_cookie("fieldsmith_session")
    assert cookie is not None and cookie.value != "chosen-by-an-attacker"


def test_signing_in_again_ends_the_session_before(app: Flask, client: FlaskClient, admin: Person) -> None:
    sign_in(client, admin)
    first = client.get_cookie("fieldsmith_session")
    assert first is not None
    token = form_token(client.get("/me").get_data(as_text=True))
    client.post("/login", data={"name": admin.login, "password": PASSWORD, "csrf_token": token})
    thief = app.test_client()
    thief.set_cookie("fieldsmith_session", first.value)
    assert thief.get(ACCOUNTS).status_code == 401


def test_signing_out_ends_the_session_on_the_server(app: Flask, client: FlaskClient, admin: Person) -> None:
    sign_in(client, admin)
    cookie = client.get_cookie("fieldsmith_session")
    assert cookie is not None
    client.post("/logout", data={"csrf_token": form_token(client.get("/me").get_data(as_text=True))})
    thief = app.test_client()
    thief.set_cookie("fieldsmith_session", cookie.value)
    assert thief.get(ACCOUNTS).status_code == 401


def test_a_session_expires(client: FlaskClient, admin: Person, workspace: Workspace) -> None:
    sign_in(client, admin)
    workspace.clock = FixedClock(NOW + timedelta(days=workspace.settings.session_days))
    assert client.get(ACCOUNTS).status_code == 401


def test_a_session_ends_when_it_lies_idle_and_lives_on_while_it_is_used(client: FlaskClient, admin: Person, workspace: Workspace) -> None:
    sign_in(client, admin)
    idle = timedelta(hours=workspace.settings.session_idle_hours)
    for hours, status in ((11, 200), (22, 200), (33, 200), (33 + 12, 401)):
        workspace.clock = FixedClock(NOW + timedelta(hours=hours))
        assert client.get(ACCOUNTS).status_code == status, hours
    assert idle == timedelta(hours=12)


def test_use_does_not_make_a_session_live_longer_than_its_days(client: FlaskClient, admin: Person, workspace: Workspace) -> None:
    sign_in(client, admin)
    for half_days in range(1, 2 * workspace.settings.session_days):
        workspace.clock = FixedClock(NOW + timedelta(days=half_days / 2, minutes=-half_days))
        assert client.get(ACCOUNTS).status_code == 200, half_days
    workspace.clock = FixedClock(NOW + timedelta(days=workspace.settings.session_days))
    assert client.get(ACCOUNTS).status_code == 401


def test_only_hashes_are_stored(client: FlaskClient, admin: Person, workspace: Workspace) -> None:
    sign_in(client, admin)
    cookie = client.get_cookie("fieldsmith_session")
    assert cookie is not None
    with workspace.read() as work:
        kept = "".join(str(row) for table in ("fs_session", "fs_token", "fs_login") for row in work.connection.exec_driver_sql(f"SELECT * FROM {table}"))
    assert not any(secret in kept for secret in (cookie.value, admin.token, PASSWORD))


def test_the_11th_wrong_password_is_throttled(client: FlaskClient, admin: Person) -> None:
    tries = [try_password(client, "ana", "wrong")[0] for _ in range(11)]
    assert tries == [422] * 10 + [429]
    assert try_password(client, "ana", PASSWORD)[0] == 429


def test_throttling_says_when_to_come_back(client: FlaskClient, admin: Person) -> None:
    for _ in range(11):
        page = client.get("/login").get_data(as_text=True)
        answer = client.post("/login", data={"name": "ana", "password": "wrong", "csrf_token": form_token(page)})
    assert 0 < int(answer.headers["Retry-After"]) <= 900


def test_throttling_passes(client: FlaskClient, admin: Person, workspace: Workspace) -> None:
    for _ in range(11):
        try_password(client, "ana", "wrong")
    workspace.clock = FixedClock(NOW + timedelta(minutes=16))
    assert try_password(client, "ana", PASSWORD)[0] == 303


def test_unknown_names_answer_and_throttle_like_known_ones(client: FlaskClient, admin: Person) -> None:
    known, unknown = [], []
    for _ in range(11):
        known.append(try_password(client, "ana", "wrong")[0])
        unknown.append(try_password(client, "nobody", "wrong")[0])
    assert known == unknown


def test_the_answer_does_not_tell_names(client: FlaskClient, admin: Person) -> None:
    known = try_password(client, "ana", "wrong password")[1]
    unknown = try_password(client, "eva", "wrong password")[1]
    assert known.replace("ana", "eva") == unknown


def test_refused_tries_are_in_the_audit_trail(client: FlaskClient, admin: Person, workspace: Workspace) -> None:
    try_password(client, "ana", "wrong")
    with workspace.read() as work:
        events = [row[0] for row in work.connection.exec_driver_sql("SELECT event FROM fs_audit ORDER BY id")]
    assert events[-1] == "sign_in.refused"


@pytest.mark.parametrize("given", [None, "", "foreign"])
def test_a_form_without_its_token_is_refused(client: FlaskClient, admin: Person, given: str | None) -> None:
    sign_in(client, admin)
    form = {"name": "Acme"} | ({} if given is None else {"csrf_token": given})
    assert client.post("/account/new", data=form).status_code == 403
    assert client.get(f"{ACCOUNTS}?count=exact").get_json()["count"] == 0


def test_signing_in_needs_the_token_of_this_browser(app: Flask, client: FlaskClient, admin: Person) -> None:
    stolen = form_token(app.test_client().get("/login").get_data(as_text=True))
    client.get("/login")
    assert client.post("/login", data={"name": "ana", "password": PASSWORD, "csrf_token": stolen}).status_code == 403


@pytest.mark.parametrize("missing", ["/static/app-old.css", "/nothing/here"])
def test_a_missing_file_does_not_spoil_an_open_sign_in_page(client: FlaskClient, admin: Person, missing: str) -> None:
    token = form_token(client.get("/login").get_data(as_text=True))
    client.get(missing)
    assert client.post("/login", data={"name": "ana", "password": PASSWORD, "csrf_token": token}).status_code == 303


def test_the_api_by_cookie_needs_the_header(client: FlaskClient, admin: Person) -> None:
    sign_in(client, admin)
    assert client.post(ACCOUNTS, json={"name": "A"}).status_code == 403
    token = form_token(client.get("/me").get_data(as_text=True))
    assert client.post(ACCOUNTS, json={"name": "A"}, headers={"X-CSRF-Token": token}).status_code == 201


@pytest.mark.parametrize("header", ["Bearer nonsense", "Bearer ", "Bearer", "Basic YW5hOng=", "fs_abc", "Bearer fs_" + "A" * 43])
def test_an_invalid_token_is_never_anonymous(client: FlaskClient, admin: Person, header: str) -> None:
    answer = client.get(ACCOUNTS, headers={"Authorization": header})
    assert (answer.status_code, answer.mimetype, answer.headers["WWW-Authenticate"]) == (401, "application/problem+json", 'Bearer realm="fieldsmith"')


def test_an_invalid_token_beats_a_good_session(client: FlaskClient, admin: Person) -> None:
    sign_in(client, admin)
    assert client.get(ACCOUNTS, headers={"Authorization": "Bearer nonsense"}).status_code == 401


@pytest.mark.parametrize("name", ["token", "access_token", "api_key", "API_KEY"])
def test_a_token_in_the_address_is_refused(client: FlaskClient, admin: Person, name: str) -> None:
    assert client.get(f"{ACCOUNTS}?{name}={admin.token}").status_code == 401


def test_a_session_token_is_no_api_token(client: FlaskClient, admin: Person) -> None:
    sign_in(client, admin)
    cookie = client.get_cookie("fieldsmith_session")
    assert cookie is not None
    client.get(ACCOUNTS)  # remembered from now on
    assert client.get(ACCOUNTS, headers={"Authorization": f"Bearer {cookie.value}"}).status_code == 401


def test_a_revoked_token_is_refused_at_once(api: Api, admin: Person, workspace: Workspace) -> None:
    assert api.get("/records/account").status_code == 200
    workspace.write(lambda work: tokens.revoke_all(work.connection, work.now, admin.actor, admin.id))
    assert api.get("/records/account").status_code == 401


def test_a_suspended_user_is_refused_at_once(clerk_api: Api, admin: Person, clerk: Person, workspace: Workspace) -> None:
    assert clerk_api.get("/records/account").status_code == 200
    workspace.write(lambda work: users_of(workspace, work).set_active(admin.actor, clerk.id, False))
    assert clerk_api.get("/records/account").status_code == 401


@pytest.mark.parametrize("change", ["deactivated", "deleted"])
def test_a_user_whose_record_is_gone_is_refused_at_once(api: Api, clerk_api: Api, clerk: Person, change: str) -> None:
    assert clerk_api.get("/records/account").status_code == 200
    path = f"/records/user/{clerk.id}"
    answer = api.patch(path, json={"active": False}) if change == "deactivated" else api.delete(path)
    assert answer.status_code in (200, 204)
    assert clerk_api.get("/records/account").status_code == 401


def test_a_role_taken_away_is_gone_at_once(app: Flask, admin: Person, workspace: Workspace) -> None:
    other = make_person(workspace, "Eva", "administrator")
    api = Api(app, other.token)
    assert api.get("/metadata/role").status_code == 200
    workspace.write(lambda work: users_of(workspace, work).set_roles(admin.actor, other.id, ("user",)))
    assert api.get("/metadata/role").status_code == 404


@pytest.mark.parametrize(("scope", "status"), [("read", 403), ("write", 201), ("all", 201)])
def test_scopes_of_tokens(app: Flask, admin: Person, workspace: Workspace, scope: str, status: int) -> None:
    token = workspace.write(lambda work: tokens.create(work.connection, work.now, admin.actor, admin.id, "t", (scope,)))
    api = Api(app, token)
    assert api.get("/records/account").status_code == 200
    assert api.post("/records/account", json={"name": "A"}).status_code == status


def test_the_use_of_a_token_is_noted_at_most_once_a_minute(api: Api, admin: Person, workspace: Workspace) -> None:
    used = []
    for seconds in (0, 30, 61):
        workspace.clock = FixedClock(NOW + timedelta(seconds=seconds))
        api.get("/records/account")
        with workspace.read() as work:
            used.append(tokens.list_of(work.connection, admin.id)[0].last_used)
    assert used == [NOW, NOW, NOW + timedelta(seconds=61)]


def test_other_sessions_end_when_asked(app: Flask, client: FlaskClient, admin: Person, workspace: Workspace) -> None:
    sign_in(client, admin)
    assert workspace.write(lambda work: sessions.end_all(work.connection, admin.id)) == 1
    assert client.get(ACCOUNTS).status_code == 401


@pytest.mark.parametrize(
    "target", ["//evil", "\\\\evil", "/\\evil", "https://evil", "javascript:alert(1)", "evil", "", None, "/a\r\nSet-Cookie: x=1", "/\t/evil"]
)
def test_next_never_leads_away(target: str | None) -> None:
    assert local_target(target) == "/"


@pytest.mark.parametrize("target", ["/", "/account/7", "/account/?view=all&sort=-name"])
def test_next_leads_back(target: str) -> None:
    assert local_target(target) == target


def test_a_visitor_is_sent_to_the_sign_in_page_and_back(client: FlaskClient, admin: Person) -> None:
    answer = client.get("/account/?view=all")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/login?next=/account/%3Fview%3Dall")
