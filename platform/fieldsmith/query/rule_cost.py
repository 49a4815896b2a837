"""What a sharing rule costs on today's rows: how many it matches, how long finding them takes, and whether an index helps.

    cost = rule_cost(work.queries.guard(actor), work.connection, actor, work.now, rule)

For the studio, when a rule is shown or saved. It runs the rule's own condition over the newest records; never for a request of a reader.
"""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from fieldsmith.base.context import Actor
from fieldsmith.db.prepared import Prepared
from fieldsmith.expr.environment import moment_of
from fieldsmith.expr.to_sql import parameters
from fieldsmith.meta.roles import SharingRule
from fieldsmith.query.guard import Guard

LOOKED_AT = 200_000
"""The newest records are looked at, so that the answer comes in a moment however many there are."""
BOUND = 10_000
"""Matches are counted so far."""


@dataclass(frozen=True, slots=True)
class RuleCost:
    """`exact` is False where there are more than `matches`; `cut`: only the newest records were looked at. `indexed`: an index finds them."""

    matches: int
    exact: bool
    cut: bool
    milliseconds: float
    indexed: bool


def rule_cost(guard: Guard, connection: sa.Connection, actor: Actor, now: datetime, rule: SharingRule) -> RuleCost:
    """Measured now. The rule must be sound in the model of `guard`."""
    schema = guard.schema
    table = schema.table(rule.entity)
    condition = guard.covered(rule, table, itertools.count(1))
    newest = connection.execute(sa.select(sa.func.max(table.c.id))).scalar() or 0
    wanted = sa.select(table.c.id).where(condition)
    living = wanted.where(table.c.deleted_at.is_(None))
    if newest > LOOKED_AT:
        living = living.where(table.c.id > newest - LOOKED_AT)
    counted = Prepared(sa.select(sa.func.count()).select_from(living.limit(BOUND + 1).subquery()), schema.compiler)
    params = parameters(moment_of(actor, now), actor.id, schema.dialect)
    began = time.perf_counter()
    found = int(counted.rows(connection, params)[0][0])
    took = (time.perf_counter() - began) * 1000
    indexed = _has_index(connection, Prepared(wanted, schema.compiler), params, schema.dialect, table.name)
    return RuleCost(min(found, BOUND), found <= BOUND, newest > LOOKED_AT, took, indexed)


def _has_index(connection: sa.Connection, wanted: Prepared, params: Mapping[str, Any], dialect: str, table: str) -> bool:
    """Would the database go through an index of `table` rather than through all its rows, were there many?"""
    if dialect == "sqlite":
        lines = [str(row[3]) for row in wanted.explained(connection, "EXPLAIN QUERY PLAN ", params)]
        return any(line.startswith(f"SEARCH {table} ") for line in lines)
    connection.exec_driver_sql("SET LOCAL enable_seqscan = off")  # small tables are read whole, whatever indexes they have
    try:
        plan = wanted.explained(connection, "EXPLAIN (FORMAT JSON) ", params)[0][0]
    finally:
        connection.exec_driver_sql("SET LOCAL enable_seqscan = on")
    nodes = list(_nodes((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]))
    read = [node for node in nodes if node.get("Relation Name") == table]  # a path over lookups reads it once more, under another name
    return bool(read) and all(any("Index Cond" in below for below in _nodes(node)) for node in read)


def _nodes(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The node and what it reads from; not what its filter asks elsewhere."""
    yield node
    for below in node.get("Plans", ()):
        if below.get("Parent Relationship") != "SubPlan":
            yield from _nodes(below)
