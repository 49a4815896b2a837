"""Record ids before the rows exist, so that one statement can insert a batch and history can name it. Never reused."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa


def allocate(connection: sa.Connection, table: sa.Table, count: int) -> Sequence[int]:
    """`count` fresh ids of `table`, ascending. Call inside a writing transaction.

    SQLite: the writer is alone, so the ids after AUTOINCREMENT's high-water mark are free, and inserting them moves it.
    PostgreSQL: the identity's sequence.
    """
    if connection.dialect.name == "sqlite":
        found = connection.exec_driver_sql("SELECT seq FROM sqlite_sequence WHERE name = ?", (table.name,)).scalar()
        first = (found or 0) + 1
        return range(first, first + count)
    quoted = connection.dialect.identifier_preparer.quote_identifier(table.name)
    rows = connection.exec_driver_sql(
        "SELECT nextval(pg_get_serial_sequence(%(table)s, 'id')::regclass) FROM generate_series(1, %(count)s)",
        {"table": quoted, "count": count},
    )
    return [row[0] for row in rows]
