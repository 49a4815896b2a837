"""`once` really computes once: nested, PostgreSQL plans it in no time."""

from __future__ import annotations

import time
from typing import Any, cast

import pytest
import sqlalchemy as sa

from fieldsmith.db.engine import Database
from fieldsmith.expr.once import once
from fieldsmith.expr.to_sql import SqlCompiler


class Registering:
    def __init__(self) -> None:
        self.registered: set[str] = set()


@pytest.mark.postgresql
@pytest.mark.parametrize("levels", [1, 6])
def test_levels_do_not_multiply(database: Database, levels: int) -> None:
    compiler = cast(SqlCompiler, Registering())
    row = sa.select(sa.literal(1, sa.BigInteger()).label("x")).offset(0).subquery("thing")
    if database.dialect == "sqlite":
        row = sa.select(sa.literal(1, sa.BigInteger()).label("x")).subquery("thing")
    value: Any = row.c.x
    for _ in range(levels if database.dialect == "sqlite" else levels * 4):
        value = once(value, lambda x: sa.case((x > 0, x + 1)), compiler)
    with database.read() as connection:
        began = time.perf_counter()
        found = connection.execute(sa.select(value).select_from(row)).scalar_one()
    assert found == 1 + (levels if database.dialect == "sqlite" else levels * 4)
    assert time.perf_counter() - began < 2
