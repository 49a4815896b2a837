"""Boards in change sets: what a board groups by and adds up is renamed along, and not taken away under it."""

from __future__ import annotations

import pytest

from tests.databases import SqliteTemplates
from tests.studio.conftest import Studio
from tests.studio.test_renaming import rename

BOARD = {"name": "board", "entity": "crate", "columns": ["name"], "show": "board", "group": "state", "sum": "weight"}


@pytest.fixture
def templates(sqlite_templates: SqliteTemplates) -> SqliteTemplates:
    return sqlite_templates


def test_a_board_follows_renamed_fields(studio: Studio) -> None:
    studio.change(("put", "view", "crate.board", BOARD))
    studio.change(("entity", "crate", rename("/fields/state", "phase"), rename("/fields/weight", "mass")))
    view = studio.desk.workspace.runtime().model.views["crate.board"]
    assert (view.show, view.group, view.sum) == ("board", "phase", "mass")


def test_the_field_a_board_groups_by_stays(studio: Studio) -> None:
    studio.change(("put", "view", "crate.board", BOARD), ("view", "crate.all", {"op": "remove", "path": "/filter"}))
    assert ("in_use", "custom/view/crate.board.json", "/group") in studio.problems(("entity", "crate", {"op": "remove", "path": "/fields/state"}))


def test_a_board_becomes_a_table_and_says_no_group(studio: Studio) -> None:
    studio.change(("put", "view", "crate.board", BOARD))
    studio.change(
        ("view", "crate.board", *({"op": "change", "path": f"/{key}", "value": value} for key, value in (("show", "table"), ("group", ""), ("sum", ""))))
    )
    view = studio.desk.workspace.runtime().model.views["crate.board"]
    assert (view.show, view.group, view.sum) == ("table", "", "")
