"""A million rows from ten thousand, in SQL, on either database. Used to fill both sides alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from tests.bench.sample import SEEDS


def for_loading(connection: sa.Connection) -> None:
    """Loading may be careless with the disk; the servers that are measured are not."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA cache_size=-400000")


def multiply(
    connection: sa.Connection,
    table: sa.Table,
    name: sa.Column[Any],
    amount: sa.Column[Any],
    key: sa.Column[Any],
    rows: int,
    folds: Sequence[sa.Column[Any]] = (),
) -> None:
    """Copy the first `SEEDS` rows of `table` until there are `rows`, each copy with its own id, name, amount and key.

    `folds` are companions of name and key that hold their folded text.
    """
    assert rows % SEEDS == 0
    identity = next(iter(table.primary_key))
    copy, shift = sa.bindparam("copy", type_=sa.Integer), sa.bindparam("shift", type_=sa.BigInteger)
    mark = sa.literal(" ") + sa.cast(copy, sa.Text)
    own: dict[Any, Any] = {item: item.concat(mark) for item in (name, key, *folds)}
    own[identity] = identity + shift
    own[amount] = sa.type_coerce(sa.type_coerce(amount, sa.BigInteger) + copy, amount.type)
    copied = sa.select(*(own.get(item, item) for item in table.columns)).where(identity <= SEEDS)
    insert = sa.insert(table).from_select(list(table.columns), copied, include_defaults=False)
    for number in range(1, rows // SEEDS):
        connection.execute(insert, {"copy": number, "shift": number * SEEDS})
    if connection.dialect.name == "postgresql":
        connection.execute(
            sa.text("SELECT setval(pg_get_serial_sequence(:table, :column), :rows)"), {"table": f'"{table.name}"', "column": identity.name, "rows": rows}
        )


def settle(engine: sa.Engine) -> None:
    """Statistics for the planner, as a database that has lived for a day has them."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE" if engine.dialect.name == "postgresql" else "ANALYZE")
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
