"""`/metadata/{kind}/{name}/uses` and `/retired`: where things are used, what is kept, its export and its end."""

from __future__ import annotations

import pytest
from flask import Flask

from fieldsmith.studio.workbench import Said
from fieldsmith.workspace import Workspace
from tests.databases import SqliteTemplates
from tests.web.conftest import Api, Person
from tests.web.screens import Visitor


@pytest.fixture
def templates(sqlite_templates: SqliteTemplates) -> SqliteTemplates:
    return sqlite_templates


@pytest.fixture
def retired(app: Flask, workspace: Workspace, admin: Person) -> int:
    """A field of account with one value, out of use; its number."""
    sets = workspace.changesets
    add = {"op": "add", "path": "/fields/mark", "value": {"type": "text"}}
    for operation in (add, {"op": "remove", "path": "/fields/mark"}):
        id = sets.open(admin.actor, "Marks")
        sets.say(admin.actor, id, [Said("entity", "account", [operation])])
        sets.publish(admin.actor, id, sets.plan(admin.actor, id).hash)
        if operation is add:
            Visitor(app, workspace, admin).make("account", name="Acme", mark="gold")
    return workspace.attic.listed(admin.actor)[0].uid


def test_uses_name_every_place_once(api: Api) -> None:
    answer = api.get("/metadata/entity/account/uses?member=fields/industry")
    items = answer.json["items"]
    assert {"kind": "layout", "name": "account.default", "pointer": "/sections/main/fields/industry"} in items
    assert len({tuple(item.values()) for item in items}) == len(items)


@pytest.mark.parametrize("path", ["/metadata/entity/nothing/uses", "/metadata/nothing/account/uses"])
def test_uses_of_nothing(api: Api, path: str) -> None:
    assert api.get(path).status_code == 404


def test_what_is_retired_is_listed_exported_and_purged(api: Api, retired: int) -> None:
    (item,) = api.get("/retired").json["items"]
    assert (item["id"], item["name"], item["type"], item["rows"]) == (retired, "account.mark", "text", 1)
    assert api.get(f"/retired/{retired}/export").text.split() == ["id,name,mark", "1,Acme,gold"]
    refused = api.post(f"/retired/{retired}/purge", json={"confirmation": "mark"})
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "/confirmation")
    assert api.post(f"/retired/{retired}/purge", json={"confirmation": "account.mark"}).status_code == 200
    assert api.get("/retired").json["items"] == []


def test_a_rollback_to_purged_data_is_said(api: Api, workspace: Workspace, admin: Person, retired: int) -> None:
    workspace.attic.purge(admin.actor, retired, "account.mark")
    refused = api.post("/revisions/2/rollback")
    assert (refused.status_code, refused.json["errors"][0]["code"]) == (422, "data_purged")
    assert api.post("/revisions/2/rollback", json={"accept_purged": True}).json["revision"] == 4


@pytest.mark.parametrize("path", ["/metadata/entity/account/uses", "/retired", "/retired/1/export"])
def test_only_administrators_ask(clerk_api: Api, path: str) -> None:
    assert clerk_api.get(path).status_code == 403
