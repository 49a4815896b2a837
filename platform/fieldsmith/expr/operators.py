"""Rows of the operators."""

from __future__ import annotations

from fieldsmith.expr.function import Function

ROWS: tuple[Function, ...] = ()
