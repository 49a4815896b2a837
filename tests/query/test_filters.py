"""Filters in the expression language: what they find, with whose rights, and what they cost in joins."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from fieldsmith.base.context import OPERATOR
from fieldsmith.base.errors import BadQuery
from fieldsmith.query.compile import CompiledQuery, Shape
from fieldsmith.query.guard import Guard
from tests.conftest import NOW, MakeWorkspace
from tests.desk import Desk, user
from tests.meta.samples import package
from tests.shop import SHOP
from tests.tiny import EVERY_RIGHT, TINY


@pytest.fixture
def shop(make_workspace: MakeWorkspace) -> Desk:
    return Desk(make_workspace("core", SHOP))


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        ("stage = 'open'", "AC"),
        ("stage <> 'open'", "BD"),
        ("not stage = 'open'", "BD"),
        ("stage in ('paid', blank)", "BD"),
        ("ISBLANK(stage)", "D"),
        ("customer.region = 'east'", "A"),
        ("customer.region <> 'east'", "BCD"),
        ("customer.discount > 5", "B"),
        ("customer = blank", "CD"),
        ("due >= TODAY()", "A"),
        ("due < ADDDAYS(TODAY(), -1)", "C"),
        ("COUNT(lines) > 0", "A"),
        ("SUM(lines.net where quantity > 1) = 6", "A"),
        ("customer.order_count = 1 and overdue = false", "AB"),
        ("CONTAINS(name & customer.name, 'Ä')", "B"),
        ("true", "ABCD"),
        ("false", ""),
    ],
)
def test_what_filters_find(shop: Desk, condition: str, names: str) -> None:
    today = NOW.date()
    east, west = shop.make("customer", name="öst", region="east"), shop.make("customer", name="wäst", discount="7.5")
    first = shop.make("order", name="A", customer=east, due=today.isoformat())
    shop.make("order", name="B", customer=west, stage="paid", paid_on="2026-01-01", due=None)
    shop.make("order", name="C", due=(today - timedelta(days=9)).isoformat())
    shop.make("order", name="D", stage=None, due=None)
    shop.make("line", name="x", order=first, quantity=2, price="3")
    assert "".join(row[0] for row in shop.rows("order", "name", sort=("name",), filters=(condition,))) == names


def test_two_filters_must_both_hold(shop: Desk) -> None:
    for name in "ABC":
        shop.make("order", name=name)
    assert shop.rows("order", "name", filters=("name > 'A'", "name < 'C'")) == [("B",)]


def test_the_acting_user_and_their_zone(shop: Desk) -> None:
    ana = shop.make("user", name="Ana", email="ana@example.com")
    mine = shop.make("order", name="mine", owner=ana)
    shop.make("order", name="nobody's")
    acting = replace(OPERATOR, id=ana)
    assert shop.ids("order", filters=("owner = user",), actor=acting) == [mine]
    assert shop.ids("order", filters=("owner.email = user.email",), actor=acting) == [mine]
    assert shop.ids("order", filters=("owner = user and not ISBLANK(owner)",)) == []
    far = replace(OPERATOR, timezone="Pacific/Kiritimati")  # 14 hours ahead
    assert shop.ids("order", filters=("HOUR(created_at) = 23",), actor=far) == shop.ids("order", filters=("HOUR(created_at) = 9",)) == shop.ids("order")


def test_a_path_is_joined_once(shop: Desk) -> None:
    runtime = shop.workspace.runtime()
    shape = Shape(
        "order",
        ("customer.name",),
        Guard(runtime.schema, runtime.policy.sight(OPERATOR)),
        ("customer.region",),
        filters=("customer.discount > 1 and customer.region = 'x'", "ISBLANK(customer.name)"),
    )
    sql = CompiledQuery(runtime.schema, shape).statement(CompiledQuery(runtime.schema, shape).segments[0], None).sql
    assert sql.count("LEFT OUTER JOIN") == 1


def test_plain_conditions_stay_what_an_index_serves(shop: Desk) -> None:
    runtime = shop.workspace.runtime()
    compiled = CompiledQuery(
        runtime.schema,
        Shape("order", ("name",), Guard(runtime.schema, runtime.policy.sight(OPERATOR)), filters=("name = 'A' and customer = 7 and total >= 100",)),
    )
    sql = compiled.statement(compiled.segments[0], None).sql
    place = "?" if runtime.schema.dialect == "sqlite" else "%("
    where = sql[sql.index("WHERE") :]
    for column in ("name", "customer", "total"):
        field = runtime.model.entities["order"].fields[column]
        sign = ">=" if column == "total" else "="
        assert f'"{field.column}" {sign} {place}' in where, where


def test_a_hidden_field_is_an_unknown_one(tiny: Desk) -> None:
    tiny.make("thing", text="A")
    clerk = user(1, "clerk")
    with pytest.raises(BadQuery) as hidden:
        tiny.ids("thing", filters=("secret.pin = '1'",), actor=clerk)
    with pytest.raises(BadQuery) as unknown:
        tiny.ids("thing", filters=("nobody.pin = '1'",), actor=clerk)
    told = [(problem.code, str(problem.message).replace("secret", "nobody"), problem.column) for problem in hidden.value.problems]
    assert told == [(problem.code, str(problem.message), problem.column) for problem in unknown.value.problems]


def test_a_formula_over_what_its_reader_may_not_see_is_shown_where_a_role_says_so(make_workspace: MakeWorkspace) -> None:
    """It is no way around what is hidden, unless somebody shows it on purpose: then it has one value for everybody."""
    fields = [
        {"name": "name", "type": "text"},
        {"name": "kept_in", "type": "lookup", "to": "vault"},
        {"name": "hint", "type": "formula", "returns": "text", "expression": "UPPER(kept_in.name)"},
    ]
    told = {"name": "told", "entities": {"*": EVERY_RIGHT, "vault": []}, "field_rights": {"spare_key": {"hint": "read"}}}
    keys = package("keys", {"entity": [{"name": "spare_key", "fields": fields}], "role": [told]}, requires=["core", "tiny"])
    desk = Desk(make_workspace("core", TINY, keys))
    key = desk.make("spare_key", name="k", kept_in=desk.make("vault", name="cellar"))
    clerk = user(1, "told")
    assert "hint" not in desk.json("spare_key", key, actor=user(1, "clerk"))
    assert desk.json("spare_key", key, actor=clerk)["hint"] == "CELLAR"
    assert desk.ids("spare_key", filters=('hint = "CELLAR"',), actor=clerk) == [key]
    with pytest.raises(BadQuery):
        desk.ids("spare_key", filters=('kept_in.name = "cellar"',), actor=clerk)
