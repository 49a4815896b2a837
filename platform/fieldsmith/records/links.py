"""Many-to-many links as stored, and what a change leaves of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from fieldsmith.base.context import Actor
from fieldsmith.db.tables import Schema
from fieldsmith.fields.base import Field
from fieldsmith.query.run import Queries
from fieldsmith.records.shape import EntityShape


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


def keep_unseen(queries: Queries, actor: Actor, shape: EntityShape, stored: Mapping[str, Any], new: dict[str, Any]) -> None:
    """Add to the links in `new` those to records the actor is not shown: who sends back what they see takes nothing else away."""
    for name in shape.links.keys() & new.keys():
        held = stored[name] or ()
        to = shape.links[name].options["to"]
        shown = queries.labels(actor, to, held) if held and queries.readable(actor, to) else {}
        unseen = [id for id in held if id not in shown]
        if unseen:
            new[name] = tuple(sorted({*(new[name] or ()), *unseen}))
