"""The studio's pages about one entity: made in one edit, its fields in order, its settings, usage, relations, what is retired."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from flask import Flask

from fieldsmith.meta.layers import Effective
from fieldsmith.studio.workbench import Said
from fieldsmith.web.studio.naming import proposed_name
from fieldsmith.workspace import Workspace
from tests.databases import SqliteTemplates
from tests.web.conftest import Person
from tests.web.screens import Visitor, words

LINES = "Serial number*: text\nDaily rate: currency\nCondition: choice: New, Good, Worn\nCustomer: lookup: Account\nBought on: date"
NEW = {"label": "Equipment", "lines": LINES, "tab": "yes", "app": "sales", "features": ["comments"]}


@pytest.fixture
def templates(sqlite_templates: SqliteTemplates) -> SqliteTemplates:
    return sqlite_templates


class Studio(Visitor):
    """Ana at the studio's screens."""

    person: Person

    def document(self, kind: str, name: str) -> Effective:
        """As her draft has it."""
        return self.documents()[kind, name]

    def documents(self) -> Mapping[tuple[str, str], Effective]:
        sets = self.workspace.changesets
        return sets.look(self.person.actor, sets.listed(self.person.actor)[0].id).documents

    def fields(self, entity: str) -> list[str]:
        return [item["name"] for item in self.document("entity", entity).body["fields"]]

    def field(self, entity: str, name: str) -> dict[str, Any]:
        found: dict[str, Any] = next(item for item in self.document("entity", entity).body["fields"] if item["name"] == name)
        return found

    def publish(self) -> int:
        sets = self.workspace.changesets
        id = sets.listed(self.person.actor)[0].id
        return sets.publish(self.person.actor, id, sets.plan(self.person.actor, id).hash)


@pytest.fixture
def studio(app: Flask, workspace: Workspace, admin: Person) -> Studio:
    made = Studio(app, workspace, admin)
    made.person = admin
    return made


@pytest.fixture
def rental(studio: Studio) -> Studio:
    """Equipment in the draft."""
    assert studio.post("/studio/entities/new", NEW).status_code == 303
    return studio


@pytest.mark.parametrize(
    ("label", "taken", "name"),
    [
        ("Daily rate (€)", [], "daily_rate"),
        ("Straße Nº 1", [], "strasse_no_1"),
        ("2nd phone", [], "nd_phone"),
        ("Name", ["name"], "name_2"),
        ("设备", [], "she_bei"),
        ("設備", ["she_bei"], "she_bei_2"),
        ("银行 VIP 2", [], "yin_hang_vip_2"),
        ("Клиент", [], "field_1"),
        ("Клиент", ["field_1"], "field_2"),
        ("x" * 60, [], "x" * 48),
    ],
    ids=["words", "accents", "digit first", "taken", "chinese", "traditional taken", "mixed", "cyrillic", "cyrillic taken", "long"],
)
def test_names_are_proposed_from_labels(label: str, taken: list[str], name: str) -> None:
    assert proposed_name(label, taken, "field") == name


def test_names_are_proposed_as_one_types(studio: Studio) -> None:
    assert studio.get("/studio/propose?label=Rental+order").json == {"name": "rental_order", "plural": "Rental orders"}
    assert studio.get("/studio/propose?label=Industry&entity=account").json["name"] == "industry_2"  # type: ignore[index]


def test_a_new_entity_comes_with_fields_list_and_tab(rental: Studio) -> None:
    assert rental.fields("equipment") == ["name", "serial_number", "daily_rate", "condition", "customer", "bought_on"]
    assert rental.field("equipment", "serial_number")["required"] is True
    assert [value["label"] for value in rental.document("choices", "equipment_condition").body["values"]] == ["New", "Good", "Worn"]
    assert rental.field("equipment", "customer")["to"] == "account"
    assert rental.document("view", "equipment.all").body["default"] is True
    assert "equipment" in rental.document("app", "sales").body["tabs"]


