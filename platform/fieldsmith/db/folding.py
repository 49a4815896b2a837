"""Folded text: what lists sort by and what comparisons ignoring case compare. UPPER, then LOWER, then ς→σ, on every evaluator.

`fold` is for values on their way into a `__fold` companion column; `folded` is the same as an SQL expression, for text that
has no companion. Not Python's casefold: PostgreSQL has none, and the two must agree on every code point.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

FUNCTION = "fs_fold"
"""Name under which `db.engine` registers `fold` on every SQLite connection."""

_ICU = "und-x-icu"


def fold(text: str) -> str:
    """`fold("Straße ΣΑΣ")` is `"strasse σασ"`."""
    if text.isascii():
        return text.lower()
    return text.upper().lower().replace("ς", "σ")


def fold_or_blank(text: str | None) -> str | None:
    """`fold` that lets blanks pass, as the SQL function does."""
    return None if text is None else fold(text)


def folded(expression: sa.ColumnElement[Any], dialect: str) -> sa.ColumnElement[Any]:
    """SQL for the folded text of `expression` on "sqlite" or "postgresql"."""
    if dialect == "sqlite":
        return sa.Function(FUNCTION, expression, type_=sa.Text())
    upper = sa.func.upper(sa.collate(expression, _ICU))
    lower = sa.func.lower(sa.collate(upper, _ICU))
    full = sa.collate(sa.func.replace(lower, "ς", "σ", type_=sa.Text()), "C")
    plain = sa.func.octet_length(expression) == sa.func.length(expression)  # ASCII, for which ICU's way takes seven times as long
    return sa.case((plain, sa.func.lower(sa.collate(expression, "C"), type_=sa.Text())), else_=full)
