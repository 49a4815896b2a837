"""A person in front of the screens, for the tests of the generated pages: signed in, with the form token at hand."""

from __future__ import annotations

import html
import re
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from fieldsmith.base.context import OPERATOR
from fieldsmith.identity import sessions
from fieldsmith.studio.workbench import Workbench
from fieldsmith.web.auth import SESSION_COOKIE
from fieldsmith.workspace import Workspace
from tests.web.conftest import Person, form_token


class Visitor:
    """`visitor.get("/account/")`, `visitor.post("/account/new", {"name": "Acme"})`."""

    def __init__(self, app: Flask, workspace: Workspace, person: Person) -> None:
        self.workspace = workspace
        self.client = app.test_client()
        token = workspace.write(lambda work: sessions.begin(work.connection, work.now, person.id, 1, "127.0.0.1", "test"))
        self.client.set_cookie(SESSION_COOKIE, token)
        self.token = form_token(self.get("/search").text)

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.client.get(path, buffered=True, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def post(self, path: str, data: dict[str, Any]) -> TestResponse:
        return self.client.post(path, data={"csrf_token": self.token, **data})

    def make(self, entity: str, **values: Any) -> int:
        """A record, past the screens; its id."""
        return self.workspace.write(lambda work: work.records.create(OPERATOR, entity, values)).id

    def make_many(self, entity: str, rows: list[dict[str, Any]]) -> None:
        self.workspace.write(lambda work: work.records.create_many(OPERATOR, entity, rows))

    def change(self, entity: str, id: int, **values: Any) -> None:
        """Somebody else saves the record."""
        self.workspace.write(lambda work: work.records.update(OPERATOR, entity, id, values))

    def values(self, entity: str, id: int) -> Any:
        """The stored record's canonical values."""
        with self.workspace.read() as work:
            return work.records.get(OPERATOR, entity, id).values


def drafted(visitor: Visitor, admin: Person) -> Workbench:
    """The administrator's only draft."""
    [draft] = visitor.workspace.changesets.listed(admin.actor)
    return visitor.workspace.changesets.look(admin.actor, draft.id)


def words(answer: TestResponse | str) -> str:
    """What a person reads on the page: its text, in one line."""
    text = answer if isinstance(answer, str) else answer.text
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def names(answer: TestResponse) -> list[str]:
    """The names in the rows of a list, in order."""
    return [html.unescape(name) for name in re.findall(r'class="row-link" href="[^"]+">([^<]*)<', answer.text)]


def link(answer: TestResponse, said: str) -> str:
    """The address of the link that says `said`."""
    for address, text in re.findall(r'<a [^>]*?href="([^"]+)"[^>]*>(.*?)</a>', answer.text, re.S):
        if words(text) == said:
            return html.unescape(address)
    raise AssertionError(f"no link “{said}”")
