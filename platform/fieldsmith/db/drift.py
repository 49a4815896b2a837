"""Where a database is not what its metadata say: tables, columns and indexes missing, of another type, or nobody's. For `doctor`.

Reads the catalogues only; `damage` also reads the rows. Nothing here repairs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

import sqlalchemy as sa

from fieldsmith.base.text import Message, _m
from fieldsmith.db.indexes import indexes_of
from fieldsmith.db.system import METADATA
from fieldsmith.db.tables import Schema, is_link

_COLUMNS = {
    "sqlite": "SELECT m.name, c.name, c.type, c.hidden > 1 FROM sqlite_master AS m JOIN pragma_table_xinfo(m.name) AS c WHERE m.type = 'table'",
    "postgresql": "SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attgenerated <> ''"
    " FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid"
    " WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped",
}
_INDEXES = {
    "sqlite": "SELECT name, tbl_name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL",
    "postgresql": "SELECT i.indexname, i.tablename FROM pg_indexes AS i WHERE i.schemaname = current_schema()"
    " AND NOT EXISTS (SELECT 1 FROM pg_constraint AS c WHERE c.conname = i.indexname AND c.connamespace = current_schema()::regnamespace)",
}


@dataclass(frozen=True, slots=True)
class Drift:
    """One difference; `name` is the physical name, `table.column` for columns."""

    kind: Literal["missing", "other type", "unknown"]
    name: str
    message: Message


class _Found(NamedTuple):
    """A column as the catalogue has it; `generated`: the database computes it."""

    type: str
    generated: bool


def drift(connection: sa.Connection, schema: Schema, retired: Collection[str] = ()) -> tuple[Drift, ...]:
    """Every difference between the database and `schema`, tables first. `retired` are physical names that may be there or not."""
    columns: dict[str, dict[str, _Found]] = {}
    for table, column, type_, generated in connection.exec_driver_sql(_COLUMNS[schema.dialect]):
        columns.setdefault(table, {})[column] = _Found(type_, bool(generated))
    indexes: dict[str, str] = {name: table for name, table in connection.exec_driver_sql(_INDEXES[schema.dialect])}
    wanted = _wanted_tables(schema)
    ours = {*wanted, *METADATA.tables}
    return (
        *_of_tables(wanted, columns),
        *(item for name, table in wanted.items() if name in columns for item in _of_columns(table, columns[name], schema.compiler, retired)),
        *_of_indexes(schema, indexes, set(wanted)),
        *(_unknown_table(name) for name in sorted(columns) if name not in ours and name.startswith(("e_", "l_")) and name not in retired),
    )


def columns_found(connection: sa.Connection, dialect: str) -> dict[str, set[str]]:
    """The columns of every table there is, by physical names."""
    out: dict[str, set[str]] = {}
    for table, column, *_ in connection.exec_driver_sql(_COLUMNS[dialect]):
        out.setdefault(table, set()).add(column)
    return out


def damage(connection: sa.Connection) -> tuple[Message, ...]:
    """What SQLite finds wrong with its own file and with references; PostgreSQL watches over both itself."""
    if connection.dialect.name != "sqlite":
        return ()
    found = [row[0] for row in connection.exec_driver_sql("PRAGMA quick_check(10)") if row[0] != "ok"]
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchmany(10)
    return (
        *(_m("The database file is damaged: {finding}. Restore a backup.", finding=text) for text in found),
        *(_m("Row {row} of {table} points at nothing.", row=row[1], table=row[0]) for row in broken),
    )


def _wanted_tables(schema: Schema) -> Mapping[str, sa.Table]:
    out: dict[str, sa.Table] = {}
    for entity in schema.model.entities.values():
        out[entity.table] = schema.table(entity.name)
        for field in entity.own_fields():
            if is_link(field):
                out[field.column] = schema.link(field)
    return out


def _of_tables(wanted: Mapping[str, sa.Table], columns: Mapping[str, object]) -> Iterator[Drift]:
    for name in wanted:
        if name not in columns:
            yield Drift("missing", name, _m("Table {name} is missing. Restore a backup.", name=name))


def _of_columns(table: sa.Table, found: Mapping[str, _Found], dialect: sa.Dialect, retired: Collection[str]) -> Iterator[Drift]:
    for column in table.columns:
        name = f"{table.name}.{column.name}"
        if column.name not in found:
            yield Drift("missing", name, _m("Column {name} is missing. Restore a backup.", name=name))
        elif (type_ := _plain(column.type.compile(dialect=dialect))) != _plain(found[column.name].type):
            yield Drift("other type", name, _m("Column {name} is {found} instead of {wanted}.", name=name, found=found[column.name].type, wanted=type_))
        elif found[column.name].generated and column.computed is None:
            yield Drift("other type", name, _m("Column {name} is computed by the database, where Fieldsmith writes it.", name=name))
        elif column.computed is not None and not found[column.name].generated:
            yield Drift("other type", name, _m("Column {name} is not computed by the database, and nobody writes it.", name=name))
    for extra in found:
        if extra not in table.columns and not any(extra == name or extra.startswith(f"{name}__") for name in retired):
            name = f"{table.name}.{extra}"
            yield Drift("unknown", name, _m("Column {name} belongs to no field. It is left alone.", name=name))


def _of_indexes(schema: Schema, found: Mapping[str, str], tables: set[str]) -> Iterator[Drift]:
    wanted = {spec.name for entity in schema.model.entities.values() for spec in indexes_of(schema.model, entity)}
    for name in sorted(wanted - found.keys()):
        yield Drift("missing", name, _m("Index {name} is missing; lists may be slow and unique values unguarded.", name=name))
    for name in sorted(found.keys() - wanted):
        if found[name] in tables:
            yield Drift("unknown", name, _m("Index {name} belongs to no field. It is left alone.", name=name))


def _unknown_table(name: str) -> Drift:
    return Drift("unknown", name, _m("Table {name} belongs to no entity. It is left alone.", name=name))


def _plain(type_: str) -> str:
    return type_.lower().split(" collate")[0].replace(" ", "").replace("timestampwithouttimezone", "timestamp").replace("timewithouttimezone", "time")
