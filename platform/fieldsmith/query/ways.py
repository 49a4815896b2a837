"""Pages and counts that begin at the owners: what a reader reaches is found way by way (`Guard.found`), each way by its own index.

For readers who see few records: these are put in order first, and only those of the page are read whole, with what is joined to them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from fieldsmith.meta.roles import Right
from fieldsmith.query import sorting
from fieldsmith.query.select import Selection
from fieldsmith.query.sorting import Key, Segment

TOTAL = "total"
Conditions = Sequence[sa.ColumnElement[bool]]


def page_ids(selection: Selection, right: Right, order: Sequence[Key], where: Conditions, segment: Segment, blanks: Sequence[bool] | None) -> sa.Select[Any]:
    """The ids of a page, as `CompiledQuery.statement` asks for it. `where` is what must hold beside `right`, first that the record
    lives; all of them speak of `selection`.

    SQLite finds rows by their ids as quickly as by an index, and compares ids more quickly than keys. PostgreSQL reads each row once for its
    keys, and counts them all in passing, as `total`: that costs less than asking again.
    """
    schema, root = selection.schema, selection.root
    limit = sa.bindparam("limit", type_=sa.Integer)
    base = sa.select(root.c.id).where(*where, *sorting.within(order, segment)).correlate(None)
    if blanks is not None:
        base = base.where(*sorting.after(order, segment, blanks))
    if schema.dialect == "sqlite":
        reached = selection.reached(right)
        assert reached is not None
        found = base.where(reached).order_by(*sorting.order_by(order, schema.dialect, segment)).limit(limit)
        return found.select_from(selection.from_clause)
    base = base.add_columns(*[key.expression.label(f"k{at}") for at, key in enumerate(order)]).select_from(selection.from_clause)
    plain = len(where) == 1 and blanks is None and segment.blank is None
    seen = sa.union(*_found(selection, right, base, plain)).subquery("seen")
    keys = [replace(key, expression=seen.c[f"k{at}"]) for at, key in enumerate(order)]
    total = sa.func.count().over().label(TOTAL)
    return sa.select(seen.c.id, total).order_by(*sorting.order_by(keys, schema.dialect, segment)).limit(limit).correlate(None)


def counted(selection: Selection, right: Right, where: Conditions, bounded: bool, each: bool) -> sa.Select[Any]:
    """Counts what `right` reaches, up to `:bound` when `bounded`; with `each`, no way is followed further than that either."""
    ways = _found(selection, right, _ids(selection, where), len(where) == 1)
    bound = sa.bindparam("bound", type_=sa.Integer)
    if bounded and each:
        ways = [sa.select(way.limit(bound).subquery(f"way_{at}").c.id) for at, way in enumerate(ways)]
    seen = sa.select(sa.union(*ways).subquery("seen").c.id)
    return sa.select(sa.func.count()).select_from((seen.limit(bound) if bounded else seen).subquery("n"))


def owned(selection: Selection, right: Right, where: Conditions) -> sa.Select[Any]:
    """Counts what `right` reaches by owner alone, up to `:bound`."""
    by_owner = _found(selection, right, _ids(selection, where), len(where) == 1)[0]
    return sa.select(sa.func.count()).select_from(by_owner.limit(sa.bindparam("bound", type_=sa.Integer)).subquery("n"))


def _ids(selection: Selection, where: Conditions) -> sa.Select[Any]:
    return sa.select(selection.root.c.id).select_from(selection.from_clause).where(*where).correlate(None)


def _found(selection: Selection, right: Right, base: sa.Select[Any], plain: bool) -> list[sa.Select[Any]]:
    return selection.guard.found(selection.entity.name, right, base, selection.root, selection.joins.numbers, plain)
