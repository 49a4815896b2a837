"""A million rows from ten thousand, in SQL, on either database. Used to fill both sides alike."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from tests.bench.sample import SEEDS


def for_loading(connection: sa.Connection) -> None:
    """Loading may be careless with the disk; the servers that are measured are not."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA cache_size=-400000")


def multiply(
    connection: sa.Connection, table: sa.Table, name: sa.Column[Any], amount: sa.Column[Any], key: sa.Column[Any], rows: int, fold: sa.Column[Any] | None = None
) -> None:
    """Copy the first `SEEDS` rows of `table` until there are `rows`, each copy with its own id, name, amount and key."""
    identity = next(iter(table.primary_key))
    assert rows % SEEDS == 0
    numbered = {item: item.concat(sa.literal(" ") + sa.cast(sa.bindparam("copy", type_=sa.Integer), sa.Text)) for item in (name, key, fold) if item is not None}
    shift = sa.bindparam("shift", type_=sa.BigInteger)
    special: dict[Any, Any] = {
        identity: identity + shift,
        amount: sa.type_coerce(sa.type_coerce(amount, sa.BigInteger) + sa.bindparam("copy", type_=sa.Integer), amount.type),
    }
    expressions = [special.get(item, numbered.get(item, item)) for item in table.columns]
    copied = sa.insert(table).from_select(list(table.columns), sa.select(*expressions).where(identity <= SEEDS), include_defaults=False)
    for copy in range(1, rows // SEEDS):
        connection.execute(copied, {"copy": copy, "shift": copy * SEEDS})
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT setval(pg_get_serial_sequence('{table.name}', '{identity.name}'), {rows})")


def settle(engine: sa.Engine) -> None:
    """Statistics for the planner, as a database that has lived for a day has them."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE" if engine.dialect.name == "postgresql" else "ANALYZE")
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
