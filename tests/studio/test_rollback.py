"""Every revision can be had again: what it had comes back with its data, what it had not is retired."""

from __future__ import annotations

import pytest

from fieldsmith.base.context import OPERATOR
from fieldsmith.base.errors import Conflict, Forbidden, NotFound
from tests.desk import user
from tests.studio.conftest import Studio
from tests.studio.test_removals import WITHOUT_WEIGHT, sound


def test_rolling_back_and_forth_loses_nothing(studio: Studio) -> None:
    desk = studio.desk
    revisions = desk.workspace.revisions
    desk.make("crate", name="A", weight="7.50")
    studio.change(*WITHOUT_WEIGHT)
    studio.change(("entity", "crate", {"op": "add", "path": "/fields/weight", "value": {"type": "text"}}))
    desk.make("crate", name="B", weight="light")
    assert revisions.roll_back(OPERATOR, 2) == 5
    assert desk.rows("crate", "name", "weight", "heavy") == [("A", "7.50", False), ("B", None, False)] and sound(desk)
    assert revisions.roll_back(OPERATOR, 4) == 6
    assert desk.rows("crate", "name", "weight") == [("A", None), ("B", "light")] and sound(desk)


def test_rolling_back_to_before_an_entity_and_again_keeps_its_records(studio: Studio) -> None:
    desk = studio.desk
    desk.make("crate", name="A", state="full")
    desk.workspace.revisions.roll_back(OPERATOR, 1)
    assert "crate" not in desk.workspace.runtime().model.entities and sound(desk)
    desk.workspace.revisions.roll_back(OPERATOR, 2)
    assert desk.rows("crate", "name", "state") == [("A", "full")] and sound(desk)


def test_revisions_tell_who_why_and_what(studio: Studio) -> None:
    revisions = studio.desk.workspace.revisions
    (newest, _) = revisions.listed(OPERATOR)
    assert (newest.number, newest.actor_name, newest.reason) == (2, "operator", "test")
    _, differences = revisions.get(OPERATOR, 2)
    assert [item.kind for item in differences] == ["entity_added", "choices_added", "document_added"]
    revisions.roll_back(OPERATOR, 1)
    assert revisions.listed(OPERATOR)[0].reason == "rollback to revision 1"


def test_there_is_no_way_to_what_never_was(studio: Studio) -> None:
    revisions = studio.desk.workspace.revisions
    for number in (0, 3):
        with studio.desk.unchanged(), pytest.raises(NotFound):
            revisions.roll_back(OPERATOR, number)
    with studio.desk.unchanged(), pytest.raises(Conflict, match="says the same"):
        revisions.roll_back(OPERATOR, 2)
    with pytest.raises(Forbidden):
        revisions.roll_back(user(1, "clerk"), 1)
