"""Records as a reader's own expressions may reach them, in Python: what `db.expression_columns` does with a guard, for one evaluation.

A path to a record the reader may not see ends in a blank, related lists hold only what they may see. Formulas behind the names
go on with the definer's rights: they give the same value to everybody.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from fieldsmith.base.context import Actor
from fieldsmith.expr.environment import Env, Source
from fieldsmith.expr.vocabulary import Related
from fieldsmith.fields.values import RecordRef
from fieldsmith.meta.model import Model
from fieldsmith.meta.system_fields import USER
from fieldsmith.query.run import Queries


def guarded(queries: Queries, model: Model, actor: Actor, entity: str, env: Env) -> Env:
    """`env` over a record of `entity` as `actor` may look around in it."""
    if queries.guard(actor).sight.everything:
        return env
    eyes = _Eyes(queries, model, actor)
    return replace(env, record=eyes.on(entity, env.record), old=eyes.on(entity, env.old), user=eyes.on(USER, env.user))


class _Eyes:
    """Remembers what was asked about which record."""

    def __init__(self, queries: Queries, model: Model, actor: Actor) -> None:
        self.model = model
        self._queries = queries
        self._actor = actor
        self._known: dict[tuple[str, int], bool] = {}

    def on(self, entity: str, source: Source | None) -> _Guarded | None:
        return None if source is None else _Guarded(self, entity, source)

    def knows(self, entity: str) -> bool:
        return self._queries.readable(self._actor, entity)

    def seen(self, entity: str, ids: Iterable[int]) -> list[int]:
        """Those of `ids` the reader may see, in their order."""
        wanted = list(ids)
        unknown = [id for id in wanted if (entity, id) not in self._known]
        if unknown:
            reached = self._queries.seen(self._actor, entity, unknown)
            self._known.update({(entity, id): id in reached for id in unknown})
        return [id for id in wanted if self._known[entity, id]]


class _Guarded:
    """One record the reader may see."""

    def __init__(self, eyes: _Eyes, entity: str, source: Source) -> None:
        self._eyes = eyes
        self._entity = entity
        self._source = source

    def get(self, field: str) -> Any:
        value = self._source.get(field)
        item = self._eyes.model.entities[self._entity].fields.get(field)
        if value and item is not None and item.type == "many_to_many":
            return tuple(self._eyes.seen(item.options["to"], value)) or None
        if isinstance(value, RecordRef) and not self._eyes.knows(value.entity):
            return RecordRef("", value.id)
        return value

    def follow(self, lookup: str) -> Source | None:
        to = self._eyes.model.entities[self._entity].fields[lookup].options["to"]
        target = self._source.get(lookup)
        if not isinstance(target, int) or not self._eyes.seen(to, [target]):
            return None
        return self._eyes.on(to, self._source.follow(lookup))

    def related(self, related: Related) -> Iterable[Source]:
        found = {child.get("id"): child for child in self._source.related(related)}
        return [_Guarded(self._eyes, related.entity, found[id]) for id in self._eyes.seen(related.entity, found)]
