"""Rows of the functions of choices, records and change."""

from __future__ import annotations

from fieldsmith.expr.function import Function

ROWS: tuple[Function, ...] = ()
