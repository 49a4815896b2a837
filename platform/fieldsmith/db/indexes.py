"""Which indexes and foreign keys the tables of a model have. Pure: derived from the model, compared by `db.plan` and `db.drift`.

Every index covers live rows only (but the one of the recycle bin) and ends in `id` unless it is unique, so that a list in
its order reads no further than its page. Ascending puts blanks first on both databases; read backwards it serves descending.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from fieldsmith.db.tables import DELETED_BATCH, LEFT, RIGHT, is_link, physical
from fieldsmith.fields.base import Field, Storage
from fieldsmith.meta.model import Entity, Index, Model
from fieldsmith.meta.names import base36


@dataclass(frozen=True, slots=True)
class IndexSpec:
    """`columns` are (physical column, descending). `fields` are the names of the fields it serves, for messages."""

    name: str
    table: str
    columns: tuple[tuple[str, bool], ...]
    unique: bool = False
    rows: Literal["live", "recycled", "all"] = "live"
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ForeignKeySpec:
    """`table.column` holds ids of `target`."""

    name: str
    table: str
    column: str
    target: str


def indexes_of(model: Model, entity: Entity) -> tuple[IndexSpec, ...]:
    """All indexes of the entity's own table and of its link tables."""
    return tuple({spec.name: spec for spec in _indexes(model, entity)}.values())


def foreign_keys_of(model: Model, entity: Entity) -> tuple[ForeignKeySpec, ...]:
    """Foreign keys of lookups and of link tables. The system's references to users have none: users are never purged."""
    return tuple(_foreign_keys(model, entity))


def unique_fields(model: Model) -> Mapping[str, tuple[Field, ...]]:
    """Unique index name → the fields that must be unique together."""
    out: dict[str, tuple[Field, ...]] = {}
    for entity in model.entities.values():
        for spec in indexes_of(model, entity):
            if spec.unique:
                out[spec.name] = tuple(entity.fields[name] for name in spec.fields)
    return out


def _indexes(model: Model, entity: Entity) -> Iterator[IndexSpec]:
    uid = base36(entity.uid)
    yield IndexSpec(f"ix_{uid}_created", entity.table, (("created_at", False), ("id", False)), fields=("created_at",))
    yield IndexSpec(f"ix_{uid}_bin", entity.table, (("deleted_at", False), ("id", False)), rows="recycled", fields=("deleted_at",))
    yield IndexSpec(f"ix_{uid}_batch", entity.table, ((DELETED_BATCH, False),), rows="recycled", fields=("deleted_at",))
    for field in entity.own_fields():
        yield from _of_field(model, entity, field)
    for index in entity.indexes:
        yield _declared(model, entity, index)


def _of_field(model: Model, entity: Entity, field: Field) -> Iterator[IndexSpec]:
    uid = base36(field.uid)
    if is_link(field, model):
        yield IndexSpec(f"ix_{uid}", field.column, ((RIGHT, False), (LEFT, False)), rows="all", fields=(field.name,))
        return
    if field.unique:
        yield IndexSpec(f"ux_{uid}", entity.table, ((field.column, False),), unique=True, fields=(field.name,))
    main = model.type_of(field).columns(field)[0]
    if field.indexed or field.name == entity.name_field or main.storage is Storage.REFERENCE:
        columns = tuple((name, False) for name in _ordering(field))
        yield IndexSpec(f"ix_{uid}", entity.table, (*columns, ("id", False)), fields=(field.name,))


def _declared(model: Model, entity: Entity, index: Index) -> IndexSpec:
    uid = base36(index.uid)
    items = [(entity.fields[item.removeprefix("-")], item.startswith("-")) for item in index.fields]
    names = tuple(field.name for field, _ in items)
    if index.unique:
        return IndexSpec(f"ux_{uid}", entity.table, tuple((field.column, False) for field, _ in items), unique=True, fields=names)
    columns = tuple((column, descending) for field, descending in items for column in _ordering(field))
    return IndexSpec(f"ix_{uid}", entity.table, (*columns, ("id", items[-1][1])), fields=names)


def _ordering(field: Field) -> tuple[str, ...]:
    return (physical(field, "fold"), field.column) if field.sortable_fold else (field.column,)


def _foreign_keys(model: Model, entity: Entity) -> Iterator[ForeignKeySpec]:
    for field in entity.own_fields():
        uid = base36(field.uid)
        if is_link(field, model):
            yield ForeignKeySpec(f"fk_{uid}_left", field.column, LEFT, entity.table)
            yield ForeignKeySpec(f"fk_{uid}_right", field.column, RIGHT, model.entities[field.options["to"]].table)
        for column in () if is_link(field, model) else model.type_of(field).columns(field):
            if column.storage is Storage.REFERENCE and column.target is not None:
                name = f"fk_{uid}" + (f"_{column.part}" if column.part else "")
                yield ForeignKeySpec(name, entity.table, physical(field, column.part), model.entities[column.target].table)
