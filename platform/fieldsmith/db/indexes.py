"""Which indexes and foreign keys the tables of a model have. Pure: derived from the model, compared by `db.plan` and `db.drift`.

Every index covers live rows only (but the one of the recycle bin) and ends in `id` unless it is unique, so that a list in
its order reads no further than its page. Ascending puts blanks first on both databases; read backwards it serves descending.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

from fieldsmith.db.columns import physical
from fieldsmith.db.tables import DELETED_BATCH, LEFT, RIGHT, is_link
from fieldsmith.fields.base import Field, Storage
from fieldsmith.meta.model import Entity, Index, Model
from fieldsmith.meta.names import base36
from fieldsmith.meta.roles import Right, default_scope
from fieldsmith.meta.system_fields import USER


class IndexPart(NamedTuple):
    """A physical column. PostgreSQL must be told where blanks go only when there can be some, and as queries tell it."""

    column: str
    descending: bool = False
    blanks: bool = False


_ID = IndexPart("id")
_LISTED: tuple[Right, ...] = ("read", "export")


@dataclass(frozen=True, slots=True)
class IndexSpec:
    """`fields` are the names of the fields it serves, for messages."""

    name: str
    table: str
    columns: tuple[IndexPart, ...]
    unique: bool = False
    rows: Literal["live", "linked", "recycled", "all"] = "live"  # linked: live rows whose first column is not blank
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ForeignKeySpec:
    """`table.column` holds ids of `target`."""

    name: str
    table: str
    column: str
    target: str


def indexes_of(model: Model, entity: Entity) -> tuple[IndexSpec, ...]:
    """All indexes of the entity's own table and of its link tables; of several that say the same, the first."""
    return tuple({(spec.table, spec.columns, spec.unique, spec.rows): spec for spec in reversed(list(_indexes(model, entity)))}.values())[::-1]


def foreign_keys_of(model: Model, entity: Entity) -> tuple[ForeignKeySpec, ...]:
    """Foreign keys of lookups and of link tables. The system's references to users have none: users are never purged."""
    return tuple(_foreign_keys(model, entity))


def _indexes(model: Model, entity: Entity) -> Iterator[IndexSpec]:
    uid = base36(entity.uid)
    yield IndexSpec(f"ix_{uid}_created", entity.table, (IndexPart("created_at"), _ID), fields=("created_at",))
    yield IndexSpec(f"ix_{uid}_bin", entity.table, (IndexPart("deleted_at"), _ID), rows="recycled", fields=("deleted_at",))
    yield IndexSpec(f"ix_{uid}_batch", entity.table, (IndexPart(DELETED_BATCH),), rows="recycled", fields=("deleted_at",))
    for field in entity.own_fields():
        yield from _of_field(model, entity, field)
    for index in entity.indexes:
        yield _declared(model, entity, index)
    if by_owner(model, entity) and not _declares_owner(entity):
        yield IndexSpec(f"ix_{uid}_owner", entity.table, (IndexPart(entity.fields["owner"].column), _ID), fields=("owner",))


def by_owner(model: Model, entity: Entity) -> bool:
    """Is there an index by owner, declared or because a role reads by owner?"""
    return _declares_owner(entity) or _is_read_by_owner(model, entity)


def _declares_owner(entity: Entity) -> bool:
    return any(index.fields[0].removeprefix("-") == "owner" for index in entity.indexes)


def _is_read_by_owner(model: Model, entity: Entity) -> bool:
    """Does a role see only what certain people own? Then lists begin at these, see `query.ways`."""
    if entity.name == USER or any(field.options.get("owned") for field in entity.own_fields()):
        return False
    granted = [role.granted(entity.name) for role in model.roles.values() if not role.administrator and role.portal is None]
    return any((rights[right] or default_scope(entity.sharing, right)) not in ("none", "all") for rights in granted for right in _LISTED if right in rights)


def _of_field(model: Model, entity: Entity, field: Field) -> Iterator[IndexSpec]:
    uid = base36(field.uid)
    if is_link(field):
        yield IndexSpec(f"ix_{uid}", field.column, (IndexPart(RIGHT), IndexPart(LEFT)), rows="all", fields=(field.name,))
        return
    type_ = model.type_of(field)
    if not type_.columns(field):
        return  # computed when asked
    if field.unique or type_.always_unique:
        yield IndexSpec(f"ux_{uid}", entity.table, (IndexPart(field.column),), unique=True, fields=(field.name,))
    if type_.columns(field)[0].storage is Storage.REFERENCE:  # asked by target, never sorted by: blanks need no entry
        yield IndexSpec(f"ix_{uid}", entity.table, (IndexPart(field.column), _ID), rows="linked", fields=(field.name,))
    elif field.indexed or field.name == entity.name_field:
        yield IndexSpec(f"ix_{uid}", entity.table, (*_ordering(model, field, False), _ID), fields=(field.name,))


def _declared(model: Model, entity: Entity, index: Index) -> IndexSpec:
    uid = base36(index.uid)
    items = [(entity.fields[item.removeprefix("-")], item.startswith("-")) for item in index.fields]
    names = tuple(field.name for field, _ in items)
    if index.unique:
        return IndexSpec(f"ux_{uid}", entity.table, tuple(IndexPart(field.column) for field, _ in items), unique=True, fields=names)
    columns = [part for field, descending in items for part in _ordering(model, field, descending)]
    return IndexSpec(f"ix_{uid}", entity.table, (*columns, IndexPart("id", items[-1][1])), fields=names)


def _ordering(model: Model, field: Field, descending: bool) -> tuple[IndexPart, ...]:
    """The keys lists sort the field by, the same as in `query.sorting`."""
    type_ = model.type_of(field)
    column = next(column for column in type_.columns(field) if column.part == type_.sort_part)
    main = IndexPart(physical(field, column.part), descending, column.nullable and not field.system)
    return (IndexPart(physical(field, "fold"), descending, True), main) if field.sortable_fold else (main,)


def _foreign_keys(model: Model, entity: Entity) -> Iterator[ForeignKeySpec]:
    for field in entity.own_fields():
        uid = base36(field.uid)
        if is_link(field):
            yield ForeignKeySpec(f"fk_{uid}_left", field.column, LEFT, entity.table)
            yield ForeignKeySpec(f"fk_{uid}_right", field.column, RIGHT, model.entities[field.options["to"]].table)
        for column in () if is_link(field) else model.type_of(field).columns(field):
            if column.storage is Storage.REFERENCE and column.target is not None:
                name = f"fk_{uid}" + (f"_{column.part}" if column.part else "")
                yield ForeignKeySpec(name, entity.table, physical(field, column.part), model.entities[column.target].table)
