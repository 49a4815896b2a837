"""What retired fields and entities still hold: how many rows, their values, and dropping them for good. Asked by `studio.purge`.

`schema` is always of the last revision that had the thing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy.sql import quoted_name

from fieldsmith.db.search import SearchIndex
from fieldsmith.db.system import fs_history
from fieldsmith.db.system_sharing import fs_share
from fieldsmith.db.tables import Schema, is_link
from fieldsmith.fields.base import Field
from fieldsmith.meta.model import Entity

_PAGE = 1000


def is_kept(schema: Schema, field: Field) -> bool:
    """Has it values of its own? What was only computed went when it was retired."""
    return schema.computation(field) is None


def rows_of(connection: sa.Connection, schema: Schema, entity: Entity, field: Field | None) -> int:
    """How many records (recycled ones too) hold a value of `field`; all of the entity without one."""
    if field is not None and is_link(field):
        link = schema.link(field)
        return connection.execute(sa.select(sa.func.count(sa.distinct(link.c[0])))).scalar_one()
    counted = sa.select(sa.func.count()).select_from(schema.table(entity.name))
    if field is not None:
        counted = counted.where(_filled(schema, field))
    return connection.execute(counted).scalar_one()


def values_of(connection: sa.Connection, schema: Schema, entity: Entity, fields: Sequence[Field], every: bool) -> Iterator[tuple[int, list[str]]]:
    """Record ids with the values of `fields` as text, blank ones as ""; without `every` only records that hold one of them."""
    table = schema.table(entity.name)
    kept = [(field, schema.model.type_of(field), schema.columns(field)) for field in fields if not is_link(field)]
    links = [(field, schema.link(field)) for field in fields if is_link(field)]
    filled = [_filled(schema, field) for field, _, _ in kept]
    filled += [table.c.id.in_(sa.select(link.c[0])) for _, link in links]
    columns = [column for _, _, group in kept for column in group]
    after = 0
    while True:
        asked = sa.select(table.c.id, *columns).where(table.c.id > after).order_by(table.c.id).limit(_PAGE)
        rows = connection.execute(asked if every else asked.where(sa.or_(*filled))).all()
        linked = [_linked(connection, link, [row[0] for row in rows]) for _, link in links]
        for row in rows:
            at, texts = 1, []
            for field, kind, group in kept:
                value = kind.unpacker(field)(row[at : at + len(group)])
                texts.append("" if value is None else kind.export_text(field)(value) if not isinstance(value, int) or field.type != "lookup" else str(value))
                at += len(group)
            yield row[0], [*texts, *(" ".join(found.get(row[0], ())) for found in linked)]
        if len(rows) < _PAGE:
            return
        after = rows[-1][0]


def drop_field(connection: sa.Connection, schema: Schema, entity: Entity, field: Field) -> None:
    """Its columns, or its links."""
    operations = Operations(MigrationContext.configure(connection=connection))
    if is_link(field):
        operations.drop_table(quoted_name(field.column, True))
        return
    fold = schema.fold(field)
    for column in (*schema.columns(field), *([] if fold is None else [fold])):
        operations.drop_column(quoted_name(entity.table, True), quoted_name(column.name, True))


def forget_field(connection: sa.Connection, entity: Entity, field: Field) -> None:
    """What the history of records says of it."""
    key = str(field.uid)
    mine = sa.and_(fs_history.c.entity == entity.uid, fs_history.c.changes.contains(f'"{key}":', autoescape=True))
    after = 0
    while True:
        asked = sa.select(fs_history.c.id, fs_history.c.changes).where(mine, fs_history.c.id > after).order_by(fs_history.c.id).limit(_PAGE)
        rows = connection.execute(asked).all()
        changed = [(id, json.loads(text)) for id, text in rows]
        left = [{"row": id, "left": json.dumps({name: pair for name, pair in changes.items() if name != key}, ensure_ascii=False)} for id, changes in changed]
        if left:
            connection.execute(sa.update(fs_history).where(fs_history.c.id == sa.bindparam("row")).values(changes=sa.bindparam("left")), left)
        if len(rows) < _PAGE:
            return
        after = rows[-1][0]


def drop_entity(connection: sa.Connection, schema: Schema, entity: Entity) -> None:
    """Its table, its links, what was found by searching and the history of its records. Nothing may point at it any more."""
    operations = Operations(MigrationContext.configure(connection=connection))
    present = set(sa.inspect(connection).get_table_names())
    for field in entity.own_fields():
        if is_link(field) and field.column in present:
            operations.drop_table(quoted_name(field.column, True))
    operations.drop_table(quoted_name(entity.table, True))
    for kept in (fs_history, fs_share):
        connection.execute(sa.delete(kept).where(kept.c.entity == entity.uid))
    SearchIndex(schema.dialect).remove_entity(connection, entity.uid)


def points_at(schema: Schema, field: Field, entity: Entity) -> bool:
    """Does the database itself keep a reference of `field` to the table of `entity`?"""
    named = {field.options.get("to")} if is_link(field) else {column.target for column in schema.model.type_of(field).columns(field)}
    return any(name is not None and schema.model.entities[name].uid == entity.uid for name in named if name in schema.model.entities)


def _filled(schema: Schema, field: Field) -> sa.ColumnElement[bool]:
    return sa.or_(*(column.is_not(None) for column in schema.columns(field)))


def _linked(connection: sa.Connection, link: sa.Table, ids: Sequence[int]) -> dict[int, list[str]]:
    out: dict[int, list[str]] = {}
    rows: Sequence[Any] = connection.execute(sa.select(link.c[0], link.c[1]).where(link.c[0].in_(ids)).order_by(link.c[0], link.c[1])).all() if ids else ()
    for left, right in rows:
        out.setdefault(left, []).append(str(right))
    return out
