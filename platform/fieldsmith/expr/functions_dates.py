"""Rows of the date functions."""

from __future__ import annotations

from fieldsmith.expr.function import Function

ROWS: tuple[Function, ...] = ()
