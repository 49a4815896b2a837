"""SQL of TEXT: how a value of each kind is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from fieldsmith.expr.function import Sql
from fieldsmith.expr.nodes import Apply, Constant, FieldRef, Node
from fieldsmith.expr.sql_text import UNSTABLE
from fieldsmith.expr.types import Kind

if TYPE_CHECKING:
    from fieldsmith.expr.to_sql import SqlCompiler

_NO_FRACTION = ".000000"
_FORMATS = {Kind.DATE: "YYYY-MM-DD", Kind.DATETIME: "YYYY-MM-DD HH24:MI:SS.US", Kind.TIME: "HH24:MI:SS.US"}
_PARTS = {"year": 4, "month": 2, "day": 2, "hour": 2, "minute": 2, "second": 9}
_USED = {Kind.DATE: (("year", "-"), ("month", "-"), ("day", "")), Kind.TIME: (("hour", ":"), ("minute", ":"), ("second", ""))}


def as_text(node: Apply, compiler: SqlCompiler) -> Sql:
    [argument] = node.arguments
    kind = argument.type.kind
    if isinstance(argument, Constant) and argument.value is None:
        return sa.null()
    if kind is Kind.BOOLEAN:
        found = sa.case((compiler.condition(argument), sa.literal_column("'true'", sa.Text())), else_=sa.literal_column("'false'", sa.Text()))
        return found if compiler.sqlite else sa.collate(found, "C")
    if kind in (Kind.TEXT, Kind.CHOICE):
        return compiler.value(argument)
    return _sqlite(argument, compiler) if compiler.sqlite else sa.collate(_postgresql(argument, compiler), "C")


def _sqlite(argument: Node, compiler: SqlCompiler) -> Sql:
    found, kind = compiler.value(argument), argument.type.kind
    if kind is Kind.INTEGER:
        return sa.cast(found, sa.Text())
    if kind is Kind.DECIMAL:
        return compiler.call("fs_number_text", found, sa.literal(argument.type.scale, sa.Integer()), type_=sa.String())
    return found if kind is Kind.DATE else sa.func.replace(found, _text(_NO_FRACTION), _text(""), type_=sa.String())


def _postgresql(argument: Node, compiler: SqlCompiler) -> Sql:
    found, kind = compiler.value(argument), argument.type.kind
    if argument.type.is_number:
        return sa.cast(sa.func.trim_scale(found, type_=sa.Numeric()), sa.Text())
    if not isinstance(argument, FieldRef):
        compiler.registered.add(UNSTABLE)
        return _without_fraction(sa.func.to_char(found, _text(_FORMATS[kind]), type_=sa.Text()), kind)
    if kind is Kind.DATETIME:
        return _joined(found, Kind.DATE).op("||")(_text(" ")).op("||")(_without_fraction(_joined(found, Kind.TIME), kind))
    return _without_fraction(_joined(found, kind), kind)


def _joined(column: Sql, kind: Kind) -> Sql:
    """As to_char writes it, but immutable for PostgreSQL: generated columns may use it. Names the column once per part."""
    out: Sql | None = None
    for part, behind in _USED[kind]:
        digits = sa.func.lpad(sa.cast(sa.extract(part, column), sa.Text()), _PARTS[part], _text("0"), type_=sa.Text())
        piece = digits.op("||")(_text(behind)) if behind else digits
        out = piece if out is None else out.op("||")(piece)
    assert out is not None
    return out


def _without_fraction(text: Sql, kind: Kind) -> Sql:
    return text if kind is Kind.DATE else sa.func.replace(text, _text(_NO_FRACTION), _text(""), type_=sa.Text())


def _text(text: str) -> Sql:
    return sa.literal_column(f"'{text}'", sa.Text())
