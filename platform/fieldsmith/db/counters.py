"""Named counters without gaps: a number given out in a transaction that is undone comes again. Used for auto-numbers.

Two writers of one counter wait for each other until commit; ids of records come from `db.ids`, which never waits.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

_NEXT = "INSERT INTO fs_counter (name, value) VALUES ({0}, {0}) ON CONFLICT (name) DO UPDATE SET value = fs_counter.value + excluded.value RETURNING value"


def next_numbers(connection: sa.Connection, name: str, count: int) -> Sequence[int]:
    """The next `count` numbers of counter `name`, ascending; the first ever is 1."""
    if count == 0:
        return range(0)
    mark = "?" if connection.dialect.name == "sqlite" else "%s"
    last = connection.exec_driver_sql(_NEXT.format(mark), (name, count)).scalar_one()
    return range(last - count + 1, last + 1)
