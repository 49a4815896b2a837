"""`Insertion`: one table's INSERT for a batch of rows, compiled once per revision.

SQLite runs it once per row (the driver's `executemany`, nothing is faster there); PostgreSQL gets larger batches through
COPY, which takes a third of the time of as many INSERTs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any

import sqlalchemy as sa

from fieldsmith.db.prepared import binder

_COPY_FROM = 20  # rows from which COPY is worth its round trips

Row = Sequence[Any]


class Insertion:
    """`columns` of `table`; rows give their canonical values in that order."""

    def __init__(self, table: sa.Table, columns: Sequence[sa.Column[Any]], dialect: sa.Dialect) -> None:
        statement = sa.insert(table).values({column.name: sa.bindparam(f"v{at}", type_=column.type) for at, column in enumerate(columns)})
        compiled = statement.compile(dialect=dialect)
        quote = dialect.identifier_preparer.quote
        names = ", ".join(quote(column.name) for column in columns)
        self._copy = f"COPY {dialect.identifier_preparer.format_table(table)} ({names}) FROM STDIN" if dialect.name == "postgresql" else None
        self._sql = str(compiled)
        self._places = [int(name[1:]) for name in compiled.positiontup] if compiled.positiontup is not None else None
        self._in_order: Callable[[Row], Row] | None = itemgetter(*self._places) if self._places is not None and len(self._places) > 1 else None
        self._binders = [(at, turn) for at, column in enumerate(columns) if (turn := binder(column.type, dialect)) is not None]

    def run(self, connection: sa.Connection, rows: Sequence[Row]) -> None:
        """Insert `rows`, in the caller's transaction."""
        cursor = connection.connection.cursor()
        try:
            if self._places is not None:
                cursor.executemany(self._sql, [self._bound(row) for row in rows])
            elif self._copy is not None and len(rows) >= _COPY_FROM:
                with cursor.copy(self._copy) as copy:
                    for row in rows:
                        copy.write_row(row)
            else:
                for row in rows:  # `executemany` would switch to pipeline mode, which costs more for a few rows
                    cursor.execute(self._sql, {f"v{at}": value for at, value in enumerate(row)})
        finally:
            cursor.close()

    def _bound(self, row: Row) -> Row:
        if self._binders:
            out = list(row)
            for at, turn in self._binders:
                if out[at] is not None:
                    out[at] = turn(out[at])
            row = out
        return self._in_order(row) if self._in_order is not None else row
