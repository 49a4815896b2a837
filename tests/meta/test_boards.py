"""Views that show a board: how they are built, what they must say, what they use."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fieldsmith.meta.compile import Compiled
from fieldsmith.meta.model import Model
from fieldsmith.meta.references import uses
from tests.meta.samples import entity, only, package

DEAL = entity(
    "deal",
    {"name": "amount", "type": "currency"},
    {"name": "stage", "type": "choice", "choices": "stage"},
    {"name": "guess", "type": "formula", "returns": "choice", "choices": "stage", "expression": "stage"},
    {"name": "double", "type": "formula", "returns": "currency", "expression": "amount * 2"},
)
STAGE = {"name": "stage", "values": [{"name": "open"}, {"name": "won"}]}


def view(**keys: Any) -> dict[str, list[dict[str, Any]]]:
    return {"entity": [DEAL], "choices": [STAGE], "view": [{"name": "pipeline", "entity": "deal", "columns": ["name"], **keys}]}


def test_a_board_knows_its_columns_and_its_sum(model: Callable[..., Model]) -> None:
    found = model(**view(show="board", group="stage", sum="double")).views["deal.pipeline"]
    assert (found.show, found.group, found.sum) == ("board", "stage", "double")


def test_a_view_is_a_table_unless_it_says_otherwise(model: Callable[..., Model]) -> None:
    found = model(**view()).views["deal.pipeline"]
    assert (found.show, found.group, found.sum) == ("table", "", "")


@pytest.mark.parametrize(
    ("keys", "code", "pointer"),
    [
        ({"show": "board"}, "missing_key", "/group"),
        ({"show": "kanban", "group": "stage"}, "not_allowed", "/show"),
        ({"group": "stag"}, "unknown_field", "/group"),
        ({"group": "name"}, "not_a_choice", "/group"),
        ({"group": "guess"}, "not_a_choice", "/group"),
        ({"group": "stage", "sum": "amout"}, "unknown_field", "/sum"),
        ({"group": "stage", "sum": "name"}, "not_a_number", "/sum"),
    ],
)
def test_faults_of_boards(compiled: Callable[..., Compiled], keys: dict[str, Any], code: str, pointer: str) -> None:
    problem = only(compiled(package("crm", view(**keys))))
    assert (problem.code, problem.pointer) == (code, pointer)


def test_a_board_uses_what_it_groups_by_and_adds_up(model: Callable[..., Model]) -> None:
    found = uses(model(**view(group="stage", sum="amount")))
    assert [use.pointer for use in found["entity/deal/fields/stage"] if use.kind == "view"] == ["/group"]
    assert [use.pointer for use in found["entity/deal/fields/amount"] if use.kind == "view"] == ["/sum"]
