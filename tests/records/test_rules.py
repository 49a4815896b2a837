"""Rules hold on every door: validation, fields visible, required and read-only by condition, default expressions."""

from __future__ import annotations

import pytest

from fieldsmith.base.context import OPERATOR
from fieldsmith.records.many import Batch, save_many
from tests.conftest import MakeWorkspace
from tests.desk import Desk
from tests.meta.samples import package
from tests.shop import SHOP


@pytest.fixture
def shop(make_workspace: MakeWorkspace) -> Desk:
    return Desk(make_workspace("core", SHOP))


def test_a_validation_rule_refuses_with_its_message_at_its_field(shop: Desk) -> None:
    with pytest.raises(Exception, match="Say when it was paid"), shop.unchanged():
        shop.make("order", name="A", stage="paid")
    with shop.refuses(("validation_rule", "/paid_on")):
        shop.make("order", name="A", stage="paid")


def test_rules_compare_with_the_record_before(shop: Desk) -> None:
    order = shop.make("order", name="A", stage="paid", paid_on="2026-01-02")
    with shop.refuses(("validation_rule", "")):
        shop.change("order", order, stage="open")
    shop.change("order", order, name="B")
    assert shop.json("order", order)["name"] == "B"


def test_a_hidden_field_cannot_be_filled_and_is_not_required(shop: Desk) -> None:
    with shop.refuses(("hidden_by_rule", "/reason")):
        shop.make("order", name="A", reason="too dear")
    shop.make("order", name="A")


def test_a_field_is_required_once_its_condition_holds(shop: Desk) -> None:
    order = shop.make("order", name="A")
    with shop.refuses(("required", "/reason")):
        shop.change("order", order, stage="lost")
    shop.change("order", order, stage="lost", reason="too dear")
    with shop.refuses(("required", "/reason")):
        shop.change("order", order, reason=None)


def test_a_field_locked_by_a_path_cannot_be_changed(shop: Desk) -> None:
    customer = shop.make("customer", name="C", region="east")
    order = shop.make("order", name="A", customer=customer)
    assert shop.json("order", order)["region"] == "east"
    with shop.refuses(("read_only_by_rule", "/region")):
        shop.change("order", order, region="west")
    shop.change("order", order, customer=None, region="west")


def test_default_expressions_fill_what_was_not_sent(shop: Desk) -> None:
    assert shop.json("order", shop.make("order", name="A"))["due"] == "2026-12-06"
    assert shop.json("order", shop.make("order", name="A", due="2026-01-01"))["due"] == "2026-01-01"
    assert shop.json("order", shop.make("order", name="A", due=None))["due"] is None


def test_every_row_of_a_bulk_call_obeys(shop: Desk) -> None:
    batch = Batch(create=[{"name": "A"}, {"name": "B", "stage": "paid"}, {"name": "C", "reason": "x"}])
    results = shop.workspace.write(lambda work: save_many(work.records, work.connection, OPERATOR, "order", batch, "each"))
    assert [(result.status, [problem.code for problem in result.errors]) for result in results] == [
        (201, []),
        (422, ["validation_rule"]),
        (422, ["hidden_by_rule"]),
    ]


def test_a_default_must_lead_to_a_record_that_is_there(make_workspace: MakeWorkspace) -> None:
    head = {"name": "head", "fields": [{"name": "name", "type": "text"}]}
    branch = {
        "name": "branch",
        "fields": [
            {"name": "name", "type": "text"},
            {"name": "head", "type": "lookup", "to": "head", "default_expression": "1", "on_delete": "clear"},
        ],
    }
    desk = Desk(make_workspace("core", package("heads", {"entity": [head, branch]})))
    with desk.refuses(("not_found", "/head")):
        desk.make("branch", name="too early")
    first = desk.make("head", name="first")
    assert desk.json("branch", desk.make("branch", name="in time"))["head"]["id"] == first
    desk.delete("head", first)
    with desk.refuses(("not_found", "/head")):
        desk.make("branch", name="too late")
    assert desk.json("branch", desk.make("branch", name="said", head=None))["head"] is None


def test_default_expressions_see_plain_defaults(make_workspace: MakeWorkspace) -> None:
    fields = [
        {"name": "name", "type": "text"},
        {"name": "hint", "type": "text", "default_expression": "IF(size = 3, 'usual', 'other')"},
        {"name": "size", "type": "integer", "default": 3},
    ]
    desk = Desk(make_workspace("core", package("sizes", {"entity": [{"name": "box", "fields": fields}]})))
    assert desk.json("box", desk.make("box", name="a"))["hint"] == "usual"
    assert desk.json("box", desk.make("box", name="a", size=4))["hint"] == "other"
