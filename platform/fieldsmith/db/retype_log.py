"""Which records were saved while their values are being carried over: triggers write one row of `fs_retype_row` for each.

A trigger sees every save of every process, whatever it goes through, and only while it lasts; none is there but on a table
with a field on its way to another type.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import sqlalchemy as sa

from fieldsmith.db.system import fs_retype, fs_retype_row
from fieldsmith.db.tables import Schema
from fieldsmith.fields.base import Field
from fieldsmith.meta.names import base36

FILLING = "filling"
"""The state of a job at work."""


def watch(connection: sa.Connection, schema: Schema, source: Field, target: int) -> None:
    """From now on note the records whose `source` is written, for the field with the uid `target`."""
    quote = connection.dialect.identifier_preparer.quote
    table = quote(schema.model.entities[source.entity].table)
    columns = ", ".join(quote(column.name) for column in schema.columns(source))
    name = _name(target)
    if schema.dialect == "sqlite":
        noting = f"BEGIN INSERT INTO fs_retype_row (target, record, failed) VALUES ({target:d}, NEW.id, 0); END"
        connection.exec_driver_sql(f"CREATE TRIGGER {name}_new AFTER INSERT ON {table} {noting}")
        connection.exec_driver_sql(f"CREATE TRIGGER {name} AFTER UPDATE OF {columns} ON {table} {noting}")
        return
    space = quote(str(connection.exec_driver_sql("SELECT current_schema()").scalar_one()))
    noting = f"INSERT INTO {space}.fs_retype_row (target, record, failed) VALUES ({target:d}, NEW.id, false); RETURN NULL;"
    connection.exec_driver_sql(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $noting$ BEGIN {noting} END $noting$")
    connection.exec_driver_sql(f"CREATE TRIGGER {name} AFTER INSERT OR UPDATE OF {columns} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")


def unwatch(connection: sa.Connection, table: str, target: int) -> None:
    """The end of `watch`; what was noted is forgotten. `table` is the physical name."""
    name = _name(target)
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}_new")
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")
    else:
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name} ON {connection.dialect.identifier_preparer.quote(table)}")
        connection.exec_driver_sql(f"DROP FUNCTION IF EXISTS {name}()")
    connection.execute(sa.delete(fs_retype_row).where(fs_retype_row.c.target == target))


def noted(connection: sa.Connection, target: int, most: int) -> list[tuple[int, int]]:
    """(row, record) of what was noted and not carried over yet, the oldest first."""
    rows = fs_retype_row
    query = sa.select(rows.c.id, rows.c.record).where(rows.c.target == target, rows.c.failed.is_(sa.false())).order_by(rows.c.id).limit(most)
    return [(row[0], row[1]) for row in connection.execute(query)]


def forget(connection: sa.Connection, target: int, rows: Sequence[int], records: Collection[int]) -> None:
    """These rows, and that any of `records` failed, for they have been carried over."""
    log = fs_retype_row
    connection.execute(sa.delete(log).where(log.c.id.in_(rows)))
    connection.execute(sa.delete(log).where(log.c.target == target, log.c.failed.is_(sa.true()), log.c.record.in_(records)))


def note_failed(connection: sa.Connection, target: int, records: Sequence[int]) -> None:
    """Their values do not convert."""
    if records:
        connection.execute(sa.insert(fs_retype_row), [{"target": target, "record": record, "failed": True} for record in records])


def failed(connection: sa.Connection, target: int, most: int) -> list[int]:
    """Records whose values do not convert."""
    rows = fs_retype_row
    found = sa.select(rows.c.record).where(rows.c.target == target, rows.c.failed.is_(sa.true())).distinct().order_by(rows.c.record).limit(most)
    return list(connection.execute(found).scalars())


def note_again(connection: sa.Connection, target: int) -> None:
    """What failed is to be tried once more, as its manner was changed."""
    rows = fs_retype_row
    connection.execute(sa.update(rows).where(rows.c.target == target).values(failed=False))


def jobs_wait(connection: sa.Connection) -> bool:
    """Is any column still to be filled for a field on its way to another type?"""
    return connection.execute(sa.select(fs_retype.c.id).where(fs_retype.c.state == FILLING).limit(1)).first() is not None


def _name(target: int) -> str:
    return f"fs_retype_{base36(target)}"
