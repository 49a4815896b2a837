"""Random requests to every address, as administrator, as user and as nobody: never a 5xx, and what is refused changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from fieldsmith.identity import sessions
from fieldsmith.web.app import create_app
from fieldsmith.web.auth import SESSION_COOKIE
from fieldsmith.workspace import Workspace
from tests.databases import SqliteTemplates
from tests.desk import Desk
from tests.fuzz.attacker import Attack, Attacker
from tests.tiny import FILLED, TINY
from tests.web.conftest import make_person

WHO = ("administrator", "administrator by token", "user", "user by token", "nobody")
_KEPT = ("fs_revision", "fs_document", "fs_name", "fs_history", "fs_outbox", "fs_login", "fs_user_role", "fs_counter", "fs_preference", "fs_demo")
_TAKES_STEPS = ("/me/", "/setup", "/login")
"""Pages whose refusals may come after a first, lasting step: preferences are saved one by one, tries to sign in are counted."""


@pytest.fixture
def app(make_workspace: Callable[..., Workspace]) -> Flask:
    workspace = make_workspace("core", "crm", TINY)
    desk = Desk(workspace)
    for name in ("Acme", "Globex"):
        account = desk.make("account", name=name)
        desk.make("contact", name={"first": "Ana", "last": name}, account=account)
        desk.make("opportunity", name=name, account=account)
        desk.make("box", name=name, code=name)
        desk.make("activity", subject=name)
    desk.make("thing", **FILLED)
    return create_app(workspace)


def attack(app: Flask, who: str, seed: int, count: int) -> None:
    workspace: Workspace = app.extensions["fieldsmith"].workspace
    client, headers, csrf = _entered(app, workspace, who)
    with workspace.read() as work:
        model = work.model
    attacker = Attacker(app, model, Random(f"{seed} {who}"), csrf)
    before = _counts(workspace)
    for number in range(count):
        tried = attacker.attack()
        answer = client.open(_address(tried), method=tried.method, headers={**headers, **tried.headers}, buffered=True, **tried.body)
        _check(tried, answer, f"seed {seed}, request {number}")
        after = _counts(workspace)
        if (answer.status_code >= 400 and not tried.path.startswith(_TAKES_STEPS)) or tried.method in ("GET", "HEAD", "OPTIONS"):
            assert after == before, f"{answer.status_code} changed the database: {tried}"
        before = after


def _entered(app: Flask, workspace: Workspace, who: str) -> tuple[FlaskClient, dict[str, str], str]:
    """A client, the headers it always sends and its form token."""
    client = app.test_client()
    if who == "nobody":
        return client, {}, ""
    person = make_person(workspace, "Ana", who.removesuffix(" by token"), email="ana@example.com")
    if who.endswith("token"):
        return client, {"Authorization": f"Bearer {person.token}"}, ""
    cookie = workspace.write(lambda work: sessions.begin(work.connection, work.now, person.id, 1, "127.0.0.1", "test"))
    client.set_cookie(SESSION_COOKIE, cookie)
    csrf = client.get("/search").text.partition('name="csrf-token" content="')[2].partition('"')[0]
    return client, {"X-CSRF-Token": csrf}, csrf


def _address(tried: Attack) -> str:
    return tried.path + ("?" + tried.query if tried.query else "")


def _check(tried: Attack, answer: TestResponse, where: str) -> None:
    said = answer.get_data(as_text=True) if (answer.mimetype or "").startswith(("text/", "application/")) else ""
    assert answer.status_code < 500 or tried.path.startswith("/health"), f"{where}: {answer.status_code} {tried} {said[:500]}"
    assert "Traceback" not in said and 'File "' not in said, f"{where}: {tried} {said[:500]}"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    if answer.status_code >= 400 and tried.path.startswith("/api/v1") and tried.method != "HEAD":
        problem: dict[str, Any] = answer.get_json(force=True)
        assert problem["status"] == answer.status_code and problem["detail"], f"{where}: {tried} {said[:500]}"


def _counts(workspace: Workspace) -> Any:
    """Every change of a record, a document or a login shows here."""
    with workspace.database.read() as connection:
        asked = ", ".join(f"(SELECT count(*) FROM {name})" for name in _KEPT)
        return connection.execute(sa.text(f"SELECT {asked}")).one()


@pytest.fixture
def templates(sqlite_templates: SqliteTemplates) -> SqliteTemplates:
    return sqlite_templates


@pytest.mark.parametrize("who", WHO)
def test_any_request_is_answered_in_words(app: Flask, who: str) -> None:
    attack(app, who, 1, 80)


@pytest.mark.fuzz
@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("seed", range(2, 8))
def test_many_requests_are_answered_in_words(app: Flask, who: str, seed: int) -> None:
    attack(app, who, seed, 2_000)
