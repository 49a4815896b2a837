"""Drafts: edited freely, checked, planned, and published whole or not at all."""

from __future__ import annotations

from typing import Any

import pytest

from fieldsmith.base.context import OPERATOR
from fieldsmith.base.errors import BadInput, Conflict, Forbidden, NotFound
from fieldsmith.rollout.doctor import examine
from fieldsmith.studio.conflicts import Stale
from tests.desk import Desk, user
from tests.studio.conftest import Studio

SHADE = {"op": "add", "path": "/fields/shade", "value": {"type": "colour", "label": "Shade"}}


def renamed(path: str, label: str) -> dict[str, Any]:
    return {"op": "change", "path": path, "value": label}


def custom(desk: Desk, kind: str, name: str) -> Any:
    """What the workspace's own layer says of a document."""
    with desk.workspace.read() as work:
        layers = desk.workspace.store.load(work.connection).layers
    bodies = {(item.kind, item.name): item.body for layer in layers if layer.name == "custom" for item in layer.documents}
    return bodies.get((kind, name))


def label(desk: Desk, field: str, entity: str = "box") -> str:
    return str(desk.workspace.runtime().model.entities[entity].fields[field].label)


def test_a_draft_is_seen_by_nobody_until_it_is_published(tiny: Desk) -> None:
    studio = Studio(tiny)
    id = studio.draft(("entity", "box", SHADE))
    assert "shade" not in studio.fields("box")
    assert studio.publish(id) == 2
    made = tiny.make("box", shade="#AABBCC")
    assert tiny.get("box", made)["shade"] == "#aabbcc"


def test_a_draft_gives_its_model_for_a_preview(tiny: Desk) -> None:
    studio = Studio(tiny)
    id = studio.draft(("entity", "box", SHADE))
    assert "shade" in studio.sets.model(OPERATOR, id).entities["box"].fields
    assert "shade" not in studio.fields("box")


def test_an_entity_made_here_is_used_at_once(studio: Studio) -> None:
    desk = studio.desk
    id = desk.make("crate", name="A", weight="120", state="full")
    assert desk.get("crate", id)["heavy"] is True
    assert [problem for problem in examine(desk.workspace) if problem.code != "no_front_end"] == []


def test_a_published_draft_is_closed(studio: Studio) -> None:
    published = studio.sets.listed(OPERATOR, "published")
    assert [(draft.title, draft.revision) for draft in published] == [("test", 2)]
    with pytest.raises(Conflict, match="revision 2"):
        studio.edit(published[0].id, ("entity", "box", SHADE))


def test_a_discarded_draft_is_gone(tiny: Desk) -> None:
    studio = Studio(tiny)
    with tiny.unchanged():
        id = studio.draft(("entity", "box", SHADE))
        studio.sets.discard(OPERATOR, id)
        with pytest.raises(NotFound):
            studio.sets.get(OPERATOR, id)


def test_only_administrators_shape_the_system(tiny: Desk) -> None:
    clerk = user(1, "clerk")
    for call in (lambda: tiny.workspace.changesets.open(clerk, "x"), lambda: tiny.workspace.changesets.listed(clerk)):
        with pytest.raises(Forbidden):
            call()


def test_a_property_changed_twice_keeps_the_last_value_and_the_base_it_replaced(tiny: Desk) -> None:
    studio = Studio(tiny)
    studio.change(("entity", "box", renamed("/plural", "Cases"), renamed("/plural", "Chests")))
    studio.change(("entity", "box", renamed("/plural", "Trunks")))
    assert custom(tiny, "entity", "box")["operations"] == [{"op": "change", "path": "/plural", "value": "Trunks", "base": "Boxes"}]


def test_what_says_the_base_again_is_no_customising(tiny: Desk) -> None:
    studio = Studio(tiny)
    studio.change(("entity", "box", renamed("/plural", "Cases")))
    studio.change(("entity", "box", renamed("/plural", "Boxes")))
    assert custom(tiny, "entity", "box") is None


