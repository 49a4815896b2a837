"""`Schema`: the tables of one model, as SQLAlchemy objects to build statements from. Kept with the model it was made for.

Tables are built when first asked for (about a millisecond for 60 columns), so a worker pays only for what it uses. They
carry no foreign keys or indexes: those matter to DDL alone, see `db.ddl`. Safe for several threads.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from fieldsmith.db.folding import folded
from fieldsmith.db.types import BIG, BOOLEAN, DATE, DATETIME, KEY, TEXT, TIME, decimal
from fieldsmith.fields.base import Column, Field, Storage
from fieldsmith.meta.model import Entity, Model

DELETED_BATCH = "deleted_batch"
LEFT, RIGHT = "left_id", "right_id"
_NEVER_BLANK = frozenset({"created_at", "modified_at", "version"})
_PLAIN: Mapping[Storage, sa.types.TypeEngine[Any]] = {
    Storage.TEXT: TEXT,
    Storage.INTEGER: BIG,
    Storage.BOOLEAN: BOOLEAN,
    Storage.DATE: DATE,
    Storage.DATETIME: DATETIME,
    Storage.TIME: TIME,
    Storage.REFERENCE: BIG,
    Storage.JSON: TEXT,
}


@dataclass(frozen=True, slots=True)
class _Built:
    table: sa.Table
    columns: Mapping[str, tuple[sa.Column[Any], ...]]
    folds: Mapping[str, sa.Column[Any]]


class Schema:
    """`dialect` is "sqlite" or "postgresql"; `compiler` is SQLAlchemy's dialect of that name, for `db.prepared`."""

    def __init__(self, model: Model, dialect: str) -> None:
        self.model = model
        self.dialect = dialect
        self.compiler: sa.Dialect = sa.make_url("sqlite://" if dialect == "sqlite" else "postgresql+psycopg://").get_dialect()()
        self._built: dict[str, _Built] = {}
        self._links: dict[tuple[str, str], sa.Table] = {}

    def table(self, entity: str) -> sa.Table:
        """The table of an entity, with its system columns and `deleted_batch`. Raises KeyError for an unknown name."""
        return self._of(entity).table

    def columns(self, field: Field) -> tuple[sa.Column[Any], ...]:
        """The columns of `field` in the order of its type's `columns`, the companion not among them; empty for links."""
        return self._of(field.entity).columns[field.name]

    def fold(self, field: Field) -> sa.Column[Any] | None:
        """The companion column that holds the folded text of the field's main column."""
        return self._of(field.entity).folds.get(field.name)

    def folded(self, expression: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
        """SQL for the folded text of an expression that has no companion."""
        return folded(expression, self.dialect)

    def link(self, field: Field) -> sa.Table:
        """The table of a many-to-many field: `left_id` is a record of the field's entity, `right_id` one of its target."""
        key = (field.entity, field.name)
        found = self._links.get(key)
        if found is None:
            found = self._links.setdefault(key, link_table(field))
        return found

    def _of(self, entity: str) -> _Built:
        found = self._built.get(entity)
        if found is None:
            found = self._built.setdefault(entity, self._build(self.model.entities[entity]))
        return found

    def _build(self, entity: Entity) -> _Built:
        columns: dict[str, tuple[sa.Column[Any], ...]] = {}
        folds: dict[str, sa.Column[Any]] = {}
        everything: list[sa.Column[Any]] = []
        for field in entity.fields.values():
            made = tuple(sql_column(field, column, self.dialect) for column in self.model.type_of(field).columns(field))
            columns[field.name] = made
            everything.extend(made)
            if field.sortable_fold and made:
                folds[field.name] = fold_column(field)
                everything.append(folds[field.name])
        everything.append(sa.Column(DELETED_BATCH, BIG, quote=True))
        return _Built(sa.Table(entity.table, sa.MetaData(), *everything, quote=True, sqlite_autoincrement=True), columns, folds)


def physical(field: Field, part: str) -> str:
    """The name of the column that holds `part` of `field`; "" is the main one."""
    return f"{field.column}__{part}" if part else field.column


def sql_column(field: Field, column: Column, dialect: str) -> sa.Column[Any]:
    """One physical column, as DDL and statements see it."""
    name = physical(field, column.part)
    if field.system and field.name == "id":
        return sa.Column(name, KEY, sa.Identity(), primary_key=True, quote=True)
    type_ = decimal(column.scale, dialect) if column.storage is Storage.DECIMAL else _PLAIN[column.storage]
    nullable = column.nullable and not (field.system and field.name in _NEVER_BLANK)
    return sa.Column(name, type_, nullable=nullable, server_default=_server_default(column), quote=True)


def fold_column(field: Field) -> sa.Column[Any]:
    """The companion column of `field`."""
    return sa.Column(physical(field, "fold"), TEXT, quote=True)


def link_table(field: Field) -> sa.Table:
    """The link table of a many-to-many field; a link exists once."""
    return sa.Table(
        field.column,
        sa.MetaData(),
        sa.Column(LEFT, BIG, primary_key=True, autoincrement=False),
        sa.Column(RIGHT, BIG, primary_key=True, autoincrement=False),
        quote=True,
    )


def is_link(field: Field, model: Model) -> bool:
    """Do the values of `field` live in a link table?"""
    return not model.type_of(field).columns(field)


def _server_default(column: Column) -> sa.ColumnElement[bool] | str | None:
    if column.nullable or column.default is None:
        return None
    if isinstance(column.default, bool):
        return sa.true() if column.default else sa.false()
    return str(column.default)

