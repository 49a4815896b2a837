"""Records as expressions read them while something is saved: the values about to be written, and what lookups and lists reach.

Computed fields are worked out from the values that will be stored, never read from columns that are about to change. Every
other record is loaded once per transaction step, in batches where the paths are known beforehand.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

import sqlalchemy as sa

from fieldsmith.base.context import Actor
from fieldsmith.db.tables import LEFT, RIGHT, Schema
from fieldsmith.expr.environment import Env, Moment, Source
from fieldsmith.expr.vocabulary import Related
from fieldsmith.meta.system_fields import USER
from fieldsmith.records.links import stored_links
from fieldsmith.records.logic import EntityLogic
from fieldsmith.records.shape import EntityShape

_CHUNK = 5_000


class Reached(Protocol):
    """What sources need of the revision (`Runtime`)."""

    @property
    def schema(self) -> Schema: ...
    def shape(self, entity: str) -> EntityShape: ...
    def logic(self, entity: str) -> EntityLogic: ...


class Lookups:
    """The records that expressions reach within one step of one transaction, for one actor at one moment."""

    def __init__(self, runtime: Reached, connection: sa.Connection, actor: Actor, moment: Moment) -> None:
        self.runtime = runtime
        self.connection = connection
        self.actor = actor
        self.moment = moment
        self._found: dict[tuple[str, int], RecordSource | None] = {}

    def env(self, record: Source, old: Source | None = None, changed: frozenset[str] = frozenset(), is_new: bool = False) -> Env:
        """An evaluation over `record`."""
        return Env(record, self.moment, old, self.user, self.actor.id, changed=changed, is_new=is_new)

    @property
    def user(self) -> RecordSource | None:
        return None if self.actor.id is None else self.record(USER, self.actor.id)

    def record(self, entity: str, id: int) -> RecordSource | None:
        """The record `id`, recycled or not, or None where there is none."""
        if (entity, id) not in self._found:
            self.prefetch(entity, (id,))
        return self._found[entity, id]

    def prefetch(self, entity: str, ids: Iterable[int]) -> None:
        """Load the records `ids` that are not known yet, in one statement."""
        wanted = [id for id in dict.fromkeys(ids) if (entity, id) not in self._found]
        shape = self.runtime.shape(entity)
        for start in range(0, len(wanted), _CHUNK):
            chunk = wanted[start : start + _CHUNK]
            rows = shape.seen(self.connection, chunk)
            for id in chunk:
                row = rows.get(id)
                self._found[entity, id] = None if row is None else stored_source(self, shape, row)

    def children(self, related: Related, id: int) -> list[RecordSource]:
        """The live records of a related list."""
        schema = self.runtime.schema
        child = schema.table(related.entity)
        owner = related.owner if related.via == "link" else related.entity
        item = schema.model.entities[owner].fields[related.field]
        if related.via in ("link", "inverse link"):
            near, far = (LEFT, RIGHT) if related.via == "link" else (RIGHT, LEFT)
            link = schema.link(item)
            statement = sa.select(child.c.id).join_from(link, child, child.c.id == link.c[far]).where(link.c[near] == id)
        else:
            columns = schema.columns(item)
            statement = sa.select(child.c.id).where(columns[0] == id)
            if related.via == "polymorphic":
                statement = statement.where(columns[1] == related.owner)
        ids = [row[0] for row in self.connection.execute(statement.where(child.c.deleted_at.is_(None)).order_by(child.c.id))]
        self.prefetch(related.entity, ids)
        return [found for key in ids if (found := self._found[related.entity, key]) is not None]


class RecordSource:
    """One record. `values` are canonical by field name; what is not among them is worked out or read when it is asked for."""

    def __init__(self, lookups: Lookups, shape: EntityShape, id: int | None, values: Mapping[str, Any]) -> None:
        self._lookups = lookups
        self._shape = shape
        self._id = id
        self._values = values
        self._late: dict[str, Any] = {}

    def get(self, field: str) -> Any:
        if field in self._values:
            return self._values[field]
        if field not in self._late:
            self._late[field] = self._worked_out(field)
        return self._late[field]

    def follow(self, lookup: str) -> Source | None:
        target = self.get(lookup)
        if not isinstance(target, int):
            return None
        return self._lookups.record(self._shape.entity.fields[lookup].options["to"], target)

    def related(self, related: Related) -> Iterable[Source]:
        if related.via == "link" and related.field in self._values:  # as it will be stored
            ids = self._values[related.field] or ()
            self._lookups.prefetch(related.entity, ids)
            return [found for id in ids if (found := self._lookups.record(related.entity, id)) is not None]
        return () if self._id is None else self._lookups.children(related, self._id)

    def _worked_out(self, field: str) -> Any:
        formula = self._lookups.runtime.logic(self._shape.entity.name).computed.get(field)
        if formula is not None:
            return formula.value(self._lookups.env(self))
        item = self._shape.links.get(field)
        return None if item is None or self._id is None else stored_links(self._lookups.connection, self._lookups.runtime.schema, item, self._id)


def stored_source(lookups: Lookups, shape: EntityShape, row: tuple[Any, ...]) -> RecordSource:
    """A record as it is stored, from a row given by `EntityShape.load`."""
    values = {**shape.current(row), **shape.stamps(row), "id": row[0], "version": row[1]}
    for name in shape.unsettled:
        values.pop(name, None)
    return RecordSource(lookups, shape, row[0], values)


def saved_source(lookups: Lookups, shape: EntityShape, id: int | None, values: Mapping[str, Any]) -> RecordSource:
    """A record as it will be stored: `values` are all its own fields, canonical; formulas among them are worked out anew."""
    formulas = lookups.runtime.logic(shape.entity.name).formulas
    if not formulas.isdisjoint(values):
        values = {name: value for name, value in values.items() if name not in formulas}
    return RecordSource(lookups, shape, id, values)


def first_stamps(actor: Actor, now: datetime) -> dict[str, Any]:
    """System fields of a record about to be made."""
    return {"created_at": now, "created_by": actor.id, "modified_at": now, "modified_by": actor.id, "version": 1}


def prefetch_paths(lookups: Lookups, entity: str, sources: Sequence[Source], paths: Iterable[tuple[str, ...]]) -> None:
    """Load what `paths` (names of lookups) lead to from `sources`, a statement for each step instead of one for each record."""
    model = lookups.runtime.schema.model
    for path in sorted({whole[: end + 1] for whole in paths for end in range(len(whole))}, key=len):
        here: Sequence[Source] = sources
        name = entity
        for lookup in path[:-1]:
            here = [found for source in here if (found := source.follow(lookup)) is not None]
            name = model.entities[name].fields[lookup].options["to"]
        target = model.entities[name].fields[path[-1]].options["to"]
        lookups.prefetch(target, [id for source in here if isinstance(id := source.get(path[-1]), int)])
