"""`Joins`: lookup paths → tables joined once each, beginning at one table or alias. Shared by lists and by expressions.

A path is the lookup fields it follows; the empty one is the root. Whoever selects asks `source` for what it needs first, and
for `from_clause` last.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any, Protocol

import sqlalchemy as sa

from fieldsmith.access.sight import Sight
from fieldsmith.base.errors import BadQuery
from fieldsmith.base.problems import Problem
from fieldsmith.base.text import _m
from fieldsmith.db.tables import Schema
from fieldsmith.fields.base import Field

MAX_JOINS = 50

Hops = tuple[Field, ...]


class RowGuard(Protocol):
    """Says which rows of a table or alias the reader may see (`query.guard`), and what they know of the model."""

    @property
    def sight(self) -> Sight: ...
    def readable(self, entity: str, source: Any, numbers: Iterator[int]) -> sa.ColumnElement[bool] | None: ...


class Joins:
    """`beside` is what stands in FROM together with the root, joined already. `numbers` tell the aliases of one statement apart.

    With a `guard`, a path that a reader asks for (`guarded`) ends nowhere where they may not see the record; formulas walk freely.
    """

    def __init__(self, schema: Schema, root: Any, beside: Any = None, numbers: Iterator[int] | None = None, guard: RowGuard | None = None) -> None:
        self.schema = schema
        self.guard = guard
        self.root = root
        self.numbers = itertools.count(1) if numbers is None else numbers
        self._from = root if beside is None else beside
        self._sources: dict[tuple[bool, tuple[str, ...]], Any] = {(False, ()): root, (True, ()): root}

    @property
    def from_clause(self) -> Any:
        """The root with everything joined so far."""
        return self._from

    def source(self, hops: Hops, guarded: bool = False) -> Any:
        """The table or alias a path ends in; joined on first use. Raises `BadQuery` beyond `MAX_JOINS` paths."""
        guarded = guarded and self.guard is not None
        names = (guarded, tuple(hop.name for hop in hops))
        found = self._sources.get(names)
        if found is None:
            if len(self._sources) > MAX_JOINS + 1:
                message = _m("This list follows more than {limit} lookup paths; take some columns away.", limit=MAX_JOINS)
                raise BadQuery([Problem("too_many_joins", message, "/columns")])
            parent = self.source(hops[:-1], guarded)
            hop = hops[-1]
            found = self.alias(self.schema.table(hop.options["to"]))
            on = found.c.id == parent.c[self.schema.columns(hop)[0].name]
            seen = self.guard.readable(hop.options["to"], found, self.numbers) if guarded and self.guard is not None else None
            self._from = self._from.outerjoin(found, on if seen is None else sa.and_(on, seen))
            self._sources[names] = found
        return found

    def has_room(self, hops: Hops) -> bool:
        """May the path still be joined, or is it already?"""
        return len(self._sources) <= MAX_JOINS + 1 or (self.guard is not None, tuple(hop.name for hop in hops)) in self._sources

    def alias(self, table: sa.Table) -> sa.FromClause:
        """`table` under a name no other alias of the statement has, and no table."""
        return table.alias(f"j{next(self.numbers)}")
