"""Lookups on their way in: external keys become ids, and every id must be a live record the actor may see."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Protocol

import sqlalchemy as sa

from fieldsmith.base.context import Actor
from fieldsmith.base.problems import Problem, did_you_mean, pointer
from fieldsmith.base.text import _m
from fieldsmith.fields.base import Field, Invalid
from fieldsmith.fields.values import ExternalKey, RecordRef
from fieldsmith.query.run import Kept, Queries
from fieldsmith.records.shape import EntityShape


class Shapes(Kept, Protocol):
    """Where shapes of other entities come from (`Runtime`)."""

    def shape(self, entity: str) -> EntityShape: ...


class Targets:
    """Checks the lookups of a batch: one statement per target entity, whatever the number of rows."""

    def __init__(self, runtime: Shapes, connection: sa.Connection, actor: Actor, now: datetime) -> None:
        self._runtime = runtime
        self._connection = connection
        self._actor = actor
        self._hidden = runtime.policy.sight(actor)
        self._queries = Queries(runtime, connection, now)

    def check(self, shape: EntityShape, rows: Sequence[dict[str, Any]], problems: Sequence[list[Problem]], *, hold: bool = True) -> None:
        """Resolve external keys in `rows` in place; a lookup that names no live record adds to that row's problems.

        `hold` keeps the records found from being deleted until the transaction ends, which only one that writes can.
        """
        if not shape.lookups:
            return
        wanted: dict[str, set[int]] = {}
        for values, own in zip(rows, problems, strict=True):
            for name, item in shape.lookups.items():
                if values.get(name) is not None:
                    self._resolve(item, values, own)
                    for entity, id in _ids(item, values.get(name)):
                        wanted.setdefault(entity, set()).add(id)
        live = {entity: self._live(entity, ids, hold) for entity, ids in wanted.items()}
        for values, own in zip(rows, problems, strict=True):
            for name, item in shape.lookups.items():
                for entity, id in _ids(item, values.get(name)):
                    if id not in live[entity]:
                        own.append(self._missing(item, entity, id))

    def _resolve(self, item: Field, values: dict[str, Any], problems: list[Problem]) -> None:
        value = values[item.name]
        if isinstance(value, ExternalKey):
            found = self._by_key(item, value.entity or item.options["to"], value, problems)
            values[item.name] = found if value.entity is None or found is None else RecordRef(value.entity, found)
        elif item.type == "many_to_many" and any(isinstance(member, ExternalKey) for member in value):
            to = item.options["to"]
            members = [self._by_key(item, to, member, problems) if isinstance(member, ExternalKey) else member for member in value]
            values[item.name] = tuple(sorted({id for id in members if id is not None}))

    def _by_key(self, item: Field, to: str, key: ExternalKey, problems: list[Problem]) -> int | None:
        where = pointer(item.name, "external_id")
        target = self._runtime.schema.model.entities[to]
        by = target.fields.get(key.field)
        unspoken = self._hidden.unspoken
        if by is None or not by.unique or to in unspoken or (to, by.name) in unspoken:
            unique = [field.name for field in target.fields.values() if field.unique and (to, field.name) not in unspoken]
            message = _m("{entity} has no unique field “{name}” to look a record up by.", entity=target.label, name=str(key.field)[:100])
            problems.append(Problem("unknown_field", message, where, did_you_mean(str(key.field)[:100], unique)))
            return None
        try:
            value = self._runtime.shape(to).coercers[by.name](key.value)
        except Invalid as invalid:
            problems.append(Problem(invalid.code, invalid.message, where, invalid.hint))
            return None
        found = self._runtime.shape(to).ids_by(self._connection, by.name, [value])
        if not found or not self._queries.reaches(self._actor, "read", to, [found[0][1]]):
            message = _m("No {entity} has {field} “{value}”.", entity=target.label, field=by.label, value=str(key.value)[:100])
            problems.append(Problem("not_found", message, where))
            return None
        return found[0][1]

    def _live(self, entity: str, ids: set[int], hold: bool) -> set[int]:
        if entity in self._hidden or entity not in self._runtime.schema.model.entities:
            return set()
        there = {id for _, id in self._runtime.shape(entity).ids_by(self._connection, "id", sorted(ids), hold=hold)}
        return there & self._queries.reaches(self._actor, "read", entity, there)

    def _missing(self, item: Field, entity: str, id: int) -> Problem:
        found = self._runtime.schema.model.entities.get(entity)
        label = found.label if found is not None and entity not in self._hidden else entity[:100]
        return Problem("not_found", _m("There is no {entity} {id}.", entity=label, id=id), pointer(item.name), _m("Pick an existing record."))


def _ids(item: Field, value: Any) -> Iterable[tuple[str, int]]:
    if value is None:
        return ()
    if isinstance(value, RecordRef):
        return ((value.entity, value.id),)
    to = item.options["to"]
    if isinstance(value, tuple):
        return tuple((to, id) for id in value)
    return ((to, value),)
