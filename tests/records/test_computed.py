"""Formulas and rollups are right after every save, delete, restore and bulk write, however they are kept."""

from __future__ import annotations

from typing import Any

import pytest

from fieldsmith.base.context import OPERATOR
from fieldsmith.records.many import Batch, save_many
from fieldsmith.records.rollups import RollupPlan
from tests.conftest import MakeWorkspace
from tests.desk import Desk
from tests.meta.samples import package
from tests.records.test_concurrency import at_once
from tests.shop import SHOP


@pytest.fixture
def shop(make_workspace: MakeWorkspace) -> Desk:
    return Desk(make_workspace("core", SHOP))


def _line(shop: Desk, order: int, quantity: int = 1, price: str = "10.00", **more: Any) -> int:
    return shop.make("line", name="bolt", order=order, quantity=quantity, price=price, **more)


def test_formulas_of_the_record_itself(shop: Desk) -> None:
    line = _line(shop, shop.make("order", name="A"), 3, "2.50")
    found = shop.json("line", line)
    assert (found["net"], found["doubled"], found["shout"], found["month"]) == ("7.50", "15.00", "BOLT", 5)
    shop.change("line", line, quantity=4, name="nut")
    found = shop.json("line", line)
    assert (found["net"], found["doubled"], found["shout"], found["month"]) == ("10.00", "20.00", "NUT", 4)
    shop.change("line", line, price=None)
    assert (shop.json("line", line)["net"], shop.json("line", line)["doubled"]) == (None, None)


def test_new_parents_count_nothing(shop: Desk) -> None:
    order = shop.json("order", shop.make("order", name="A"))
    assert (order["total"], order["line_count"], order["net"], order["title"]) == ("0.00", 0, "0.00", "A (0)")
    customer = shop.json("customer", shop.make("customer", name="C"))
    assert (customer["order_count"], customer["turnover"], customer["rank"]) == (0, "0.00", "new")


def test_rollups_follow_their_lines_and_climb(shop: Desk) -> None:
    customer = shop.make("customer", name="C", discount="10")
    order = shop.make("order", name="A", customer=customer)
    first = _line(shop, order, 5, "30.00")
    _line(shop, order, 1, "0.10")
    assert _totals(shop, order) == ("150.10", 2, "135.09", "A (2)")
    shop.change("line", first, cancelled=True)
    assert _totals(shop, order) == ("0.10", 1, "0.09", "A (1)")
    shop.change("line", first, cancelled=False)
    assert shop.json("customer", customer)["rank"] == "silver"
    shop.change("order", order, stage="paid", paid_on="2026-01-02")
    assert _standing(shop, customer) == ("150.10", 1, "gold")
    shop.delete("line", first)
    assert _standing(shop, customer) == ("0.10", 1, "silver")
    shop.restore("line", first)
    assert _standing(shop, customer) == ("150.10", 1, "gold")
    shop.delete("order", order)
    assert _standing(shop, customer) == ("0.00", 0, "new")
    shop.restore("order", order)
    assert (_standing(shop, customer), _totals(shop, order)) == (("150.10", 1, "gold"), ("150.10", 2, "135.09", "A (2)"))


def test_a_line_that_moves_leaves_one_order_and_joins_the_other(shop: Desk) -> None:
    one, two = shop.make("order", name="A"), shop.make("order", name="B")
    line = _line(shop, one)
    shop.change("line", line, order=two)
    assert (_totals(shop, one)[1], _totals(shop, two)[1]) == (0, 1)


def test_a_cleared_lookup_is_not_counted(shop: Desk) -> None:
    customer = shop.make("customer", name="C")
    order = shop.make("order", name="A", customer=customer)
    shop.change("order", order, customer=None)
    assert shop.json("customer", customer)["order_count"] == 0


def test_bulk_writes_keep_rollups_right(shop: Desk) -> None:
    order = shop.make("order", name="A")
    rows = [{"name": f"n{at}", "order": order, "quantity": 1, "price": "0.10"} for at in range(500)]
    results = shop.workspace.write(lambda work: save_many(work.records, work.connection, OPERATOR, "line", Batch(create=rows), "all"))
    assert _totals(shop, order)[:2] == ("50.00", 500)
    gone = [result.id for result in results[:100]]
    shop.workspace.write(lambda work: save_many(work.records, work.connection, OPERATOR, "line", Batch(delete=gone), "each"))
    assert _totals(shop, order)[:2] == ("40.00", 400)


def test_computed_fields_leave_no_trace_in_history_and_versions(shop: Desk) -> None:
    order = shop.make("order", name="A")
    line = _line(shop, order)
    shop.change("line", line, quantity=2)
    with shop.workspace.read() as work:
        changed = [change.field.name for item in work.records.history(OPERATOR, "line", line).items for change in item.changes]
    assert not {"net", "doubled", "shout", "month"} & set(changed)
    assert shop.json("order", order)["version"] == 1


def test_nobody_writes_a_computed_field(shop: Desk) -> None:
    with shop.refuses(("read_only", "/total")):
        shop.make("order", name="A", total="5")


