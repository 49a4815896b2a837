"""What a database needs round a load of many rows: room for index pages before, what the planner knows after. Called by imports.

Until its own background run, a minute or more later, PostgreSQL takes a table for as empty as it was: a search in a list of
2,000 imported rows took over a second, and 3 ms with what it should know. SQLite plans by the shape of the tables alone.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

_ALWAYS = ("fs_search", "fs_history")
_ROOM = 65_536  # KiB of index pages SQLite may keep while loading; with its usual 8 MB an import of 100,000 rows took a sixth longer


def make_room(connection: sa.Connection) -> None:
    """Let SQLite keep more pages on this connection from now on; PostgreSQL's memory is its administrator's."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"PRAGMA cache_size=-{_ROOM}")


def refresh(connection: sa.Connection, tables: Sequence[sa.Table]) -> None:
    """Sample `tables`, the search index and the history; a fraction of a second however many rows there are."""
    if connection.dialect.name != "postgresql":
        return
    quote = connection.dialect.identifier_preparer.quote
    connection.exec_driver_sql("ANALYZE " + ", ".join(quote(name) for name in (*_ALWAYS, *(table.name for table in tables))))
