"""What the columns of a board add up to: one statement groups all records of a query by a choice field.

The cards are pages of the same query, each `holding` one value (`query.run`): a page stops after its first rows, so a board
of a large list costs one walk over its rows for the sums and a few short reads.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from fieldsmith.db.tables import Schema
from fieldsmith.expr.types import Kind
from fieldsmith.fields.base import Field
from fieldsmith.meta.model import Entity
from fieldsmith.query.rows import Row
from fieldsmith.query.select import Selection

_CUT = 10**9  # SQLite's SUM raises beyond 64 bits: high and low halves are added up apart


@dataclass(frozen=True, slots=True)
class Total:
    """`sum` is None where nothing was asked for or every value is blank; amounts are in company currency."""

    count: int
    sum: Decimal | int | None = None


def totals(selection: Selection, where: Sequence[sa.ColumnElement[bool]], group: str, summed: str | None) -> sa.Select[Any]:
    """Rows of (value, count, then the sum: on SQLite its halves as whole numbers)."""
    schema = selection.schema
    column = selection.values((), selection.entity.fields[group])[0]
    columns: list[sa.ColumnElement[Any]] = [column, sa.func.count()]
    if summed is not None:
        field = selection.entity.fields[summed]
        value = selection.values((), field)[_summed_part(schema, field)]
        columns += _halves(value) if schema.dialect == "sqlite" else [sa.func.sum(value, type_=sa.Numeric())]
    labelled = [item.label(f"t{at}") for at, item in enumerate(columns)]
    return sa.select(*labelled).select_from(selection.from_clause).where(*where).group_by(column)


def read_totals(schema: Schema, entity: Entity, summed: str | None, rows: Iterable[Row]) -> dict[str | None, Total]:
    """Rows of the statement → value → total."""
    if summed is None:
        return {value: Total(count) for value, count in rows}
    return {value: Total(count, _sum(schema, entity.fields[summed], parts)) for value, count, *parts in rows}


def _sum(schema: Schema, field: Field, parts: Sequence[Any]) -> Decimal | int | None:
    if parts[0] is None:
        return None
    type_ = schema.model.type_of(field).symbol(field).type
    found = parts[0] * _CUT + parts[1] if schema.dialect == "sqlite" else parts[0]
    if type_.kind is not Kind.DECIMAL:
        return int(found)
    return Decimal(found).scaleb(-type_.scale) if schema.dialect == "sqlite" else found


def _halves(value: sa.ColumnElement[Any]) -> list[sa.ColumnElement[Any]]:
    whole = sa.type_coerce(value, sa.BigInteger())
    return [sa.func.sum(whole.op(sign)(sa.literal_column(str(_CUT))), type_=sa.BigInteger()) for sign in ("/", "%")]


def _summed_part(schema: Schema, field: Field) -> int:
    """Which of the columns of the field is added up: of money the one in company currency."""
    if not schema.settled(field):
        return 0
    kind = schema.model.type_of(field)
    return next((at for at, column in enumerate(kind.columns(field)) if column.part == kind.sort_part), 0)
