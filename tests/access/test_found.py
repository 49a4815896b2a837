"""What the random worlds found, each as a case of its own."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from fieldsmith.access.policy import Policy
from fieldsmith.base.context import OPERATOR
from fieldsmith.base.errors import BadInput
from fieldsmith.web.app import create_app
from fieldsmith.workspace import Workspace
from tests.bulk.loading import Files, counts
from tests.conftest import MakeWorkspace
from tests.desk import Desk, user
from tests.meta.samples import package
from tests.web.conftest import Api, make_person
from tests.web.screens import Visitor

CHEST = {
    "name": "chest",
    "fields": [
        {"name": "name", "type": "text"},
        {"name": "hoard", "type": "lookup", "to": "hoard", "inverse": "chests"},
        {"name": "scan", "type": "file"},
        {"name": "whose", "type": "formula", "returns": "text", "expression": "hoard.name"},
        {"name": "mark", "type": "external_id", "unique": True},
        {"name": "stamps", "type": "many_to_many", "to": "stamp", "inverse": "chests"},
    ],
}
HOARD = {
    "name": "hoard",
    "fields": [{"name": "name", "type": "text"}, {"name": "size", "type": "rollup", "expression": "count(chests)"}],
}
STAMP = {"name": "stamp", "sharing": "private", "fields": [{"name": "name", "type": "text"}]}
ROLES = [
    {"name": "carrier", "entities": {"chest": ["create", "read", "update"]}},
    {"name": "keeper", "entities": {"hoard": ["read"]}},
    {"name": "loader", "entities": {"chest": ["read"]}, "restrict": {"chest": {"fields": {"scan": "none"}}}},
    {
        "name": "porter",
        "entities": {"chest": ["read", "update", "import", "create"], "hoard": ["read"], "stamp": ["create", "read", "update"], "user": ["read"]},
    },
    {
        "name": "guard",
        "entities": {"chest": ["read", "update", "delete", "import", "create"], "hoard": ["read"]},
        "field_rights": {"chest": {"owner": "masked", "mark": "masked", "modified_by": "none"}, "hoard": {"name": "masked"}},
    },
    {"name": "reader_of_marks", "entities": {"chest": ["read", "update", "import", "create"]}, "field_rights": {"chest": {"mark": "read"}}},
    {"name": "giver", "entities": {"chest": {"read": "own", "create": "all", "update": "all", "import": "own"}, "user": ["read"]}},
]
FOUND = package("found", {"entity": [CHEST, HOARD, STAMP], "role": ROLES}, requires=["core"])


@pytest.fixture
def workspace(make_workspace: MakeWorkspace) -> Workspace:
    return make_workspace("core", FOUND)


@pytest.fixture
def files(workspace: Workspace, tmp_path: Path) -> Files:
    return Files(Desk(workspace), tmp_path)


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


def test_a_page_is_shown_to_who_sees_only_a_mask_of_the_owner(app: Flask, workspace: Workspace) -> None:
    id = Desk(workspace).make("chest", name="A")
    guard = make_person(workspace, "Guard", "guard")
    assert Visitor(app, workspace, guard).get(f"/chest/{id}").status_code == 200
    assert Api(app, guard.token).post(f"/records/chest/{id}/actions/take", json={}).status_code == 409


@pytest.mark.parametrize("columns", [{"m": {"field": "mark"}}, {"m": {"field": "hoard"}}, {"m": {"field": "hoard", "lookup": {"by": "name"}}}])
def test_a_file_cannot_ask_what_is_behind_a_mask(files: Files, columns: dict[str, Any]) -> None:
    desk = files.desk
    desk.make("chest", name="A", mark="m-1", hoard=desk.make("hoard", name="Gold"))
    match = "mark" if columns["m"]["field"] == "mark" else None
    for role, kind in (("guard", BadInput), ("porter", None)):
        with pytest.raises(kind) if kind else nullcontext():
            files.load("chest", "m\n" + ("m-1\n" if match else "Gold\n"), user(1, role), columns, match=match)


def test_an_import_fills_in_no_locked_field(files: Files) -> None:
    id = files.desk.make("chest", name="A", mark="1")
    columns = {"name": {"field": "name"}, "mark": {"field": "mark"}}
    found = files.load("chest", "name,mark\nB,1\nC,2\nD,\n", user(1, "reader_of_marks"), columns, match="mark")
    assert counts(found) == (1, 1, 0, 1) and files.places == [("3", "mark")]
    assert files.desk.rows("chest", "name", "mark") == [("B", "1"), ("D", None)] and files.desk.get("chest", id)["name"] == "B"


def test_an_import_reaches_as_far_as_its_scope(files: Files) -> None:
    giver = make_person(files.desk.workspace, "Gil", "giver")
    mine, other = files.desk.make("chest", giver.actor, name="mine", mark="1"), files.desk.make("chest", name="other", mark="2")
    files.desk.workspace.write(lambda work: work.sharing.add(OPERATOR, "chest", other, {"user": giver.id, "access": "edit"}))
    columns = {"name": {"field": "name"}, "mark": {"field": "mark"}}
    files.load("chest", "name,mark\nmy own,1\nnot mine,2\n", giver.actor, columns, match="mark")
    assert [files.desk.get("chest", id)["name"] for id in (mine, other)] == ["my own", "other"]


def test_nothing_is_made_or_given_out_of_sight(app: Flask, workspace: Workspace) -> None:
    """Who may change all, but see only their own, is refused as who may not, not told that it is not there."""
    giver, other = make_person(workspace, "Gil", "giver"), make_person(workspace, "Ben", "carrier")
    api = Api(app, giver.token)
    mine = api.post("/records/chest", json={"name": "mine"}).json["id"]
    assert api.patch(f"/records/chest/{mine}", json={"owner": other.id}).status_code == 403
    assert api.post("/records/chest", json={"name": "theirs", "owner": other.id}).status_code == 403


def test_links_one_is_not_shown_stay_whatever_one_sends(app: Flask, workspace: Workspace) -> None:
    desk, porter = Desk(workspace), make_person(workspace, "Pat", "porter")
    hidden, mine, more = desk.make("stamp", name="hidden"), desk.make("stamp", porter.actor, name="mine"), desk.make("stamp", porter.actor, name="more")
    id = desk.make("chest", name="A", stamps=[hidden, mine])
    api = Api(app, porter.token)
    shown = api.get(f"/records/chest/{id}").json
    assert [link["id"] for link in shown["stamps"]] == [mine]
    assert api.patch(f"/records/chest/{id}", json=shown).json["version"] == shown["version"]
    assert Visitor(app, workspace, porter).post(f"/chest/{id}/edit", {"name": "B", "stamps": str(mine), "version": "1"}).status_code == 303
    for sent in ([more], []):
        assert api.patch(f"/records/chest/{id}", json={"stamps": sent}).status_code == 200
        assert {link.id for link in desk.get("chest", id)["stamps"]} == {hidden, *sent}


def test_what_is_worked_out_when_read_may_be_sent_back_but_not_changed(app: Flask, workspace: Workspace) -> None:
    desk = Desk(workspace)
    id = desk.make("chest", name="A", hoard=desk.make("hoard", name="Gold"))
    api = Api(app, make_person(workspace, "Pat", "porter").token)
    assert api.patch(f"/records/chest/{id}", json={"whose": "Gold", "name": "B"}).json["name"] == "B"
    assert api.patch(f"/records/chest/{id}", json={"whose": "Silver"}).status_code == 422


def test_the_bin_opens_for_who_does_not_see_who_changed_what(app: Flask, workspace: Workspace) -> None:
    desk = Desk(workspace)
    id = desk.make("chest", name="Thrown away")
    desk.delete("chest", id)
    answer = Visitor(app, workspace, make_person(workspace, "Guard", "guard")).get("/chest/?deleted=1")
    assert answer.status_code == 200 and "Thrown away" in answer.text
