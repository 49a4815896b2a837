"""Search finds what records say after a published change, and nothing that was taken away."""

from __future__ import annotations

import pytest

from fieldsmith.base.context import OPERATOR
from fieldsmith.workspace import Workspace
from tests.studio.conftest import Studio
from tests.studio.test_removals import remove
from tests.studio.test_retyping import noted, start

WITHOUT_NOTE = ("entity", "crate", *remove("/fields/note"))


def found(studio: Studio, words: str) -> list[tuple[int, str]]:
    """Once the job has run, as the server's own thread does."""
    workspace: Workspace = studio.desk.workspace
    workspace.filling.run()
    with workspace.read() as work:
        hits = work.search.find(work.connection, words, [work.model.entities["crate"].uid])
    return [(hit.record_id, hit.label) for hit in reversed(hits)]


@pytest.fixture
def two(studio: Studio) -> Studio:
    noted(studio, "17", "18")
    assert found(studio, "17") == [(1, "Crate 0")]
    return studio


def test_text_that_became_a_number_is_no_longer_found(two: Studio) -> None:
    start(two, "integer")
    assert found(two, "17") == [] and found(two, "crate") == [(1, "Crate 0"), (2, "Crate 1")]


def test_a_large_table_too(two: Studio) -> None:
    two.desk.workspace.retyping.at_once = 1
    start(two, "integer")
    two.desk.workspace.retyping.jobs.run()
    assert found(two, "17") == []


def test_a_retired_field_is_found_again_when_it_comes_back(two: Studio) -> None:
    two.change(WITHOUT_NOTE)
    assert found(two, "17") == []
    (kept,) = two.desk.workspace.attic.listed(OPERATOR)
    (said,) = two.desk.workspace.attic.comeback(OPERATOR, kept.uid)
    two.change((said.kind, said.name, *said.operations))
    assert found(two, "17") == [(1, "Crate 0")]


def test_purging_makes_search_rows_anew(two: Studio) -> None:
    two.change(WITHOUT_NOTE)
    (kept,) = two.desk.workspace.attic.listed(OPERATOR)
    two.desk.workspace.attic.purge(OPERATOR, kept.uid, kept.name)
    assert two.desk.table("fs_fill") != [] and found(two, "17") == [] and two.desk.table("fs_fill") == []


def test_recycled_records_stay_out_of_it(two: Studio) -> None:
    two.desk.delete("crate", 2)
    two.change(WITHOUT_NOTE)
    assert found(two, "crate") == [(1, "Crate 0")]


def test_a_new_field_makes_nothing_anew(two: Studio) -> None:
    two.change(("entity", "crate", {"op": "add", "path": "/fields/more", "value": {"type": "text"}}))
    assert two.desk.table("fs_fill") == []


def test_a_retired_entity_ends_the_job(two: Studio) -> None:
    two.change(WITHOUT_NOTE)
    two.change(("retire", "view", "crate.all"), ("retire", "entity", "crate"))
    assert two.desk.table("fs_fill") == [] and two.desk.workspace.filling.run()
