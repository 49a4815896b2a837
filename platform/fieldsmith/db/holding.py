"""How many records hold a value, or none; recycled ones too, as they may be restored with it."""

from __future__ import annotations

import sqlalchemy as sa

from fieldsmith.db.tables import Schema
from fieldsmith.fields.base import Field


def held(connection: sa.Connection, schema: Schema, field: Field, value: str) -> int:
    """Records whose choice or multi-choice `field` holds `value`."""
    return connection.execute(sa.select(sa.func.count()).select_from(schema.table(field.entity)).where(holds(schema, field, value))).scalar_one()


def holds(schema: Schema, field: Field, value: str) -> sa.ColumnElement[bool]:
    """SQL for that; several choices are kept as a JSON list."""
    column = schema.columns(field)[0]
    if field.type == "multi_choice":
        return sa.type_coerce(column, sa.Text).contains(f'"{value}"', autoescape=True)
    return column == value


def blanks(connection: sa.Connection, schema: Schema, field: Field) -> int:
    """Records without a value of `field`, read from its main column."""
    table = schema.table(field.entity)
    return connection.execute(sa.select(sa.func.count()).select_from(table).where(schema.columns(field)[0].is_(None))).scalar_one()
