"""The function table of the language: every family's rows by name, operators under their symbols."""

from __future__ import annotations

from functools import cache
from typing import Any

from fieldsmith.expr import functions_dates, functions_logic, functions_numbers, functions_records, functions_text, operators
from fieldsmith.expr.function import Function

_FAMILIES: tuple[Any, ...] = (operators, functions_logic, functions_text, functions_numbers, functions_dates, functions_records)


@cache
def _table() -> dict[str, Function]:
    return {row.name: row for family in _FAMILIES for row in family.ROWS}


def functions() -> dict[str, Function]:
    """The functions that come with the platform. A new dict each time: plugins' functions may be added to it."""
    return dict(_table())
