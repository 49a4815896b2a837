"""What search finds of stored records, made anew where a published change touched what is searched: a job of `db.fill`, chunk by chunk."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from fieldsmith.db.search import SearchIndex
from fieldsmith.db.tables import Schema
from fieldsmith.fields.base import Field
from fieldsmith.meta.model import Entity, Model


def searched_fields(model: Model, entity: Entity) -> tuple[Field, ...]:
    """The fields whose text search finds, in their order."""
    return tuple(field for field in entity.own_fields() if model.type_of(field).searchable)


def is_outdated(before: Model, known: Entity, model: Model, entity: Entity, filled: Collection[int]) -> bool:
    """Has `entity`, which was `known`, records in the index that say what no longer holds? `filled` are the uids of new fields that hold values."""
    was, now = _said(before, known), _said(model, entity)
    if was.keys() - now.keys() or _name(known) != _name(entity):
        return True
    return any(was[uid] != type_ if uid in was else uid in filled for uid, type_ in now.items())


def rewrite(connection: sa.Connection, schema: Schema, entity: Entity, which: sa.ColumnElement[bool]) -> None:
    """Index the live ones of the records `which` as they are now; the caller holds their rows."""
    fields = searched_fields(schema.model, entity)
    rows = read_rows(connection, schema, entity, fields, sa.and_(which, schema.table(entity.name).c.deleted_at.is_(None)))
    index = SearchIndex(schema.dialect)
    if fields:
        index.put_many(connection, entity.uid, rows)
    else:
        index.remove(connection, entity.uid, [row[0] for row in rows])


def read_rows(
    connection: sa.Connection, schema: Schema, entity: Entity, fields: Sequence[Field], which: sa.ColumnElement[bool], named: bool = True
) -> list[tuple[int, str, str]]:
    """(id, label, text to find) of the records `which`, by their ids: the text of `fields` only, without a label unless `named`."""
    name = entity.fields.get(entity.name_field) if named else None
    read = [field for field in fields if field is not name] + ([name] if name is not None and schema.columns(name) else [])
    table, readers, at = schema.table(entity.name), {}, 1
    for field in read:
        width = len(schema.columns(field))
        readers[field.name] = (slice(at, at + width), schema.model.type_of(field).unpacker(field))
        at += width
    columns = [column for field in read for column in schema.columns(field)]
    rows = connection.execute(sa.select(table.c.id, *columns).where(which).order_by(table.c.id)).all()
    label = _labels(schema, entity, readers)
    finders = [(readers[field.name], schema.model.type_of(field).search_text) for field in fields]

    def text(row: Any) -> str:
        values = ((find, unpack(row[place])) for (place, unpack), find in finders)
        return "\n".join(find(value) for find, value in values if value is not None)

    return [(row[0], label(row), text(row)) for row in rows]


def _labels(schema: Schema, entity: Entity, readers: Mapping[str, tuple[slice, Callable[[Any], Any]]]) -> Callable[[Any], str]:
    if entity.name_field not in readers:
        return lambda row: ""
    place, unpack = readers[entity.name_field]
    field = entity.fields[entity.name_field]
    pack = schema.model.type_of(field).packer(field)

    def label(row: Any) -> str:
        value = unpack(row[place])
        return "" if value is None else str(pack(value)[0])

    return label


def _said(model: Model, entity: Entity) -> Mapping[int, str]:
    return MappingProxyType({field.uid: field.type for field in searched_fields(model, entity)})


def _name(entity: Entity) -> int | None:
    field = entity.fields.get(entity.name_field)
    return None if field is None else field.uid
