"""Every function of the language that SQLite takes from Python, registered on a connection."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fieldsmith.expr import date_values, number_values, program, text_values
from fieldsmith.expr.functions import functions

Registered = Mapping[str, tuple[int, Callable[..., Any]]]


def install(connection: Any) -> None:
    """Register all of them on an `sqlite3.Connection`, or the driver's adaptation of one."""
    for family in _families():
        for name, (arguments, function) in family.items():
            connection.create_function(name, arguments, function, deterministic=True)
    connection.create_function(program.FUNCTION, -1, program.runner(functions()), deterministic=True)
    for name, (arguments, aggregate) in number_values.SQLITE_AGGREGATES.items():
        connection.create_aggregate(name, arguments, aggregate)


def _families() -> tuple[Registered, ...]:
    return number_values.SQLITE, text_values.SQLITE, date_values.SQLITE
