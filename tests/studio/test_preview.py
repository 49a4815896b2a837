"""A draft looked at before it is published: its model over the records there are, on both databases; nothing of it stays."""

from __future__ import annotations

from typing import Any

import pytest

from fieldsmith.base.context import OPERATOR
from fieldsmith.base.errors import BadInput, Conflict
from fieldsmith.query.run import Query
from tests.studio.conftest import Studio
from tests.studio.test_changesets import SHADE, renamed

COST = {"op": "add", "path": "/fields/cost", "value": {"type": "formula", "returns": "decimal", "expression": "weight * 2"}}
KEPT = {"op": "add", "path": "/fields/label_text", "value": {"type": "formula", "returns": "text", "expression": 'upper(name) & "!"'}}
RENT: dict[str, Any] = {"name": "rent", "fields": [{"name": "name", "type": "text"}, {"name": "crates", "type": "many_to_many", "to": "crate"}]}


def seen(studio: Studio, id: int, entity: str, *columns: str, **more: Any) -> list[tuple[Any, ...]]:
    """The rows of a list in the preview of draft `id`."""
    with studio.desk.workspace.preview(OPERATOR, id) as work:
        pages = work.queries.each(OPERATOR, Query(entity, columns, ("id",), **more))
        return [tuple(column.json(row) for column in page.columns) for page in pages for row in page.rows]


@pytest.fixture
def crate(studio: Studio) -> int:
    return studio.desk.make("crate", name="A", weight="120", state="full")


def test_new_fields_are_blank_and_formulas_computed(studio: Studio, crate: int) -> None:
    id = studio.draft(("entity", "crate", SHADE, COST, KEPT))
    assert seen(studio, id, "crate", "name", "shade", "cost", "label_text") == [("A", None, "240.00", "A!")]
    assert seen(studio, id, "crate", "name", filters=("cost > 200", "isblank(shade)")) == [("A",)]


def test_a_changed_formula_gives_its_new_value(studio: Studio, crate: int) -> None:
    id = studio.draft(("entity", "crate", {"op": "change", "path": "/fields/heavy/expression", "value": "weight > 500"}))
    assert seen(studio, id, "crate", "heavy") == [(False,)]
    assert studio.desk.get("crate", crate)["heavy"] is True


def test_a_new_entity_is_an_empty_list(studio: Studio, crate: int) -> None:
    id = studio.draft(("put", "entity", "rent", RENT))
    assert seen(studio, id, "rent", "name") == []
    with studio.desk.workspace.preview(OPERATOR, id) as work:
        assert work.records.get(OPERATOR, "crate", crate).values["name"] == "A"


def test_a_renamed_value_has_its_new_name(studio: Studio, crate: int) -> None:
    id = studio.draft(("choices", "crate_state", {"op": "rename", "path": "/values/full", "value": "filled"}))
    assert seen(studio, id, "crate", "name", filters=("state = 'filled'",)) == [("A",)]


def test_nothing_of_a_preview_stays(studio: Studio, crate: int) -> None:
    with studio.desk.unchanged():
        id = studio.draft(("entity", "crate", SHADE), ("put", "entity", "rent", RENT))
        seen(studio, id, "crate", "shade")
        studio.sets.discard(OPERATOR, id)
    assert studio.desk.rows("crate", "name") == [("A",)]


def test_what_is_ready_follows_draft_and_revision(studio: Studio) -> None:
    previews = studio.desk.workspace.previews
    id = studio.draft(("entity", "crate", SHADE))
    first = previews.ready(OPERATOR, id)
    assert previews.ready(OPERATOR, id) is first
    studio.edit(id, ("entity", "crate", COST))
    second = previews.ready(OPERATOR, id)
    studio.change(("entity", "box", renamed("/fields/name/label", "Title")))
    assert second is not first and previews.ready(OPERATOR, id) is not second


def test_a_faulty_or_published_draft_cannot_be_previewed(studio: Studio) -> None:
    faulty = studio.draft(("entity", "crate", {"op": "add", "path": "/fields/x", "value": {"type": "lookup", "to": "nowhere"}}))
    with pytest.raises(BadInput):
        studio.desk.workspace.previews.ready(OPERATOR, faulty)
    published = studio.draft(("entity", "crate", SHADE))
    studio.publish(published)
    with pytest.raises(Conflict):
        studio.desk.workspace.previews.ready(OPERATOR, published)
