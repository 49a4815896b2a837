"""Values a page needs from other rows: many-to-many links, targets of polymorphic lookups, file descriptions.

One statement per column and target entity for a whole page, never one per row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from fieldsmith.db.system import fs_file
from fieldsmith.db.tables import Schema
from fieldsmith.fields.base import Field
from fieldsmith.fields.values import Link
from fieldsmith.query.rows import Row, StoredFile

LATE_TYPES = frozenset({"many_to_many", "polymorphic_lookup", "file", "image"})


@dataclass(frozen=True, slots=True)
class Late:
    """A column to fill in: its field and where its key stands in the selected row.

    The key is the record's id for many-to-many, (id, entity) for a polymorphic lookup, the file's id for files.
    """

    field: Field
    at: int


def fill(connection: sa.Connection, schema: Schema, late: Sequence[Late], rows: Sequence[Row], hidden: frozenset[str]) -> list[Row]:
    """`rows` with one more value per late column at their end."""
    values = [_values(connection, schema, item, rows, hidden) for item in late]
    return [tuple(row) + extra for row, extra in zip(rows, zip(*values, strict=True), strict=True)]


def labels(connection: sa.Connection, schema: Schema, entity: str, ids: Iterable[int]) -> dict[int, str | None]:
    """Names of live records of `entity` by id; ids that are gone are left out."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    table = schema.table(entity)
    name = schema.columns(schema.model.entities[entity].fields[schema.model.entities[entity].name_field])[0]
    found = connection.execute(sa.select(table.c.id, name).where(table.c.id.in_(wanted), table.c.deleted_at.is_(None)))
    return {row[0]: row[1] for row in found}


def _values(connection: sa.Connection, schema: Schema, item: Late, rows: Sequence[Row], hidden: frozenset[str]) -> list[Any]:
    if item.field.type == "many_to_many":
        linked = _links(connection, schema, item.field, {row[item.at] for row in rows if row[item.at] is not None}, hidden)
        return [linked.get(row[item.at]) for row in rows]
    if item.field.type == "polymorphic_lookup":
        return _typed_links(connection, schema, item.at, rows, hidden)
    files = _files(connection, {row[item.at] for row in rows if row[item.at] is not None})
    return [files.get(row[item.at]) for row in rows]


def _links(
    connection: sa.Connection, schema: Schema, item: Field, ids: set[int], hidden: frozenset[str]
) -> Mapping[int, tuple[Link, ...]]:
    to = item.options["to"]
    if not ids or to in hidden:
        return {}
    link = schema.link(item)
    target = schema.table(to)
    name = schema.columns(schema.model.entities[to].fields[schema.model.entities[to].name_field])[0]
    found = connection.execute(
        sa.select(link.c.left_id, target.c.id, name)
        .join_from(link, target, target.c.id == link.c.right_id)
        .where(link.c.left_id.in_(sorted(ids)), target.c.deleted_at.is_(None))
        .order_by(link.c.left_id, name, target.c.id)
    )
    out: dict[int, list[Link]] = {}
    for left, right, label in found:
        out.setdefault(left, []).append(Link(right, label))
    return {left: tuple(links) for left, links in out.items()}


def _typed_links(connection: sa.Connection, schema: Schema, at: int, rows: Sequence[Row], hidden: frozenset[str]) -> list[Any]:
    wanted: dict[str, set[int]] = {}
    for row in rows:
        if row[at] is not None and row[at + 1] in schema.model.entities:
            wanted.setdefault(row[at + 1], set()).add(row[at])
    known = {name: labels(connection, schema, name, ids) for name, ids in wanted.items() if name not in hidden}
    return [None if row[at] is None else Link(row[at], known.get(row[at + 1], {}).get(row[at]), row[at + 1]) for row in rows]


def _files(connection: sa.Connection, ids: set[int]) -> Mapping[int, StoredFile]:
    if not ids:
        return {}
    found = connection.execute(sa.select(fs_file.c.id, fs_file.c.name, fs_file.c.size, fs_file.c.media_type).where(fs_file.c.id.in_(sorted(ids))))
    return {row[0]: StoredFile(*row) for row in found}
