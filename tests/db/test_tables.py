"""Values come back as they went in; order by an index is order by the list; blanks come first on both databases."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from fieldsmith.db.engine import Database
from fieldsmith.db.tables import Schema
from tests.db.models import Growing, entity, text

NOW = datetime(2026, 1, 1)
VALUES: dict[str, list[Any]] = {
    "text": ["plain", "北京 🏙", " '\"; -- \\ % _"],
    "integer": [0, -1, 2**62],
    "decimal": [Decimal("0.10"), Decimal("-9999999999999999.99"), Decimal("0.00")],
    "boolean": [True, False],
    "date": [date(1, 1, 1), date(9999, 12, 31)],
    "datetime": [datetime(2026, 11, 22, 9, 30), datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59, 999999)],
    "time": [time(0, 0), time(23, 59, 59)],
}


@pytest.fixture
def schema(database: Database) -> Schema:
    return Growing().publish(database, entity("thing", text("name"), *({"name": f"f_{name}", "type": name} for name in VALUES)))


def _store(database: Database, schema: Schema, field: str, values: list[Any]) -> list[Any]:
    column = schema.columns(schema.model.entities["thing"].fields[field])[0]
    with database.write() as connection:
        for value in values:
            connection.execute(sa.insert(schema.table("thing")), {"created_at": NOW, "modified_at": NOW, "version": 1, column.name: value})
        return [row[0] for row in connection.execute(sa.select(column).order_by(schema.table("thing").c.id))]


@pytest.mark.parametrize("name", VALUES)
def test_values_come_back(database: Database, schema: Schema, name: str) -> None:
    found = _store(database, schema, f"f_{name}", VALUES[name])
    assert [(type(value), str(value)) for value in found] == [(type(value), str(value)) for value in VALUES[name]]


@pytest.mark.parametrize("name", sorted(VALUES.keys() - {"boolean"}))
def test_blanks_come_back(database: Database, schema: Schema, name: str) -> None:
    assert _store(database, schema, f"f_{name}", [None]) == [None]


@pytest.mark.parametrize("name", VALUES)
def test_values_are_found_by_comparison(database: Database, schema: Schema, name: str) -> None:
    _store(database, schema, f"f_{name}", VALUES[name])
    column = schema.columns(schema.model.entities["thing"].fields[f"f_{name}"])[0]
    with database.read() as connection:
        assert [connection.execute(sa.select(sa.func.count()).where(column == value)).scalar() for value in VALUES[name]] == [1] * len(VALUES[name])


def test_sums_of_decimals_are_exact(database: Database, schema: Schema) -> None:
    _store(database, schema, "f_decimal", [Decimal("0.10")] * 100)
    column = schema.columns(schema.model.entities["thing"].fields["f_decimal"])[0]
    with database.read() as connection:
        assert connection.execute(sa.select(sa.func.sum(column))).scalar() == Decimal("10.00")


@pytest.mark.parametrize(("given", "kept"), [("0.005", "0.01"), ("-0.005", "-0.01"), ("0.0049", "0.00")])
def test_more_digits_than_stored_are_rounded_half_away_from_zero(database: Database, schema: Schema, given: str, kept: str) -> None:
    assert _store(database, schema, "f_decimal", [Decimal(given)]) == [Decimal(kept)]


def test_text_compares_by_code_point(database: Database, schema: Schema) -> None:
    words = ["a", "B", "ä", "Z", "中", "_"]
    _store(database, schema, "f_text", words)
    column = schema.columns(schema.model.entities["thing"].fields["f_text"])[0]
    with database.read() as connection:
        assert [row[0] for row in connection.execute(sa.select(column).order_by(column))] == sorted(words)


def test_booleans_are_never_blank(database: Database, schema: Schema) -> None:
    assert _store(database, schema, "f_text", ["x"]) == ["x"]
    column = schema.columns(schema.model.entities["thing"].fields["f_boolean"])[0]
    with database.read() as connection:
        assert connection.execute(sa.select(column)).scalar() is False


def test_tables_are_built_once_and_only_when_asked_for(schema: Schema) -> None:
    fresh = Schema(schema.model, schema.dialect)
    assert fresh.table("thing") is fresh.table("thing")
    assert fresh.columns(schema.model.entities["thing"].fields["name"])[0].table is fresh.table("thing")


def _plan(database: Database, statement: sa.Select[Any]) -> str:
    """How the database means to find the rows; PostgreSQL is told not to read small tables whole."""
    sql = statement.compile(dialect=database.sa_dialect, compile_kwargs={"literal_binds": True})
    with database.read() as connection:
        if database.dialect == "sqlite":
            return " ".join(str(row[3]) for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}"))
        connection.exec_driver_sql("SET enable_seqscan = off")
        connection.exec_driver_sql("SET enable_bitmapscan = off")
        return " ".join(row[0] for row in connection.exec_driver_sql(f"EXPLAIN {sql}".replace("%", "%%")))


@pytest.mark.parametrize(("descending", "after"), [(False, False), (False, True), (True, False), (True, True)])
def test_a_sorted_page_is_read_from_the_index(database: Database, descending: bool, after: bool) -> None:
    schema = Growing().publish(database, entity("thing", text("name"), {"name": "size", "type": "integer", "indexed": True}))
    thing = schema.model.entities["thing"]
    table = schema.table("thing")
    for field in ("name", "size"):
        item = thing.fields[field]
        main, fold = schema.columns(item)[0], schema.fold(item)
        keys = [*([fold] if fold is not None else []), main]
        order = [key.desc().nulls_last() if descending else key.asc().nulls_first() for key in keys]
        statement = sa.select(table.c.id).where(table.c.deleted_at.is_(None)).order_by(*order, table.c.id.desc() if descending else table.c.id).limit(50)
        if after:
            statement = statement.where(keys[0] >= sa.literal("x" if field == "name" else 5, keys[0].type))
        found = _plan(database, statement)
        assert "ix_" in found and "TEMP B-TREE" not in found and "Sort" not in found, found


def test_a_related_list_is_read_from_the_index(database: Database) -> None:
    schema = Growing().publish(database, entity("thing", text("name"), {"name": "who", "type": "lookup", "to": "user"}))
    table = schema.table("thing")
    who = schema.columns(schema.model.entities["thing"].fields["who"])[0]
    found = _plan(database, sa.select(table.c.id).where(table.c.deleted_at.is_(None), who == 7).order_by(table.c.id).limit(50))
    assert "ix_" in found and "TEMP B-TREE" not in found and "Sort" not in found, found


def test_a_declared_index_serves_its_order(database: Database) -> None:
    rules = [{"name": "by_city", "fields": ["city", "name"]}]
    schema = Growing().publish(database, entity("thing", text("name"), text("city"), indexes=rules))
    table = schema.table("thing")
    fields = [schema.model.entities["thing"].fields[name] for name in ("city", "name")]
    keys = [key for field in fields for key in (schema.fold(field), schema.columns(field)[0]) if key is not None]
    assert len(keys) == 4
    order = [key.asc().nulls_first() for key in keys]
    found = _plan(database, sa.select(table.c.id).where(table.c.deleted_at.is_(None)).order_by(*order, table.c.id).limit(50))
    assert "ix_" in found and "TEMP B-TREE" not in found and "Sort" not in found, found
