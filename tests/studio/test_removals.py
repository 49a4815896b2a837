"""What is taken away is retired: refused while it is used, its data kept, and back when it is added again."""

from __future__ import annotations

from typing import Any

import pytest

from fieldsmith.base.context import OPERATOR
from fieldsmith.base.errors import BadInput, FieldsmithError
from fieldsmith.rollout.doctor import examine
from tests.desk import Desk
from tests.studio.conftest import CRATE, VIEW, Studio


def remove(*paths: str) -> tuple[dict[str, str], ...]:
    return tuple({"op": "remove", "path": path} for path in paths)


def sound(desk: Desk) -> bool:
    return not [problem for problem in examine(desk.workspace) if problem.code != "no_front_end"]


WITHOUT_WEIGHT = (("view", "crate.all", *remove("/columns/weight")), ("entity", "crate", *remove("/fields/heavy", "/fields/weight")))


def test_a_used_field_is_refused_with_every_use(studio: Studio) -> None:
    found = studio.problems(("entity", "crate", *remove("/fields/weight")))
    assert found == [
        ("in_use", "custom/entity/crate.json", "/fields/heavy/expression"),
        ("in_use", "custom/view/crate.all.json", "/columns/weight"),
    ]


@pytest.mark.parametrize(
    ("edit", "document", "pointer"),
    [
        (("entity", "crate", *remove("/fields/box")), "custom/view/crate.all.json", "/columns/box.name"),
        (("choices", "crate_state", *remove("/values/lost")), "custom/view/crate.all.json", "/filter"),
        (("retire", "choices", "crate_state"), "custom/entity/crate.json", "/fields/state/choices"),
    ],
)
def test_every_kind_of_use_is_found(studio: Studio, edit: tuple[Any, ...], document: str, pointer: str) -> None:
    assert ("in_use", document, pointer) in studio.problems(edit)


def test_a_retired_field_keeps_its_values_and_gives_them_back(studio: Studio) -> None:
    desk = studio.desk
    id = desk.make("crate", name="A", weight="7.50")
    studio.change(*WITHOUT_WEIGHT)
    assert studio.fields() == ["name", "state", "box"] and sound(desk)
    with pytest.raises(FieldsmithError):
        desk.change("crate", id, weight="8")
    new = desk.make("crate", name="B")
    studio.change(("entity", "crate", {"op": "add", "path": "/fields/weight", "value": {"type": "decimal", "label": "Mass"}}))
    assert desk.rows("crate", "name", "weight") == [("A", "7.50"), ("B", None)] and sound(desk)
    desk.change("crate", new, weight="1")


def test_another_type_under_an_old_name_begins_anew(studio: Studio) -> None:
    desk = studio.desk
    desk.make("crate", name="A", weight="7.50")
    studio.change(*WITHOUT_WEIGHT)
    studio.change(("entity", "crate", {"op": "add", "path": "/fields/weight", "value": {"type": "text"}}))
    assert desk.rows("crate", "name", "weight") == [("A", None)] and sound(desk)


def test_a_restored_unique_field_looks_at_what_is_there(studio: Studio) -> None:
    desk = studio.desk
    studio.change(("entity", "crate", {"op": "add", "path": "/fields/mark", "value": {"type": "text"}}))
    for name in "ab":
        desk.make("crate", name=name, mark="same")
    studio.change(("entity", "crate", *remove("/fields/mark")))
    id = studio.draft(("entity", "crate", {"op": "add", "path": "/fields/mark", "value": {"type": "text", "unique": True}}))
    with desk.unchanged(), pytest.raises(BadInput, match="cannot be unique"):
        studio.publish(id)
    studio.change(("entity", "crate", {"op": "add", "path": "/fields/mark", "value": {"type": "text", "indexed": True}}))
    assert desk.rows("crate", "mark", sort=("mark",)) == [("same",), ("same",)] and sound(desk)


