"""The API counts the calls of a person, whatever tokens and sessions they come by."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from fieldsmith.base.context import OPERATOR, FixedClock
from fieldsmith.identity import tokens
from fieldsmith.web.app import create_app
from fieldsmith.workspace import Workspace
from tests.conftest import NOW
from tests.databases import SqliteTemplates, Templates
from tests.web.conftest import Api, Person


@pytest.fixture
def templates(sqlite_templates: SqliteTemplates) -> Templates:
    return sqlite_templates


@pytest.fixture
def app(workspace: Workspace) -> Flask:
    workspace.settings = replace(workspace.settings, api_calls_per_minute=5)
    return create_app(workspace)


def test_one_call_too_many_is_told_when_to_come_back(app: Flask, api: Api, admin: Person, workspace: Workspace) -> None:
    other = Api(app, workspace.write(lambda work: tokens.create(work.connection, work.now, OPERATOR, admin.id, "second")))
    assert [caller.get("/records/account").status_code for caller in (api, other, api, other, api)] == [200] * 5
    answer = other.get("/records/account")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "12")
    assert "Too many calls" in answer.json["detail"]
    workspace.clock = FixedClock(NOW + timedelta(seconds=12))
    assert api.get("/records/account").status_code == 200


def test_others_are_not_slowed_down(api: Api, clerk_api: Api) -> None:
    while api.get("/records/account").status_code == 200:
        pass
    assert clerk_api.get("/records/account").status_code == 200


def test_screens_are_not_counted(app: Flask, workspace: Workspace, admin: Person) -> None:
    from tests.web.screens import Visitor

    visitor = Visitor(app, workspace, admin)
    assert {visitor.get("/me").status_code for _ in range(8)} == {200}
