"""`once`: an SQL expression used several times but written, and computed, one time only."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from fieldsmith.expr.function import Sql

if TYPE_CHECKING:
    from fieldsmith.expr.to_sql import SqlCompiler

_PLACE = "fs_once.x"


class _Once(FunctionElement[Any]):
    """Clauses are the expression and the body that names it; no FROM of SQLAlchemy's, so that outer tables stay outer."""

    inherit_cache = True


@compiles(_Once)
def _write(element: _Once, compiler: Any, **options: Any) -> str:
    """OFFSET 0 keeps PostgreSQL from putting the value back where it is used: 16 such levels took 15 seconds to plan."""
    value, body = (compiler.process(clause, **options) for clause in element.clauses)
    fence = " OFFSET 0" if compiler.dialect.name == "postgresql" else ""
    return f"(SELECT {body} FROM (SELECT {value} AS x{fence}) AS fs_once)"


def once(value: Sql, body: Callable[[Sql], Sql], compiler: SqlCompiler) -> Sql:
    """`body` of `value`. A subquery, which generated columns may not hold: it counts as a registered function."""
    compiler.registered.add("once")
    inside = body(sa.literal_column(_PLACE, type_=value.type))
    found = _Once(value, inside)
    found.type = inside.type
    return found
