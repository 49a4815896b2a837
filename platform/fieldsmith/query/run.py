"""`Queries`: lists and single records for an actor. The one door every read goes through: lists, records, API, export.

    work.queries.page(actor, Query("account", columns=("name", "owner"), sort=("-created_at",)))

Reads of rows for writing are here too (`one`), so a record and a list can never disagree about what is visible.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol, TypeVar

import sqlalchemy as sa

from fieldsmith.access.policy import Policy
from fieldsmith.base.context import Actor
from fieldsmith.base.errors import BadQuery, NotFound
from fieldsmith.base.problems import Problem
from fieldsmith.base.text import _m
from fieldsmith.db.search import SearchIndex
from fieldsmith.db.tables import Schema
from fieldsmith.expr.environment import moment_of
from fieldsmith.expr.to_sql import parameters
from fieldsmith.meta.former import hint_for
from fieldsmith.meta.model import Entity
from fieldsmith.query import cursor
from fieldsmith.query.compile import CompiledQuery, Shape
from fieldsmith.query.late import LateValues
from fieldsmith.query.rows import Count, Page, Record, Row

MAX_LIMIT = 500
COUNT_BOUND = 10_000


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Query:
    """What to list. `sort` members descend with a leading `-`; none means newest first.

    `parent` is (lookup field, id), for a polymorphic lookup (field, id, entity); `after` a cursor of the page before.
    `filters` are conditions in the expression language, with the reader's rights; all must hold.
    """

    entity: str
    columns: tuple[str, ...]
    sort: tuple[str, ...] = ()
    limit: int = 50
    after: str | None = None
    search: str | None = None
    parent: tuple[str, int] | tuple[str, int, str] | None = None
    deleted: bool = False
    filters: tuple[str, ...] = ()


class Kept(Protocol):
    """Where compiled queries are kept for the life of a revision (`Runtime`)."""

    @property
    def schema(self) -> Schema: ...
    @property
    def policy(self) -> Policy: ...
    @property
    def search(self) -> SearchIndex: ...
    def keep(self, key: Any, build: Callable[[], T]) -> T: ...
    def keep_some(self, key: Any, build: Callable[[], T]) -> T: ...


class Queries:
    """Reads within one transaction."""

    def __init__(self, runtime: Kept, connection: sa.Connection, now: datetime) -> None:
        self._runtime = runtime
        self._connection = connection
        self._now = now
        self._schema = runtime.schema

    def page(self, actor: Actor, query: Query) -> Page:
        """One page; raises `BadQuery` for unknown columns, sorts, cursors and limits outside 1–500."""
        if not 1 <= query.limit <= MAX_LIMIT:
            message = _m("A page holds 1 to {limit} rows.", limit=MAX_LIMIT)
            raise BadQuery([Problem("bad_limit", message, "/limit")])
        compiled = self._compiled(actor, query)
        rows, following = self._rows(actor, compiled, query)
        if compiled.late:
            rows = self._late.fill(self._connection, compiled.late, rows, compiled.shape.hidden)
        return Page(query.entity, compiled.columns, rows, following)

    def count(self, actor: Actor, query: Query, bound: int | None = COUNT_BOUND) -> Count:
        """How many rows `query` has in all; counting stops after `bound` (None: exact, which reads every row)."""
        compiled = self._compiled(actor, replace(query, columns=(), sort=("-id",)))
        params = self._parameters(actor, compiled, query)
        if bound is None:
            return Count(compiled.count(False).rows(self._connection, params)[0][0], True)
        params["bound"] = bound + 1
        found = compiled.count(True).rows(self._connection, params)[0][0]
        return Count(min(found, bound), found <= bound)

    def each(self, actor: Actor, query: Query) -> Iterator[Page]:
        """Every page of `query` from its cursor on, for export."""
        while True:
            page = self.page(actor, query)
            yield page
            if page.next is None:
                return
            query = replace(query, after=page.next)

    def one(self, actor: Actor, entity: str, id: int, *, deleted: bool = False) -> Record:
        """The record with every field; raises `NotFound` when absent or invisible. `deleted` looks in the recycle bin."""
        found = self.entity(actor, entity)
        hidden = self._runtime.policy.unreadable(actor)
        shape = Shape(entity, tuple(name for name in found.fields if deleted or name != "deleted_at"), deleted=deleted, one=True, hidden=hidden)
        compiled = self._kept(shape)
        rows: Sequence[Row] = ()
        if 0 < id < 2**63:
            params = {"id": id, **self._context(actor, compiled)}
            rows = compiled.statement(compiled.segments[0], None).rows(self._connection, params)
        if not rows:
            raise NotFound(_m("There is no {entity} {id}.", entity=found.label, id=id))
        if compiled.late:
            rows = self._late.fill(self._connection, compiled.late, [row[: compiled.key_start] for row in rows], hidden)
        return Record(entity, rows[0][0], rows[0][1], compiled.columns, rows[0])

    def readable(self, actor: Actor, entity: str) -> bool:
        """May the actor read records of `entity`?"""
        return entity not in self._runtime.policy.unreadable(actor)

    def columns_of(self, actor: Actor, entity: str) -> tuple[str, ...]:
        """Every field of `entity` the actor may list, in order."""
        return tuple(name for name in self.entity(actor, entity).fields if name != "deleted_at")

    def entity(self, actor: Actor, name: str) -> Entity:
        """The entity, if the actor may read it; else `NotFound` with a hint, as for an entity that does not exist."""
        found = self._schema.model.entities.get(name)
        hidden = self._runtime.policy.unreadable(actor)
        if found is None or name in hidden:
            known = [item for item in self._schema.model.entities if item not in hidden]
            if actor.kind == "anonymous":
                self._runtime.policy.require(actor, "read", name)
            message = _m("There is no entity “{name}”.", name=name[:100])
            raise NotFound(message, [Problem("unknown_entity", message, "", hint_for(name[:100], known, self._schema.model.former))])
        return found

    def label(self, actor: Actor, entity: str, id: int) -> str | None:
        """The name of one live record, None when absent or invisible."""
        return self.labels(actor, entity, [id]).get(id)

    def labels(self, actor: Actor, entity: str, ids: Iterable[int]) -> dict[int, str | None]:
        """Names of the live records among `ids` that the actor may see."""
        if entity in self._runtime.policy.unreadable(actor):
            return {}
        return self._late.labels(self._connection, entity, ids)

    @property
    def _late(self) -> LateValues:
        return self._runtime.keep("late values", lambda: LateValues(self._schema))

    def _compiled(self, actor: Actor, query: Query) -> CompiledQuery:
        entity = self.entity(actor, query.entity)
        sort = query.sort or (("-deleted_at",) if query.deleted else ("-id",))
        hidden = self._runtime.policy.unreadable(actor)
        parent = query.parent[0] if query.parent else None
        shape = Shape(query.entity, query.columns, sort, parent, query.deleted, hidden=hidden, filters=query.filters)
        if query.search:
            matching = self._runtime.search.matching_ids(query.search, entity.uid)
            return CompiledQuery(self._schema, shape, self._schema.table(query.entity).c.id.in_(matching))
        return self._kept(shape)

    def _kept(self, shape: Shape) -> CompiledQuery:
        return self._runtime.keep_some(("query", shape), lambda: CompiledQuery(self._schema, shape))

    def _rows(self, actor: Actor, compiled: CompiledQuery, query: Query) -> tuple[list[Row], str | None]:
        """Rows of the page without their key values, and the cursor after them."""
        shape = compiled.shape
        name = cursor.digest(shape.entity, shape.sort, query.search, query.parent, query.deleted, shape.filters)
        start, values = 0, None
        if query.after is not None:
            types = [(key.expression.type.python_type, key.nullable, getattr(key.expression.type, "scale", None) or 0) for key in compiled.order]
            start, values = cursor.read(query.after, name, [segment.blank for segment in compiled.segments], types)
        params = self._parameters(actor, compiled, query)
        rows: list[Row] = []
        at = start
        ends: list[int] = []
        for at in range(start, len(compiled.segments)):
            params["limit"] = query.limit + 1 - len(rows)
            blanks = None if values is None else tuple(value is None for value in values)
            if values is not None:
                params.update({f"k{number}": value for number, value in enumerate(values)})
            found = compiled.statement(compiled.segments[at], blanks).rows(self._connection, params)
            rows += found
            ends += [at] * len(found)
            values = None
            if len(rows) > query.limit:
                break
        width = compiled.key_start
        following = None
        if len(rows) > query.limit:
            del rows[query.limit :]
            last = rows[-1][width:]
            keys = [value if turn is None or value is None else turn(value) for value, turn in zip(last, compiled.key_converters, strict=True)]
            following = cursor.write(name, ends[query.limit - 1], keys)
        return ([row[:width] for row in rows] if compiled.late else rows), following

    def _parameters(self, actor: Actor, compiled: CompiledQuery, query: Query) -> dict[str, Any]:
        params = self._context(actor, compiled)
        if query.parent is not None:
            params["parent"] = query.parent[1]
            if len(query.parent) == 3:
                params["parent_entity"] = query.parent[2]
        return params

    def _context(self, actor: Actor, compiled: CompiledQuery) -> dict[str, Any]:
        """What its expressions read beside the rows: the moment, the acting user."""
        if not compiled.acting:
            return {}
        return parameters(moment_of(actor, self._now), actor.id, self._schema.dialect)
