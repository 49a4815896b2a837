"""Imports obey rules, fill default expressions and keep formulas and rollups right."""

from __future__ import annotations

from pathlib import Path

from tests.bulk.loading import Files, counts
from tests.conftest import MakeWorkspace
from tests.desk import Desk
from tests.shop import SHOP


def test_an_import_obeys_rules_and_keeps_rollups(make_workspace: MakeWorkspace, tmp_path: Path) -> None:
    desk = Desk(make_workspace("core", SHOP))
    files = Files(desk, tmp_path)
    desk.make("customer", name="C", region="east")
    columns = {
        "name": {"field": "name"},
        "customer": {"field": "customer", "lookup": {"by": "name"}},
        "stage": {"field": "stage"},
        "paid": {"field": "paid_on"},
    }
    orders = files.load("order", "name,customer,stage,paid\nA,C,open,\nB,C,paid,\nC,C,paid,2026-01-02\n", columns=columns)
    assert (counts(orders), files.places) == ((2, 0, 0, 1), [("3", "paid")])
    assert desk.rows("order", "name", "region", "due") == [("A", "east", "2026-12-06"), ("C", "east", "2026-12-06")]
    columns = {"order": {"field": "order", "lookup": {"by": "name"}}, "quantity": {"field": "quantity"}, "price": {"field": "price"}}
    lines = "".join(f"{'A' if at % 3 else 'C'},1,2.00\n" for at in range(30))
    assert counts(files.load("line", "order,quantity,price\n" + lines, columns=columns)) == (30, 0, 0, 0)
    assert desk.rows("order", "total", "line_count", "title") == [("40.00", 20, "A (20)"), ("20.00", 10, "C (10)")]
    assert desk.rows("customer", "turnover", "order_count") == [("20.00", 2)]
