"""Folded text: what lists sort by and what comparisons ignoring case compare. UPPER, then LOWER, then ς→σ, on every evaluator.

`fold` is for values, `folded` the same as an SQL expression. Not Python's casefold: PostgreSQL has none, and the two must
agree on every code point. `fs_fold` is `fold` on SQLite connections.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

FUNCTION = "fs_fold"
ICU = "und-x-icu"
"""The collation whose upper and lower case are full Unicode: equal to Python's on every code point and in every context tried."""


def fold(text: str) -> str:
    """`fold("Straße ΣΑΣ")` is `"strasse σασ"`."""
    if text.isascii():
        return text.lower()
    return text.upper().lower().replace("ς", "σ")


def fold_or_blank(text: str | None) -> str | None:
    """`fold` that lets blanks pass, as the SQL function does."""
    return None if text is None else fold(text)


def folded(expression: sa.ColumnElement[Any], dialect: str, column: bool = True) -> sa.ColumnElement[Any]:
    """SQL for the folded text of `expression` on "sqlite" or "postgresql". What is no `column` is written, and computed, only once."""
    if dialect == "sqlite":
        return sa.Function(FUNCTION, expression, type_=sa.Text())
    upper = sa.func.upper(sa.collate(expression, ICU))
    lower = sa.func.lower(sa.collate(upper, ICU))
    full = sa.collate(sa.func.replace(lower, "ς", "σ", type_=sa.Text()), "C")
    return ascii_or(expression, sa.func.lower(sa.collate(expression, "C"), type_=sa.Text()), full) if column else full


def ascii_or(expression: sa.ColumnElement[Any], plain: sa.ColumnElement[Any], full: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """PostgreSQL: `plain` for ASCII, for which ICU's way takes seven times as long, else `full`."""
    return sa.case((sa.func.octet_length(expression) == sa.func.length(expression), plain), else_=full)
