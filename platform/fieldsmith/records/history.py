"""Reading history: who changed what, when, by what door; newest first, field names as they are now.

Lookups are kept as ids and get the name their target has today, where the reader may see it. Fields that are gone, or that the
reader may not see, are left out; masked ones are told as masks. A change of nothing but hidden fields did not happen for that
reader: it takes no place on a page either.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Any

import orjson
import sqlalchemy as sa

from fieldsmith.access.sight import Sight
from fieldsmith.base.context import Actor
from fieldsmith.base.errors import BadQuery, Forbidden
from fieldsmith.base.problems import Problem
from fieldsmith.base.text import _m
from fieldsmith.db.system import fs_history
from fieldsmith.fields.base import Field
from fieldsmith.fields.values import Link
from fieldsmith.meta.model import Entity
from fieldsmith.query.rows import mask_of
from fieldsmith.query.run import Kept, Queries
from fieldsmith.records.history_former import former_fields

_FURTHER = 200  # rows asked for at once after the first: where much is hidden, a page needs many
_SHOW_THEIR_END = frozenset({"text", "long_text", "email", "phone", "url", "external_id", "auto_number"})
"""Fields whose stored text a mask may show the end of. What JSON merely writes as text (amounts, dates) never."""

Told = tuple[Field, Any, Any]


@dataclass(frozen=True, slots=True)
class FieldChange:
    """JSON values before and after, as the API writes them."""

    field: Field
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class Event:
    """One save. `operation` is create, update, delete or restore; `by` the actor's name, `by_id` the user's record id.

    `record` is what was saved, named as the reader may see it. `seq` counts all saves of the workspace in their order, also of those
    that share a microsecond. `on_behalf` names who acted as `by` (blank: nobody), `run` the import (blank: none).
    """

    record: Link
    seq: int
    at: datetime
    by: str
    by_id: int | None
    on_behalf: str
    via: str
    run: str
    operation: str
    version: int
    changes: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True)
class HistoryPage:
    items: tuple[Event, ...]
    next: str | None


def read_history(
    runtime: Kept, connection: sa.Connection, queries: Queries, actor: Actor, entity: Entity, record: int, after: str | None, limit: int
) -> HistoryPage:
    """Saves of one record, newest first; the caller has read the record as its actor. `after` is the mark of the page before.

    Raises `Forbidden` unless the actor may see the history of this record.
    """
    _require(runtime, queries, actor, entity, record)
    mine = sa.and_(fs_history.c.entity == entity.uid, fs_history.c.record == record)
    return _page(runtime, connection, queries, actor, [entity], mine, after, limit)


def read_timeline(
    runtime: Kept, connection: sa.Connection, queries: Queries, actor: Actor, entity: Entity, record: int, after: str | None, limit: int
) -> HistoryPage:
    """As `read_history`, with the saves of activities, notes, files and whatever else points here by a polymorphic lookup."""
    _require(runtime, queries, actor, entity, record)
    schema, sight = runtime.schema, runtime.policy.sight(actor)
    told = [entity]
    stories = [sa.and_(fs_history.c.entity == entity.uid, fs_history.c.record == record)]
    for reference in entity.references:
        other = schema.model.entities[reference.entity]
        item = other.fields[reference.field]
        if item.type != "polymorphic_lookup" or (other.name, item.name) in sight.unspoken:
            continue
        if "none" in (sight.scope("read", other.name), sight.scope("history", other.name)):
            continue
        table, (id, kind) = schema.table(other.name), schema.columns(item)
        about = sa.select(table.c.id).where(id == record, kind == entity.name, table.c.deleted_at.is_(None))
        stories.append(sa.and_(fs_history.c.entity == other.uid, fs_history.c.record.in_(about)))
        told.append(other)
    return _page(runtime, connection, queries, actor, told, sa.or_(*stories), after, limit)


def _require(runtime: Kept, queries: Queries, actor: Actor, entity: Entity, record: int) -> None:
    if not runtime.policy.allows(actor, "history", entity.name) or record not in queries.reaches(actor, "history", entity.name, [record]):
        raise Forbidden(_m("You may not see the history of this record. Ask an administrator."))


def _page(
    runtime: Kept,
    connection: sa.Connection,
    queries: Queries,
    actor: Actor,
    told: Sequence[Entity],
    which: sa.ColumnElement[bool],
    after: str | None,
    limit: int,
) -> HistoryPage:
    by_uid = {entity.uid: entity for entity in told}
    fields = {(entity.uid, str(item.uid)): item for entity in told for item in entity.fields.values()}
    fields |= {(entity.uid, str(uid)): item for entity in told for uid, item in former_fields(runtime, connection, entity).items()}
    sight = runtime.policy.sight(actor)
    rows = _reached(_rows(connection, which, after, limit), queries, actor, told)
    read = list(islice(_seen(rows, fields, sight), limit + 1))
    names = _names(queries, actor, [change for _, changes in read for change in changes], [(by_uid[row["entity"]].name, row["record"]) for row, _ in read])
    items = tuple(_event(row, by_uid[row["entity"]].name, changes, names) for row, changes in read[:limit])
    return HistoryPage(items, str(items[-1].seq) if len(read) > limit else None)


def _rows(connection: sa.Connection, which: sa.ColumnElement[bool], after: str | None, limit: int) -> Iterator[Sequence[Mapping[Any, Any]]]:
    """Rows older than the mark, newest first, in batches, as many as are asked for."""
    table, size = fs_history, limit + 1
    below = None if after is None else _mark(after)
    while True:
        where = [which] if below is None else [which, table.c.id < below]
        rows = connection.execute(sa.select(table).where(*where).order_by(table.c.id.desc()).limit(size)).mappings().all()
        yield rows
        if len(rows) < size:
            return
        below, size = rows[-1]["id"], max(size, _FURTHER)


def _reached(batches: Iterator[Sequence[Mapping[Any, Any]]], queries: Queries, actor: Actor, told: Sequence[Entity]) -> Iterator[Mapping[Any, Any]]:
    """The rows of records that the actor may see with their history: `told[0]` is that of the record itself, which was asked before.

    The right to histories may go further than that to records, and must not tell of one that is out of sight.
    """
    for rows in batches:
        allowed = {told[0].uid: frozenset(row["record"] for row in rows)}
        for entity in told[1:]:
            records = queries.reaches(actor, "read", entity.name, [row["record"] for row in rows if row["entity"] == entity.uid])
            allowed[entity.uid] = queries.reaches(actor, "history", entity.name, sorted(records))
        yield from (row for row in rows if row["record"] in allowed[row["entity"]])


def _seen(rows: Iterator[Mapping[Any, Any]], fields: Mapping[tuple[int, str], Field], sight: Sight) -> Iterator[tuple[Mapping[Any, Any], list[Told]]]:
    """The rows there are for the reader, each with the changes the reader may see."""
    for row in rows:
        changes = _changed(row, fields)
        if not sight.everything:
            shown = [_masked(item, old, new, sight) for item, old, new in changes if not sight.hides(item.entity, item.name)]
            if row["op"] == "update" and changes and not shown:
                continue
            changes = shown
        yield row, changes


def _masked(item: Field, old: Any, new: Any, sight: Sight) -> Told:
    if not sight.masks(item.entity, item.name):
        return item, *(_known(item, value, sight) for value in (old, new))
    ends = item.type in _SHOW_THEIR_END
    masks = [None if value is None else mask_of(value if ends else ...) for value in (old, new)]
    return replace(item, type="text", options={}), masks[0], masks[1]


def _known(item: Field, value: Any, sight: Sight) -> Any:
    return {**value, "entity": sight.entity(value["entity"])} if item.type == "polymorphic_lookup" and value is not None else value


def _changed(row: Mapping[Any, Any], fields: Mapping[tuple[int, str], Field]) -> list[Told]:
    pairs = orjson.loads(row["changes"]).items()
    return [(fields[row["entity"], uid], old, new) for uid, (old, new) in pairs if (row["entity"], uid) in fields]


def _event(row: Mapping[Any, Any], entity: str, changes: list[Told], names: Mapping[tuple[str, int], str | None]) -> Event:
    told = tuple(FieldChange(item, _named(item, old, names), _named(item, new, names)) for item, old, new in changes)
    record = Link(row["record"], names.get((entity, row["record"])), entity)
    by = (row["actor_name"], row["actor_id"], row["on_behalf"])
    return Event(record, row["id"], row["at"], *by, row["via"], row["run"], row["op"], row["version"], told)


def _names(queries: Queries, actor: Actor, changes: list[Told], records: list[tuple[str, int]]) -> dict[tuple[str, int], str | None]:
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
        return [(value["entity"], value["id"])] if value["entity"] is not None else []
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
