"""Purging the demo data: recycled rows leave the database for good, with their links and history.

Only `bulk.demo` calls this, and only for records it made itself. A row that anything else in the database still
points at (rows in the recycle bin count) stays in the recycle bin.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import sqlalchemy as sa

from fieldsmith.db.system import fs_history, fs_login
from fieldsmith.db.system_sharing import fs_share
from fieldsmith.db.tables import Schema
from fieldsmith.identity.people import PEOPLE
from fieldsmith.identity.reach import forget
from fieldsmith.meta.model import Entity, Model

_CHUNK = 500
_PEOPLE = ("owner_id", "created_by", "modified_by")


class Stored(Protocol):
    """What is needed of a transaction to reach the tables themselves."""

    connection: sa.Connection

    @property
    def model(self) -> Model: ...
    @property
    def schema(self) -> Schema: ...


def purge(work: Stored, gone: Mapping[str, Sequence[int]]) -> None:
    """Delete the rows `gone` (ids by entity, all recycled), as far as nothing points at them."""
    for name, ids in gone.items():
        _cut_links(work, work.model.entities[name], ids)
    left = {name: list(ids) for name, ids in gone.items() if ids}
    while True:
        purged = {name: _purge(work, work.model.entities[name], ids) for name, ids in left.items()}
        left = {name: [id for id in ids if id not in purged[name]] for name, ids in left.items()}
        if not any(purged.values()):
            break
    if not PEOPLE.isdisjoint(gone):
        forget(work.connection, work.schema)


def _cut_links(work: Stored, entity: Entity, ids: Sequence[int]) -> None:
    """Many-to-many links of the rows, from either side."""
    sides = [(work.schema.link(field), "left_id") for field in entity.fields.values() if field.type == "many_to_many"]
    for reference in entity.references:
        field = work.model.entities[reference.entity].fields[reference.field]
        if field.type == "many_to_many":
            sides.append((work.schema.link(field), "right_id"))
    for table, side in sides:
        for chunk in _chunks(ids):
            work.connection.execute(sa.delete(table).where(table.c[side].in_(chunk)))


def _purge(work: Stored, entity: Entity, ids: Sequence[int]) -> set[int]:
    """The ids of `ids` whose rows could be deleted."""
    table = work.schema.table(entity.name)
    unused = [~condition for condition in _uses(work, entity, table)]
    out: set[int] = set()
    for chunk in _chunks(ids):
        found = work.connection.execute(sa.select(table.c.id).where(table.c.id.in_(chunk), *unused)).scalars().all()
        work.connection.execute(sa.delete(table).where(table.c.id.in_(found)))
        for kept in (fs_history, fs_share):
            work.connection.execute(sa.delete(kept).where(kept.c.entity == entity.uid, kept.c.record.in_(found)))
        out |= set(found)
    return out


def _uses(work: Stored, entity: Entity, table: sa.Table) -> list[sa.ColumnElement[bool]]:
    """One EXISTS for each way another row can point at a row of `table`."""
    out: list[sa.ColumnElement[bool]] = []
    for reference in entity.references:
        field = work.model.entities[reference.entity].fields[reference.field]
        if field.type == "many_to_many":
            continue
        other = work.schema.table(reference.entity).alias()
        columns = [other.c[column.name] for column in work.schema.columns(field)]
        where: list[Any] = [columns[0] == table.c.id]
        if len(columns) > 1:
            where.append(columns[1] == entity.name)
        out.append(sa.exists().where(*where).correlate(table))
    if entity.name == "user":
        out.append(sa.exists().where(fs_login.c.user_id == table.c.id).correlate(table))
        for name in work.model.entities:
            other = work.schema.table(name).alias()
            mentions = [other.c[column] == table.c.id for column in _PEOPLE]
            out.append(sa.exists().where(sa.or_(*mentions)).correlate(table))
    return out


def _chunks(ids: Sequence[int]) -> list[Sequence[int]]:
    return [ids[start : start + _CHUNK] for start in range(0, len(ids), _CHUNK)]
