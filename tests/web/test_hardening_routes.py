"""Every address of the site, found by asking the application: none that changes something goes without the form token, none that is read changes anything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

import pytest
from flask import Flask
from werkzeug.routing import Rule

from fieldsmith.web.app import create_app
from fieldsmith.workspace import Workspace
from tests.databases import SqliteTemplates
from tests.web.conftest import Person, contents, make_person
from tests.web.screens import Visitor

READING = frozenset({"GET", "HEAD", "OPTIONS"})
USUAL: Mapping[str, str] = MappingProxyType(
    {"entity": "account", "field": "name", "view": "all", "layout": "default", "language": "zh_Hans", "action": "restore", "value": "customer", "rule": "x"}
)
NAMED: Mapping[str, str] = MappingProxyType({"choices": "industry", "packages": "crm", "docs": "account", "metadata": "account", "static": "theme.css"})


def address(rule: Rule) -> str:
    """An address the rule answers to, naming what is there where a test can know it."""
    parts: list[str] = []
    for part in rule.rule.split("/"):
        while "<" in part:
            before, _, rest = part.partition("<")
            what, _, after = rest.partition(">")
            number, name = what.startswith("int"), what.rpartition(":")[2]
            known = next((NAMED[word] for word in parts if word in NAMED), "x")
            part = before + ("1" if number else "entity" if name == "kind" else USUAL.get(name, known)) + after
        parts.append(part)
    return "/".join(parts)


def rules(app: Flask, reading: bool) -> Iterator[tuple[str, str]]:
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        yield from ((method, address(rule)) for method in sorted(rule.methods or ()) if (method in READING) == reading)


@pytest.fixture
def templates(sqlite_templates: SqliteTemplates) -> SqliteTemplates:
    return sqlite_templates


@pytest.fixture
def app(workspace: Workspace) -> Flask:
    return create_app(workspace)


@pytest.fixture
def visitor(app: Flask, workspace: Workspace, admin: Person) -> Visitor:
    visitor = Visitor(app, workspace, admin)
    account = visitor.make("account", name="Acme")
    visitor.make("contact", name={"last": "Lopez"}, account=account)
    return visitor


def everything(workspace: Workspace) -> dict[str, list[Any]]:
    return {name: rows for name, rows in contents(workspace).items() if name != "fs_changeset_turn"}


@pytest.mark.parametrize("given", [None, "", "x" * 43])
def test_nothing_that_changes_anything_is_taken_without_the_form_token(app: Flask, visitor: Visitor, given: str | None) -> None:
    before, tried = everything(visitor.workspace), 0
    for method, path in rules(app, reading=False):
        for form in (True, False):
            headers = {} if given is None or form else {"X-CSRF-Token": given}
            body: dict[str, Any] = {"data": {"name": "A"} | ({} if given is None else {"csrf_token": given})} if form else {"json": {"name": "A"}}
            answer = visitor.client.open(path, method=method, headers={**headers, "Origin": "https://evil.example"}, buffered=True, **body)
            assert answer.status_code == 403, f"{method} {path} answered {answer.status_code}"
            tried += 1
    assert tried > 200 and everything(visitor.workspace) == before


def test_the_form_token_of_somebody_else_is_none(app: Flask, visitor: Visitor, workspace: Workspace) -> None:
    other = Visitor(app, workspace, make_person(workspace, "Eva", "administrator"))
    for method, path in rules(app, reading=False):
        assert visitor.client.open(path, method=method, headers={"X-CSRF-Token": other.token}, buffered=True).status_code == 403, f"{method} {path}"


def test_nobody_changes_anything(app: Flask, visitor: Visitor) -> None:
    before = everything(visitor.workspace)
    for method, path in rules(app, reading=False):
        answer = app.test_client().open(path, method=method, data={"name": "A"}, buffered=True)
        assert answer.status_code in ((401,) if path.startswith("/api/") else (403,)), f"{method} {path} answered {answer.status_code}"
    assert everything(visitor.workspace) == before


@pytest.mark.parametrize("who", ["administrator", "user", None])
def test_reading_changes_nothing(app: Flask, visitor: Visitor, workspace: Workspace, who: str | None) -> None:
    client = app.test_client() if who is None else Visitor(app, workspace, make_person(workspace, "Eva", who)).client
    before, answered = everything(workspace), set()
    for method, path in rules(app, reading=True):
        for query in ("", "?q=Acme&undo=1&lang=zh_Hans&deleted=1&then=delete&action=restore"):
            answer = client.open(path + query, method=method, buffered=True)
            assert answer.status_code < 500, f"{method} {path}{query} answered {answer.status_code}"
            answered.add(answer.status_code)
    assert 200 in answered and everything(workspace) == before


@pytest.mark.parametrize("header", [{"X-HTTP-Method-Override": "DELETE"}, {"X-Method-Override": "POST"}, {"X-HTTP-Method": "DELETE"}])
def test_a_reading_request_cannot_pretend_to_be_another(visitor: Visitor, header: dict[str, str]) -> None:
    before = everything(visitor.workspace)
    for path in ("/account/1/delete?_method=DELETE", "/api/v1/records/account/1?_method=DELETE", "/account/new?_method=POST&name=A"):
        assert visitor.client.get(path, headers=header).status_code in (200, 400)
    assert everything(visitor.workspace) == before


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_a_form_of_another_site_is_no_call_of_the_api(visitor: Visitor, kind: str) -> None:
    before = everything(visitor.workspace)
    for token in ({}, {"X-CSRF-Token": visitor.token}):
        answer = visitor.client.post("/api/v1/records/account", data=b'{"name": "A"}', content_type=kind, headers=token)
        assert answer.status_code == (415 if token else 403)
    assert everything(visitor.workspace) == before
