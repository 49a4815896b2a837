"""`Schema`: the tables of one model, as SQLAlchemy objects to build statements from. Kept with the model it was made for.

Tables are built when first asked for (about a millisecond for 60 columns), so a worker pays only for what it uses. They
carry no foreign keys or indexes: those matter to DDL alone, see `db.ddl`. Safe for several threads.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from fieldsmith.db.columns import computed_column, fold_column, sql_column
from fieldsmith.db.computed import Keeping, generating, keeping
from fieldsmith.db.folding import folded
from fieldsmith.db.types import BIG
from fieldsmith.fields.base import Field
from fieldsmith.meta.model import Computation, Entity, Model

DELETED_BATCH = "deleted_batch"
LEFT, RIGHT = "left_id", "right_id"


@dataclass(frozen=True, slots=True)
class _Built:
    table: sa.Table
    columns: Mapping[str, tuple[sa.Column[Any], ...]]
    folds: Mapping[str, sa.Column[Any]]


class Schema:
    """`dialect` is "sqlite" or "postgresql"; `compiler` is SQLAlchemy's dialect of that name, for `db.prepared`.

    `filling` are the uids of the kept fields whose columns are not filled yet (`db.fill`): they are read as expressions.
    `place` is the database's own schema, to be named with every table: past the views of a rehearsal (`db.shadows`).
    """

    def __init__(self, model: Model, dialect: str, filling: frozenset[int] = frozenset(), place: str | None = None) -> None:
        self.model = model
        self.dialect = dialect
        self.filling = filling
        self._place = place
        self.compiler: sa.Dialect = sa.make_url("sqlite://" if dialect == "sqlite" else "postgresql+psycopg://").get_dialect()()
        self._built: dict[str, _Built] = {}
        self._links: dict[tuple[str, str], sa.Table] = {}
        self._keeping: dict[int, Keeping] = {}

    def table(self, entity: str) -> sa.Table:
        """The table of an entity, with its system columns and `deleted_batch`. Raises KeyError for an unknown name."""
        return self._of(entity).table

    def columns(self, field: Field) -> tuple[sa.Column[Any], ...]:
        """The columns of `field` in the order of its type's `columns`, the companion not among them; empty for links."""
        return self._of(field.entity).columns[field.name]

    def computation(self, field: Field) -> Computation | None:
        """How a computed field gets its value; None for every other field."""
        return self.model.computed.get(field.entity, {}).get(field.name)

    def keeping(self, field: Field) -> Keeping | None:
        """Where the value of a computed field comes from; None for every other field."""
        computation = self.computation(field)
        if computation is None:
            return None
        found = self._keeping.get(field.uid)
        if found is None:
            found = self._keeping.setdefault(field.uid, keeping(self.model, computation, self.compiler))
        return found

    def generated(self, field: Field) -> bool:
        """Does the database itself fill the column of `field`? Nobody may write it then."""
        return self.keeping(field) == "generated"

    def settled(self, field: Field) -> bool:
        """May the value of `field` be read from its columns? Not of a field computed when asked, nor before its column is filled."""
        kept = self.keeping(field)
        return kept is None or (kept != "query" and field.uid not in self.filling)

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
            found = self._links.setdefault(key, link_table(field, self._place))
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
            made = self._made(field)
            columns[field.name] = made
            everything.extend(made)
            if field.sortable_fold and made:
                folds[field.name] = fold_column(field)
                everything.append(folds[field.name])
        everything.append(sa.Column(DELETED_BATCH, BIG, quote=True))
        return _Built(sa.Table(entity.table, sa.MetaData(schema=self._place), *everything, quote=True, sqlite_autoincrement=True), columns, folds)

    def _made(self, field: Field) -> tuple[sa.Column[Any], ...]:
        columns = self.model.type_of(field).columns(field)
        computation = self.computation(field)
        if computation is None:
            return tuple(sql_column(field, column, self.dialect) for column in columns)
        expression = generating(self.model, computation, self.compiler) if self.generated(field) else None
        return tuple(computed_column(field, column, self.dialect, expression) for column in columns)


def link_table(field: Field, place: str | None = None) -> sa.Table:
    """The link table of a many-to-many field; a link exists once."""
    return sa.Table(
        field.column,
        sa.MetaData(schema=place),
        sa.Column(LEFT, BIG, primary_key=True, autoincrement=False),
        sa.Column(RIGHT, BIG, primary_key=True, autoincrement=False),
        quote=True,
    )


def is_link(field: Field) -> bool:
    """Do the values of `field` live in a link table?"""
    return field.type == "many_to_many"
