"""Full-text search as a reader may see it: hits in records their rights reach. Called through `Queries.search`."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from typing import Any

import sqlalchemy as sa

from fieldsmith.db.search import Seen
from fieldsmith.meta.model import Entity
from fieldsmith.query.guard import Guard


def seen_by(guard: Guard, entities: Iterable[Entity]) -> Seen:
    """For the entities of which the reader sees not every record: by uid, the condition on the expression of an id."""
    return {entity.uid: _seen(guard, entity.name) for entity in entities if guard.rule(entity.name, "read") is not None}


def _seen(guard: Guard, entity: str) -> Callable[[sa.ColumnElement[int]], sa.ColumnElement[bool]]:
    def condition(id_: sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
        numbers = itertools.count(1)
        table = guard.schema.table(entity).alias(f"s{next(numbers)}")
        reached = guard.condition(entity, "read", table, numbers)
        found: sa.Select[Any] = sa.select(sa.literal_column("1")).select_from(table).where(table.c.id == id_)
        return (found if reached is None else found.where(reached)).correlate_except(table).exists()

    return condition
