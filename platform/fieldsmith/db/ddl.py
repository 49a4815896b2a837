"""The statements that make tables, columns, indexes and foreign keys of a model, as SQLAlchemy and Alembic objects.

Used by `db.plan` only; nothing here runs. Foreign keys stand in CREATE TABLE on SQLite, which cannot add them later and
does not mind a target that is not there yet; PostgreSQL minds, and adds them when all tables are there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic.operations import ops
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite as sqlite_dialect
from sqlalchemy.schema import AddConstraint, CreateIndex, CreateTable
from sqlalchemy.sql import quoted_name

from fieldsmith.db.columns import fold_column, sql_column
from fieldsmith.db.folding import fold_or_blank
from fieldsmith.db.indexes import ForeignKeySpec, IndexPart, IndexSpec
from fieldsmith.db.tables import LEFT, RIGHT, Schema
from fieldsmith.db.types import BIG, DATETIME, TEXT
from fieldsmith.fields.base import Column, Field
from fieldsmith.meta.model import Entity


def create_table(schema: Schema, entity: Entity, keys: Sequence[ForeignKeySpec]) -> ops.MigrateOperation:
    """CREATE TABLE of an entity. `keys` are those to be written inline."""
    table = schema.table(entity.name)
    metadata = sa.MetaData()
    made = sa.Table(table.name, metadata, *(_copy(column) for column in table.columns), quote=True, sqlite_autoincrement=True)
    return _create(made, metadata, keys)


def create_link_table(field: Field, keys: Sequence[ForeignKeySpec]) -> ops.MigrateOperation:
    metadata = sa.MetaData()
    columns = [sa.Column(name, BIG, primary_key=True, autoincrement=False) for name in (LEFT, RIGHT)]
    made = sa.Table(field.column, metadata, *columns, quote=True, sqlite_with_rowid=False)
    return _create(made, metadata, keys)


def add_column(entity: Entity, field: Field, column: Column, dialect: str, key: ForeignKeySpec | None = None, value: Any = None) -> list[ops.MigrateOperation]:
    """ADD COLUMN, in no time however many rows there are, even when they get a `value` other than the type's own default.

    `value` stays behind as the column's default on SQLite, which cannot drop one: writers always name every column.
    """
    made = sql_column(field, column, dialect)
    if key is not None:
        made = sa.Column(made.name, BIG, sa.ForeignKey(f"{key.target}.id", name=key.name), quote=True)
    return _added(entity, made, dialect, value)


def add_computed(schema: Schema, entity: Entity, field: Field) -> list[ops.MigrateOperation]:
    """ADD COLUMN of a computed field and its companion. A generated one is live at once, after PostgreSQL has rewritten the table."""
    fold = schema.fold(field)
    columns = [*schema.columns(field), *([] if fold is None else [fold])]
    return [ops.AddColumnOp(quoted_name(entity.table, True), _copy(column)) for column in columns]


def add_again(entity: Entity, column: sa.Column[Any]) -> ops.MigrateOperation:
    """A column that should be there, as it was."""
    return ops.AddColumnOp(quoted_name(entity.table, True), _copy(column))


def drop_columns(entity: Entity, columns: Sequence[sa.Column[Any]]) -> list[ops.MigrateOperation]:
    return [ops.DropColumnOp(quoted_name(entity.table, True), quoted_name(column.name, True)) for column in columns]


def add_fold(entity: Entity, field: Field, dialect: str, value: str | None = None) -> list[ops.MigrateOperation]:
    return _added(entity, fold_column(field), dialect, value)


def fill_fold(entity: Entity, field: Field, expression: sa.ColumnElement[Any], compiler: sa.Dialect) -> ops.MigrateOperation:
    """Fold what is stored, recycled rows too. PostgreSQL rewrites the table at once: an UPDATE of all rows takes far longer."""
    column = fold_column(field)
    if compiler.name == "sqlite":
        table = sa.table(entity.table, sa.column(column.name, TEXT))
        return ops.ExecuteSQLOp(sa.update(table).values({table.c[column.name]: expression}))
    using = str(expression.compile(dialect=compiler, compile_kwargs={"literal_binds": True}))
    return ops.AlterColumnOp(quoted_name(entity.table, True), quoted_name(column.name, True), modify_type=column.type, postgresql_using=using)


def rename_value(schema: Schema, field: Field, old: str, new: str) -> ops.MigrateOperation:
    """Recycled records too. Lists of values are kept as JSON text."""
    table, column = schema.table(field.entity), schema.columns(field)[0]
    if field.type != "multi_choice":
        return ops.ExecuteSQLOp(sa.update(table).where(column == old).values({column.name: new}))
    text = sa.type_coerce(column, TEXT)
    changed = sa.func.replace(text, f'"{old}"', f'"{new}"')
    return ops.ExecuteSQLOp(sa.update(table).where(text.contains(f'"{old}"', autoescape=True)).values({column.name: changed}))


def without_twin(schema: Schema, field: Field, old: str, new: str) -> list[ops.MigrateOperation]:
    """Before `old` is renamed to `new`: records that hold both in a list keep `new` alone."""
    if field.type != "multi_choice":
        return []
    table, text = schema.table(field.entity), sa.type_coerce(schema.columns(field)[0], TEXT)
    both = sa.and_(*(text.contains(f'"{value}"', autoescape=True) for value in (old, new)))
    kept = sa.func.replace(sa.func.replace(text, f'"{old}",', ""), f',"{old}"', "")
    return [ops.ExecuteSQLOp(sa.update(table).where(both).values({schema.columns(field)[0].name: kept}))]


def fill_blanks(schema: Schema, field: Field, parts: Sequence[Any], folds: bool) -> ops.MigrateOperation:
    """`parts` into the columns of `field` wherever its main one is blank; `folds`: their folded form is kept beside them already."""
    columns, fold = schema.columns(field), schema.fold(field)
    values = {column.name: _constant(column.type, part, schema.dialect) for column, part in zip(columns, parts, strict=True) if part is not None}
    if fold is not None and folds:
        values[fold.name] = sa.literal(fold_or_blank(parts[0]))
    return ops.ExecuteSQLOp(sa.update(schema.table(field.entity)).where(columns[0].is_(None)).values(values))


def add_foreign_key(key: ForeignKeySpec) -> ops.MigrateOperation:
    metadata = sa.MetaData()
    table = sa.Table(key.table, metadata, sa.Column("id", BIG, primary_key=True), sa.Column(key.column, BIG, quote=True), quote=True)
    constraint = _constraint(key, metadata)
    table.append_constraint(constraint)
    return ops.ExecuteSQLOp(AddConstraint(constraint))


def create_index(spec: IndexSpec, dialect: str) -> ops.MigrateOperation:
    names = list(dict.fromkeys([part.column for part in spec.columns] + ["deleted_at"]))
    table = sa.Table(spec.table, sa.MetaData(), *(sa.Column(name, DATETIME if name == "deleted_at" else BIG, quote=True) for name in names), quote=True)
    columns = [_ordered(table.c[part.column], part, dialect) for part in spec.columns]
    rows = _rows(table, spec)
    where: dict[str, Any] = {} if rows is None else {"sqlite_where": rows, "postgresql_where": rows}
    return ops.ExecuteSQLOp(CreateIndex(sa.Index(spec.name, *columns, unique=spec.unique, quote=True, **where)))


def drop_index(spec: IndexSpec) -> ops.MigrateOperation:
    return ops.DropIndexOp(spec.name, table_name=spec.table)


def drop_fold(entity: Entity, field: Field) -> ops.MigrateOperation:
    return ops.DropColumnOp(quoted_name(entity.table, True), fold_column(field).name)


def _added(entity: Entity, column: sa.Column[Any], dialect: str, value: Any) -> list[ops.MigrateOperation]:
    table = quoted_name(entity.table, True)
    if value is None:
        return [ops.AddColumnOp(table, column, inline_references=True)]
    column.server_default = sa.DefaultClause(_constant(column.type, value, dialect))
    added = ops.AddColumnOp(table, column, inline_references=True)
    if dialect == "sqlite" or not column.nullable:
        return [added]
    return [added, ops.AlterColumnOp(table, quoted_name(column.name, True), modify_server_default=None)]


def _constant(type_: sa.types.TypeEngine[Any], value: Any, dialect: str) -> sa.ColumnElement[Any]:
    if dialect != "sqlite":
        return sa.literal(value)
    compiler = sqlite_dialect()
    bind = type_.dialect_impl(compiler).bind_processor(compiler)
    return sa.literal(value if bind is None else bind(value))


def _create(table: sa.Table, metadata: sa.MetaData, keys: Sequence[ForeignKeySpec]) -> ops.MigrateOperation:
    for key in keys:
        table.append_constraint(_constraint(key, metadata))
    return ops.ExecuteSQLOp(CreateTable(table))


def _constraint(key: ForeignKeySpec, metadata: sa.MetaData) -> sa.ForeignKeyConstraint:
    if key.target not in metadata.tables:
        sa.Table(key.target, metadata, sa.Column("id", BIG, primary_key=True), quote=True)
    return sa.ForeignKeyConstraint([key.column], [f"{key.target}.id"], name=key.name)


def _copy(column: sa.Column[Any]) -> sa.Column[Any]:
    if column.primary_key:
        return sa.Column(column.name, column.type, sa.Identity(), primary_key=True, quote=True)
    if column.computed is not None:
        return sa.Column(column.name, column.type, sa.Computed(column.computed.sqltext, persisted=column.computed.persisted), quote=True)
    default = column.server_default
    constant: Any = default.arg if isinstance(default, sa.DefaultClause) else None
    return sa.Column(column.name, column.type, nullable=column.nullable, server_default=constant, quote=True)


def _rows(table: sa.Table, spec: IndexSpec) -> sa.ColumnElement[bool] | None:
    if spec.rows == "all":
        return None
    if spec.rows == "recycled":
        return table.c.deleted_at.is_not(None)
    live = table.c.deleted_at.is_(None)
    return live if spec.rows == "live" else sa.and_(live, table.c[spec.columns[0].column].is_not(None))


def _ordered(column: sa.Column[Any], part: IndexPart, dialect: str) -> Any:
    way = column.desc() if part.descending else column
    if dialect == "sqlite" or not part.blanks:  # SQLite always puts blanks first when ascending, last when descending
        return way
    return column.desc().nulls_last() if part.descending else column.asc().nulls_first()
