"""The site of a workspace, and people who use it. `site` runs on both databases; override `templates` where that tells nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from fieldsmith.base.context import OPERATOR, Actor
from fieldsmith.identity import tokens
from fieldsmith.identity.passwords import Passwords
from fieldsmith.identity.users import Users
from fieldsmith.web.app import create_app
from fieldsmith.workspace import Work, Workspace
from tests.unchanged import watch

if TYPE_CHECKING:
    from tests.web.screens import Visitor

PASSWORD = "correct horse battery"
V1 = "/api/v1"


@dataclass(frozen=True)
class Person:
    """A user with a login; `token` is an API token with every scope."""

    id: int
    login: str
    token: str
    actor: Actor


class Api:
    """`api.get("/records/account")` as one person, by token."""

    def __init__(self, app: Flask, token: str) -> None:
        self._client = app.test_client()
        self._headers = {"Authorization": f"Bearer {token}"}

    def __getattr__(self, method: str) -> Any:
        def call(path: str, headers: dict[str, str] | None = None, **more: Any) -> TestResponse:
            return self._client.open(V1 + path, method=method.upper(), headers={**self._headers, **(headers or {})}, **more)

        return call


@pytest.fixture
def app(workspace: Workspace) -> Flask:
    """Its clients fail where a refused request changed anything (`tests.unchanged`)."""
    made = create_app(workspace)
    watch(made, workspace)
    return made


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser that nobody signed in with."""
    return app.test_client()


def make_person(workspace: Workspace, name: str, *roles: str, email: str | None = None) -> Person:
    """A user record, a login with `PASSWORD` and a token."""

    def task(work: Work) -> Person:
        id = work.records.create(OPERATOR, "user", {"name": name, "email": email}).id
        login = Users(work.connection, work.model, work.schema, Passwords(workspace.settings), work.now)
        login.add(OPERATOR, id, name.lower(), roles, PASSWORD)
        token = tokens.create(work.connection, work.now, OPERATOR, id, "test")
        return Person(id, name.lower(), token, Actor("user", id, name, roles, via="api"))

    return workspace.write(task)


@pytest.fixture
def admin(workspace: Workspace) -> Person:
    return make_person(workspace, "Ana", "administrator", email="ana@example.com")


@pytest.fixture
def clerk(workspace: Workspace) -> Person:
    return make_person(workspace, "Ben", "user", email="ben@example.com")


@pytest.fixture
def api(app: Flask, admin: Person) -> Api:
    return Api(app, admin.token)


@pytest.fixture
def clerk_api(app: Flask, clerk: Person) -> Api:
    return Api(app, clerk.token)


@pytest.fixture
def visitor(app: Flask, workspace: Workspace, admin: Person) -> Visitor:
    """An administrator in front of the screens."""
    from tests.web.screens import Visitor  # which is made of what stands here

    return Visitor(app, workspace, admin)


def sign_in(client: FlaskClient, person: Person) -> TestResponse:
    """Through the sign-in page, as a browser does."""
    page = client.get("/login").get_data(as_text=True)
    return client.post("/login", data={"name": person.login, "password": PASSWORD, "csrf_token": form_token(page)})


def form_token(page: str) -> str:
    """The form token a page carries."""
    return page.partition('name="csrf_token" value="')[2].partition('"')[0] or page.partition('name="csrf-token" content="')[2].partition('"')[0]


_MAY_CHANGE = {"fs_audit", "fs_audit_head", "fs_throttle", "fs_session", "fs_token"}


def contents(workspace: Workspace) -> dict[str, list[Any]]:
    """Every row of every table but those a refusal may write to."""
    with workspace.read() as work:
        names = sa.inspect(work.connection).get_table_names()
        tables = sorted(name for name in names if name not in _MAY_CHANGE and not name.startswith("fs_search_"))
        return {name: sorted(map(repr, work.connection.execute(sa.text(f'SELECT * FROM "{name}"')))) for name in tables}


@pytest.fixture
def unchanged(workspace: Workspace, admin: Person) -> Iterator[None]:
    """What the test does must leave every table as it was."""
    before = contents(workspace)
    yield
    assert contents(workspace) == before
