"""Aggregates in SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fieldsmith.expr.function import Sql
from fieldsmith.expr.nodes import Aggregate

if TYPE_CHECKING:
    from fieldsmith.expr.to_sql import SqlCompiler


def aggregate(node: Aggregate, compiler: SqlCompiler) -> Sql:
    """The correlated subquery of `node`."""
    raise NotImplementedError(node.function)