def test_removing_ones_own_change_brings_the_base_back(tiny: Desk) -> None:
    studio = Studio(tiny)
    studio.change(("entity", "box", renamed("/plural", "Cases"), SHADE))
    studio.change(("entity", "box", {"op": "remove", "path": "/plural"}))
    assert [item["path"] for item in custom(tiny, "entity", "box")["operations"]] == ["/fields/shade"]
    assert str(tiny.workspace.runtime().model.entities["box"].plural) == "Boxes"


def test_a_change_within_what_one_added_stays_one_operation(tiny: Desk) -> None:
    studio = Studio(tiny)
    studio.change(("entity", "box", SHADE))
    studio.change(("entity", "box", renamed("/fields/shade/label", "Tint")))
    assert custom(tiny, "entity", "box")["operations"] == [{**SHADE, "value": {"type": "colour", "label": "Tint"}}]
    assert label(tiny, "shade") == "Tint"


def test_a_faulty_edit_is_kept_and_told(tiny: Desk) -> None:
    studio = Studio(tiny)
    edit = ("entity", "box", {"op": "add", "path": "/fields/maker", "value": {"type": "lookup", "to": "nowhere"}})
    assert [code for code, _, _ in studio.problems(edit)] == ["unknown_entity"]


@pytest.mark.parametrize(
    ("sent", "code", "pointer"),
    [
        ({}, "bad_operations", "/operations"),
        ({"operations": []}, "bad_operations", "/operations"),
        ({"operations": [5]}, "wrong_type", "/operations/0"),
        ({"operations": [{"op": "drop", "path": "/label"}]}, "unknown_operation", "/operations/0/op"),
        ({"operations": [{"op": "hide", "path": "label"}]}, "bad_path", "/operations/0/path"),
        ({"operations": [{"op": "hide", "path": "/label", "where": 1}]}, "unknown_key", "/operations/0/where"),
        ({"operations": [{"op": "change", "path": "/label"}]}, "missing_value", "/operations/0/value"),
        ({"operations": [{"op": "rename", "path": "/fields/a", "value": "A b"}]}, "bad_name", "/operations/0/value"),
    ],
)
def test_what_cannot_be_read_as_an_edit_is_refused(tiny: Desk, sent: dict[str, Any], code: str, pointer: str) -> None:
    studio = Studio(tiny)
    id = studio.draft()
    with tiny.refuses((code, pointer)):
        studio.sets.change(OPERATOR, id, "entity", "box", sent)


@pytest.mark.parametrize("name", ["id", "user", "and"])
def test_reserved_names_are_told(studio: Studio, name: str) -> None:
    found = studio.problems(("entity", "crate", {"op": "add", "path": f"/fields/{name}", "value": {"type": "text"}}))
    assert "reserved_name" in [code for code, _, _ in found]


@pytest.mark.parametrize("name", ["A", "a b", "__class__", 'a";drop table x', "x" * 49, "é", "🙂"])
def test_names_nobody_can_call_are_refused(tiny: Desk, name: str) -> None:
    studio = Studio(tiny)
    id = studio.draft()
    with tiny.refuses(("bad_name", "/name")):
        studio.sets.put(OPERATOR, id, "entity", name, {"name": name, "fields": []})


def test_two_drafts_that_touch_the_same_are_told_so(tiny: Desk) -> None:
    studio = Studio(tiny)
    one = studio.draft(("entity", "box", renamed("/fields/code/label", "Key")), title="one")
    two = studio.draft(("entity", "box", renamed("/fields/code", "?"), SHADE), title="two")
    (note,) = studio.sets.check(OPERATOR, one).also_changed_in
    assert (note.path, note.changeset, note.title) == ("entity/box/fields/code/label", two, "two")


