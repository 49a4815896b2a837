"""Reading history: who changed what, when, by what door; newest first, field names as they are now.

Lookups are kept as ids and get the name their target has today, where the reader may see it. Fields that are gone are left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
import sqlalchemy as sa

from fieldsmith.base.context import Actor
from fieldsmith.base.errors import BadQuery
from fieldsmith.base.problems import Problem
from fieldsmith.base.text import _m
from fieldsmith.db.system import fs_history
from fieldsmith.db.tables import Schema
from fieldsmith.fields.base import Field
from fieldsmith.fields.values import Link
from fieldsmith.meta.model import Entity
from fieldsmith.query.run import Queries


@dataclass(frozen=True, slots=True)
class FieldChange:
    """JSON values before and after, as the API writes them."""

    field: Field
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class Event:
    """One save. `operation` is create, update, delete or restore; `by` the actor's name, `by_id` the user's record id.

    `record` is what was saved, named as the reader may see it.
    """

    record: Link
    at: datetime
    by: str
    by_id: int | None
    via: str
    operation: str
    version: int
    changes: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True)
class HistoryPage:
    items: tuple[Event, ...]
    next: str | None


def read_history(connection: sa.Connection, queries: Queries, actor: Actor, entity: Entity, record: int, after: str | None, limit: int) -> HistoryPage:
    """Saves of one record, newest first; the caller has read the record as its actor. `after` is the mark of the page before."""
    mine = sa.and_(fs_history.c.entity == entity.uid, fs_history.c.record == record)
    return _page(connection, queries, actor, [entity], mine, after, limit)


def read_timeline(
    connection: sa.Connection, schema: Schema, queries: Queries, actor: Actor, entity: Entity, record: int, after: str | None, limit: int
) -> HistoryPage:
    """As `read_history`, with the saves of activities, notes, files and whatever else points here by a polymorphic lookup."""
    told = [entity]
    stories = [sa.and_(fs_history.c.entity == entity.uid, fs_history.c.record == record)]
    for reference in entity.references:
        other = schema.model.entities[reference.entity]
        item = other.fields[reference.field]
        if item.type != "polymorphic_lookup" or not queries.readable(actor, other.name):
            continue
        table, (id, kind) = schema.table(other.name), schema.columns(item)
        about = sa.select(table.c.id).where(id == record, kind == entity.name, table.c.deleted_at.is_(None))
        stories.append(sa.and_(fs_history.c.entity == other.uid, fs_history.c.record.in_(about)))
        told.append(other)
    return _page(connection, queries, actor, told, sa.or_(*stories), after, limit)


def _page(
    connection: sa.Connection, queries: Queries, actor: Actor, told: Sequence[Entity], which: sa.ColumnElement[bool], after: str | None, limit: int
) -> HistoryPage:
    table = fs_history
    where = [which] if after is None else [which, table.c.id < _mark(after)]
    rows = connection.execute(sa.select(table).where(*where).order_by(table.c.id.desc()).limit(limit + 1)).mappings().all()
    by_uid = {entity.uid: entity for entity in told}
    fields = {(entity.uid, str(item.uid)): item for entity in told for item in entity.fields.values()}
    read = [(row, _changed(row, fields)) for row in rows[:limit]]
    names = _names(queries, actor, [change for _, changes in read for change in changes], [(by_uid[row["entity"]].name, row["record"]) for row, _ in read])
    items = tuple(_event(row, by_uid[row["entity"]].name, changes, names) for row, changes in read)
    return HistoryPage(items, str(rows[limit - 1]["id"]) if len(rows) > limit else None)


def _changed(row: Mapping[Any, Any], fields: Mapping[tuple[int, str], Field]) -> list[tuple[Field, Any, Any]]:
    pairs = orjson.loads(row["changes"]).items()
    return [(fields[row["entity"], uid], old, new) for uid, (old, new) in pairs if (row["entity"], uid) in fields]


def _event(row: Mapping[Any, Any], entity: str, changes: list[tuple[Field, Any, Any]], names: Mapping[tuple[str, int], str | None]) -> Event:
    told = tuple(FieldChange(item, _named(item, old, names), _named(item, new, names)) for item, old, new in changes)
    record = Link(row["record"], names.get((entity, row["record"])), entity)
    return Event(record, row["at"], row["actor_name"], row["actor_id"], row["via"], row["op"], row["version"], told)


def _names(queries: Queries, actor: Actor, changes: list[tuple[Field, Any, Any]], records: list[tuple[str, int]]) -> dict[tuple[str, int], str | None]:
    wanted: dict[str, set[int]] = {}
    for entity, id in records:
        wanted.setdefault(entity, set()).add(id)
    for item, old, new in changes:
        for value in (old, new):
            for entity, id in _targets(item, value):
                wanted.setdefault(entity, set()).add(id)
    return {(entity, id): label for entity, ids in wanted.items() for id, label in queries.labels(actor, entity, ids).items()}


def _targets(item: Field, value: Any) -> list[tuple[str, int]]:
    if value is None:
        return []
    if item.type == "lookup":
        return [(item.options["to"], value)]
    if item.type == "many_to_many":
        return [(item.options["to"], id) for id in value]
    if item.type == "polymorphic_lookup":
        return [(value["entity"], value["id"])]
    return []


def _named(item: Field, value: Any, names: Mapping[tuple[str, int], str | None]) -> Any:
    if value is None:
        return None
    if item.type == "lookup":
        return {"id": value, "label": names.get((item.options["to"], value))}
    if item.type == "many_to_many":
        return [{"id": id, "label": names.get((item.options["to"], id))} for id in value]
    if item.type == "polymorphic_lookup":
        return {**value, "label": names.get((value["entity"], value["id"]))}
    return value


def _mark(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise BadQuery([Problem("bad_cursor", _m("This page mark (“after”) does not belong to this list."), "/after", _m("Start again without “after”."))])
    return int(text)
