"""The doors into an account: second factor, sessions, the password again, reset links."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from fieldsmith.base.context import OPERATOR, FixedClock
from fieldsmith.identity import resets, sessions, tokens
from fieldsmith.identity.passwords import Passwords
from fieldsmith.identity.second_factor import SecondFactor
from fieldsmith.identity.users import Users
from fieldsmith.web import reauth
from fieldsmith.web.browsers import Browser
from fieldsmith.workspace import Workspace
from tests.conftest import NOW
from tests.databases import SqliteTemplates, Templates
from tests.web.conftest import PASSWORD, V1, Person, form_token, sign_in
from tests.web.screens import Visitor, words

ACCOUNTS = f"{V1}/records/account"
NEW = "quite another sentence"
STEP = timedelta(seconds=30)


@pytest.fixture
def templates(sqlite_templates: SqliteTemplates) -> Templates:
    return sqlite_templates


@pytest.fixture
def visitor(app: Flask, workspace: Workspace, admin: Person, clerk: Person) -> Visitor:
    return Visitor(app, workspace, clerk)


def code(secret: str, at: datetime) -> str:
    return pyotp.TOTP(secret).at(int((at - datetime(1970, 1, 1)).total_seconds()))


@pytest.fixture
def secret(visitor: Visitor) -> str:
    """Ben set up a second factor on the screen; the app's secret."""
    visitor.post("/me/second-factor/begin", {})
    shown: str = re.findall(r'<code class="secret"[^>]*>([A-Z2-7 ]+)<', visitor.get("/me/second-factor").text)[0].replace(" ", "")
    assert visitor.post("/me/second-factor", {"code": code(shown, NOW)}).status_code == 200
    return shown


def give(client: FlaskClient, given: str) -> TestResponse:
    page = client.get("/login/code").text
    return client.post("/login/code", data={"code": given, "csrf_token": form_token(page), "next": "/account/"})


def events(workspace: Workspace) -> list[str]:
    with workspace.read() as work:
        return [row[0] for row in work.connection.exec_driver_sql("SELECT event FROM fs_audit ORDER BY id")]


def later(workspace: Workspace, by: timedelta) -> datetime:
    workspace.clock = FixedClock(NOW + by)
    return NOW + by


def test_the_password_alone_opens_nothing_once_there_is_a_second_factor(client: FlaskClient, clerk: Person, secret: str) -> None:
    assert sign_in(client, clerk).headers["Location"] == "/login/code?next=/"
    assert client.get(ACCOUNTS).status_code == 401


def test_the_code_opens(client: FlaskClient, clerk: Person, secret: str, workspace: Workspace) -> None:
    at = later(workspace, STEP)
    sign_in(client, clerk)
    assert give(client, code(secret, at)).headers["Location"] == "/account/"
    assert client.get(ACCOUNTS).status_code == 200


def test_a_code_is_taken_once(app: Flask, clerk: Person, secret: str, workspace: Workspace) -> None:
    at, statuses = later(workspace, STEP), []
    for _ in range(2):
        client = app.test_client()
        sign_in(client, clerk)
        statuses.append(give(client, code(secret, at)).status_code)
    assert statuses == [303, 422]


def test_wrong_codes_are_noted_and_throttled_from_wherever_they_come(app: Flask, clerk: Person, secret: str, workspace: Workspace) -> None:
    statuses = []
    for number in range(11):
        client = app.test_client()
        client.environ_base["REMOTE_ADDR"] = f"10.0.0.{number}"
        sign_in(client, clerk)
        statuses.append(give(client, "000000").status_code)
    assert statuses == [422] * 10 + [429]
    assert events(workspace).count("sign_in.second_refused") == 10


def test_a_recovery_code_opens_once(app: Flask, clerk: Person, secret: str, visitor: Visitor) -> None:
    made = re.findall(r"<code>([a-z0-9]{5}-[a-z0-9]{5})<", visitor.post("/me/second-factor/codes", {}).text)
    statuses = []
    for _ in range(2):
        client = app.test_client()
        sign_in(client, clerk)
        statuses.append(give(client, made[0]).status_code)
    assert (len(made), statuses) == (10, [303, 422])


@pytest.mark.parametrize("change", ["late", "forged", "other", "password"])
def test_the_step_between_is_bound_to_user_time_and_password(
    client: FlaskClient, admin: Person, clerk: Person, secret: str, workspace: Workspace, change: str
) -> None:
    sign_in(client, clerk)
    cookie = client.get_cookie("fieldsmith_second")
    assert cookie is not None
    user, until, signature = cookie.value.split(".")
    if change == "late":
        later(workspace, timedelta(minutes=10))
    if change == "password":
        workspace.write(
            lambda work: Users(work.connection, work.model, work.schema, Passwords(workspace.settings), work.now).set_password(OPERATOR, clerk.id, NEW)
        )
    made = {"forged": f"{user}.{until}.{'0' * 64}", "other": f"{admin.id}.{until}.{signature}"}.get(change, cookie.value)
    client.set_cookie("fieldsmith_second", made)
    assert client.get("/login/code").headers["Location"] == "/login"


