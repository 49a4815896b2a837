"""Record types by change sets: the column comes and goes with its values, names change everywhere, uses are known."""

from __future__ import annotations

from typing import Any

import pytest

from fieldsmith.base.context import OPERATOR
from fieldsmith.base.errors import BadInput
from fieldsmith.rollout.doctor import examine
from tests.desk import Desk
from tests.studio.conftest import Studio

SMALL: dict[str, Any] = {"name": "small", "entity": "crate", "choices": {"state": ["full", "empty"]}}
BIG: dict[str, Any] = {"name": "big", "entity": "crate", "default": True}
PUT = (("put", "record_type", "crate.small", SMALL), ("put", "record_type", "crate.big", BIG))


def put_view(filter: str) -> tuple[Any, ...]:
    return ("put", "view", "crate.typed", {"name": "typed", "entity": "crate", "columns": ["name", "record_type"], "filter": filter})


def sound(desk: Desk) -> bool:
    return not [problem for problem in examine(desk.workspace) if problem.code != "no_front_end"]


def test_the_first_type_adds_the_field_and_old_records_have_none(studio: Studio) -> None:
    desk = studio.desk
    desk.make("crate", name="A")
    plan = studio.sets.plan(OPERATOR, studio.draft(*PUT))
    assert {operation.risk for operation in plan.operations} == {"safe"}
    assert [operation.path for operation in plan.operations] == ["entity/crate/fields/record_type", "record_type/crate.big", "record_type/crate.small"]
    studio.change(*PUT)
    desk.make("crate", name="B")
    assert desk.rows("crate", "name", "record_type") == [("A", None), ("B", "big")] and sound(desk)


def test_the_last_type_takes_the_field_along_and_its_return_brings_the_values_back(studio: Studio) -> None:
    desk = studio.desk
    studio.change(*PUT)
    desk.make("crate", name="A", record_type="small")
    gone = [("retire", "record_type", f"crate.{name}") for name in ("small", "big")]
    studio.change(*gone)
    assert "record_type" not in desk.workspace.runtime().model.entities["crate"].fields and sound(desk)
    studio.change(*PUT)
    assert desk.rows("crate", "record_type") == [("small",)] and sound(desk)


def test_a_type_that_records_have_is_not_taken_away(studio: Studio) -> None:
    studio.change(*PUT)
    studio.desk.make("crate", name="A", record_type="small")
    with pytest.raises(BadInput, match="1 record"):
        studio.change(("retire", "record_type", "crate.small"))


def test_a_renamed_type_is_renamed_in_records_and_mentions(studio: Studio) -> None:
    desk = studio.desk
    studio.change(*PUT, put_view("record_type = 'small'"))
    desk.make("crate", name="A", record_type="small")
    studio.change(("record_type", "crate.small", {"op": "rename", "path": "", "value": "tiny"}))
    assert desk.rows("crate", "record_type") == [("tiny",)] and sound(desk)
    documents = desk.workspace.runtime().model.documents
    assert documents["view", "crate.typed"].body["filter"] == 'record_type = "tiny"'
    assert documents["record_type", "crate.tiny"].body["was"] == ["small"]


def test_renaming_fields_and_values_reaches_record_types_and_controlled_values(studio: Studio) -> None:
    lids = {"name": "lids", "depends_on": "crate_state", "values": [{"name": "shut", "for": ["full"]}, {"name": "ajar"}]}
    lid = {"type": "choice", "choices": "lids", "depends_on": "state"}
    studio.change(*PUT, ("put", "choices", "lids", lids), ("entity", "crate", {"op": "add", "path": "/fields/lid", "value": lid}))
    studio.change(("choices", "crate_state", {"op": "rename", "path": "/values/full", "value": "laden"}))
    studio.change(("entity", "crate", {"op": "rename", "path": "/fields/state", "value": "stage"}))
    documents = studio.desk.workspace.runtime().model.documents
    assert documents["record_type", "crate.small"].body["choices"] == {"stage": ["laden", "empty"]}
    assert documents["choices", "lids"].body["values"][0]["for"] == ["laden"]
    assert studio.desk.workspace.runtime().model.entities["crate"].fields["lid"].options["depends_on"] == "stage"


def test_record_types_go_with_their_entity_and_follow_its_name(studio: Studio) -> None:
    studio.change(*PUT)
    studio.change(("entity", "crate", {"op": "rename", "path": "", "value": "chest"}))
    assert list(studio.desk.workspace.runtime().model.record_types) == ["chest.big", "chest.small"]
    studio.desk.make("chest", name="A", record_type="small")
    studio.change(("retire", "entity", "chest"))
    assert studio.desk.workspace.runtime().model.record_types == {} and sound(studio.desk)


def test_mentioned_types_are_not_taken_away(studio: Studio) -> None:
    studio.change(*PUT, put_view("record_type = 'small'"))
    assert ("in_use", "custom/view/crate.typed.json", "/filter") in studio.problems(("retire", "record_type", "crate.small"))