def test_a_retired_entity_takes_its_views_along_and_comes_back_with_its_records(studio: Studio) -> None:
    desk = studio.desk
    desk.make("crate", name="A", weight="120", state="full", box=desk.make("box", name="Home"))
    studio.change(("retire", "entity", "crate"))
    model = desk.workspace.runtime().model
    assert "crate" not in model.entities and "crate.all" not in model.views and sound(desk)
    studio.change(("put", "entity", "crate", CRATE), ("put", "view", "crate.all", VIEW))
    assert desk.rows("crate", "name", "heavy", "box.name") == [("A", True, "Home")] and sound(desk)
    desk.make("crate", name="B", weight="1")


def test_links_of_a_retired_field_come_back(studio: Studio) -> None:
    desk = studio.desk
    field = {"op": "add", "path": "/fields/places", "value": {"type": "many_to_many", "to": "box"}}
    studio.change(("entity", "crate", field))
    home = desk.make("box", name="Home")
    id = desk.make("crate", name="A", places=[home])
    studio.change(("entity", "crate", *remove("/fields/places")))
    assert sound(desk)
    studio.change(("entity", "crate", field))
    assert [link["id"] for link in desk.json("crate", id)["places"]] == [home] and sound(desk)


def test_a_value_that_records_hold_stays(studio: Studio) -> None:
    desk = studio.desk
    id = desk.make("crate", name="A", state="lost")
    studio.change(("view", "crate.all", *remove("/filter")))
    draft = studio.draft(("choices", "crate_state", *remove("/values/lost")))
    with desk.unchanged(), pytest.raises(BadInput) as caught:
        studio.publish(draft)
    (problem,) = caught.value.problems
    assert (problem.code, problem.document, problem.pointer) == ("choice_in_use", "choices/crate_state", "/values/lost")
    desk.change("crate", id, state="full")
    studio.publish(draft)
    assert list(desk.workspace.runtime().model.choices["crate_state"].values) == ["full", "empty"]


@pytest.mark.parametrize("edit", [("entity", "box", *remove("/fields/code")), ("retire", "entity", "box"), ("choices", "size", *remove("/values/huge"))])
def test_what_a_package_says_can_only_be_hidden(tiny: Desk, edit: tuple[Any, ...]) -> None:
    assert [code for code, _, _ in Studio(tiny).problems(edit)] == ["belongs_to_package"]


def test_what_stood_behind_a_removed_member_keeps_its_place(tiny: Desk) -> None:
    studio = Studio(tiny)
    studio.change(
        ("entity", "box", {"op": "add", "path": "/fields/one", "value": {"type": "text"}, "after": "name"}),
        ("entity", "box", {"op": "add", "path": "/fields/two", "value": {"type": "text"}, "after": "one"}),
    )
    studio.change(("entity", "box", *remove("/fields/one")))
    assert studio.fields("box") == ["name", "two", "code"]


def test_translations_go_along(studio: Studio) -> None:
    words = {"name": "words", "language": "zh_Hans", "labels": {"entity/crate/fields/state/label": "状态", "entity/crate/label": "箱"}}
    studio.change(("put", "translation", "words", words))
    studio.change(("view", "crate.all", *remove("/filter")), ("entity", "crate", *remove("/fields/state")))
    assert studio.desk.workspace.runtime().model.documents["translation", "words"].body["labels"] == {"entity/crate/label": "箱"}


def test_a_plan_shows_where_a_changed_thing_is_used(studio: Studio) -> None:
    id = studio.draft(("entity", "crate", {"op": "change", "path": "/fields/weight/label", "value": "Mass"}))
    (operation,) = studio.sets.plan(OPERATOR, id).operations
    assert [(use.kind, use.name, use.pointer) for use in operation.uses] == [
        ("entity", "crate", "/fields/heavy/expression"),
        ("view", "crate.all", "/columns/weight"),
    ]
