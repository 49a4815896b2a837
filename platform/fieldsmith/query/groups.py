"""How many live records there are of each value of a choice field. For figures on the start page; not for reports."""

from __future__ import annotations

import sqlalchemy as sa

from fieldsmith.base.context import Actor
from fieldsmith.db.tables import Schema
from fieldsmith.query.run import Queries, Query


def counts_by_choice(queries: Queries, connection: sa.Connection, schema: Schema, actor: Actor, entity: str, field: str, bound: int) -> dict[str, int] | None:
    """Value → number of records, values nobody holds left out; None beyond `bound` records, where counting would cost too much.

    Raises `NotFound` when the actor may not read the entity.
    """
    found = queries.entity(actor, entity)
    if not queries.count(actor, Query(entity, ()), bound).exact:
        return None
    table, column = schema.table(entity), schema.columns(found.fields[field])[0]
    counted = sa.select(column, sa.func.count()).where(table.c.deleted_at.is_(None), column.is_not(None)).group_by(column)
    return {value: number for value, number in connection.execute(counted)}
