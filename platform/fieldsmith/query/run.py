"""`Queries`: lists and single records for an actor. The one door every read goes through: lists, records, API, export.

    work.queries.page(actor, Query("account", columns=("name", "owner"), sort=("-created_at",)))

Reads of rows for writing are here too (`one`), so a record and a list can never disagree about what is visible.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol, TypeVar

import sqlalchemy as sa

from fieldsmith.access.policy import Policy
from fieldsmith.access.rows import groups_named
from fieldsmith.base.context import SYSTEM, Actor
from fieldsmith.base.errors import BadQuery, NotFound
from fieldsmith.base.problems import Problem
from fieldsmith.base.text import _m
from fieldsmith.db.prepared import Prepared, key_list
from fieldsmith.db.search import Hit, SearchIndex
from fieldsmith.db.tables import Schema
from fieldsmith.expr.environment import moment_of
from fieldsmith.expr.to_sql import parameters
from fieldsmith.meta.former import hint_for
from fieldsmith.meta.model import Entity, Model
from fieldsmith.meta.roles import Right
from fieldsmith.query import cursor
from fieldsmith.query.board import Total, read_totals
from fieldsmith.query.compile import CompiledQuery, Shape, acting
from fieldsmith.query.groups_of import groups_of
from fieldsmith.query.guard import Guard
from fieldsmith.query.late import LateValues
from fieldsmith.query.rows import Count, Page, Record, Row
from fieldsmith.query.searching import seen_by
from fieldsmith.query.visible_search import VisibleText, is_narrowed

MAX_LIMIT = 500
COUNT_BOUND = 10_000
_WORTH = {"sqlite": 150, "postgresql": 40}
"""Fifty rows of a page times what asking whether a record is one of those costs against finding it from its owner, as measured."""


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Query:
    """What to list. `sort` members descend with a leading `-`; none means newest first.

    `parent` is (lookup field, id), for a polymorphic lookup (field, id, entity); `after` a cursor of the page before.
    `filters` are conditions in the expression language, with the reader's rights; all must hold. `holding` is (choice field,
    value or None for blank): a column of a board. `right` is what the rows are read for: export reaches fewer than reading may.
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
    holding: tuple[str, str | None] | None = None
    right: Right = "read"


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
    def keep_of_person(self, key: Any, build: Callable[[], T]) -> T: ...


