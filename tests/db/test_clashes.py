"""A broken unique rule is told by its fields, whatever the database and whoever ran the statement."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa

from fieldsmith.db.clashes import unique_clash
from fieldsmith.db.engine import Database
from fieldsmith.db.tables import Schema
from tests.db.models import Growing, entity, text

NOW = datetime(2026, 1, 1)


@pytest.fixture
def schema(database: Database) -> Schema:
    rules = [{"name": "pair", "fields": ["first", "second"], "unique": True}]
    return Growing().publish(database, entity("thing", text("code", unique=True), text("first"), text("second"), indexes=rules))


def _insert(database: Database, schema: Schema, **values: Any) -> None:
    fields = schema.model.entities["thing"].fields
    row = {"created_at": NOW, "modified_at": NOW, "version": 1, **{schema.columns(fields[name])[0].name: value for name, value in values.items()}}
    if "deleted_at" in values:
        row["deleted_at"] = values["deleted_at"]
    with database.write() as connection:
        connection.execute(sa.insert(schema.table("thing")), row)


@pytest.mark.parametrize(
    ("first", "second", "fields"),
    [
        ({"code": "a"}, {"code": "a"}, ("code",)),
        ({"first": "a", "second": "b"}, {"first": "a", "second": "b"}, ("first", "second")),
    ],
)
def test_the_fields_of_a_clash_are_named(database: Database, schema: Schema, first: dict[str, str], second: dict[str, str], fields: tuple[str, ...]) -> None:
    _insert(database, schema, **first)
    with pytest.raises(sa.exc.IntegrityError) as caught:
        _insert(database, schema, **second)
    entity_ = schema.model.entities["thing"]
    assert unique_clash(caught.value, schema, entity_) == fields
    assert caught.value.orig is not None
    assert unique_clash(caught.value.orig, schema, entity_) == fields


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"code": "a"}, {"code": "A"}),
        ({"code": None}, {"code": None}),
        ({"code": "a", "deleted_at": NOW}, {"code": "a"}),
        ({"first": "a", "second": "b"}, {"first": "a", "second": None}),
        ({"first": "a", "second": None}, {"first": "a", "second": None}),
    ],
)
def test_what_does_not_clash(database: Database, schema: Schema, first: dict[str, Any], second: dict[str, Any]) -> None:
    _insert(database, schema, **first)
    _insert(database, schema, **second)


def test_other_errors_are_no_clash(database: Database, schema: Schema) -> None:
    with pytest.raises(sa.exc.IntegrityError) as caught, database.write() as connection:
        connection.execute(sa.insert(schema.table("thing")), {"created_at": NOW, "modified_at": NOW})
    assert unique_clash(caught.value, schema, schema.model.entities["thing"]) is None
    assert unique_clash(ValueError("UNIQUE"), schema, schema.model.entities["thing"]) is None
