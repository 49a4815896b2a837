"""Plans make and extend real tables, take effect whole or not at all, and refuse in words what would store values in another way."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from fieldsmith.base.errors import BadInput
from fieldsmith.db.apply import apply
from fieldsmith.db.drift import drift
from fieldsmith.db.engine import Database
from fieldsmith.db.plan import plan
from fieldsmith.db.tables import Schema
from tests.db.models import Growing, entity, text

NOW = datetime(2026, 1, 1)
DEAL = entity("deal", text("title"), {"name": "amount", "type": "decimal"})


@pytest.fixture
def growing() -> Growing:
    return Growing()


def _with(body: dict[str, Any], *fields: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {**body, "fields": [*body["fields"], *fields], **more}


def _changed(body: dict[str, Any], name: str, **more: Any) -> dict[str, Any]:
    return {**body, "fields": [{**field, **more} if field["name"] == name else field for field in body["fields"]]}


def _insert(database: Database, schema: Schema, *titles: str | None, deleted: bool = False) -> None:
    item = schema.model.entities["deal"].fields["title"]
    column, fold = schema.columns(item)[0], schema.fold(item)
    rows = [{"created_at": NOW, "modified_at": NOW, "version": 1, "deleted_at": NOW if deleted else None, column.name: title} for title in titles]
    if fold is not None:
        rows = [{**row, fold.name: str(row[column.name]).lower()} for row in rows]
    with database.write() as connection:
        connection.execute(sa.insert(schema.table("deal")), rows)


def _column(database: Database, schema: Schema, field: str) -> list[Any]:
    with database.read() as connection:
        column = schema.columns(schema.model.entities["deal"].fields[field])[0]
        return [row[0] for row in connection.execute(sa.select(column).order_by(schema.table("deal").c.id))]


def _refusal(database: Database, growing: Growing, *bodies: dict[str, Any]) -> list[tuple[str, str]]:
    with pytest.raises(BadInput) as caught, database.write() as connection:
        model = growing.compiled(*bodies)
        apply(connection, plan(growing.model, model, Schema(model, database.dialect), connection))
    assert all(problem.hint is not None for problem in caught.value.problems)
    return [(problem.code, problem.pointer) for problem in caught.value.problems]


def test_a_new_model_leaves_no_drift(database: Database, growing: Growing) -> None:
    schema = growing.publish(database, DEAL)
    with database.read() as connection:
        assert drift(connection, schema) == ()


def test_planning_again_finds_nothing_to_do(database: Database, growing: Growing) -> None:
    growing.publish(database, DEAL)
    assert growing.planned(database, DEAL).steps == ()


def test_every_field_type_has_its_columns(database: Database, growing: Growing) -> None:
    needs: dict[str, dict[str, Any]] = {
        "choice": {"choices": "x"},
        "multi_choice": {"choices": "x"},
        "lookup": {"to": "all"},
        "polymorphic_lookup": {"to": ["user", "all"]},
        "many_to_many": {"to": "user"},
        "auto_number": {"pattern": "N-{0000}"},
    }
    names = [*growing.compiled().types]
    body = entity("all", text("title"), *({"name": f"f_{name}", "type": name, **needs.get(name, {})} for name in names))
    schema = growing.publish(database, body)
    with database.read() as connection:
        assert drift(connection, schema) == ()
        assert connection.execute(sa.select(schema.table("all"))).all() == []
        assert connection.execute(sa.select(schema.link(schema.model.entities["all"].fields["f_many_to_many"]))).all() == []


def test_an_added_field_is_blank_in_old_records(database: Database, growing: Growing) -> None:
    _insert(database, growing.publish(database, DEAL), "one")
    schema = growing.publish(database, _with(DEAL, {"name": "closes", "type": "date"}))
    assert _column(database, schema, "closes") == [None]


def test_adding_a_plain_field_touches_no_row(database: Database, growing: Growing) -> None:
    _insert(database, growing.publish(database, DEAL), "one")
    (step,) = growing.planned(database, _with(DEAL, text("note"))).steps
    assert (str(step.title), step.rows, step.risk) == ("Add Note to Deal", 0, "safe")
    assert step.sql[0].startswith('ALTER TABLE "e_deal_')


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (text("x", default="web"), "web"),
        (text("x", default="100% ':a' %s %(b)s \\ 网站"), "100% ':a' %s %(b)s \\ 网站"),
        ({"name": "x", "type": "decimal", "default": "1.50"}, Decimal("1.50")),
        ({"name": "x", "type": "integer", "default": -7}, -7),
        ({"name": "x", "type": "date", "default": "2026-01-31"}, date(2026, 1, 31)),
        ({"name": "x", "type": "datetime", "default": "2026-01-31T10:00:00Z"}, datetime(2026, 1, 31, 10)),
        ({"name": "x", "type": "time", "default": "10:30"}, time(10, 30)),
        ({"name": "x", "type": "boolean", "default": True}, True),
    ],
)
def test_a_required_field_gives_old_records_its_default(database: Database, growing: Growing, field: dict[str, Any], value: Any) -> None:
    _insert(database, growing.publish(database, DEAL), "one")
    body = _with(DEAL, {**field, "required": True})
    assert [step.rows for step in growing.planned(database, body).steps] == [0]
    assert _column(database, growing.publish(database, body), "x") == [value]


def test_the_sorting_form_of_a_default_is_there_too(database: Database, growing: Growing) -> None:
    _insert(database, growing.publish(database, DEAL), "one")
    schema = growing.publish(database, _with(DEAL, text("x", required=True, indexed=True, default="Web")))
    fold = schema.fold(schema.model.entities["deal"].fields["x"])
    with database.read() as connection:
        assert fold is not None and connection.execute(sa.select(fold)).scalar() == "web"


def test_all_parts_of_a_composite_default_are_given(database: Database, growing: Growing) -> None:
    _insert(database, growing.publish(database, DEAL), "one")
    schema = growing.publish(database, _with(DEAL, {"name": "x", "type": "currency", "required": True, "default": {"amount": "2.50", "currency": "USD"}}))
    with database.read() as connection:
        row = connection.execute(sa.select(*schema.columns(schema.model.entities["deal"].fields["x"]))).one()
    assert sorted(map(str, row)) == ["2.50", "2.50", "USD"]


def test_steps_that_go_through_rows_say_how_many(database: Database, growing: Growing) -> None:
    _insert(database, growing.publish(database, DEAL), "one", "two")
    steps = growing.planned(database, _changed(DEAL, "amount", indexed=True)).steps
    assert [step.rows for step in steps] == [2]


def test_a_required_field_without_default_is_refused_on_records(database: Database, growing: Growing) -> None:
    _insert(database, growing.publish(database, DEAL), "one")
    assert _refusal(database, growing, _with(DEAL, text("origin", required=True))) == [("required_on_records", "/fields/origin/required")]


def test_a_required_field_without_default_may_come_before_records(database: Database, growing: Growing) -> None:
    growing.publish(database, DEAL)
    growing.publish(database, _with(DEAL, text("origin", required=True)))


def test_becoming_required_is_refused_while_records_are_blank(database: Database, growing: Growing) -> None:
    _insert(database, growing.publish(database, DEAL), "one")
    assert _refusal(database, growing, _changed(DEAL, "amount", required=True)) == [("required_on_blanks", "/fields/amount/required")]


def test_becoming_unique_is_refused_on_duplicates(database: Database, growing: Growing) -> None:
    _insert(database, growing.publish(database, DEAL), "one", "two", "one", None, None)
    body = _changed(DEAL, "title", unique=True)
    assert _refusal(database, growing, body) == [("duplicates", "/fields/title/unique")]
    with pytest.raises(BadInput, match="“one” \\(#1, #3\\)"):
        growing.publish(database, body)


def test_recycled_duplicates_do_not_count(database: Database, growing: Growing) -> None:
    schema = growing.publish(database, DEAL)
    _insert(database, schema, "one")
    _insert(database, schema, "one", deleted=True)
    growing.publish(database, _changed(DEAL, "title", unique=True))


def test_newly_indexed_text_is_folded_for_old_records(database: Database, growing: Growing) -> None:
    body = _with(DEAL, text("city"))
    schema = growing.publish(database, body)
    with database.write() as connection:
        city = schema.columns(schema.model.entities["deal"].fields["city"])[0]
        row = {"created_at": NOW, "modified_at": NOW, "version": 1, city.name: "STRAßE ΣΑΣ"}
        connection.execute(sa.insert(schema.table("deal")), row)
    schema = growing.publish(database, _changed(body, "city", indexed=True))
    fold = schema.fold(schema.model.entities["deal"].fields["city"])
    assert fold is not None
    with database.read() as connection:
        assert connection.execute(sa.select(fold)).scalar() == "strasse σασ"
        assert drift(connection, schema) == ()


def test_an_index_may_go_again(database: Database, growing: Growing) -> None:
    body = _with(DEAL, text("city", indexed=True))
    growing.publish(database, body)
    schema = growing.publish(database, _changed(body, "city", indexed=False))
    with database.read() as connection:
        assert drift(connection, schema) == ()


def test_entities_may_point_at_each_other_and_themselves(database: Database, growing: Growing) -> None:
    one = entity("one", text("title"), {"name": "two", "type": "lookup", "to": "two"}, {"name": "parent", "type": "lookup", "to": "one"})
    two = entity("two", text("title"), {"name": "one", "type": "lookup", "to": "one"})
    schema = growing.publish(database, one, two)
    table = schema.table("one")
    parent = schema.columns(schema.model.entities["one"].fields["parent"])[0].name
    with pytest.raises(sa.exc.IntegrityError), database.write() as connection:
        connection.execute(sa.insert(table), {"created_at": NOW, "modified_at": NOW, "version": 1, parent: 99})


def test_a_lookup_added_later_is_guarded_too(database: Database, growing: Growing) -> None:
    growing.publish(database, DEAL)
    schema = growing.publish(database, _with(DEAL, {"name": "contact", "type": "lookup", "to": "user"}))
    name = schema.columns(schema.model.entities["deal"].fields["contact"])[0].name
    with pytest.raises(sa.exc.IntegrityError), database.write() as connection:
        connection.execute(sa.insert(schema.table("deal")), {"created_at": NOW, "modified_at": NOW, "version": 1, name: 99})


def test_ids_are_never_used_again(database: Database, growing: Growing) -> None:
    schema = growing.publish(database, DEAL)
    table = schema.table("deal")
    _insert(database, schema, "one")
    with database.write() as connection:
        connection.execute(sa.delete(table))
    _insert(database, schema, "two")
    with database.read() as connection:
        assert connection.execute(sa.select(table.c.id)).scalar() == 2


@pytest.mark.parametrize(
    ("bodies", "code", "pointer"),
    [
        ([_changed(DEAL, "amount", type="integer")], "cannot_retype", "/fields/amount/type"),
        ([_changed(DEAL, "amount", scale=4)], "cannot_retype", "/fields/amount"),
    ],
)
def test_what_stores_values_in_another_way_is_refused(database: Database, growing: Growing, bodies: list[dict[str, Any]], code: str, pointer: str) -> None:
    growing.publish(database, DEAL)
    assert _refusal(database, growing, *bodies) == [(code, pointer)]


def test_a_lookup_cannot_point_elsewhere(database: Database, growing: Growing) -> None:
    body = _with(DEAL, {"name": "who", "type": "lookup", "to": "user"})
    growing.publish(database, body)
    assert _refusal(database, growing, _changed(body, "who", to="deal")) == [("cannot_retype", "/fields/who")]


def test_too_many_columns_are_refused_before_the_database_has_to(database: Database, growing: Growing) -> None:
    growing.publish(database, DEAL)
    assert _refusal(database, growing, _with(DEAL, *(text(f"f{n}") for n in range(400)))) == [("too_many_columns", "/fields")]


def test_four_hundred_columns_do_fit(database: Database, growing: Growing) -> None:
    growing.publish(database, entity("wide", *(text(f"f{n}") for n in range(391))))


def test_a_failing_step_takes_all_steps_back(database: Database, growing: Growing) -> None:
    growing.publish(database, DEAL)
    planned = growing.planned(database, _with(DEAL, text("note")), entity("extra", text("title")))
    with database.write() as connection:
        connection.exec_driver_sql(f'ALTER TABLE "{planned.new.table("deal").name}" ADD COLUMN "{planned.new.table("deal").columns.keys()[-2]}" text')
    with pytest.raises(sa.exc.DBAPIError), database.write() as connection:
        apply(connection, planned)
    with database.read() as connection:
        assert not sa.inspect(connection).has_table(planned.new.table("extra").name)
