"""Which fields a unique clash is about, read from the driver's error on both databases."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import sqlalchemy as sa

from fieldsmith.db.indexes import indexes_of
from fieldsmith.db.tables import Schema
from fieldsmith.meta.model import Entity

_PREFIX = "UNIQUE constraint failed: "


def unique_clash(error: BaseException, schema: Schema, entity: Entity) -> tuple[str, ...] | None:
    """Names of the fields of `entity` whose unique rule `error` says was broken; None for any other error.

    Takes errors of SQLAlchemy and of the drivers themselves.
    """
    cause = error.orig if isinstance(error, sa.exc.DBAPIError) else error
    if isinstance(cause, sqlite3.IntegrityError):
        return _of_sqlite(str(cause), schema, entity)
    if getattr(cause, "sqlstate", None) == "23505":
        broken = cause.diag.constraint_name  # type: ignore[union-attr]
        return next((spec for name, _, spec in _rules(schema, entity) if name == broken), None)
    return None


def _of_sqlite(message: str, schema: Schema, entity: Entity) -> tuple[str, ...] | None:
    if not message.startswith(_PREFIX):
        return None
    broken = {part.strip() for part in message.removeprefix(_PREFIX).split(",")}
    return next((fields for _, columns, fields in _rules(schema, entity) if columns == broken), None)


def _rules(schema: Schema, entity: Entity) -> Iterator[tuple[str, set[str], tuple[str, ...]]]:
    for spec in indexes_of(schema.model, entity):
        if spec.unique:
            yield spec.name, {f"{spec.table}.{part.column}" for part in spec.columns}, spec.fields