@pytest.mark.parametrize("value", ["", "x", "1", "1.2", "1.2.3.4", "-1.5.x", "9" * 30 + ".1.x", "\u0661.1.x"])
def test_an_odd_cookie_between_the_steps_is_nobodys(client: FlaskClient, admin: Person, value: str) -> None:
    answer = client.get("/login/code", headers={"Cookie": f"fieldsmith_second={value}".encode().decode("latin-1")})
    assert answer.headers["Location"] == "/login"


def test_the_secret_is_drawn_without_inline_style(visitor: Visitor) -> None:
    visitor.post("/me/second-factor/begin", {})
    answer = visitor.get("/me/second-factor")
    assert 'class="qr" src="data:image/svg+xml' in answer.text and "style=" not in answer.text
    assert "no-store" in answer.headers["Cache-Control"] and "otpauth://totp/" in answer.text


def test_a_wrong_first_code_turns_nothing_on(visitor: Visitor, client: FlaskClient, clerk: Person) -> None:
    visitor.post("/me/second-factor/begin", {})
    assert visitor.post("/me/second-factor", {"code": "12"}).status_code == 422
    assert sign_in(client, clerk).headers["Location"] == "/"


def test_taken_off_the_password_opens_again(visitor: Visitor, client: FlaskClient, clerk: Person, secret: str, workspace: Workspace) -> None:
    assert visitor.post("/me/second-factor/off", {}).status_code == 303
    assert sign_in(client, clerk).headers["Location"] == "/"
    assert {"second_factor.added", "second_factor.removed"} <= set(events(workspace))


DANGEROUS = ("/me/second-factor/begin", "/me/second-factor", "/me/second-factor/codes", "/me/second-factor/off", "/me/tokens")


@pytest.mark.parametrize("path", DANGEROUS)
def test_what_is_dangerous_asks_for_the_password_after_a_while(visitor: Visitor, workspace: Workspace, unchanged: None, path: str) -> None:
    later(workspace, reauth.FRESH)
    answer = visitor.post(path, {"token_name": "Sync", "scope": "all", "days": ""})
    assert answer.headers["Location"].startswith("/me/confirm?next=")


def test_given_again_it_leads_back_and_is_kept_for_a_while(visitor: Visitor, workspace: Workspace) -> None:
    later(workspace, reauth.FRESH)
    assert visitor.get("/me/second-factor").headers["Location"] == "/me/confirm?next=/me/second-factor"
    assert visitor.post("/me/confirm", {"password": PASSWORD, "next": "/me/second-factor"}).headers["Location"] == "/me/second-factor"
    assert visitor.post("/me/tokens", {"token_name": "Sync", "scope": "read", "days": ""}).status_code == 200
    assert events(workspace)[-2:] == ["reauthenticated", "token.created"]


def test_what_htmx_asks_for_is_led_away_as_a_page(visitor: Visitor, workspace: Workspace) -> None:
    later(workspace, reauth.FRESH)
    answer = visitor.get("/me/second-factor", HX_Request="true")
    assert answer.headers["HX-Redirect"] == "/me/confirm?next=/me/second-factor"


def test_a_wrong_password_given_again_proves_nothing(visitor: Visitor, workspace: Workspace) -> None:
    later(workspace, reauth.FRESH)
    statuses = [visitor.post("/me/confirm", {"password": "wrong", "next": "/me"}).status_code for _ in range(11)]
    assert statuses == [422] * 10 + [429]
    assert visitor.get("/me/second-factor").status_code == 303
    assert "reauthentication.refused" in events(workspace)


PURGE, CHANGESETS = f"{V1}/retired/7/purge", f"{V1}/changesets"


@pytest.fixture
def late(app: Flask, workspace: Workspace, admin: Person) -> Visitor:
    """An administrator whose password was given too long ago."""
    visitor = Visitor(app, workspace, admin)
    workspace.clock = FixedClock(workspace.clock.now() + reauth.FRESH + timedelta(seconds=1))
    return visitor


def by_cookie(visitor: Visitor, path: str, body: dict[str, Any]) -> TestResponse:
    return visitor.client.post(path, json=body, headers={"X-CSRF-Token": visitor.token})


