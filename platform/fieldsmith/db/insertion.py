"""`Insertion`: one table's INSERT for a batch of rows, compiled once per revision.

SQLite runs it once per row (the driver's `executemany`, nothing is faster there); PostgreSQL gets larger batches through
COPY, which takes a third of the time of as many INSERTs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from fieldsmith.db.prepared import Converter, binder

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
        self._binders = [(at, turn) for at, column in enumerate(columns) if (turn := binder(column.type, dialect)) is not None]

    def run(self, connection: sa.Connection, rows: Sequence[Row]) -> None:
        """Insert `rows`, in the caller's transaction."""
        cursor = connection.connection.cursor()
        try:
            if self._places is not None:
                cursor.executemany(self._sql, self._bound(rows, self._places))
            elif self._copy is not None and len(rows) >= _COPY_FROM:
                with cursor.copy(self._copy) as copy:
                    for row in rows:
                        copy.write_row(row)
            else:
                for row in rows:  # `executemany` would switch to pipeline mode, which costs more for a few rows
                    cursor.execute(self._sql, {f"v{at}": value for at, value in enumerate(row)})
        finally:
            cursor.close()

    def _bound(self, rows: Sequence[Row], places: Sequence[int]) -> list[Row]:
        """Driver values in the statement's order, turned column by column: the cheapest way there is without leaving Python."""
        columns: list[Sequence[Any]] = list(zip(*rows, strict=True))
        for at, turn in self._binders:
            columns[at] = _turned(columns[at], turn)
        return list(zip(*[columns[at] for at in places], strict=True))


def _turned(column: Sequence[Any], turn: Converter) -> Sequence[Any]:
    first = column[0] if column else None
    if first is not None and column.count(first) == len(column):  # the moment of a batch, a stage all rows share
        return (turn(first),) * len(column)
    return [None if value is None else turn(value) for value in column]
