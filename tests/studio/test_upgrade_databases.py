"""What an upgrade does to tables and records, on both databases."""

from __future__ import annotations

from typing import Any

from fieldsmith.base.context import OPERATOR
from tests.conftest import MakeWorkspace
from tests.desk import Desk
from tests.studio.conftest import CRATE, STATES, VIEW, Studio
from tests.studio.test_removals import sound
from tests.studio.test_upgrade import apply, body, field, label, newer, plan, upgrades
from tests.tiny import TINY

Body = dict[str, Any]


def test_what_was_changed_here_survives_an_upgrade(studio: Studio) -> None:
    studio.change(("entity", "box", label("Cases"), {"op": "add", "path": "/fields/spare", "value": {"type": "text"}, "after": "name"}))
    id = studio.desk.make("box", name="A", spare="kept")
    apply(studio, newer(entity_box=lambda body: body["fields"].append({"name": "colour", "type": "colour"})))
    assert body(studio, "entity", "box")["plural"] == "Cases"
    assert studio.fields("box") == ["name", "spare", "code", "colour"]
    assert studio.desk.get("box", id)["spare"] == "kept" and sound(studio.desk)


def test_a_renamed_field_keeps_its_data_and_every_mention(studio: Studio) -> None:
    studio.change(
        ("entity", "box", {"op": "change", "path": "/fields/code/label", "value": "Key"}),
        (
            "entity",
            "box",
            {"op": "add", "path": "/fields/long", "value": {"type": "formula", "returns": "boolean", "expression": "LEN(code) > 2"}, "after": "code"},
        ),
        ("entity", "crate", {"op": "add", "path": "/fields/place", "value": {"type": "formula", "returns": "text", "expression": "box.code & box.name"}}),
        ("put", "view", "box.mine", {"name": "mine", "entity": "box", "columns": ["name", "code"], "sort": ["-code"]}),
    )
    id = studio.desk.make("box", name="A", code="X12")

    def rename(body: Body) -> None:
        field(body, "code").update(name="number", was=["code"])
        field(body, "name").update(name="title", was=["name"])
        body["name_field"] = "title"

    theirs = newer(entity_box=rename)
    assert plan(studio, theirs).renames == (("entity/box/fields/name", "entity/box/fields/title"), ("entity/box/fields/code", "entity/box/fields/number"))
    apply(studio, theirs)
    assert studio.desk.get("box", id)["number"] == "X12" and studio.fields("box") == ["title", "number", "long"]
    assert field(body(studio, "entity", "box"), "number")["label"] == "Key"
    assert field(body(studio, "entity", "crate"), "place")["expression"] == "box.number & box.title"
    assert body(studio, "view", "box.mine")["sort"] == ["-number"] and sound(studio.desk)
    assert studio.desk.workspace.runtime().model.views["box.mine"].columns == ("title", "number")


def test_a_renamed_entity_keeps_its_records_and_what_was_said_of_it(studio: Studio) -> None:
    studio.change(("entity", "vault", label("Safes")), ("put", "view", "vault.mine", {"name": "mine", "entity": "vault", "columns": ["name"]}))
    studio.desk.make("vault", name="V")

    def follow(body: Body) -> None:
        for item in body["fields"]:
            if isinstance(item.get("to"), list):
                item["to"] = ["strongroom" if name == "vault" else name for name in item["to"]]
            elif item.get("to") == "vault":
                item["to"] = "strongroom"

    def rights(body: Body) -> None:
        body["entities"]["strongroom"] = body["entities"].pop("vault")

    apply(studio, newer(entity_vault=lambda body: body.update(name="strongroom", was=["vault"]), entity_thing=follow, entity_screw=follow, role_clerk=rights))
    assert studio.desk.rows("strongroom", "name") == [("V",)] and sound(studio.desk)
    assert body(studio, "entity", "strongroom")["plural"] == "Safes"
    assert "strongroom.mine" in studio.desk.workspace.runtime().model.views


def test_what_a_newer_package_leaves_out_is_retired_and_said(studio: Studio) -> None:
    theirs = newer(entity_vault=lambda body: body["fields"].pop())
    found = [(item.path, item.risk, str(item.title)) for item in plan(studio, theirs).operations if item.path.startswith("entity")]
    assert found == [("entity/vault/fields/pin", "safe", "Retire Pin of Vault; its values are kept")]
    id = studio.desk.make("vault", name="A", pin="1234")
    apply(studio, theirs)
    apply(studio, TINY)
    assert studio.desk.get("vault", id)["pin"] == "1234"


def test_what_another_workspace_renamed_is_renamed_here_with_its_records(studio: Studio, make_workspace: MakeWorkspace) -> None:
    other = Studio(Desk(make_workspace("core", TINY)))
    other.change(("put", "choices", "crate_state", STATES), ("put", "entity", "crate", CRATE), ("put", "view", "crate.all", VIEW))
    apply(studio, upgrades(other).export(OPERATOR, "custom").layer)
    studio.desk.make("crate", name="A", weight="120", state="full")
    other.change(
        ("entity", "crate", {"op": "rename", "path": "/fields/weight", "value": "mass"}),
        ("choices", "crate_state", {"op": "rename", "path": "/values/full", "value": "packed"}),
        ("entity", "crate", {"op": "rename", "path": "", "value": "container"}),
    )
    apply(studio, upgrades(other).export(OPERATOR, "custom").layer)
    assert studio.desk.rows("container", "mass", "state") == [("120.00", "packed")] and sound(studio.desk)