def draft_of(workspace: Workspace, kind: str, name: str, document: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The address that publishes it, and what to send there."""
    sets = workspace.changesets
    id = sets.open(OPERATOR, "Mine")
    sets.put(OPERATOR, id, kind, name, document)
    return f"{CHANGESETS}/{id}/publish", {"hash": sets.plan(OPERATOR, id).hash}


ROLE: dict[str, Any] = {"name": "mine", "entities": {"account": ["read"]}}
SHARING: dict[str, Any] = {"name": "mine", "entity": "account", "when": "true", "to": {"roles": ["user"]}}


@pytest.mark.parametrize(("kind", "name", "document"), [("role", "mine", ROLE), ("sharing_rule", "account.mine", SHARING)])
def test_publishing_rights_by_cookie_needs_a_fresh_password(
    late: Visitor, workspace: Workspace, admin: Person, kind: str, name: str, document: dict[str, Any]
) -> None:
    path, body = draft_of(workspace, kind, name, document)
    refused = by_cookie(late, path, body)
    assert refused.status_code == 403 and refused.json is not None
    assert [problem["code"] for problem in refused.json["errors"]] == [reauth.REQUIRED] and "/me/confirm" in refused.json["errors"][0]["hint"]
    assert late.post("/me/confirm", {"password": PASSWORD, "next": "/"}).status_code == 303
    assert by_cookie(late, path, body).status_code == 200


def test_publishing_rights_by_token_asks_for_none(late: Visitor, workspace: Workspace, admin: Person, app: Flask) -> None:
    path, body = draft_of(workspace, "role", "mine", ROLE)
    answer = app.test_client().post(path, json=body, headers={"Authorization": f"Bearer {admin.token}"})
    assert answer.status_code == 200


def test_publishing_something_else_asks_for_none(late: Visitor, workspace: Workspace) -> None:
    assert by_cookie(late, *draft_of(workspace, "view", "account.mine", {"name": "mine", "entity": "account", "columns": ["name"]})).status_code == 200


def test_purging_by_cookie_needs_a_fresh_password(late: Visitor, app: Flask, admin: Person) -> None:
    refused = by_cookie(late, PURGE, {"confirmation": "x"})
    assert refused.status_code == 403 and refused.json is not None and refused.json["errors"][0]["code"] == reauth.REQUIRED
    assert app.test_client().post(PURGE, json={"confirmation": "x"}, headers={"Authorization": f"Bearer {admin.token}"}).status_code == 404
    assert late.post("/me/confirm", {"password": PASSWORD, "next": "/"}).status_code == 303
    assert by_cookie(late, PURGE, {"confirmation": "x"}).status_code == 404


@pytest.mark.parametrize("target", ["//evil", "https://evil", "/\\evil"])
def test_confirming_never_leads_away(visitor: Visitor, target: str) -> None:
    assert visitor.post("/me/confirm", {"password": PASSWORD, "next": target}).headers["Location"] == "/"


def test_my_sessions_are_listed_and_one_is_ended(visitor: Visitor, client: FlaskClient, clerk: Person) -> None:
    client.environ_base["HTTP_USER_AGENT"] = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18.0 Mobile Safari/604.1"
    sign_in(client, clerk)
    page = visitor.get("/me")
    assert "Safari on iPhone" in words(page) and words(page).count("This browser") == 1
    [address] = re.findall(r"/me/sessions/[0-9a-f]{64}/end", page.text)
    assert visitor.post(address, {}).status_code == 303
    assert client.get(ACCOUNTS).status_code == 401 and visitor.get("/me").status_code == 200


def test_all_other_sessions_end_and_this_one_stays(visitor: Visitor, app: Flask, clerk: Person, workspace: Workspace) -> None:
    others = [app.test_client() for _ in range(2)]
    for other in others:
        sign_in(other, clerk)
    visitor.post("/me/sessions/end-others", {})
    assert [other.get(ACCOUNTS).status_code for other in others] == [401, 401]
    assert visitor.get("/me").status_code == 200 and events(workspace)[-1] == "session.ended_all"


def test_nobody_ends_the_sessions_of_others(visitor: Visitor, client: FlaskClient, admin: Person, workspace: Workspace) -> None:
    sign_in(client, admin)
    with workspace.read() as work:
        [row] = sessions.list_of(work.connection, work.now, admin.id)
    assert visitor.post(f"/me/sessions/{row.token_hash}/end", {}).status_code == 404
    assert client.get(ACCOUNTS).status_code == 200


@pytest.mark.parametrize(
    ("agent", "shown"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", ("Firefox", "Linux")),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", ("Edge", "Windows")),
        ("", ("", "")),
    ],
)
def test_a_browser_is_called_by_name_and_system(agent: str, shown: tuple[str, str]) -> None:
    found = Browser.of(agent)
    assert (found.name, found.system) == shown


@pytest.fixture
def link(workspace: Workspace, admin: Person, clerk: Person) -> str:
    users: Callable[[Any], Users] = lambda work: Users(work.connection, work.model, work.schema, Passwords(workspace.settings), work.now)  # noqa: E731
    return workspace.write(lambda work: resets.make(work.connection, work.now, OPERATOR, users(work), clerk.id))


def reset(client: FlaskClient, link: str, **changes: str) -> TestResponse:
    page = client.get(f"/login/reset?token={link}").text
    token = form_token(page) or form_token(client.get("/login").text)
    return client.post("/login/reset", data={"csrf_token": token, "token": link, "password": NEW, "again": NEW, **changes})


def test_behind_the_link_one_chooses_a_password(client: FlaskClient, clerk: Person, link: str) -> None:
    assert reset(client, link).headers["Location"] == "/login"
    answer = client.post("/login", data={"name": "ben", "password": NEW, "csrf_token": form_token(client.get("/login").text)})
    assert answer.status_code == 303


def test_a_link_is_used_once_and_dies_within_the_hour(client: FlaskClient, link: str, workspace: Workspace, clerk: Person) -> None:
    reset(client, link)
    assert reset(client, link).status_code == 403
    assert client.get("/login/reset?token=other").status_code == 403


def test_an_old_link_is_refused(client: FlaskClient, link: str, workspace: Workspace) -> None:
    later(workspace, timedelta(hours=1))
    assert client.get(f"/login/reset?token={link}").status_code == 403


def test_a_link_for_somebody_else_is_refused(client: FlaskClient, admin: Person, link: str) -> None:
    sign_in(client, admin)
    assert client.get(f"/login/reset?token={link}").status_code == 403


@pytest.mark.parametrize(("changes", "field"), [({"again": "no"}, "again"), ({"password": "qwertyuiop", "again": "qwertyuiop"}, "password")])
def test_a_poor_choice_leaves_the_link_good(client: FlaskClient, link: str, changes: dict[str, str], field: str) -> None:
    answer = reset(client, link, **changes)
    assert answer.status_code == 422 and f'id="{field}-error"' in answer.text
    assert reset(client, link).status_code == 303


def test_a_reset_does_not_pass_the_second_factor(client: FlaskClient, clerk: Person, secret: str, link: str) -> None:
    reset(client, link)
    answer = client.post("/login", data={"name": "ben", "password": NEW, "csrf_token": form_token(client.get("/login").text)})
    assert answer.headers["Location"].startswith("/login/code")


def test_the_page_of_forgotten_passwords_is_the_same_for_everybody(client: FlaskClient, admin: Person) -> None:
    assert client.get("/login/forgot").status_code == 200 and "Ask an administrator" in client.get("/login/forgot?name=ana").text


@pytest.mark.parametrize("name", ["q", "filter", "key", "TOKEN"])
def test_our_token_under_any_name_in_an_address_is_refused(client: FlaskClient, admin: Person, name: str) -> None:
    assert client.get(f"{ACCOUNTS}?{name}={admin.token}").status_code == 401


def test_an_unknown_name_is_answered_as_slowly_as_a_wrong_password(workspace: Workspace, admin: Person) -> None:
    """Through the whole page, with hashes that cost as much as on a server: neither the path nor the length of the answer tells."""
    from fieldsmith.web.app import create_app

    workspace.settings = replace(workspace.settings, password_memory_kib=4096, password_rounds=4)
    stronger = Passwords(workspace.settings)
    workspace.write(lambda work: Users(work.connection, work.model, work.schema, stronger, work.now).set_password(OPERATOR, admin.id, NEW))
    client = create_app(workspace).test_client()
    token = form_token(client.get("/login").text)

    def cost(name: str) -> float:
        start = time.process_time()
        assert client.post("/login", data={"name": name, "password": "wrong password", "csrf_token": token}).status_code == 422
        return time.process_time() - start

    cost("warm"), cost("ana")
    known, unknown = (min(cost(name) for _ in range(6)) for name in ("ana", "eva"))
    assert 0.6 < known / unknown < 1.6


def test_a_token_that_expired_says_so_on_my_page(visitor: Visitor, workspace: Workspace, clerk: Person) -> None:
    workspace.write(lambda work: tokens.create(work.connection, work.now, OPERATOR, clerk.id, "old", ("read",), NOW))
    assert "Expired" in words(visitor.get("/me"))


def test_a_second_factor_of_somebody_else_is_not_mine(secret: str, admin: Person, workspace: Workspace) -> None:
    with workspace.read() as work:
        assert not SecondFactor(work.connection, workspace.settings.secret, work.now).is_on(admin.id)
