"""Numbers as SQL, whichever the database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from fieldsmith.expr import postgresql_numbers, sqlite_numbers
from fieldsmith.expr.function import Sql
from fieldsmith.expr.nodes import Node
from fieldsmith.expr.sql_values import sql_type
from fieldsmith.expr.types import Kind, Type

if TYPE_CHECKING:
    from fieldsmith.expr.to_sql import SqlCompiler


def number(node: Node, compiler: SqlCompiler) -> Sql:
    """The SQL of a number: NUMERIC on PostgreSQL; on SQLite a whole number, or its digits beyond 64 bits."""
    return sqlite_numbers.number(node, compiler) if compiler.sqlite else postgresql_numbers.number(node, compiler)


def value(node: Node, compiler: SqlCompiler) -> Sql:
    """The SQL of any value, exact when it is a number."""
    return number(node, compiler) if node.type.is_number and compiler.sqlite else compiler.value(node)


def plain_type(type_: Type) -> sa.types.TypeEngine[Any]:
    """What PostgreSQL computes values of `type_` as, without a collation: a cast may not name one."""
    return sa.Text() if type_.kind in (Kind.TEXT, Kind.CHOICE) else sql_type(type_, "postgresql")
