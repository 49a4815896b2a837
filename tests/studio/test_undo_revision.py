"""One revision taken back while later ones stay, and the plan of a rollback."""

from __future__ import annotations

import pytest

from fieldsmith.base.context import OPERATOR
from fieldsmith.base.errors import Conflict
from fieldsmith.studio.conflicts import Stale
from tests.databases import SqliteTemplates
from tests.studio.conftest import VIEW, Studio
from tests.studio.test_changesets import SHADE, label, renamed

NAME = "/fields/name/label"


@pytest.fixture
def templates(sqlite_templates: SqliteTemplates) -> SqliteTemplates:
    return sqlite_templates


def take_back(studio: Studio, number: int) -> int:
    return studio.publish(studio.sets.open_undo(OPERATOR, number))


def test_a_field_goes_and_later_changes_stay(studio: Studio) -> None:
    added = studio.change(("entity", "box", SHADE), ("entity", "crate", {**SHADE, "path": "/fields/tone"}))
    studio.change(("entity", "box", renamed(NAME, "Later")))
    take_back(studio, added)
    assert "shade" not in studio.fields("box") and "tone" not in studio.fields() and label(studio.desk, "name") == "Later"


def test_what_was_taken_away_comes_back_with_its_values(studio: Studio) -> None:
    id = studio.desk.make("crate", name="A", weight="7")
    remove = [{"op": "remove", "path": f"/fields/{name}"} for name in ("heavy", "weight")]
    gone = studio.change(("view", "crate.all", {"op": "remove", "path": "/columns/weight"}), ("entity", "crate", *remove))
    studio.change(("entity", "box", renamed(NAME, "Later")))
    take_back(studio, gone)
    assert str(studio.desk.get("crate", id)["weight"]) in ("7", "7.00")
    with studio.desk.workspace.read() as work:
        assert list(work.model.documents["view", "crate.all"].body["columns"]) == VIEW["columns"]


def test_a_whole_document_goes_and_comes_back(studio: Studio) -> None:
    gone = studio.change(("retire", "view", "crate.all"))
    back = take_back(studio, gone)
    take_back(studio, back)
    assert ("view", "crate.all") not in studio.desk.workspace.runtime().model.documents


def test_where_later_ones_touched_the_same_one_decides(studio: Studio) -> None:
    first = studio.change(("entity", "box", renamed(NAME, "One")))
    studio.change(("entity", "box", renamed(NAME, "Two")))
    id = studio.sets.open_undo(OPERATOR, first)
    found = [(item.path, item.base, item.mine, item.theirs) for item in studio.sets.conflicts(OPERATOR, id)]
    assert found == [(f"entity/box{NAME}", "One", None, "Two")]


def test_a_rename_is_only_rolled_back(studio: Studio) -> None:
    number = studio.change(("entity", "crate", {"op": "rename", "path": "/fields/weight", "value": "mass"}))
    with pytest.raises(Conflict, match="renamed"):
        studio.sets.open_undo(OPERATOR, number)


def test_a_rollback_is_planned_and_bound_to_its_plan(studio: Studio) -> None:
    base = studio.desk.workspace.runtime().model.revision
    studio.change(("entity", "box", SHADE))
    revisions = studio.desk.workspace.revisions
    planned = revisions.plan_back(OPERATOR, base)
    assert [item.path for item in planned.operations] == ["entity/box/fields/shade"]
    studio.change(("entity", "box", renamed(NAME, "Later")))
    with pytest.raises(Stale):
        revisions.roll_back(OPERATOR, base, hash=planned.hash)
    revisions.roll_back(OPERATOR, base, hash=revisions.plan_back(OPERATOR, base).hash, reason="Too early")
    assert "shade" not in studio.fields("box") and revisions.listed(OPERATOR)[0].reason == "Too early"


def test_a_revision_names_the_documents_it_changed(studio: Studio) -> None:
    number = studio.change(("entity", "box", renamed(NAME, "One")))
    changed = studio.desk.workspace.revisions.documents(OPERATOR, number)
    assert [(item.layer, item.kind, item.name, item.before) for item in changed] == [("custom", "entity", "box", None)]
