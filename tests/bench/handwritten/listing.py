"""The page of opportunities that both the list screen and the JSON list show: sort, keyset, columns."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import abort
from sqlalchemy.orm import Session as Database
from sqlalchemy.orm import joinedload

from tests.bench.handwritten.models import Opportunity

SORTABLE = {"id", "name", "amount", "close_date", "stage", "modified_at"}
BOUND = 10_000


@dataclass(frozen=True, slots=True)
class Page:
    rows: list[Opportunity]
    next: str | None


def page(database: Database, sort: str, after: str | None, limit: int) -> Page:
    """`limit` live opportunities in order of `sort` (`-amount` is descending), from the cursor on; blanks come last."""
    name, descending = sort.lstrip("-"), sort.startswith("-")
    if name not in SORTABLE:
        abort(400, "This column cannot be sorted by.")
    column, key = getattr(Opportunity, name), Opportunity.id
    query = (
        sa.select(Opportunity)
        .where(Opportunity.deleted_at.is_(None))
        .options(joinedload(Opportunity.account), joinedload(Opportunity.owner))  # load_only was measured: its bookkeeping costs more than it saves
        .limit(limit + 1)
    )
    if name == "id":
        query = query.order_by(key.desc() if descending else key)
    else:
        query = query.order_by(column.desc() if descending else column, key.desc() if descending else key)
        query = query.where(column.is_not(None))
    if after:
        at = _decode(after, sort)
        left, right = (sa.tuple_(column, key), sa.tuple_(*(sa.literal(value, item.type) for value, item in zip(at, (column, key), strict=True))))
        query = query.where(left < right if descending else left > right)
    rows = list(database.scalars(query))
    cursor = _encode(sort, getattr(rows[limit - 1], name), rows[limit - 1].id) if len(rows) > limit else None
    return Page(rows[:limit], cursor)


def bounded_count(database: Database) -> str:
    """How many live opportunities, up to “10,000+”."""
    few = sa.select(sa.literal(1)).select_from(Opportunity).where(Opportunity.deleted_at.is_(None))
    few = few.order_by(Opportunity.modified_at, Opportunity.id).limit(BOUND + 1)  # along a narrow index, not the wide rows
    count = database.scalar(sa.select(sa.func.count()).select_from(few.subquery())) or 0
    return f"{BOUND:,}+" if count > BOUND else f"{count:,}"


def _encode(sort: str, value: Any, key: int) -> str:
    return base64.urlsafe_b64encode(json.dumps([sort, value, key], default=str).encode()).decode()


def _decode(cursor: str, sort: str) -> tuple[Any, int]:
    try:
        known, value, key = json.loads(base64.urlsafe_b64decode(cursor))
    except ValueError:
        abort(400, "The cursor is not one of ours.")
    if known != sort:
        abort(400, "The cursor belongs to another order.")
    python_type = getattr(Opportunity, sort.lstrip("-")).type.python_type
    return (python_type.fromisoformat(value) if hasattr(python_type, "fromisoformat") else python_type(value)), key
