"""Columns of computed fields: which the database computes, which we keep, how they come, change and go."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from fieldsmith.base.context import FixedClock
from fieldsmith.db.computed import nesting
from fieldsmith.db.drift import drift
from fieldsmith.db.engine import Database
from fieldsmith.db.fill import fill_step
from fieldsmith.db.system import fs_fill
from fieldsmith.fields.base import Field
from fieldsmith.fields.registry import field_types
from fieldsmith.meta.scope import scope_of
from fieldsmith.records.shape import EntityShape
from tests.db.computing import NOW, World, account, deal, formula, line, money, rollup

NASTY = [
    *("it's", "two''quotes", 'double "quotes"', "back\\slash", "\\'", "100% %s %(a)s %%", ":name ?", "网站 ŝ 😀"),
    *("$$ $1", "--x", "/* x */", "'; DROP TABLE x; --", "a\nb\tc"),
]


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


def _field(world: World, name: str, entity: str = "deal") -> Field:
    return world.schema.model.entities[entity].fields[name]


def _source(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


@pytest.mark.parametrize(
    ("field", "sqlite", "postgresql"),
    [
        (formula("f", "amount * 2"), "generated", "generated"),
        (formula("f", 'IF(won, "yes", "no")', "text"), "generated", "generated"),
        (formula("f", "won and amount > 5", "boolean"), "generated", "generated"),
        (formula("f", "closed + 30", "date"), None, None),
        (formula("f", "UPPER(title)", "text"), "kept", "generated"),
        (formula("f", "amount * account.credit"), "query", "query"),
        (formula("f", "IF(closed < TODAY(), 1, 0)", "integer"), "query", "query"),
        (rollup("f", "SUM(lines.total)"), "kept", "kept"),
        (rollup("f", "SUM(lines.total)", stored=False), "query", "query"),
        (rollup("f", "SUM(friends.credit)"), "query", "query"),
        (formula("f", 'IF(won, "yes", "no")', "text", indexed=True), "kept", "kept"),
        (formula("f", "amount + quantity * 2 + IF(won, 1, 0)", indexed=True), "generated", "generated"),
    ],
)
def test_every_field_is_computed_where_it_can_be(world: World, field: dict[str, Any], sqlite: str | None, postgresql: str | None) -> None:
    schema = world.publish(deal(field))
    wanted = sqlite if schema.dialect == "sqlite" else postgresql
    assert schema.keeping(_field(world, "f")) in ([wanted] if wanted else ["generated", "kept"])
    with world.database.read() as connection:
        assert drift(connection, schema) == ()


def test_a_formula_on_a_formula_is_kept(world: World) -> None:
    schema = world.publish(deal(formula("one", "amount + 1"), formula("two", "one + 1")))
    assert [schema.keeping(_field(world, name)) for name in ("one", "two")] == ["generated", "kept"]


def test_what_nests_too_deep_for_a_parser_is_kept(world: World) -> None:
    deep = "amount"
    for n in range(16):
        deep = f"IF(quantity > {n}, {deep} + 1, {n})"
    schema = world.publish(deal(formula("f", deep)))
    assert schema.keeping(_field(world, "f")) == "kept"


@pytest.mark.parametrize(
    ("sql", "depth"),
    [
        ("a + b", 0),
        ("(a)", 1),
        ("(a) + (b)", 1),
        ("f(g(a))", 2),
        ("CASE WHEN (a) THEN 1 END", 2),
        ("'((((' || a", 0),
        ("'it''s (' || (a)", 1),
        ('"c(" + (a)', 1),
    ],
)
def test_levels_are_counted_outside_quotes(sql: str, depth: int) -> None:
    assert nesting(sql) == depth


def test_a_generated_column_is_live_at_once_and_never_stale(world: World) -> None:
    one = world.add("deal", title="a", amount="2.50", quantity=3)
    schema = world.publish(deal(formula("weighted", "amount * quantity")))
    world.add("deal", title="b", amount=4, quantity=2)
    assert world.column("deal", "weighted") == money("7.50", "8.00")
    table = schema.table("deal")
    with world.database.write() as connection:
        connection.execute(sa.update(table).where(table.c.id == one).values({schema.columns(_field(world, "amount"))[0].name: Decimal(1)}))
        assert connection.execute(sa.select(sa.func.count()).select_from(fs_fill)).scalar() == 0
    assert world.column("deal", "weighted") == money("3.00", "8.00")


@pytest.mark.parametrize("nasty", NASTY)
def test_text_in_a_column_definition_stays_text(world: World, nasty: str) -> None:
    world.add("deal", title="a", won=True)
    world.add("deal", title=nasty, won=False)
    schema = world.publish(deal(formula("f", f"IF(won, {_source(nasty)}, title)", "text"), formula("same", f"title = {_source(nasty)}", "boolean")))
    assert [schema.keeping(_field(world, name)) for name in ("f", "same")] == ["generated", "generated"]
    assert world.column("deal", "f") == [nasty, nasty]
    assert world.column("deal", "same") == [False, True]


@pytest.mark.parametrize(
    ("source", "returns", "value"),
    [
        ("IF(won, -12.345, amount)", "decimal", Decimal("-12.35")),
        ("- -3 - -2 + quantity", "integer", 5),
        ("-(-(amount) - -1.5)", "decimal", Decimal("-1.50")),
        ("IF(won, DATE(2024, 2, 29), closed)", "date", date(2024, 2, 29)),
        ("IF(won, 999999999999999, 0)", "integer", 999999999999999),
        ("amount / 3", "decimal", Decimal("0.00")),
        ("amount / (amount - amount)", "decimal", None),
    ],
)
def test_values_in_a_column_definition_are_what_was_written(world: World, source: str, returns: str, value: Any) -> None:
    world.add("deal", amount=0, quantity=0, won=True)
    world.publish(deal(formula("f", source, returns)))
    _fill(world)
    assert world.column("deal", "f") == [value]
    assert world.answers("deal", "f") == [value]


def _fill(world: World) -> None:
    with world.database.write() as connection:
        while fill_step(connection, world.schema, 100):
            pass


def _titles(world: World, *bodies: Any) -> list[str]:
    given = {body["name"]: body for body in bodies}
    wanted = [given.get(body["name"], body) for body in (deal(), line())]
    return [str(step.title) for step in world.growing.planned(world.database, account(), *wanted).steps]


@pytest.mark.parametrize(
    ("field", "title"),
    [
        (formula("weighted", "amount * 2"), "Add Weighted to Deal (computed by the database)"),
        (rollup("weighted", "SUM(lines.total)"), "Add Weighted to Deal (kept by Fieldsmith, filled in the background)"),
        (formula("weighted", "account.credit"), "Add Weighted to Deal (computed when asked)"),
    ],
)
def test_a_plan_says_who_computes(world: World, field: dict[str, Any], title: str) -> None:
    assert _titles(world, deal(field)) == [title]


def test_a_changed_formula_gets_a_new_column(world: World) -> None:
    world.add("deal", amount=3)
    world.publish(deal(formula("f", "amount * 2", indexed=True)))
    assert _titles(world, deal(formula("f", "amount * 2 -- said in other words", indexed=True))) == []
    changed = deal(formula("f", "amount * 5", indexed=True))
    assert _titles(world, changed) == ["Compute F of Deal in the new way (by the database)", "Index F of Deal"]
    schema = world.publish(changed)
    assert world.column("deal", "f") == money("15.00")
    with world.database.read() as connection:
        assert drift(connection, schema) == ()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (formula("f", "amount * 2"), formula("f", "amount * 2", scale=4)),
        (formula("f", "amount * 2"), formula("f", "quantity", "integer")),
        (formula("f", "amount * 2"), formula("f", "account.credit")),
        (formula("f", "account.credit"), formula("f", "amount * 2")),
        (formula("f", "title", "text"), formula("f", "title", "text", indexed=True)),
        (formula("f", "title", "text", indexed=True), formula("f", "title", "text")),
        (rollup("f", "SUM(lines.total)"), rollup("f", "SUM(lines.total)", stored=False)),
        (rollup("f", "SUM(lines.total)", stored=False), rollup("f", "SUM(lines.total)")),
        (rollup("f", "SUM(lines.total)"), rollup("f", "COUNT(lines)")),
    ],
)
def test_a_computed_field_may_change_in_every_way(world: World, before: dict[str, Any], after: dict[str, Any]) -> None:
    world.add("line", deal=world.add("deal", amount=3, quantity=2, title="Ä"), total=4)
    world.publish(deal(before))
    schema = world.publish(deal(after))
    _fill(world)
    if schema.keeping(_field(world, "f")) != "query":
        assert world.column("deal", "f") == world.answers("deal", after["expression"])
    with world.database.read() as connection:
        assert drift(connection, schema) == ()


def test_what_reads_a_changed_formula_is_computed_anew(world: World) -> None:
    one = world.add("deal", amount=3)
    world.publish(deal(formula("f", "amount * 2"), formula("g", "f + 1"), formula("h", "g + 1")))
    _fill(world)
    world.publish(deal(formula("f", "amount * 5"), formula("g", "f + 1"), formula("h", "g + 1")))
    _fill(world)
    assert world.column("deal", "h") == money("17.00")
    assert one == 1


def test_a_kept_text_formula_has_its_sorting_form(world: World) -> None:
    world.add("deal", title="Straße")
    schema = world.publish(deal(formula("f", "title", "text", indexed=True)))
    _fill(world)
    fold = schema.fold(_field(world, "f"))
    assert fold is not None
    with world.database.read() as connection:
        assert connection.execute(sa.select(fold)).scalar() == "strasse"


def test_a_generated_column_is_served_by_its_index(world: World) -> None:
    schema = world.publish(deal(formula("f", "amount * 2", indexed=True)))
    table = schema.table("deal")
    [column] = schema.columns(_field(world, "f"))
    sql = f'SELECT id FROM "{table.name}" WHERE deleted_at IS NULL AND "{column.name}" = 7 ORDER BY id'
    with world.database.read() as connection:
        if schema.dialect == "sqlite":
            plan = connection.exec_driver_sql("EXPLAIN QUERY PLAN " + sql).all()
        else:
            connection.exec_driver_sql("SET enable_seqscan = off")
            plan = connection.exec_driver_sql("EXPLAIN " + sql).all()
    assert "ix_" in str(plan) and "TEMP" not in str(plan)


def test_records_are_written_past_generated_columns(world: World, clock: FixedClock) -> None:
    schema = world.publish(deal(formula("f", "amount * 2"), formula("far", "account.credit"), rollup("sum", "SUM(lines.total)")))
    shape = EntityShape(schema, schema.model.entities["deal"], scope_of(schema.model, lambda: NOW.date()))
    with world.database.write() as connection:
        shape.insert.run(connection, [shape.pack(1, (NOW, None), {"amount": Decimal(4), "won": False})])
        names = ("amount",)
        change = {"row": 1, "was": 1, "now": NOW, "by": None, **shape.update_values(names, {"amount": Decimal(5)})}
        assert shape.update(names).run(connection, change) == 1
    assert world.column("deal", "f") == money("10.00")


def test_a_column_somebody_made_by_hand_is_seen(world: World) -> None:
    schema = world.publish(deal(formula("f", "amount * 2")))
    table, [column] = schema.table("deal").name, schema.columns(_field(world, "f"))
    with world.database.write() as connection:
        connection.exec_driver_sql(f'ALTER TABLE "{table}" DROP COLUMN "{column.name}"')
        connection.exec_driver_sql(f'ALTER TABLE "{table}" ADD COLUMN "{column.name}" {column.type.compile(dialect=schema.compiler)}')
    with world.database.read() as connection:
        assert [(item.kind, "not computed by the database" in str(item.message)) for item in drift(connection, schema)] == [("other type", True)]


def test_every_type_may_be_returned(world: World) -> None:
    assert {"formula", "rollup"} <= set(field_types())
    sources = {"text": "title", "integer": "quantity", "decimal": "amount", "percent": "amount", "currency": "amount", "boolean": "won", "date": "closed"}
    world.add("deal", title="a", quantity=2, amount="1.5", won=True, closed=date(2026, 1, 2))
    world.publish(deal(*(formula(f"f_{returns}", source, returns) for returns, source in sources.items())))
    found = {returns: world.column("deal", f"f_{returns}")[0] for returns in sources}
    assert found == {
        "text": "a",
        "integer": 2,
        "decimal": Decimal("1.5"),
        "percent": Decimal("1.5"),
        "currency": Decimal("1.5"),
        "boolean": True,
        "date": date(2026, 1, 2),
    }
