"""Many-to-many links as stored."""

from __future__ import annotations

import sqlalchemy as sa

from fieldsmith.db.tables import Schema
from fieldsmith.fields.base import Field


def stored_links(connection: sa.Connection, schema: Schema, item: Field, id: int) -> tuple[int, ...] | None:
    """Ids of the live records that record `id` is linked to by `item`, ascending; None when there are none."""
    table = schema.link(item)
    target = schema.table(item.options["to"])
    found = connection.execute(
        sa.select(table.c.right_id)
        .join_from(table, target, target.c.id == table.c.right_id)
        .where(table.c.left_id == id, target.c.deleted_at.is_(None))
        .order_by(table.c.right_id)
    )
    return tuple(row[0] for row in found) or None
