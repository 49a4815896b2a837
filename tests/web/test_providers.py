"""The seam for other ways of signing in: a button on the sign-in page, and the same session, second factor and suspension behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pytest
from flask import Flask, Response, request
from flask.testing import FlaskClient

from fieldsmith.base.context import OPERATOR
from fieldsmith.base.errors import NotFound
from fieldsmith.base.text import Message, _m
from fieldsmith.identity.passwords import Passwords
from fieldsmith.identity.providers import PasswordProvider, Provider
from fieldsmith.identity.second_factor import SecondFactor
from fieldsmith.identity.users import Users
from fieldsmith.web import auth, current, page
from fieldsmith.web.app import create_app
from fieldsmith.workspace import Work, Workspace
from tests.conftest import NOW
from tests.databases import SqliteTemplates, Templates
from tests.web.conftest import V1, Person, form_token
from tests.web.test_doors import code


@pytest.fixture
def templates(sqlite_templates: SqliteTemplates) -> Templates:
    return sqlite_templates


@dataclass(frozen=True)
class Badge:
    """Believes what a reader at the gate says: `?badge=ben`."""

    proves_twice: bool
    name: str = "badge"
    title: Message = _m("Show your badge")  # noqa: RUF009
    fields: tuple[str, ...] = ()
    begins_at: str | None = "/gate"

    def identify(self, users: Users, given: Mapping[str, str]) -> int | None:
        try:
            login = users.find(given["badge"])
        except NotFound:
            return None
        return login.user_id if login.active else None


def gate(workspace: Workspace, provider: Provider) -> FlaskClient:
    app: Flask = create_app(workspace, (PasswordProvider(), provider))

    def come() -> Response:
        user_id = provider.identify(auth.users(current.work()), {"badge": request.args["badge"]})
        if user_id is None:
            return page.go("/login")
        return page.go("/" if auth.admit(provider, user_id) is not None else "/login/code")

    app.add_url_rule("/gate", "gate", come)
    return app.test_client()


def with_second_factor(workspace: Workspace, id: int) -> str:
    def begin(work: Work) -> str:
        factor = SecondFactor(work.connection, workspace.settings.secret, work.now)
        factor.begin(id)
        waiting = factor.pending(id, "ben", "x")
        assert waiting is not None
        assert factor.confirm(OPERATOR, id, code(waiting.secret, NOW)) is not None
        return waiting.secret

    return workspace.write(begin)


def test_the_sign_in_page_offers_it(workspace: Workspace, admin: Person) -> None:
    shown = gate(workspace, Badge(True)).get("/login?next=/account/").text
    assert 'href="/gate?next=' in shown and "Show your badge" in shown and 'id="password"' in shown


def test_whom_it_knows_comes_in(workspace: Workspace, admin: Person, clerk: Person) -> None:
    client = gate(workspace, Badge(False))
    client.get("/gate?badge=ben")
    assert client.get(f"{V1}/records/account").status_code == 200


@pytest.mark.parametrize("badge", ["nobody", "suspended"])
def test_others_do_not(workspace: Workspace, admin: Person, clerk: Person, badge: str) -> None:
    users = Passwords(workspace.settings)
    workspace.write(lambda work: Users(work.connection, work.model, work.schema, users, work.now).set_active(OPERATOR, clerk.id, False))
    client = gate(workspace, Badge(False))
    client.get(f"/gate?badge={'ben' if badge == 'suspended' else badge}")
    assert client.get(f"{V1}/records/account").status_code == 401


@pytest.mark.parametrize(("proves_twice", "status"), [(True, 200), (False, 401)])
def test_a_second_factor_is_asked_for_unless_it_has(workspace: Workspace, admin: Person, clerk: Person, proves_twice: bool, status: int) -> None:
    with_second_factor(workspace, clerk.id)
    client = gate(workspace, Badge(proves_twice))
    client.get("/gate?badge=ben")
    assert client.get(f"{V1}/records/account").status_code == status


def test_another_can_take_the_place_of_passwords(workspace: Workspace, admin: Person, clerk: Person) -> None:
    class Directory(PasswordProvider):
        def identify(self, users: Users, given: Mapping[str, str]) -> int | None:
            return users.find(given["name"]).user_id if given["password"] == "said by the directory" else None

    client = create_app(workspace, (Directory(),)).test_client()
    form = {"name": "ben", "password": "said by the directory", "csrf_token": form_token(client.get("/login").text)}
    assert client.post("/login", data=form).status_code == 303
