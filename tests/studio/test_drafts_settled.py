"""A draft's changes are taken back one by one, and what others changed too is decided path by path."""

from __future__ import annotations

from typing import Any

import pytest

from fieldsmith.base.context import OPERATOR
from fieldsmith.base.errors import BadInput, Conflict, NotFound
from fieldsmith.studio.settling import Choice
from fieldsmith.studio.workbench import Said
from tests.databases import SqliteTemplates
from tests.studio.conftest import Studio
from tests.studio.test_changesets import SHADE, label, renamed

NAME = "/fields/name/label"


@pytest.fixture
def templates(sqlite_templates: SqliteTemplates) -> SqliteTemplates:
    return sqlite_templates


def said(studio: Studio, id: int) -> list[Any]:
    edits = (studio.sets.get(OPERATOR, id).edits or {}).values()
    return [(edit.name, operation.path, operation.value) for edit in edits for operation in edit.operations]


def test_the_last_change_is_taken_back_whole(studio: Studio) -> None:
    id = studio.draft(("entity", "box", renamed(NAME, "One")))
    two = [Said("entity", "box", [renamed(NAME, "Two"), SHADE]), Said("entity", "crate", [renamed(NAME, "Three")])]
    studio.sets.say(OPERATOR, id, two)
    studio.sets.undo(OPERATOR, id)
    assert said(studio, id) == [("box", NAME, "One")]
    studio.sets.undo(OPERATOR, id)
    assert not studio.sets.get(OPERATOR, id).edits
    with pytest.raises(Conflict):
        studio.sets.undo(OPERATOR, id)


def test_taking_a_document_back_can_be_undone(studio: Studio) -> None:
    id = studio.draft(("entity", "box", SHADE))
    studio.sets.take_back(OPERATOR, id, "entity", "box")
    studio.sets.undo(OPERATOR, id)
    assert len(said(studio, id)) == 1


def test_one_operation_is_taken_back(studio: Studio) -> None:
    id = studio.draft(("entity", "box", SHADE, renamed(NAME, "One")))
    turn = studio.sets.get(OPERATOR, id).edits["entity", "box"].operations[0].turn  # type: ignore[index]
    studio.sets.take_back_turn(OPERATOR, id, "entity", "box", turn)
    assert said(studio, id) == [("box", NAME, "One")]
    with pytest.raises(NotFound):
        studio.sets.take_back_turn(OPERATOR, id, "entity", "box", turn)


@pytest.mark.parametrize(
    ("choice", "expected"),
    [(Choice("mine"), "Mine"), (Choice("theirs"), "Theirs"), (Choice("other", "Both"), "Both")],
    ids=["mine", "theirs", "other"],
)
def test_a_conflict_is_decided(studio: Studio, choice: Choice, expected: str) -> None:
    id = studio.draft(("entity", "box", renamed(NAME, "Mine"), SHADE))
    studio.change(("entity", "box", renamed(NAME, "Theirs")))
    with pytest.raises(BadInput):
        studio.sets.settle(OPERATOR, id, {})
    studio.sets.settle(OPERATOR, id, {f"entity/box{NAME}": choice})
    assert not studio.sets.conflicts(OPERATOR, id)
    studio.publish(id)
    assert label(studio.desk, "name") == expected
    assert "shade" in studio.fields("box")


@pytest.mark.parametrize(("take", "expected"), [("mine", "Name"), ("theirs", "Theirs")])
def test_a_whole_document_is_decided_part_by_part(studio: Studio, take: Any, expected: str) -> None:
    document = dict(studio.sets.look(OPERATOR, None).documents["entity", "crate"].body)
    id = studio.draft(("put", "entity", "crate", {**document, "help": "Mine"}))
    studio.change(("entity", "crate", renamed(NAME, "Theirs")))
    assert [item.path for item in studio.sets.conflicts(OPERATOR, id)] == ["entity/crate/fields/name/label"]
    studio.sets.settle(OPERATOR, id, {"entity/crate/fields/name/label": Choice(take)})
    studio.publish(id)
    assert label(studio.desk, "name", "crate") == expected
    assert str(studio.desk.workspace.runtime().model.entities["crate"].help) == "Mine"
