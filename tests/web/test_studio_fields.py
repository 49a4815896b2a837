"""The field wizard: every type has its form, options come from its schema, errors stand beside inputs, the preview shows the input."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from fieldsmith.base.context import OPERATOR
from fieldsmith.fields.registry import field_types
from fieldsmith.workspace import Workspace
from tests.databases import SqliteTemplates
from tests.web.conftest import Person
from tests.web.screens import words
from tests.web.test_studio_entities import Studio

NEW = "/studio/entity/account/fields/new"
LEAST: dict[str, dict[str, Any]] = {
    "choice": {"choices_new": "Small\nBig"},
    "multi_choice": {"choices": "industry"},
    "lookup": {"to": "contact", "inverse": "tried_accounts"},
    "polymorphic_lookup": {"to": ["contact", "lead"]},
    "many_to_many": {"to": "contact"},
    "formula": {"expression": "1 + 1"},
    "rollup": {"expression": "COUNT(contacts)"},
}
"""What a type asks for beside a label."""


@pytest.fixture
def templates(sqlite_templates: SqliteTemplates) -> SqliteTemplates:
    return sqlite_templates


@pytest.fixture
def studio(app: Flask, workspace: Workspace, admin: Person) -> Studio:
    made = Studio(app, workspace, admin)
    made.person = admin
    return made


def test_the_grid_has_every_type(studio: Studio) -> None:
    page = studio.get(NEW).text
    assert [name for name in field_types() if f'href="{NEW}?type={name}"' not in page] == []


def test_every_type_has_a_form_and_can_be_added(studio: Studio) -> None:
    for name in field_types():
        assert studio.get(f"{NEW}?type={name}").status_code == 200, name
        answer = studio.post(NEW, {"type": name, "label": f"Tried {name}", **LEAST.get(name, {})})
        assert answer.status_code == 303, (name, words(answer))
        edited = studio.get(f"/studio/entity/account/fields/tried_{name}")
        assert edited.status_code == 200, name
    assert len([name for name in studio.fields("account") if name.startswith("tried_")]) == len(field_types())
    studio.publish()


def test_saving_a_form_as_it_is_changes_nothing(studio: Studio) -> None:
    for field in ("industry", "name"):
        item = {"type": "choice", "label": "Industry", "choices": "industry"} if field == "industry" else {}
        item = item or {"type": "text", "label": "Account name", "required": "1", "max_length": "200"}
        studio.post(f"/studio/entity/account/fields/{field}", item)
    assert studio.workspace.changesets.listed(studio.person.actor) == []


def test_only_what_differs_becomes_an_operation(studio: Studio) -> None:
    studio.post("/studio/entity/account/fields/industry", {"type": "choice", "label": "Branch", "choices": "industry", "help": "What they do."})
    sets = studio.workspace.changesets
    (edit,) = (sets.get(studio.person.actor, sets.listed(studio.person.actor)[0].id).edits or {}).values()
    assert [(item.op, item.path, item.value) for item in edit.operations] == [
        ("change", "/fields/industry/label", "Branch"),
        ("change", "/fields/industry/help", "What they do."),
    ]


def test_what_is_blank_again_is_taken_back(studio: Studio) -> None:
    form = {"type": "choice", "label": "Industry", "choices": "industry"}
    studio.post("/studio/entity/account/fields/industry", {**form, "help": "What they do."})
    studio.post("/studio/entity/account/fields/industry", form)
    assert "help" not in studio.field("account", "industry")


@pytest.mark.parametrize(
    ("form", "key", "said"),
    [
        ({"type": "decimal", "label": ""}, "label", "This is needed."),
        ({"type": "decimal", "label": "A", "scale": "9"}, "scale", "8"),
        ({"type": "decimal", "label": "A", "name": "industry"}, "name", "There is a field “industry” already."),
        ({"type": "decimal", "label": "A", "name": "a b"}, "name", "name"),
        ({"type": "integer", "label": "A", "default": "many"}, "default", "number"),
        ({"type": "choice", "label": "A"}, "choices", "This is needed."),
        ({"type": "lookup", "label": "A"}, "to", "This is needed."),
        ({"type": "formula", "label": "A", "expression": "nothing_such * 2"}, "expression", "nothing_such"),
    ],
    ids=["label", "option", "taken", "bad name", "default", "list", "target", "expression"],
)
def test_errors_stand_beside_their_inputs(studio: Studio, form: dict[str, str], key: str, said: str) -> None:
    answer = studio.post(NEW, form)
    beside = answer.text.partition(f'id="{key}-error"')[2].partition("</div>")[0]
    assert answer.status_code == 422 and said in words(f"<p{beside}")
    assert studio.workspace.changesets.listed(studio.person.actor) == []


def test_a_default_is_read_as_the_form_reads_it(studio: Studio) -> None:
    studio.post(NEW, {"type": "boolean", "label": "Fragile", "default": "1"})
    studio.post(NEW, {"type": "choice", "label": "Branch", "choices": "industry", "default": "retail"})
    studio.post(NEW, {"type": "decimal", "label": "Weight", "default": "2.5", "scale": "3"})
    assert [studio.field("account", name)["default"] for name in ("fragile", "branch", "weight")] == [True, "retail", "2.500"]


def test_a_formula_finds_out_what_it_gives(studio: Studio) -> None:
    studio.post(NEW, {"type": "formula", "label": "Long name", "expression": 'name & "!"'})
    assert studio.field("account", "long_name")["returns"] == "text"


def test_the_inverse_of_a_lookup_is_proposed(studio: Studio) -> None:
    page = studio.get("/studio/entity/product/fields/new?type=lookup").text
    assert 'id="inverse" name="inverse" value="products"' in page


def test_the_preview_draws_the_input(studio: Studio) -> None:
    preview = "/studio/entity/account/fields/preview"
    drawn = studio.post(preview, {"type": "choice", "label": "Condition", "choices_new": "New\nWorn", "required": "1", "help": "How is it?"}).text
    assert words(drawn) == "Condition New Worn How is it?" and "required" in drawn
    assert 'value="3.50"' in studio.post(preview, {"type": "decimal", "label": "Rate", "default": "3.5"}).text


def test_every_property_says_where_it_comes_from(studio: Studio) -> None:
    studio.post("/studio/entity/account/fields/industry", {"type": "choice", "label": "Branch", "choices": "industry"})
    page = studio.get("/studio/entity/account/fields/industry").text
    assert "Where “Label” comes from: Changed in this draft" in page and 'value="entity/account/fields/industry/label"' in page
    assert "Where “Pick list” comes from: Package crm" in page


def _held(studio: Studio, field: str, about: str, **more: str) -> str:
    return words(studio.post("/studio/entity/account/field-records", {"name": field, "about": about, about: "1", **more}))


def test_blanks_and_twins_are_told_beside_the_tick(studio: Studio, workspace: Workspace) -> None:
    rows = [{"name": "X", "account_number": code} for code in ("A", "A", None)]
    workspace.write(lambda work: work.records.create_many(OPERATOR, "account", rows))
    assert "Blank in 1 records of Account" in _held(studio, "account_number", "required")
    assert "2 records of Account share a value with another, such as “A”" in _held(studio, "account_number", "unique")
    assert "Blank in 3 records" in _held(studio, "not_there_yet", "required")


@pytest.mark.parametrize("said", [{"default": "Z"}, {"required": ""}, {"name": "name"}], ids=["default", "not ticked", "required already"])
def test_nothing_is_told_where_nothing_stands_against_it(studio: Studio, workspace: Workspace, said: dict[str, str]) -> None:
    workspace.write(lambda work: work.records.create(OPERATOR, "account", {"name": "X"}))
    assert _held(studio, "industry", "required", **said).strip() == ""
