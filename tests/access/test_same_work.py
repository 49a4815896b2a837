"""A record out of reach is answered with the words and after the work of one that is not there: neither text nor time tells them apart."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from fieldsmith.base.context import OPERATOR
from fieldsmith.meta.layers import layer_of
from fieldsmith.workspace import Workspace
from tests.web.conftest import Person, admin, app, make_person
from tests.web.screens import Visitor

__all__ = ["admin", "app"]

V1 = "/api/v1"
OWN: dict[str, Any] = {"name": "own", "entities": {"account": {right: "own" for right in ("create", "read", "update", "delete", "history")}}}
API = (
    ("GET", "/records/account/{}", None),
    ("PATCH", "/records/account/{}", {"name": "x"}),
    ("DELETE", "/records/account/{}", None),
    ("GET", "/records/account/{}/history", None),
    ("GET", "/records/account/{}/access", None),
    ("POST", "/records/account/{}/actions/restore", None),
)
PAGES = ("/account/{}", "/account/{}/edit", "/account/{}/history", "/account/{}/delete", "/account/{}/files/1")
NUMBER = re.compile(r"\d+")


@pytest.fixture
def cleo(workspace: Workspace) -> Person:
    """Somebody who reaches her own accounts only."""
    workspace.publish(OPERATOR, [layer_of("custom", [("role", "own", OWN)])], "test")
    return make_person(workspace, "Cleo", "own")


@contextmanager
def statements() -> Iterator[list[str]]:
    """Every statement run inside, without its numbers."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(NUMBER.sub("#", statement))

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)


def asked(client: FlaskClient, method: str, path: str, **more: Any) -> tuple[int, str, list[str]]:
    """Status, text without numbers, and work; asked twice, so that nothing is done for the first time."""
    client.open(path, method=method, **more)
    with statements() as seen:
        answer = client.open(path, method=method, **more)
    return answer.status_code, NUMBER.sub("#", re.sub(r"[0-9a-f]{16}", "#", answer.text)), seen


@pytest.mark.parametrize(("method", "path", "body"), API)
def test_by_the_api(app: Flask, admin: Person, cleo: Person, workspace: Workspace, method: str, path: str, body: Any) -> None:
    hidden = Visitor(app, workspace, admin).make("account", name="Acme", owner=admin.id)
    client, more = app.test_client(), {"headers": {"Authorization": f"Bearer {cleo.token}"}, "json": body}
    first, second = (asked(client, method, V1 + path.format(id), **more) for id in (hidden, hidden + 1000))
    assert first[0] == second[0] == 404
    assert first == second


@pytest.mark.parametrize("path", PAGES)
def test_on_the_screen(app: Flask, admin: Person, cleo: Person, workspace: Workspace, path: str) -> None:
    hidden = Visitor(app, workspace, admin).make("account", name="Acme", owner=admin.id)
    client = Visitor(app, workspace, cleo).client
    first, second = (asked(client, "GET", path.format(id)) for id in (hidden, hidden + 1000))
    assert first[0] == second[0] == 404
    assert first == second
