"""Columns of a board: counted and added up in one statement, read one by one. On both databases."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from fieldsmith.base.context import OPERATOR
from fieldsmith.query.board import Total
from fieldsmith.query.run import Query
from tests.conftest import MakeWorkspace
from tests.desk import Desk
from tests.meta.samples import package

FIELDS: list[dict[str, Any]] = [
    {"name": "name", "type": "text"},
    {"name": "stage", "type": "choice", "choices": "stage"},
    {"name": "amount", "type": "currency"},
    {"name": "weight", "type": "decimal", "scale": 3},
    {"name": "pieces", "type": "integer"},
    {"name": "effort", "type": "duration"},
    {"name": "double", "type": "formula", "returns": "decimal", "scale": 2, "expression": "weight * 2"},
    {"name": "age", "type": "formula", "returns": "integer", "expression": "YEAR(TODAY()) - 2000 + pieces"},
]
STAGES = {"name": "stage", "values": [{"name": "open"}, {"name": "won"}, {"name": "lost"}]}
RATES = {"extends": "company", "operations": [{"op": "change", "path": "/rates", "value": [{"currency": "EUR", "from": "2026-01-01", "rate": "2"}]}]}
DEALS = package("deals", {"entity": [{"name": "deal", "fields": FIELDS}], "choices": [STAGES]}, requires=["core"])
MONEY = package("money", {"company": [RATES]}, requires=["deals"])
HUGE = 999_999_999_999_999_999


@pytest.fixture
def deals(make_workspace: MakeWorkspace) -> Desk:
    desk = Desk(make_workspace("core", DEALS, MONEY))
    desk.make("deal", name="A", stage="open", amount="10.50", weight="1.001", pieces=1, effort=60)
    desk.make("deal", name="B", stage="open", amount={"amount": "4.25", "currency": "EUR"}, weight="2.002", pieces=HUGE, effort=60)
    desk.make("deal", name="C", stage="won", pieces=HUGE, amount="-3")
    desk.make("deal", name="D", amount="1")
    return desk


def totals(desk: Desk, summed: str | None, **more: Any) -> dict[str | None, Total]:
    with desk.workspace.read() as work:
        return work.queries.totals(OPERATOR, Query("deal", (), **more), "stage", summed)


@pytest.mark.parametrize(
    ("summed", "of_open", "of_won"),
    [
        (None, None, None),
        ("amount", Decimal("19.00"), Decimal("-3.00")),
        ("weight", Decimal("3.003"), None),
        ("pieces", HUGE + 1, HUGE),
        ("effort", 120, None),
        ("double", Decimal("6.00"), None),
        ("age", 27, None),
    ],
)
def test_what_columns_add_up_to(deals: Desk, summed: str | None, of_open: Any, of_won: Any) -> None:
    found = totals(deals, summed)
    assert found["open"] == Total(2, of_open) and found["won"] == Total(1, of_won)
    assert found[None].count == 1 and set(found) == {"open", "won", None}


def test_only_what_the_query_finds_is_added_up(deals: Desk) -> None:
    deals.delete("deal", 1)
    assert totals(deals, "amount", filters=("pieces > 0",)) == {"open": Total(1, Decimal("8.50")), "won": Total(1, Decimal("-3.00"))}
    assert totals(deals, "amount", search="C") == {"won": Total(1, Decimal("-3.00"))}


@pytest.mark.parametrize(("value", "names"), [("open", ["B", "A"]), ("won", ["C"]), ("lost", []), (None, ["D"])])
def test_a_column_is_read_by_itself(deals: Desk, value: str | None, names: list[str]) -> None:
    assert [row[0] for row in deals.rows("deal", "name", sort=("-name",), holding=("stage", value))] == names


def test_pages_of_a_column_follow_each_other(deals: Desk) -> None:
    deals.workspace.write(lambda work: work.records.create_many(OPERATOR, "deal", [{"name": f"E{at}", "stage": "lost"} for at in range(7)]))
    found = deals.rows("deal", "name", sort=("name",), holding=("stage", "lost"), limit=3)
    assert [row[0] for row in found] == [f"E{at}" for at in range(7)]