def test_lists_filter_and_sort_by_computed_fields(shop: Desk) -> None:
    cheap, dear = shop.make("order", name="A"), shop.make("order", name="B")
    _line(shop, cheap, 1, "1.00")
    _line(shop, dear, 9, "1.00")
    assert shop.ids("order", filters=("total > 1 and line_count = 1",)) == [dear]
    assert shop.rows("order", "name", "net", "title", sort=("-net",)) == [("B", "9.00", "B (1)"), ("A", "1.00", "A (1)")]
    assert shop.rows("line", "order.total", sort=("-order.total",)) == [("9.00",), ("1.00",)]
    assert shop.rows("line", "shout", sort=("shout", "-net"), filters=("net * 2 = doubled",)) == [("BOLT",), ("BOLT",)]


def _totals(shop: Desk, order: int) -> tuple[Any, ...]:
    found = shop.json("order", order)
    return found["total"], found["line_count"], found["net"], found["title"]


def _standing(shop: Desk, customer: int) -> tuple[Any, ...]:
    found = shop.json("customer", customer)
    return found["turnover"], found["order_count"], found["rank"]


def test_children_saved_at_once_are_all_counted(shop: Desk) -> None:
    customer = shop.make("customer", name="C", discount="50")
    order = shop.make("order", name="A", customer=customer)
    at_once([lambda: [_line(shop, order, 1, "2.00") for _ in range(5)] for _ in range(4)])
    assert _totals(shop, order) == ("40.00", 20, "20.00", "A (20)")


def test_a_default_that_does_not_fit_is_a_problem(make_workspace: MakeWorkspace) -> None:
    fields = [{"name": "name", "type": "text"}, {"name": "code", "type": "text", "max_length": 3, "default_expression": "name & name"}]
    desk = Desk(make_workspace("core", package("small", {"entity": [{"name": "box", "fields": fields}]})))
    with desk.refuses(("too_long", "/code")):
        desk.make("box", name="long")
    assert desk.json("box", desk.make("box", name="a"))["code"] == "aa"


@pytest.mark.parametrize("mode", ["all", "each"])
def test_a_batch_computes_each_rollup_once(shop: Desk, monkeypatch: pytest.MonkeyPatch, mode: Any) -> None:
    order, other = shop.make("order", name="A"), shop.make("order", name="B")
    lines = [_line(shop, order) for _ in range(6)]
    whole, runs = RollupPlan.recompute, []

    def counted(self: RollupPlan, connection: Any, entity: str, uids: Any, ids: Any) -> None:
        runs.append((entity, list(ids)))
        whole(self, connection, entity, uids, ids)

    monkeypatch.setattr(RollupPlan, "recompute", counted)
    changes = [*({"id": id, "price": "20.00"} for id in lines[:4]), {"id": lines[4], "order": other}]
    batch = Batch(update=[*changes, *([{"id": lines[0], "price": "x"}] if mode == "each" else [])], delete=lines[:2])
    shop.workspace.write(lambda work: save_many(work.records, work.connection, OPERATOR, "line", batch, mode))
    assert sum(entity == "order" for entity, _ in runs) <= 2  # one for what lines add up to, one for how many there are
    assert (_totals(shop, order)[:2], _totals(shop, other)[:2]) == (("50.00", 3), ("10.00", 1))


@pytest.mark.parametrize("mode", ["all", "each"])
def test_a_rule_that_looks_at_a_rollup_sees_the_rows_before(make_workspace: MakeWorkspace, mode: Any) -> None:
    bag = {"name": "bag", "fields": [{"name": "name", "type": "text"}, {"name": "held", "type": "rollup", "expression": "COUNT(things)"}]}
    thing = {"name": "item", "fields": [{"name": "name", "type": "text"}, {"name": "bag", "type": "lookup", "to": "bag", "inverse": "things"}]}
    rule = {"type": "validation", "entity": "item", "name": "full", "label": "Full", "must": "bag.held < 2", "message": "The bag is full."}
    desk = Desk(make_workspace("core", package("bags", {"entity": [bag, thing], "rule": [rule]})))
    full, empty = desk.make("bag", name="full"), desk.make("bag", name="empty")
    items = [desk.make("item", name=f"{at}", bag=empty) for at in range(2)]
    rows = [{"id": id, "bag": full} for id in items]
    desk.workspace.write(lambda work: save_many(work.records, work.connection, OPERATOR, "item", Batch(update=rows), mode))
    creating = Batch(create=[{"name": "more", "bag": empty}] * 3)
    results = desk.workspace.write(lambda work: save_many(work.records, work.connection, OPERATOR, "item", creating, "each"))
    assert [result.status for result in results] == [201, 201, 422]
    assert [row[0] for row in desk.rows("bag", "held")] == [2, 2]


def test_decimals_show_their_scale_however_they_are_computed(make_workspace: MakeWorkspace) -> None:
    formula = {"type": "formula", "returns": "decimal", "scale": 2}
    fields = [
        {"name": "name", "type": "text"},
        {"name": "stored", **formula, "expression": "IF(ISBLANK(name), 1, 2)"},
        {"name": "asked", **formula, "expression": "IF(TODAY() > DATE(2000, 1, 1), 2, 3)"},
    ]
    desk = Desk(make_workspace("core", package("scales", {"entity": [{"name": "box", "fields": fields}]})))
    id = desk.make("box", name="a")
    assert desk.rows("box", "stored", "asked", sort=("-asked", "stored")) == [("2.00", "2.00")]
    assert (desk.json("box", id)["stored"], desk.json("box", id)["asked"]) == ("2.00", "2.00")