def test_a_plan_names_sql_and_risk_and_changes_nothing(studio: Studio) -> None:
    id = studio.draft(("entity", "crate", {"op": "add", "path": "/fields/colour", "value": {"type": "colour"}}))
    with studio.desk.unchanged():
        planned = studio.sets.plan(OPERATOR, id)
    (operation,) = planned.operations
    assert (operation.path, operation.risk, planned.base) == ("entity/crate/fields/colour", "safe", 2)
    assert "ADD COLUMN" in operation.sql[0]


def test_a_plan_holds_for_just_what_it_showed(studio: Studio) -> None:
    id = studio.draft(("entity", "crate", SHADE))
    planned = studio.sets.plan(OPERATOR, id)
    studio.edit(id, ("entity", "crate", renamed("/fields/weight/label", "Mass")))
    with studio.desk.unchanged(), pytest.raises(Stale) as caught:
        studio.sets.publish(OPERATOR, id, planned.hash)
    assert caught.value.conflicts == ()


def test_a_newer_revision_asks_to_plan_again(studio: Studio) -> None:
    id = studio.draft(("entity", "crate", SHADE))
    planned = studio.sets.plan(OPERATOR, id)
    studio.change(("entity", "crate", renamed("/fields/weight/label", "Mass")))
    with studio.desk.unchanged(), pytest.raises(Stale) as caught:
        studio.sets.publish(OPERATOR, id, planned.hash)
    assert caught.value.conflicts == ()
    assert studio.publish(id) == 4


def test_two_who_changed_the_same_see_base_mine_and_theirs(studio: Studio) -> None:
    path = "/fields/weight/label"
    mine = studio.draft(("entity", "crate", renamed(path, "Mine")))
    planned = studio.sets.plan(OPERATOR, mine)
    studio.change(("entity", "crate", renamed(path, "Theirs")))
    with studio.desk.unchanged(), pytest.raises(Stale) as caught:
        studio.sets.publish(OPERATOR, mine, planned.hash)
    (found,) = caught.value.conflicts
    assert found.to_json() == {"path": f"entity/crate{path}", "base": None, "mine": "Mine", "theirs": "Theirs"}
    with pytest.raises(Stale):
        studio.publish(mine)
    assert label(studio.desk, "weight", "crate") == "Theirs"
    studio.edit(mine, ("entity", "crate", renamed(path, "Agreed")))
    studio.publish(mine)
    assert label(studio.desk, "weight", "crate") == "Agreed"


def test_a_whole_document_does_not_undo_what_others_said_meanwhile(studio: Studio) -> None:
    document = custom(studio.desk, "choices", "crate_state")
    mine = studio.draft(("put", "choices", "crate_state", {**document, "label": "Mine"}))
    studio.change(("choices", "crate_state", {"op": "add", "path": "/values/sold", "value": {}}, renamed("/values/full/label", "Packed")))
    with pytest.raises(Stale) as caught:
        studio.publish(mine)
    assert sorted(item.path for item in caught.value.conflicts) == ["choices/crate_state/values/full/label", "choices/crate_state/values/sold"]


def test_records_that_do_not_fit_leave_everything_as_it_was(studio: Studio) -> None:
    studio.desk.make("crate", name="A")
    id = studio.draft(("entity", "crate", renamed("/fields/weight/required", True)))  # type: ignore[arg-type]
    planned = studio.sets.plan(OPERATOR, id)
    with studio.desk.unchanged(), pytest.raises(BadInput) as caught:
        studio.sets.publish(OPERATOR, id, planned.hash)
    assert [(problem.code, problem.pointer) for problem in caught.value.problems] == [("required_on_blanks", "/fields/weight/required")]


def test_a_draft_that_changes_nothing_is_refused(studio: Studio) -> None:
    with pytest.raises(Conflict, match="changes nothing"):
        studio.change()


def test_a_faulty_draft_can_still_be_edited(studio: Studio) -> None:
    id = studio.draft(("put", "translation", "words", {"name": "words"}), ("put", "view", "crate.odd", {"name": "odd", "entity": "crate"}))
    studio.edit(id, ("retire", "entity", "crate"))
    assert "missing_key" in {problem.code for problem in studio.sets.check(OPERATOR, id).problems}
