"""The view editor of the studio: a form becomes operations, a package's view keeps what its package says, a preview shows rows."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from fieldsmith.base.context import Actor
from fieldsmith.workspace import Workspace
from tests.databases import SqliteTemplates
from tests.web.conftest import Person
from tests.web.screens import Visitor, names, words

VIEWS = "/studio/entity/opportunity/views/"
ALL = ["name", "account", "stage", "amount", "close_date", "owner"]


@pytest.fixture
def templates(sqlite_templates: SqliteTemplates) -> SqliteTemplates:
    return sqlite_templates


class Shaper(Visitor):
    """Ana at the studio."""

    actor: Actor

    def send(self, path: str, *more: tuple[str, str], columns: list[str] | None = None, **values: str) -> TestResponse:
        rows = [("csrf_token", self.token), *values.items(), *more, *[("columns", path) for path in (ALL if columns is None else columns)]]
        return self.client.post(path if path.startswith("/") else VIEWS + path, data=MultiDict(rows))

    def draft(self, name: str) -> dict[str, Any]:
        """The view as the newest draft makes it."""
        sets = self.workspace.changesets
        id = max(draft.id for draft in sets.listed(self.actor))
        return dict(sets.look(self.actor, id).documents["view", f"opportunity.{name}"].body)

    def edits(self, name: str) -> list[dict[str, Any]]:
        sets = self.workspace.changesets
        found = sets.get(self.actor, max(draft.id for draft in sets.listed(self.actor)))
        assert found.edits is not None
        return [item.body() for item in found.edits["view", f"opportunity.{name}"].operations]


@pytest.fixture
def shaper(app: Flask, workspace: Workspace, admin: Person) -> Shaper:
    found = Shaper(app, workspace, admin)
    found.actor = admin.actor
    return found


def test_the_list_names_views_their_columns_and_the_default(shaper: Shaper) -> None:
    said = words(shaper.get(VIEWS))
    assert "All opportunities all Opportunity name · Account · Stage · Amount · Close date · Owner Default" in said and "Pipeline pipeline" in said


def test_a_new_board_is_made_from_the_form(shaper: Shaper) -> None:
    answer = shaper.send(
        "new",
        ("sort", "amount"),
        ("direction", "-"),
        label="Big deals",
        show="board",
        group="stage",
        sum="amount",
        filter="amount > 5",
        columns=["name", "account.name"],
    )
    assert answer.location == VIEWS
    assert shaper.draft("big_deals") == {
        **{"name": "big_deals", "entity": "opportunity", "label": "Big deals", "columns": ["name", "account.name"], "filter": "amount > 5"},
        **{"sort": ["-amount"], "show": "board", "group": "stage", "sum": "amount"},
    }


def test_columns_of_a_packages_view_change_one_by_one(shaper: Shaper) -> None:
    shaper.send(
        "all",
        ("sort", "id"),
        ("direction", "-"),
        label="All opportunities",
        default="yes",
        columns=["name", "probability", "stage", "account", "owner", "amount"],
    )
    assert shaper.draft("all")["columns"] == ["name", "probability", "stage", "account", "owner", "amount"]
    assert {"op": "hide", "path": "/columns/close_date"} in shaper.edits("all") and len(shaper.edits("all")) == 4
    shaper.send("all", ("sort", "id"), ("direction", "-"), label="All opportunities", default="yes")
    assert shaper.draft("all")["columns"] == ALL


def test_what_a_package_says_can_be_said_empty_and_reset(shaper: Shaper) -> None:
    shaper.send("pipeline", label="Funnel", show="table", columns=["name"])
    changed = shaper.draft("pipeline")
    assert (changed["label"], changed["show"], changed["group"], changed["sum"], changed["sort"]) == ("Funnel", "table", "", "", [])
    shaper.send("pipeline/reset")
    again = shaper.draft("pipeline")
    assert (again["label"], again["show"], again["group"], again["sum"], again["sort"]) == ("Pipeline", "board", "stage", "amount", ["close_date"])


def test_only_one_view_is_the_default(shaper: Shaper) -> None:
    shaper.send("pipeline/default")
    assert shaper.draft("pipeline")["default"] is True and not shaper.draft("all").get("default")
    shaper.send("new", label="Mine", default="yes", columns=["name"])
    assert shaper.draft("mine")["default"] is True and not shaper.draft("pipeline").get("default")


@pytest.mark.parametrize(
    ("values", "columns", "said"),
    [
        ({"label": ""}, ["name"], "This is needed."),
        ({"label": "A"}, [], "Choose at least one column."),
        ({"label": "A", "show": "board"}, ["name"], "Choose the pick list whose values are the columns"),
        ({"label": "A", "show": "board", "group": "name"}, ["name"], "“name” is none."),
        ({"label": "A", "group": "stage", "sum": "name"}, ["name"], "Only numbers and amounts can be added up"),
        ({"label": "A", "filter": "amuont > 1"}, ["name"], "amuont"),
        ({"label": "A"}, ["nmae"], "has no field “nmae”"),
        ({"label": "x" * 256}, ["name"], "Write 1 to 255 characters"),
        ({"label": "A", "show": "<b>"}, ["name"], "Choose one from the list."),
    ],
)
def test_faulty_forms_come_back_with_the_reason(shaper: Shaper, values: dict[str, str], columns: list[str], said: str) -> None:
    answer = shaper.send("new", columns=columns, **values)
    assert answer.status_code == 422 and said in words(answer) and not shaper.workspace.changesets.listed(shaper.actor)


def test_without_scripts_a_column_is_added_by_the_server(shaper: Shaper) -> None:
    answer = shaper.send("all", do="add", add="account.name", label="All opportunities")
    assert answer.status_code == 200 and 'name="columns" value="account.name" checked' in answer.text


def test_views_of_packages_are_hidden_own_ones_taken_away(shaper: Shaper) -> None:
    shaper.send("by_stage/hide", hidden="yes")
    assert shaper.draft("by_stage")["hidden"] is True and "hidden" in words(shaper.get(VIEWS))
    shaper.send("new", label="Mine", columns=["name"])
    assert "Nothing else uses it." in words(shaper.get(VIEWS + "mine/remove"))
    shaper.send("mine/remove")
    assert shaper.get(VIEWS + "mine").status_code == 404


def test_a_view_a_tab_opens_cannot_go(shaper: Shaper) -> None:
    shaper.send("new", label="Mine", columns=["name"])
    sets = shaper.workspace.changesets
    sets.put(shaper.actor, sets.listed(shaper.actor)[0].id, "tab", "mine", {"name": "mine", "entity": "opportunity", "view": "mine", "label": "My tab"})
    assert "It is used here: My tab" in words(shaper.get(VIEWS + "mine/remove"))
    assert shaper.send("mine/remove").status_code == 422 and shaper.draft("mine")["label"] == "Mine"


def test_the_preview_shows_the_first_rows(shaper: Shaper) -> None:
    shaper.make_many("opportunity", [{"name": f"D{at}", "amount": str(at)} for at in range(8)])
    answer = shaper.send("preview", ("sort", "amount"), ("direction", "-"), filter="amount < 7", columns=["name", "amount"])
    assert names(answer) == ["D6", "D5", "D4", "D3", "D2"] and "Preview 7" in words(answer)
    board = shaper.send("preview", show="board", group="stage", sum="amount")
    assert "Prospecting 8 $28.00" in words(board)
    assert "not published yet" in words(shaper.send("preview", columns=["fresh"])) and "filter right" in words(shaper.send("preview", filter="amount >"))


@pytest.mark.parametrize("path", ["", "new", "all", "all/remove"])
def test_only_administrators_shape_views(app: Flask, workspace: Workspace, clerk: Person, path: str) -> None:
    assert Visitor(app, workspace, clerk).get(VIEWS + path).status_code == 403


@pytest.mark.parametrize("path", ["nope", "nope/remove", "<b>"])
def test_views_that_are_not_there(shaper: Shaper, path: str) -> None:
    assert shaper.get(VIEWS + path).status_code == 404 and shaper.get("/studio/entity/nope/views/").status_code == 404
