"""What the random worlds found, each as a case of its own."""

from __future__ import annotations

import pytest
from flask import Flask

from fieldsmith.access.policy import Policy
from fieldsmith.web.app import create_app
from fieldsmith.workspace import Workspace
from tests.conftest import MakeWorkspace
from tests.desk import Desk, user
from tests.meta.samples import package
from tests.web.conftest import make_person
from tests.web.screens import Visitor

CHEST = {
    "name": "chest",
    "fields": [
        {"name": "name", "type": "text"},
        {"name": "hoard", "type": "lookup", "to": "hoard", "inverse": "chests"},
        {"name": "scan", "type": "file"},
        {"name": "whose", "type": "formula", "returns": "text", "expression": "hoard.name"},
    ],
}
HOARD = {
    "name": "hoard",
    "fields": [{"name": "name", "type": "text"}, {"name": "size", "type": "rollup", "expression": "count(chests)"}],
}
ROLES = [
    {"name": "carrier", "entities": {"chest": ["create", "read", "update"]}},
    {"name": "keeper", "entities": {"hoard": ["read"]}},
    {"name": "loader", "entities": {"chest": ["read"]}, "restrict": {"chest": {"fields": {"scan": "none"}}}},
]
FOUND = package("found", {"entity": [CHEST, HOARD], "role": ROLES}, requires=["core"])


@pytest.fixture
def workspace(make_workspace: MakeWorkspace) -> Workspace:
    return make_workspace("core", FOUND)


@pytest.fixture
def app(workspace: Workspace) -> Flask:
    return create_app(workspace)


@pytest.mark.parametrize(("role", "field"), [("carrier", ("chest", "whose")), ("keeper", ("hoard", "size"))])
def test_a_formula_over_an_entity_that_is_not_there_is_not_there(workspace: Workspace, role: str, field: tuple[str, str]) -> None:
    sight = Policy(workspace.runtime().model).sight(user(1, role))
    assert sight.hides(*field)


def test_who_may_see_no_user_owns_what_they_make(workspace: Workspace) -> None:
    desk, ben = Desk(workspace), make_person(workspace, "Ben", "carrier")
    assert desk.get("chest", desk.make("chest", ben.actor, name="A"))["owner"].id == ben.id


def test_a_file_of_a_field_taken_away_is_not_there(app: Flask, workspace: Workspace) -> None:
    desk = Desk(workspace)
    file = desk.upload(name="map.txt", content=b"gold")
    id = desk.make("chest", name="A", scan=file)
    for role, status in (("carrier", 200), ("loader", 404)):
        visitor = Visitor(app, workspace, make_person(workspace, role.title(), role))
        assert visitor.get(f"/chest/{id}/files/{file}").status_code == status