class Queries:
    """Reads within one transaction."""

    def __init__(self, runtime: Kept, connection: sa.Connection, now: datetime, access: int | None = None) -> None:
        """`access` is the counter under which what is known of people may be remembered; None remembers nothing."""
        self._runtime = runtime
        self._connection = connection
        self._now = now
        self._access = access
        self._schema = runtime.schema

    @property
    def model(self) -> Model:
        """The one everything is read with."""
        return self._schema.model

    def page(self, actor: Actor, query: Query) -> Page:
        """One page; raises `BadQuery` for unknown columns, sorts, cursors and limits outside 1–500."""
        if not 1 <= query.limit <= MAX_LIMIT:
            message = _m("A page holds 1 to {limit} rows.", limit=MAX_LIMIT)
            raise BadQuery([Problem("bad_limit", message, "/limit")])
        compiled = self._compiled(actor, query)
        rows, following, total = self._rows(actor, compiled, query)
        if compiled.late:
            rows = self._late(actor).fill(self._connection, compiled.late, rows, self._who(actor))
        return Page(query.entity, compiled.columns, rows, following, total)

    def count(self, actor: Actor, query: Query, bound: int | None = COUNT_BOUND) -> Count:
        """How many rows `query` has in all; counting stops after `bound` (None: exact, which reads every row).

        That there are more than `bound` for a reader who sees a part of the rows is remembered for a minute: finding so many among
        those of others costs more than the page.
        """
        compiled = self._compiled(actor, replace(query, columns=(), sort=("-id",)))
        params = self._parameters(actor, compiled, query)
        if bound is None:
            return Count(compiled.count(False).rows(self._connection, params)[0][0], True)
        params["bound"] = bound + 1
        found: list[int] = []

        def is_over() -> bool | None:
            if compiled.by_ways and not compiled.narrow and compiled.owned().rows(self._connection, params)[0][0] > bound:
                return True
            found.append(compiled.count(True).rows(self._connection, params)[0][0])
            return True if found[0] > bound else None

        shape = compiled.shape
        if self._access is None or query.search or shape.guard.rule(query.entity, query.right) is None:
            over = is_over()
        else:
            key = ("over", shape, query.parent, query.holding, bound, self._access, self._now.replace(second=0, microsecond=0), actor.id)
            over = self._runtime.keep_of_person(key, is_over)
        return Count(bound, False) if over else Count(found[0], True)

    def totals(self, actor: Actor, query: Query, group: str, summed: str | None = None) -> dict[str | None, Total]:
        """The records of `query` by their value of the choice field `group` (None: blank), counted exactly and `summed` added up."""
        sight = self._runtime.policy.sight(actor)
        for name in (group, summed):
            if name is not None and (query.entity, name) in sight.unspoken:
                raise BadQuery([_unknown_field(name)])
        compiled = self._compiled(actor, replace(query, columns=(), sort=("-id",)))
        prepared = compiled.totals(group, summed)
        context = self._who(actor) if acting(prepared) else {}
        rows = prepared.rows(self._connection, {**self._parameters(actor, compiled, query), **context})
        return read_totals(self._schema, self._schema.model.entities[query.entity], summed, rows)

    def each(self, actor: Actor, query: Query) -> Iterator[Page]:
        """Every page of `query` from its cursor on, for export."""
        while True:
            page = self.page(actor, query)
            yield page
            if page.next is None:
                return
            query = replace(query, after=page.next)

    def found(self, actor: Actor, query: Query, id: int) -> Page:
        """A page with the one record `id`; empty where `query` does not find it."""
        compiled = self._compiled(actor, query, one=True)
        params = {"id": id, **self._parameters(actor, compiled, query)}
        rows: Sequence[Row] = [row[: compiled.key_start] for row in compiled.statement(compiled.segments[0], None).rows(self._connection, params)]
        if compiled.late:
            rows = self._late(actor).fill(self._connection, compiled.late, rows, self._who(actor))
        return Page(query.entity, compiled.columns, rows, None)

    def one(self, actor: Actor, entity: str, id: int, *, deleted: bool = False) -> Record:
        """The record with every field; raises `NotFound` when absent or invisible. `deleted` looks in the recycle bin."""
        found = self.entity(actor, entity)
        guard = self.guard(actor)
        names = tuple(name for name in found.fields if (deleted or name != "deleted_at") and (entity, name) not in guard.sight)
        compiled = self._kept(Shape(entity, names, guard, deleted=deleted, one=True))
        rows: Sequence[Row] = ()
        if 0 < id < 2**63:
            params = {"id": id, **self._context(actor, compiled)}
            rows = compiled.statement(compiled.segments[0], None).rows(self._connection, params)
        if not rows:
            raise NotFound(_m("There is no {entity} {id}.", entity=found.label, id=id))
        if compiled.late:
            rows = self._late(actor).fill(self._connection, compiled.late, [row[: compiled.key_start] for row in rows], self._who(actor))
        return Record(entity, rows[0][0], rows[0][1], compiled.columns, rows[0])

    def unmasked(self, actor: Actor, entity: str, id: int, field: str) -> Record:
        """A record the actor may see with nothing but the value of a field masked from them. For `records.revealing` alone."""
        guard = self.guard(actor)

        def opened() -> Guard:
            return Guard(guard.schema, replace(guard.sight, masked=guard.sight.masked - {(entity, field)}), guard.groups)

        compiled = self._kept(Shape(entity, (field,), self._runtime.keep_some(("unmasked", guard, entity, field), opened), one=True))
        rows = compiled.statement(compiled.segments[0], None).rows(self._connection, {"id": id, **self._context(actor, compiled)})
        if compiled.late:
            rows = self._late(actor).fill(self._connection, compiled.late, [row[: compiled.key_start] for row in rows], self._who(actor))
        return Record(entity, rows[0][0], rows[0][1], compiled.columns, rows[0])

    def handed_over(self, entity: str, id: int) -> Record:
        """What is left of a record for who gave it out of their own sight: its id and version."""
        compiled = self._kept(Shape(entity, ("id", "version"), self.guard(SYSTEM), one=True))
        rows = compiled.statement(compiled.segments[0], None).rows(self._connection, {"id": id, **self._context(SYSTEM, compiled)})
        return Record(entity, rows[0][0], rows[0][1], compiled.columns, rows[0], is_gone=True)

    def readable(self, actor: Actor, entity: str) -> bool:
        """May the actor read records of `entity`?"""
        return entity not in self._runtime.policy.unreadable(actor)

    def columns_of(self, actor: Actor, entity: str) -> tuple[str, ...]:
        """Every field of `entity` the actor may list, in order."""
        sight = self._runtime.policy.sight(actor)
        return tuple(name for name in self.entity(actor, entity).fields if name != "deleted_at" and (entity, name) not in sight)

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
        return self._late(actor).labels(self._connection, entity, ids, self._who(actor))

    def guard(self, actor: Actor) -> Guard:
        """The row rules of the actor's kind of reader."""
        sight = self._runtime.policy.sight(actor)
        named = self._runtime.keep("groups named", lambda: groups_named(self._schema.model))
        groups = frozenset[str]() if sight.everything or not named or actor.id is None else self._groups(actor.id) & named
        return self._runtime.keep(("guard", sight, groups), lambda: Guard(self._schema, sight, groups))

    def reaches(self, actor: Actor, right: Right, entity: str, ids: Iterable[int]) -> frozenset[int]:
        """Which of the records, live or recycled, `right` reaches. Does not ask whether the entity right is granted."""
        wanted = sorted(set(ids))
        guard = self.guard(actor)
        if not wanted or guard.rule(entity, right) is None:
            return frozenset(wanted)
        statement = guard.among(right, entity, self._runtime.keep_some)
        found = statement.rows(self._connection, {**self._who(actor), "keys": key_list(wanted, self._schema.dialect)})
        return frozenset(row[0] for row in found)

    def may(self, actor: Actor, right: Right, entity: str, id: int) -> bool:
        """May the actor use `right`, on the entity and on this record?"""
        return self._runtime.policy.allows(actor, right, entity) and id in self.reaches(actor, right, entity, [id])

    def seen(self, actor: Actor, entity: str, ids: Iterable[int]) -> frozenset[int]:
        """Which of the records, live or recycled, are there for the actor."""
        return self.reaches(actor, "read", entity, ids) if self.readable(actor, entity) else frozenset()

    def search(self, actor: Actor, words: str, entities: Sequence[Entity], limit: int = 20, after: int | None = None) -> list[Hit]:
        """Hits in records of `entities` that the actor may see, by what they may see of them; see `SearchIndex.find`."""
        guard = self.guard(actor)
        seen = seen_by(guard, entities)
        uids, who = [entity.uid for entity in entities], self._who(actor) if seen else {}
        whole = [self.model.entities[entity.name] for entity in entities]  # a reader's own may lack what is hidden from them
        narrowed = [entity for entity in whole if is_narrowed(self.model, entity, guard.sight)]
        if not narrowed:
            return self._runtime.search.find(self._connection, words, uids, limit, after, seen, who)
        text = VisibleText(self._connection, self._schema, guard.sight, narrowed, words)
        return text.some(lambda most, from_: self._runtime.search.find(self._connection, words, uids, most, from_, seen, who), limit, after)

    def _matching(self, actor: Actor, words: str, entity: Entity) -> sa.ColumnElement[bool]:
        """That a record of `entity` has every word, in what the actor may see of it."""
        sight, found = self._runtime.policy.sight(actor), self._runtime.search.matching_ids(words, entity.uid)
        if not is_narrowed(self.model, entity, sight):
            return self._schema.table(entity.name).c.id.in_(found)
        candidates = [row[0] for row in self._connection.execute(found)]
        return VisibleText(self._connection, self._schema, sight, [entity], words).among(entity, candidates)

    def _guard_of(self, actor: Actor, query: Query) -> Guard:
        """The guard that finds what the reader may see of the entity from its owners, where that is little; asked once a minute.

        With n records of which the reader sees m, a page takes asking about 50 n / m of them, or finding m: the same where m² is about n.
        """
        guard = self.guard(actor)
        if self._access is None or query.parent is not None or query.deleted or not guard.can_narrow(guard.rule(query.entity, query.right)):
            return guard

        def is_little() -> bool:
            counting = self._runtime.keep_some(("few", guard, query.entity, query.right), lambda: guard.few(query.entity, query.right))
            most = math.isqrt(_WORTH[self._schema.dialect] * self._newest(query.entity))
            return int(counting.rows(self._connection, {**self._who(actor), "most": most + 1})[0][0]) <= most

        minute = self._now.replace(second=0, microsecond=0)
        key = ("sees few", guard, self._access, minute, actor.id, query.entity, query.right)
        if self._runtime.keep_of_person(key, lambda: "few" if is_little() else "many") == "many":
            return guard
        narrow = frozenset({query.entity})
        return self._runtime.keep_some(("narrow guard", guard, query.entity), lambda: Guard(guard.schema, guard.sight, guard.groups, narrow))

    def _newest(self, entity: str) -> int:
        """The highest id: about how many records there are."""
        table = self._schema.table(entity)
        newest = self._runtime.keep_some(("newest", entity), lambda: Prepared(sa.select(sa.func.max(table.c.id)), self._schema.compiler))
        return newest.rows(self._connection, {})[0][0] or 0

    def _groups(self, user: int) -> frozenset[str]:
        def read() -> frozenset[str]:
            return groups_of(self._connection, self._schema, user)

        return read() if self._access is None else self._runtime.keep_of_person(("groups of", self._access, user), read)

    def _who(self, actor: Actor) -> dict[str, Any]:
        return parameters(moment_of(actor, self._now), actor.id, self._schema.dialect)

    def _late(self, actor: Actor) -> LateValues:
        guard = self.guard(actor)
        return self._runtime.keep_some(("late values", guard), lambda: LateValues(self._schema, guard))

    def _compiled(self, actor: Actor, query: Query, one: bool = False) -> CompiledQuery:
        entity = self.entity(actor, query.entity)
        sort = query.sort or (("-deleted_at",) if query.deleted else ("-id",))
        guard = self.guard(actor) if one else self._guard_of(actor, query)
        parent = query.parent[0] if query.parent else None
        holding = (query.holding[0], query.holding[1] is None) if query.holding else None
        for name in (parent, holding[0] if holding else None):
            if name is not None and (query.entity, name) in guard.sight.unspoken:
                raise BadQuery([_unknown_field(name)])
        shape = Shape(query.entity, query.columns, guard, sort, parent, query.deleted, one, query.filters, holding, query.right)
        if query.search:
            return CompiledQuery(self._schema, shape, self._matching(actor, query.search, entity))
        return self._kept(shape)

    def _kept(self, shape: Shape) -> CompiledQuery:
        return self._runtime.keep_some(("query", shape), lambda: CompiledQuery(self._schema, shape))

    def _rows(self, actor: Actor, compiled: CompiledQuery, query: Query) -> tuple[list[Row], str | None, int | None]:
        """Rows of the page without their key values, the cursor after them, and how many the list has, where that was found in passing."""
        shape = compiled.shape
        name = cursor.digest(shape.entity, shape.sort, query.search, query.parent, query.deleted, shape.filters, *(query.holding or ()))
        start, values = 0, None
        if query.after is not None:
            types = [(key.expression.type.python_type, key.nullable, getattr(key.expression.type, "scale", None) or 0) for key in compiled.order]
            start, values = cursor.read(query.after, name, [segment.blank for segment in compiled.segments], types)
        params = self._parameters(actor, compiled, query)
        rows: list[Row] = []
        ends: list[int] = []
        total = None
        if compiled.narrow and values is None:
            params["limit"] = query.limit + 1
            rows = compiled.first_page().rows(self._connection, params)
            ends = [compiled.segment_of(row) for row in rows]
            start = len(compiled.segments)
            total = rows[0][-1] if rows and compiled.counts else None
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
            last = rows[-1][width : width + len(compiled.order)]
            keys = [value if turn is None or value is None else turn(value) for value, turn in zip(last, compiled.key_converters, strict=True)]
            following = cursor.write(name, ends[query.limit - 1], keys)
        return ([row[:width] for row in rows] if compiled.late else rows), following, total

    def _parameters(self, actor: Actor, compiled: CompiledQuery, query: Query) -> dict[str, Any]:
        params = self._context(actor, compiled)
        if query.parent is not None:
            params["parent"] = query.parent[1]
            if len(query.parent) == 3:
                params["parent_entity"] = query.parent[2]
        if query.holding is not None and query.holding[1] is not None:
            params["held"] = query.holding[1]
        return params

    def _context(self, actor: Actor, compiled: CompiledQuery) -> dict[str, Any]:
        """What its expressions read beside the rows: the moment, the acting user."""
        return self._who(actor) if compiled.acting else {}


def _unknown_field(name: str) -> Problem:
    return Problem("unknown_field", _m("There is no field “{name}”.", name=name), "/columns")