def test_what_was_made_can_be_published_and_used(rental: Studio) -> None:
    rental.publish()
    id = rental.make("equipment", name="Drill", serial_number="1", condition="new")
    assert "Drill" in words(rental.get("/equipment/")) and "Serial number" in words(rental.get(f"/equipment/{id}"))


def test_an_app_of_its_own(studio: Studio) -> None:
    studio.post("/studio/entities/new", {**NEW, "app": "+", "new_app": "Equipment rental"})
    assert studio.document("app", "equipment_rental").body["tabs"] == ["equipment"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"label": ""}, "This is needed."),
        ({"name": "account"}, "There is an entity “account” already."),
        ({"name": "user a"}, "is not a name"),
        ({"lines": "Weight: pounds"}, "Line 1: There is no type “pounds”"),
        ({"lines": "A: text\nState: choice"}, "Line 2: Write the values to choose from"),
        ({"lines": "Owner: lookup: Nobody"}, "Line 1: There is no entity “Nobody”."),
        ({"app": "+"}, "This is needed."),
    ],
    ids=["no label", "taken", "bad name", "bad type", "no values", "no entity", "no app"],
)
def test_what_is_wrong_is_said_and_nothing_kept(studio: Studio, change: dict[str, Any], said: str) -> None:
    answer = studio.post("/studio/entities/new", {**NEW, **change})
    assert answer.status_code == 422 and said in words(answer)
    assert studio.workspace.changesets.listed(studio.person.actor) == []


def test_the_quick_row_adds_one_field(rental: Studio) -> None:
    answer = rental.post("/studio/entity/equipment/fields/", {"label": "Weight", "type": "decimal"})
    assert answer.status_code == 303 and rental.fields("equipment")[-1] == "weight"
    page = rental.get(answer.headers["Location"]).text
    assert "data-focus" in page and '<option value="decimal" data-detail="" selected>' in page


def test_fields_are_moved_and_hidden(rental: Studio) -> None:
    moved = rental.post("/studio/entity/account/fields/move", {"item": "industry", "after": ""})
    assert moved.status_code == 200 and "draft-bar" in moved.text
    rental.post("/studio/entity/account/fields/industry/hide", {"hidden": "yes"})
    assert rental.fields("account")[0] == "industry" and rental.field("account", "industry")["hidden"] is True
    rental.post("/studio/entity/account/fields/industry/hide", {"hidden": ""})
    assert not rental.field("account", "industry").get("hidden")


def test_a_used_field_is_taken_out_of_everything_in_one_go(rental: Studio) -> None:
    page = words(rental.get("/studio/entity/equipment/fields/daily_rate/remove"))
    assert "View Equipment: All Equipments" in page and "columns.daily_rate" in page
    rental.post("/studio/entity/equipment/fields/daily_rate/remove", {"uses": "out"})
    assert "daily_rate" not in rental.fields("equipment") and "daily_rate" not in rental.document("view", "equipment.all").body["columns"]


def test_expressions_are_left_to_people(rental: Studio) -> None:
    rental.post("/studio/entity/equipment/fields/new", {"type": "formula", "label": "Weekly", "expression": "daily_rate * 7"})
    rental.post("/studio/entity/equipment/fields/daily_rate/remove", {"uses": "out"})
    assert "daily_rate" in rental.fields("equipment") and "daily_rate" not in rental.document("view", "equipment.all").body["columns"]
    assert 'href="/studio/entity/equipment/fields/weekly"' in rental.get("/studio/entity/equipment/fields/daily_rate/remove").text


def test_a_retired_field_is_restored_with_its_values(rental: Studio) -> None:
    rental.publish()
    id = rental.make("equipment", name="Drill", serial_number="7")
    rental.post("/studio/entity/equipment/fields/serial_number/remove", {"uses": "out"})
    rental.publish()
    page = rental.get("/studio/entity/equipment/").text
    assert "Rows with values: 1" in words(page)
    (kept,) = rental.workspace.attic.listed(rental.person.actor)
    rental.post(f"/studio/retired/{kept.uid}/restore", {})
    rental.publish()
    assert rental.values("equipment", id)["serial_number"] == "7"


