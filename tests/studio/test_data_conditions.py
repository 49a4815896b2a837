"""What records have against a change, and what is offered for it: defaults for blanks, replacements for values that go, twins named."""

from __future__ import annotations

from typing import Any

import pytest

from fieldsmith.base.context import OPERATOR
from fieldsmith.base.errors import BadInput
from tests.studio.conftest import Studio
from tests.studio.test_removals import sound

MANY = {"op": "add", "path": "/fields/states", "value": {"type": "multi_choice", "choices": "crate_state"}}
REPLACED = ("choices", "crate_state", {"op": "change", "path": "/values/empty/was", "value": ["full"]}, {"op": "remove", "path": "/values/full"})


def require(**more: Any) -> tuple[Any, ...]:
    said = {"required": True, **more}
    return ("entity", "crate", *({"op": "change", "path": f"/fields/weight/{key}", "value": value} for key, value in said.items()))


def test_a_field_that_becomes_required_demands_a_default_and_gives_it_to_blanks(studio: Studio) -> None:
    desk = studio.desk
    desk.make("crate", name="A")
    desk.make("crate", name="B", weight="5")
    draft = studio.draft(require())
    with desk.refuses(("required_on_blanks", "/fields/weight/required")):
        studio.publish(draft)
    studio.change(require(default="120"))
    desk.workspace.filling.run()
    assert desk.rows("crate", "weight", "heavy") == [("120.00", True), ("5.00", False)] and sound(desk)


def test_a_text_gets_its_default_in_its_sorted_form_too(studio: Studio) -> None:
    studio.change(("entity", "crate", {"op": "add", "path": "/fields/mark", "value": {"type": "text", "indexed": True}}))
    for name, mark in (("A", "z"), ("B", None), ("C", "a")):
        studio.desk.make("crate", name=name, mark=mark)
    change = ({"op": "change", "path": "/fields/mark/required", "value": True}, {"op": "change", "path": "/fields/mark/default", "value": "Größe"})
    studio.change(("entity", "crate", *change))
    assert studio.desk.rows("crate", "mark", sort=("mark",)) == [("a",), ("Größe",), ("z",)]


def test_a_value_that_goes_is_replaced_where_it_is_said_by_which(studio: Studio) -> None:
    studio.change(("entity", "crate", MANY))
    desk = studio.desk
    for state, states in (("full", ["full"]), ("empty", ["full", "empty"]), ("lost", ["lost"])):
        desk.make("crate", name=state, state=state, states=states)
    planned = studio.sets.plan(OPERATOR, studio.draft(REPLACED))
    assert {item.risk for item in planned.operations} >= {"loses data"}
    studio.change(REPLACED)
    assert desk.rows("crate", "state", "states") == [("empty", ["empty"]), ("empty", ["empty"]), ("lost", ["lost"])] and sound(desk)


def test_a_value_in_use_that_just_goes_is_refused_with_both_cures(studio: Studio) -> None:
    studio.desk.make("crate", name="A", state="full")
    draft = studio.draft(("choices", "crate_state", {"op": "remove", "path": "/values/full"}))
    with studio.desk.refuses(("choice_in_use", "/values/full")):
        studio.publish(draft)


@pytest.mark.parametrize("field", ["name", "weight"])
def test_twins_are_named_when_a_field_becomes_unique(studio: Studio, field: str) -> None:
    ids = [studio.desk.make("crate", name="A", weight="1") for _ in range(2)]
    draft = studio.draft(("entity", "crate", {"op": "change", "path": f"/fields/{field}/unique", "value": True}))
    with pytest.raises(BadInput, match=rf"\(#{ids[0]}, #{ids[1]}\)"), studio.desk.unchanged():
        studio.publish(draft)
