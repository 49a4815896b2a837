"""Rows of the number functions."""

from __future__ import annotations

from fieldsmith.expr.function import Function

ROWS: tuple[Function, ...] = ()
