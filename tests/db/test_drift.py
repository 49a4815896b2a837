"""`doctor` sees what somebody changed behind the program's back."""

from __future__ import annotations

import pytest

from fieldsmith.db.drift import damage, drift
from fieldsmith.db.engine import Database
from fieldsmith.db.tables import Schema
from tests.db.models import Growing, entity, text


@pytest.fixture
def schema(database: Database) -> Schema:
    return Growing().publish(database, entity("deal", text("title"), {"name": "tags", "type": "many_to_many", "to": "user"}))


@pytest.mark.parametrize(
    ("statement", "kind", "name"),
    [
        ('DROP TABLE "{link}"', "missing", "{link}"),
        ('DROP INDEX "ix_{uid}_created"', "missing", "ix_{uid}_created"),
        ('ALTER TABLE "{table}" ADD COLUMN extra text', "unknown", "{table}.extra"),
        ('ALTER TABLE "{table}" RENAME COLUMN deleted_batch TO other', "missing", "{table}.deleted_batch"),
        ('CREATE INDEX mine ON "{table}" (version)', "unknown", "mine"),
        ("CREATE TABLE e_mine (id integer)", "unknown", "e_mine"),
    ],
)
def test_what_was_changed_is_named(database: Database, schema: Schema, statement: str, kind: str, name: str) -> None:
    deal = schema.model.entities["deal"]
    known = {"table": deal.table, "link": deal.fields["tags"].column, "uid": deal.table.rpartition("_")[2]}
    with database.write() as connection:
        connection.exec_driver_sql(statement.format(**known))
    with database.read() as connection:
        found = drift(connection, schema)
    assert (kind, name.format(**known)) in [(item.kind, item.name) for item in found]
    assert all(item.name in str(item.message) for item in found)


def test_a_column_of_another_type_is_named(database: Database, schema: Schema) -> None:
    deal = schema.model.entities["deal"]
    with database.write() as connection:
        connection.exec_driver_sql(f'ALTER TABLE "{deal.table}" DROP COLUMN version')
        connection.exec_driver_sql(f'ALTER TABLE "{deal.table}" ADD COLUMN version text')
    with database.read() as connection:
        assert [(item.kind, item.name) for item in drift(connection, schema)] == [("other type", f"{deal.table}.version")]


def test_tables_of_others_are_not_ours_to_judge(database: Database, schema: Schema) -> None:
    with database.write() as connection:
        connection.exec_driver_sql("CREATE TABLE theirs (id integer)")
    with database.read() as connection:
        assert drift(connection, schema) == ()


def test_a_sound_database_has_no_damage(database: Database, schema: Schema) -> None:
    with database.read() as connection:
        assert damage(connection) == ()
