"""A role may demand a second factor: until it is set up a session opens nothing else, tokens stay as they are, and nobody is locked out for good."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient

from fieldsmith.base.context import OPERATOR, FixedClock
from fieldsmith.identity.second_factor import SecondFactor
from fieldsmith.meta.layers import layer_of
from fieldsmith.rollout.doctor import advise
from fieldsmith.workspace import Workspace
from tests.conftest import NOW
from tests.databases import SqliteTemplates, Templates
from tests.web.conftest import PASSWORD, V1, Api, Person, make_person, sign_in
from tests.web.screens import Visitor, words

ACCOUNTS = f"{V1}/records/account"
PAGE = "/me/second-factor"


@pytest.fixture
def templates(sqlite_templates: SqliteTemplates) -> Templates:
    return sqlite_templates


def demand(workspace: Workspace, demanded: bool = True) -> None:
    body = {"name": "guarded", "second_factor": demanded}
    workspace.publish(OPERATOR, [layer_of("custom", [("role", "guarded", body)])], "test")


@pytest.fixture
def guarded(workspace: Workspace) -> Person:
    """Somebody without a second factor in a role that demands one."""
    demand(workspace)
    return make_person(workspace, "Cleo", "user", "guarded")


@pytest.fixture
def browser(client: FlaskClient, admin: Person, guarded: Person) -> FlaskClient:
    sign_in(client, guarded)
    return client


def set_up(browser: FlaskClient, token: str) -> None:
    browser.post(f"{PAGE}/begin", data={"csrf_token": token})
    secret = re.findall(r'<code class="secret"[^>]*>([A-Z2-7 ]+)<', browser.get(PAGE).text)[0].replace(" ", "")
    assert browser.post(PAGE, data={"csrf_token": token, "code": pyotp.TOTP(secret).at(int((NOW - datetime(1970, 1, 1)).total_seconds()))}).status_code == 200


def token_of(browser: FlaskClient) -> str:
    found: str = re.findall(r'name="csrf_token" value="([^"]+)"', browser.get(PAGE).text)[0]
    return found


@pytest.mark.parametrize("path", ["/", "/account/", "/me", "/search", "/palette", "/studio/", "/account/new", "/help/expressions"])
def test_every_page_leads_to_setting_it_up(browser: FlaskClient, path: str) -> None:
    answer = browser.get(path)
    assert (answer.status_code, answer.headers["Location"]) == (303, PAGE)
    assert browser.get(path, headers={"HX-Request": "true"}).headers["HX-Redirect"] == PAGE


def test_programs_with_the_cookie_are_refused(browser: FlaskClient) -> None:
    answer = browser.get(ACCOUNTS)
    assert answer.status_code == 403 and "demands a second factor" in answer.text


def test_nothing_is_written_before_it_is_set_up(browser: FlaskClient) -> None:
    for path in ("/me", "/me/tokens", "/me/password", "/account/new"):
        assert browser.post(path, data={"csrf_token": token_of(browser), "name": "x"}).headers["Location"] == PAGE


def test_the_page_tells_why_and_shows_nothing_else(browser: FlaskClient) -> None:
    page = browser.get(PAGE).text
    assert "Your role demands a second factor" in words(page) and 'href="/account/"' not in page
    browser.post(f"{PAGE}/begin", data={"csrf_token": token_of(browser)})
    page = browser.get(PAGE).text
    assert "Scan this" in page and 'href="/account/"' not in page and "Cancel" not in page


def test_once_set_up_everything_opens_at_once(browser: FlaskClient) -> None:
    set_up(browser, token_of(browser))
    assert browser.get(ACCOUNTS).status_code == 200
    assert browser.get("/account/").status_code == 200


def test_api_tokens_are_not_touched(app: Flask, admin: Person, guarded: Person) -> None:
    assert Api(app, guarded.token).get("/records/account").status_code == 200


def test_who_waits_with_an_old_password_confirms_it_first(browser: FlaskClient, workspace: Workspace) -> None:
    token = token_of(browser)
    workspace.clock = FixedClock(NOW + timedelta(hours=1))
    assert browser.get(PAGE).headers["Location"] == "/me/confirm?next=/me/second-factor"
    assert browser.get("/me/confirm").status_code == 200
    assert browser.post("/me/confirm", data={"csrf_token": token, "password": PASSWORD, "next": PAGE}).headers["Location"] == PAGE
    assert browser.get(PAGE).status_code == 200


def test_a_lost_phone_is_no_lock_out(browser: FlaskClient, guarded: Person, workspace: Workspace) -> None:
    set_up(browser, token_of(browser))
    workspace.write(lambda work: SecondFactor(work.connection, workspace.settings.secret, work.now).remove(OPERATOR, guarded.id))
    assert browser.get("/account/").headers["Location"] == PAGE
    set_up(browser, token_of(browser))
    assert browser.get("/account/").status_code == 200


def test_a_role_that_begins_to_demand_it_holds_at_the_next_request(app: Flask, workspace: Workspace, admin: Person) -> None:
    demand(workspace, demanded=False)
    visitor = Visitor(app, workspace, make_person(workspace, "Cleo", "user", "guarded"))
    assert visitor.get("/account/").status_code == 200
    demand(workspace)
    assert visitor.get("/account/").headers["Location"] == PAGE


def test_one_may_sign_out_instead(browser: FlaskClient) -> None:
    assert browser.post("/logout", data={"csrf_token": token_of(browser)}).headers["Location"] == "/login"


def test_the_role_says_so_in_the_studio(visitor: Visitor, admin: Person) -> None:
    assert visitor.post("/studio/roles/new", {"label": "Sales"}).status_code == 303
    visitor.post("/studio/roles/sales/settings", {"label": "Sales", "second_factor": "yes"})
    [draft] = visitor.workspace.changesets.listed(admin.actor)
    assert visitor.workspace.changesets.look(admin.actor, draft.id).model.roles["sales"].second_factor
    visitor.post("/studio/roles/sales/settings", {"label": "Sales"})
    assert not visitor.workspace.changesets.look(admin.actor, draft.id).model.roles["sales"].second_factor


def test_doctor_advises_administrators_to_have_one(app: Flask, workspace: Workspace, admin: Person, client: FlaskClient) -> None:
    assert ["No administrator has a second factor" in str(sentence) for sentence in advise(workspace)] == [True]
    sign_in(client, admin)
    set_up(client, re.findall(r'name="csrf_token" value="([^"]+)"', client.get("/me").text)[0])
    assert advise(workspace) == []
