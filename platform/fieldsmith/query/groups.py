"""How many live records there are of each value of a choice field. For figures on the start page; not for reports."""

from __future__ import annotations

from fieldsmith.base.context import Actor
from fieldsmith.query.run import Queries, Query


def counts_by_choice(queries: Queries, actor: Actor, entity: str, field: str, bound: int) -> dict[str, int] | None:
    """Value → number of records the actor may see, values nobody holds left out; None beyond `bound` records, where counting would cost too much.

    Raises `NotFound` when the actor may not read the entity, `BadQuery` when they may not see the field.
    """
    query = Query(entity, ())
    if not queries.count(actor, query, bound).exact:
        return None
    return {value: total.count for value, total in queries.totals(actor, query, field).items() if value is not None}
