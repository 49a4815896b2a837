"""A rename reaches every mention, keeps the data, and is undone like everything else."""

from __future__ import annotations

from typing import Any

import pytest

from fieldsmith.base.context import OPERATOR
from fieldsmith.base.errors import BadInput, NotFound
from fieldsmith.records.evaluate import check_expression
from tests.studio.conftest import CRATE, STATES, Studio
from tests.studio.test_removals import sound


def rename(path: str, new: str) -> dict[str, Any]:
    return {"op": "rename", "path": path, "value": new}


DETAILS: dict[str, Any] = {
    "name": "default",
    "entity": "crate",
    "highlights": ["weight"],
    "path": "state",
    "sections": [{"name": "main", "fields": ["name", "weight", "state"]}],
}
RULE: dict[str, Any] = {
    "name": "light",
    "entity": "crate",
    "type": "validation",
    "must": "weight < 1000 -- weight\nor old.weight = weight",
    "when": 'state in ("full", "empty")',
    "message": "Too heavy.",
    "field": "weight",
}
WORDS: dict[str, Any] = {
    "name": "words",
    "language": "zh_Hans",
    "labels": {
        "entity/crate/label": "箱",
        "entity/crate/fields/weight/label": "重量",
        "choices/crate_state/values/full/label": "满",
        "view/crate.all/label": "全部",
    },
}
REMOVE_FILTER = {"op": "remove", "path": "/filter"}
EVERYTHING = (
    ("put", "layout", "crate.default", DETAILS),
    ("put", "rule", "crate.light", RULE),
    ("put", "translation", "words", WORDS),
    ("entity", "box", {"op": "add", "path": "/fields/load", "value": {"type": "rollup", "expression": 'SUM(crates.weight where state = "full")'}}),
    ("entity", "box", {"op": "add", "path": "/fields/spare", "value": {"type": "formula", "returns": "decimal", "expression": "load * 2"}, "after": "load"}),
    ("entity", "crate", {"op": "add", "path": "/indexes/by_weight", "value": {"fields": ["-weight", "name"]}}),
)


def body(studio: Studio, kind: str, name: str) -> Any:
    return studio.desk.workspace.runtime().model.documents[kind, name].body


def test_a_renamed_field_is_renamed_everywhere(studio: Studio) -> None:
    desk = studio.desk
    studio.change(*EVERYTHING)
    home = desk.make("box", name="Home")
    id = desk.make("crate", name="A", weight="120", state="full", box=home)
    studio.change(("entity", "crate", rename("/fields/weight", "mass")))
    crate = body(studio, "entity", "crate")
    assert crate["fields"][1] == {"name": "mass", "type": "decimal", "was": ["weight"]}
    assert crate["fields"][2]["expression"] == "mass > 100"
    assert crate["indexes"][0]["fields"] == ["-mass", "name"]
    assert body(studio, "layout", "crate.default")["sections"][0]["fields"] == ["name", "mass", "state"]
    assert body(studio, "layout", "crate.default")["highlights"] == ["mass"]
    assert body(studio, "view", "crate.all")["columns"] == ["name", "mass", "box.name"]
    assert body(studio, "rule", "crate.light")["must"] == "mass < 1000 -- weight\nor old.mass = mass"
    assert body(studio, "rule", "crate.light")["field"] == "mass"
    assert next(field for field in body(studio, "entity", "box")["fields"] if field["name"] == "load")["expression"] == 'SUM(crates.mass where state = "full")'
    assert "entity/crate/fields/mass/label" in body(studio, "translation", "words")["labels"]
    assert desk.rows("crate", "mass", "heavy") == [("120.00", True)] and sound(desk)
    desk.workspace.filling.run()
    desk.change("crate", id, mass="50")
    assert desk.rows("box", "load", "spare") == [("50.00", "100.00")]


def test_a_renamed_entity_is_renamed_everywhere(studio: Studio) -> None:
    desk = studio.desk
    studio.change(*EVERYTHING, ("put", "tab", "crates", {"name": "crates", "entity": "crate", "view": "all"}))
    desk.make("crate", name="A", weight="120", box=desk.make("box", name="Home"))
    studio.change(("entity", "crate", rename("", "container")))
    model = desk.workspace.runtime().model
    assert "crate" not in model.entities and {"container.all"} <= set(model.views) and model.tabs["crates"].entity == "container"
    assert body(studio, "entity", "container")["was"] == ["crate"]
    assert sorted(body(studio, "translation", "words")["labels"])[1:] == [
        "entity/container/fields/weight/label",
        "entity/container/label",
        "view/container.all/label",
    ]
    assert desk.rows("container", "name", "weight", "box.name") == [("A", "120.00", "Home")] and sound(desk)
    desk.workspace.revisions.roll_back(OPERATOR, 3)
    assert desk.rows("crate", "name", "weight") == [("A", "120.00")] and sound(desk)


