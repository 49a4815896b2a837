"""Aggregates in SQL: one correlated scalar subquery each, exact on both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from fieldsmith.expr import postgresql_numbers, sqlite_numbers, sqlite_whole
from fieldsmith.expr.bounds import raw_bound
from fieldsmith.expr.function import Sql
from fieldsmith.expr.nodes import Aggregate, Node
from fieldsmith.expr.sql_values import NUMERIC
from fieldsmith.expr.types import MAX_SCALE, Kind

if TYPE_CHECKING:
    from fieldsmith.expr.to_sql import SqlCompiler

_CUT = 10**9  # SUM raises beyond 64 bits: high and low halves are added up apart, enough for 10^9 rows
_ROWS_DIGITS = 20


def aggregate(node: Aggregate, compiler: SqlCompiler) -> Sql:
    """The subquery of `node`, which is correlated to whatever its columns name outside."""
    rows = compiler.columns.rows(node)
    inner = compiler.within(rows.columns)
    found = _combined(node, inner)
    kept = () if node.where is None else (inner.condition(node.where),)
    query = sa.select(found).select_from(rows.source).where(*rows.where, *kept)
    return query.correlate_except(rows.source).scalar_subquery()


def _combined(node: Aggregate, compiler: SqlCompiler) -> Sql:
    value = node.value
    if node.function == "COUNT":
        return sa.func.count() if value is None else sa.func.count(compiler.value(value))
    assert value is not None
    if not value.type.is_number:
        return _extreme(node, compiler.value(value), value, compiler)
    return _on_sqlite(node, value, compiler) if compiler.sqlite else _on_postgresql(node, value, compiler)


def _extreme(node: Aggregate, value: Sql, argument: Node, compiler: SqlCompiler) -> Sql:
    if argument.type.kind is Kind.TEXT and not compiler.sqlite:
        value = sa.collate(value, "C")
    type_ = sqlite_whole.INT if argument.type.is_number and compiler.sqlite else value.type
    return (sa.func.min if node.function == "MIN" else sa.func.max)(value, type_=type_)


def _on_sqlite(node: Aggregate, argument: Node, compiler: SqlCompiler) -> Sql:
    value = sqlite_numbers.whole(argument, compiler)
    up = MAX_SCALE - argument.type.scale
    number = sqlite_whole.INT
    if value.wide:
        name, more = {"SUM": "sum", "AVG": "average", "MIN": "least", "MAX": "greatest"}[node.function], (up,) if node.function == "AVG" else ()
        return compiler.call(f"fs_wide_{name}", value.sql, *more, type_=number)
    if node.function in ("MIN", "MAX"):
        return _extreme(node, value.sql, argument, compiler)
    halves = [sa.func.sum(sqlite_whole.op(value.sql, symbol, sqlite_whole.integer(_CUT)), type_=number) for symbol in ("/", "%")]
    if node.function == "SUM":
        return compiler.call("fs_total", *halves, type_=number)
    return compiler.call("fs_average", *halves, sa.func.count(value.sql), sqlite_whole.integer(up), type_=number)


def _on_postgresql(node: Aggregate, argument: Node, compiler: SqlCompiler) -> Sql:
    if node.function in ("MIN", "MAX"):
        return _extreme(node, compiler.value(argument), argument, compiler)
    value = postgresql_numbers.number(argument, compiler)
    total = sa.func.sum(value, type_=NUMERIC)
    if node.function == "SUM":
        found = sa.func.coalesce(total, sa.literal_column("0", NUMERIC), type_=NUMERIC)
        return postgresql_numbers.limited(found, raw_bound(node), node.type.scale)
    digits = postgresql_numbers.quotient_digits(argument.type.scale, _ROWS_DIGITS)
    count = sa.func.nullif(sa.cast(sa.func.count(value), NUMERIC), sa.literal_column("0"), type_=NUMERIC)
    average = postgresql_numbers.op(postgresql_numbers.rounded(total, digits), "/", count)
    return postgresql_numbers.limited(postgresql_numbers.rounded(average, node.type.scale), raw_bound(node), node.type.scale)