def test_a_purge_needs_the_name(rental: Studio) -> None:
    rental.publish()
    rental.make("equipment", name="Drill", serial_number="7")
    rental.post("/studio/entity/equipment/fields/serial_number/remove", {"uses": "out"})
    rental.publish()
    (kept,) = rental.workspace.attic.listed(rental.person.actor)
    assert rental.get(f"/studio/retired/{kept.uid}/export.csv").text.split() == ["\ufeffid,name,serial_number", "1,Drill,7"]
    assert rental.post(f"/studio/retired/{kept.uid}", {"confirmation": "no"}).status_code == 422
    assert rental.post(f"/studio/retired/{kept.uid}", {"confirmation": "equipment.serial_number"}).status_code == 303
    assert "Nothing is retired" in words(rental.get("/studio/retired/"))


def test_a_field_is_renamed_wherever_it_is_named(rental: Studio) -> None:
    assert "View Equipment: All Equipments" in words(rental.get("/studio/entity/equipment/fields/daily_rate/rename"))
    rental.post("/studio/entity/equipment/fields/daily_rate/rename", {"name": "rate"})
    assert "rate" in rental.document("view", "equipment.all").body["columns"]
    assert rental.post("/studio/entity/equipment/fields/rate/rename", {"name": "a b"}).status_code == 422


def test_settings_change_only_what_differs(studio: Studio) -> None:
    studio.post("/studio/entity/account/settings", {"label": "Client", "plural": "Accounts", "icon": "building", "name_field": "name", "features": ["files"]})
    body = studio.document("entity", "account").body
    assert body["label"] == "Client" and "plural" not in body and body["features"] == ["files"]


def test_an_index_is_added_and_removed(rental: Studio) -> None:
    rental.post("/studio/entity/equipment/settings/index", {"field1": "name", "field2": "serial_number", "unique": "1"})
    (index,) = rental.document("entity", "equipment").body["indexes"]
    assert index == {"name": "by_name_serial_number", "fields": ["name", "serial_number"], "unique": True}
    rental.post("/studio/entity/equipment/settings/index/by_name_serial_number/remove", {})
    assert not rental.document("entity", "equipment").body.get("indexes")


def test_an_entity_is_renamed_hidden_and_retired(rental: Studio) -> None:
    assert rental.post("/studio/entity/equipment/settings/rename", {"name": "machine"}).headers["Location"] == "/studio/entity/machine/settings"
    rental.post("/studio/entity/machine/settings/tabs", {"hidden": "yes"})
    assert rental.document("tab", "equipment").body["hidden"] is True
    assert rental.post("/studio/entity/machine/settings/retire", {}).headers["Location"] == "/studio/"
    assert ("entity", "machine") not in rental.documents() and "equipment" not in rental.document("app", "sales").body["tabs"]


def test_usage_and_relations_link_to_the_editors(rental: Studio) -> None:
    usage = rental.get("/studio/entity/equipment/usage").text
    assert 'href="/studio/entity/equipment/views/all"' in usage
    relations = rental.get("/studio/entity/account/relations").text
    assert 'href="/studio/entity/equipment/fields/customer"' in relations


def test_a_field_leaves_the_layouts_and_views_of_a_package(studio: Studio) -> None:
    studio.post("/studio/entity/account/fields/", {"label": "Mark", "type": "text"})
    sets = studio.workspace.changesets
    id = sets.listed(studio.person.actor)[0].id
    section = studio.document("layout", "account.default").body["sections"][0]["name"]
    add = {"op": "add", "path": f"/sections/{section}/fields/mark", "value": "mark"}
    column = {"op": "add", "path": "/columns/mark", "value": "mark"}
    sets.say(studio.person.actor, id, [Said("layout", "account.default", [add]), Said("view", "account.all", [column])])
    studio.publish()
    assert studio.post("/studio/entity/account/fields/mark/remove", {"uses": "out"}).headers["Location"] == "/studio/entity/account/"
    assert "mark" not in studio.fields("account") and "mark" not in studio.document("view", "account.all").body["columns"]
    studio.publish()