def test_records_follow_a_renamed_value_there_and_back(studio: Studio) -> None:
    desk = studio.desk
    studio.change(*EVERYTHING, ("entity", "crate", {"op": "add", "path": "/fields/past", "value": {"type": "multi_choice", "choices": "crate_state"}}))
    desk.make("crate", name="A", weight="1", state="full", past=["full", "lost"], box=desk.make("box", name="Home"))
    studio.change(("choices", "crate_state", rename("/values/full", "packed")))
    assert body(studio, "choices", "crate_state")["values"][0] == {"name": "packed", "was": ["full"]}
    assert body(studio, "rule", "crate.light")["when"] == 'state in ("packed", "empty")'
    assert desk.rows("crate", "state", "past") == [("packed", ["packed", "lost"])]
    desk.workspace.filling.run()
    assert desk.rows("box", "load") == [("1.00",)] and sound(desk)
    desk.workspace.revisions.roll_back(OPERATOR, 3)
    assert desk.rows("crate", "state", "past") == [("full", ["full", "lost"])]


def test_a_field_added_to_a_packages_entity_can_be_renamed(studio: Studio) -> None:
    studio.change(*EVERYTHING)
    studio.change(("entity", "box", rename("/fields/load", "burden")))
    assert studio.fields("box") == ["name", "code", "burden", "spare"]
    assert next(field for field in body(studio, "entity", "box")["fields"] if field["name"] == "spare")["expression"] == "burden * 2"
    assert sound(studio.desk)


def test_renaming_goes_in_turns(studio: Studio) -> None:
    """Edits before a rename speak of the old name, those after it of the new one; the old name is free again."""
    desk = studio.desk
    desk.make("crate", name="A", weight="120")
    studio.change(
        ("entity", "crate", {"op": "change", "path": "/fields/weight/label", "value": "Mass"}, rename("/fields/weight", "mass")),
        ("entity", "crate", {"op": "change", "path": "/fields/mass/help", "value": "In kg"}),
        ("entity", "crate", {"op": "add", "path": "/fields/weight", "value": {"type": "text"}}),
    )
    assert desk.rows("crate", "mass", "weight") == [("120.00", None)] and sound(desk)


@pytest.mark.parametrize(
    ("edit", "code"),
    [
        (("entity", "box", rename("/fields/code", "key")), "belongs_to_package"),
        (("entity", "box", rename("", "case")), "belongs_to_package"),
        (("entity", "crate", rename("/fields/weight", "name")), "already_there"),
        (("entity", "crate", rename("/fields/nothing", "more")), "unknown_path"),
        (("entity", "crate", rename("/fields/weight", "id")), "already_there"),
        (("entity", "crate", rename("/fields/weight", "user")), "reserved_name"),
        (("view", "crate.all", rename("", "every")), "cannot_rename"),
    ],
)
def test_what_cannot_be_renamed_is_told(studio: Studio, edit: tuple[Any, ...], code: str) -> None:
    assert code in [found for found, _, _ in studio.problems(edit)]


def test_old_names_say_what_became_of_them(studio: Studio) -> None:
    desk = studio.desk
    studio.change(("entity", "crate", rename("/fields/weight", "mass"), {"op": "remove", "path": "/fields/state"}), ("view", "crate.all", REMOVE_FILTER))
    with pytest.raises(BadInput) as caught:
        desk.make("crate", weight="1", state="full")
    assert [str(problem.hint) for problem in caught.value.problems] == ["It was renamed to “mass”.", "It was retired in revision 3."]
    with pytest.raises(BadInput, match="renamed to “mass”"):
        desk.rows("crate", "weight")
    with desk.workspace.read() as work:
        checked = check_expression(work, OPERATOR, "crate", "weight > 5", "any")
    assert [str(problem.hint) for problem in checked.problems] == ["It was renamed to “mass”."]
    id = studio.draft(("view", "crate.all", {"op": "add", "path": "/columns/state"}))
    assert [str(problem.hint) for problem in studio.sets.check(OPERATOR, id).problems] == ["It was retired in revision 3."]
    studio.change(("entity", "crate", rename("", "container")))
    with pytest.raises(NotFound) as missing:
        desk.rows("crate", "name")
    assert str(missing.value.problems[0].hint) == "It was renamed to “container”."


def test_a_value_does_not_take_the_name_another_gives_up_in_the_same_draft(studio: Studio) -> None:
    held = studio.desk.make("crate", name="A", state="full")
    freed = {"op": "rename", "path": "/values/full", "value": "packed"}
    taken = {"op": "rename", "path": "/values/empty", "value": "full"}
    assert studio.problems(("choices", "crate_state", freed, taken)) == [("rename_later", "custom/choices/crate_state.json", "/values/empty")]
    studio.change(("choices", "crate_state", freed))
    studio.change(("choices", "crate_state", taken))
    assert studio.desk.get("crate", held)["state"] == "packed"


def test_values_that_swap_names_are_refused_in_whole_documents_too(studio: Studio) -> None:
    values = [{"name": "full", "was": ["empty"]}, {"name": "empty", "was": ["full"]}, {"name": "lost"}]
    id = studio.draft(("put", "choices", "crate_state", {**STATES, "values": values}))
    with pytest.raises(BadInput) as refused:
        studio.sets.plan(OPERATOR, id)
    assert {(problem.code, problem.pointer) for problem in refused.value.problems} == {
        ("value_taken_over", "/values/full/was"),
        ("value_taken_over", "/values/empty/was"),
    }


def test_a_whole_document_does_not_undo_a_rename_of_the_draft_unseen(studio: Studio) -> None:
    id = studio.draft(("entity", "crate", {"op": "rename", "path": "/fields/weight", "value": "mass"}))
    with pytest.raises(BadInput) as refused:
        studio.sets.put(OPERATOR, id, "entity", "crate", CRATE)
    assert refused.value.problems[0].code == "renamed_here"
