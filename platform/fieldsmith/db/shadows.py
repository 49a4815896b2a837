"""A model looked at before it is published: temporary views that stand before the tables whose columns it would change.

    statements = shadows(connection, before, schema)     # once per draft
    with database.rehearsal(statements) as connection:   # per look; nothing of it stays
        …

New columns are blank, new tables empty, renamed values of pick lists already have their new names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import sqlalchemy as sa

from fieldsmith.db.counterparts import entity_in, field_in
from fieldsmith.db.drift import columns_found
from fieldsmith.db.recompute import changed_fields, recomputed
from fieldsmith.db.tables import Schema, is_link
from fieldsmith.db.types import TEXT
from fieldsmith.meta.model import Entity, Model


def shadows(connection: sa.Connection, before: Model, schema: Schema) -> tuple[str, ...]:
    """CREATE TEMP VIEW for every table of `schema` that the database, which holds `before`, has otherwise or not at all."""
    found = columns_found(connection, schema.dialect)
    where = place_of_tables(connection, schema.dialect)
    out: list[str] = []
    for entity in schema.model.entities.values():
        table = schema.table(entity.name)
        values = _renamed_values(before, schema, entity)
        if values or set(table.columns.keys()) - found.get(table.name, set()):
            out.append(_view(schema, table, where, found.get(table.name), values))
        links = (schema.link(field) for field in entity.own_fields() if is_link(field))
        out += [_view(schema, link, where, None, {}) for link in links if link.name not in found]
    return tuple(out)


def place_of_tables(connection: sa.Connection, dialect: str) -> str:
    """The database's own schema: a table named with it is the table itself, whatever view stands before it."""
    return "main" if dialect == "sqlite" else str(connection.exec_driver_sql("SELECT current_schema()").scalar_one())


def unfilled(before: Model, schema: Schema) -> frozenset[int]:
    """The uids of computed fields whose columns are not there, or hold what they gave before: to be read as expressions."""
    old = Schema(before, schema.dialect)
    changed = changed_fields(old, schema)
    entities = schema.model.entities.values()
    return frozenset(change.field.uid for entity in entities for change in recomputed(old, schema, entity, changed) if change.keeping != "query") | changed


def _view(schema: Schema, table: sa.Table, where: str, found: set[str] | None, values: Mapping[str, sa.ColumnElement[object]]) -> str:
    quote = schema.compiler.identifier_preparer.quote_identifier
    parts = []
    for column in table.columns:
        if column.name in values:
            source = str(values[column.name].compile(dialect=schema.compiler, compile_kwargs={"literal_binds": True}))
        elif found is not None and column.name in found:
            source = f"t.{quote(column.name)}"
        else:
            source = str(sa.cast(sa.null(), column.type).compile(dialect=schema.compiler))
        parts.append(f"{source} AS {quote(column.name)}")
    rows = "WHERE 1 = 0" if found is None else f"FROM {quote(where)}.{quote(table.name)} AS t"
    return f"CREATE TEMP VIEW {quote(table.name)} AS SELECT {', '.join(parts)} {rows}"


def _renamed_values(before: Model, schema: Schema, entity: Entity) -> dict[str, sa.ColumnElement[object]]:
    return dict(_renamed(before, schema, entity))


def _renamed(before: Model, schema: Schema, entity: Entity) -> Iterator[tuple[str, sa.ColumnElement[object]]]:
    for field in entity.own_fields():
        name = field.options.get("choices", "")
        was, now = before.choices.get(name), schema.model.choices.get(name)
        renamed = {**was.renamed_in(now), **was.replaced_in(now)} if was is not None and now is not None else {}
        known = field_in(entity_in(before, entity), field)
        if not renamed or known is None or schema.computation(field) is not None:
            continue
        column = schema.columns(field)[0]
        value: sa.ColumnElement[object] = sa.literal_column(f"t.{schema.compiler.identifier_preparer.quote_identifier(column.name)}", TEXT)
        for old, new in renamed.items():
            multiple = field.type == "multi_choice"
            value = sa.func.replace(value, f'"{old}"', f'"{new}"') if multiple else sa.case((value == old, new), else_=value)
        yield column.name, value
