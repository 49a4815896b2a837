"""Names in expressions as SQL over real tables: paths, lists, the acting user, and formulas that have no column."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from fieldsmith.base.errors import BadQuery
from fieldsmith.db.engine import Database
from fieldsmith.db.expression_columns import condition_sql
from fieldsmith.db.joins import MAX_JOINS, Joins
from fieldsmith.expr.writing_out import MAX_NODES
from fieldsmith.fields.values import Address, RecordRef
from tests.db.computing import World, account, deal, formula, line, money, rollup

GONE = datetime(2026, 1, 1)


@pytest.fixture
def world(database: Database) -> World:
    world = World(database)
    head = world.add("account", name="Head", credit=100)
    shop = world.add("account", name="Shop", above=head, credit=5)
    full = world.add("deal", title="Full", amount=50, quantity=2, account=shop, won=True)
    world.add("deal", title="Alone", amount=7)
    world.add("line", name="a", deal=full, total=10, about=RecordRef("deal", full))
    world.add("line", name="b", deal=full, total=20, cancelled=True, about=RecordRef("account", full))
    world.add("line", name="gone", deal=full, total=1000, about=RecordRef("deal", full), deleted_at=GONE)
    world.link("deal", "friends", full, head)
    return world


@pytest.mark.parametrize(
    ("entity", "source", "answers"),
    [
        ("deal", "amount", money("50.00", "7.00")),
        ("deal", "account.credit", money("5.00", None)),
        ("deal", "account.above.name", ["Head", None]),
        ("deal", "account.name & account.above.name", ["ShopHead", None]),
        ("deal", "account.id", [2, None]),
        ("deal", "won", [True, False]),
        ("line", "deal.won", [True, True]),
        ("account", "above.above.id", [None, None]),
        ("deal", "ISBLANK(account.place)", [True, True]),
        ("deal", "ISBLANK(friends)", [False, True]),
        ("line", "ISBLANK(deal.friends)", [False, False]),
        ("deal", "COUNT(lines)", [2, 0]),
        ("deal", "SUM(lines.total)", money("30.00", "0.00")),
        ("deal", "SUM(lines.total where not cancelled)", money("10.00", "0.00")),
        ("deal", "MAX(lines.total)", money("20.00", None)),
        ("deal", "COUNT(lines where total > parent.amount)", [0, 0]),
        ("deal", "COUNT(lines where total < parent.amount)", [2, 0]),
        ("deal", "COUNT(lines where total > parent.account.credit)", [2, 0]),
        ("deal", "COUNT(lines where deal.account.credit = 5)", [2, 0]),
        ("deal", "COUNT(account.deals)", [1, 0]),
        ("deal", "COUNT(account.above.branches)", [1, 0]),
        ("deal", "COUNT(remarks)", [1, 0]),
        ("account", "COUNT(remarks)", [1, 0]),
        ("deal", "COUNT(friends)", [1, 0]),
        ("deal", "SUM(friends.credit)", money("100.00", "0.00")),
        ("account", "COUNT(friendly)", [1, 0]),
        ("account", 'SUM(friendly.amount where account.name = "Shop")', money("50.00", "0.00")),
        ("account", "SUM(branches.credit)", money("5.00", "0.00")),
    ],
)
def test_names_are_the_columns_they_mean(world: World, entity: str, source: str, answers: list[Any]) -> None:
    assert world.answers(entity, source) == answers


@pytest.mark.parametrize(
    ("source", "answer"),
    [("user.name", "Ana"), ("user.manager.name", "Boss"), ("user.quota", money("7.50")[0]), ("user", 2), ("ISBLANK(user.manager.manager)", True)],
)
def test_the_acting_user_is_asked_by_id(world: World, source: str, answer: Any) -> None:
    boss = world.add("user", name="Boss")
    world.add("user", name="Ana", manager=boss, quota="7.5")
    assert world.answers("deal", source, user=2) == [answer, answer]


def test_nobody_has_no_name(world: World) -> None:
    assert world.answers("deal", "user.name", user=None) == [None, None]


def test_a_path_is_joined_once(world: World) -> None:
    joins = Joins(world.schema, world.schema.table("deal"))
    condition_sql("deal", world.node("deal", 'account.name = "a" or account.credit > 1 or account.above.name = "b"'), joins)
    assert str(joins.from_clause).count("JOIN") == 2


def test_more_paths_than_a_statement_bears_are_refused(world: World) -> None:
    lookups = [{"name": f"a{n}", "type": "lookup", "to": "account"} for n in range(MAX_JOINS + 1)]
    world.publish(deal(*lookups))
    sources = " & ".join(f"a{n}.name" for n in range(MAX_JOINS + 1))
    with pytest.raises(BadQuery, match="lookup paths"):
        world.answers("deal", sources)


def test_parts_of_an_address_are_blank_together(world: World) -> None:
    world.add("account", name="Here", place=Address("1 Main St", None, None, None, None))
    assert world.answers("account", "ISBLANK(place)") == [True, True, False]


def test_a_formula_without_column_stands_where_its_path_leads(world: World) -> None:
    world.publish(account(formula("limit", "above.credit * 2"), formula("twice", "limit + limit")), deal(formula("room", "account.twice - amount")))
    assert world.answers("deal", "room") == money("350.00", None)
    assert world.answers("line", "deal.room + 1") == money("351.00", "351.00")


def test_a_formula_behind_a_path_that_ends_nowhere_is_blank(world: World) -> None:
    world.publish(account(formula("known", 'IF(ISBLANK(above.name), "no", "yes")', "text")))
    assert world.answers("deal", "account.known") == ["yes", None]


def test_a_formula_without_column_may_count(world: World) -> None:
    world.publish(deal(rollup("lost", "SUM(lines.total where cancelled)", stored=False)), account(formula("worst", "MAX(deals.lost)")))
    assert world.answers("account", "worst") == money(None, "20.00")
    assert world.answers("deal", "account.worst") == money("20.00", None)


def test_children_may_be_counted_by_formulas_across_lookups(world: World) -> None:
    world.publish(line(formula("share", "total + deal.account.credit")))
    assert world.answers("deal", "SUM(lines.share)") == money("40.00", "0.00")


def test_formulas_on_formulas_do_not_grow_without_end(world: World) -> None:
    chain = [formula("f0", "account.credit + account.credit")]
    chain += [formula(f"f{n}", f"f{n - 1} + f{n - 1} + f{n - 1}") for n in range(1, 9)]
    world.publish(deal(*chain))
    with pytest.raises(BadQuery, match=f"more than {MAX_NODES}"):
        world.answers("deal", "f8")


def test_formulas_are_written_out_wherever_they_are_named(world: World) -> None:
    """Inside lists, of the record outside, with lists of their own, and behind paths that end nowhere."""
    known = formula("known", "not ISBLANK(above.name)", "boolean")
    counted = formula("counted", "COUNT(lines where total > parent.amount - 45) + account.credit")
    world.publish(account(formula("limit", "above.credit * 2"), known), deal(formula("room", "account.limit - amount"), counted))
    assert world.answers("deal", "COUNT(lines where total < parent.room)") == [2, 0]
    assert world.answers("deal", "COUNT(lines where total > parent.counted)") == [2, 0]
    assert world.answers("deal", "COUNT(lines where deal.counted = 7)") == [2, 0]
    assert world.answers("deal", "account.known") == [True, False]
    assert world.answers("line", "deal.account.known") == [True, True]
    assert world.answers("account", "SUM(deals.counted)") == money("0.00", "7.00")
    assert world.answers("line", "deal.counted") == money("7.00", "7.00")


def test_a_chain_of_formulas_across_lookups_does_not_double_at_each_step(world: World) -> None:
    chain = [formula("f0", "account.credit * 1"), *(formula(f"f{n}", f"f{n - 1} * 2 / 2 + 1") for n in range(1, 12))]
    world.publish(deal(*chain))
    assert world.answers("deal", "f11") == money("16.00", None)
