"""Revealing masked values: one field of one record at a time, for who has the right “reveal”, each time noted in the audit log.

Nothing else ever shows what a mask hides: lists, searches, exports, filters and histories of such readers have the mask only.
Screens and API come through here; how often somebody may is `identity.throttle.reveal`.
"""

from __future__ import annotations

from collections.abc import Set
from datetime import datetime

import sqlalchemy as sa

from fieldsmith.base.context import Actor
from fieldsmith.base.errors import BadInput, Forbidden
from fieldsmith.base.problems import Problem, did_you_mean, pointer
from fieldsmith.base.text import _m
from fieldsmith.identity import throttle
from fieldsmith.identity.audit import note
from fieldsmith.query.rows import Record
from fieldsmith.query.run import Kept, Queries

_NONE: frozenset[str] = frozenset()


class Revealing:
    """Within one transaction."""

    def __init__(self, runtime: Kept, connection: sa.Connection, queries: Queries, now: datetime) -> None:
        self._runtime = runtime
        self._connection = connection
        self._queries = queries
        self._now = now

    def fields(self, actor: Actor, entity: str, id: int) -> Set[str]:
        """The masked fields of the record whose values the actor may have shown."""
        found = self._runtime.policy.unmaskable(actor, entity)
        return found if found and self._queries.may(actor, "reveal", entity, id) else _NONE

    def wait(self, actor: Actor) -> int:
        """Count a try; the seconds to wait where it is one too many, else 0. Commit before answering."""
        return throttle.reveal(self._connection, self._now, str(actor.id))

    def reveal(self, actor: Actor, entity: str, id: int, field: object) -> Record:
        """The record with nothing but the value of the masked `field`, audited.

        Raises `NotFound`, `BadInput` (no such field, or one that is not masked), `Forbidden`.
        """
        found = self._queries.entity(actor, entity)
        self._queries.one(actor, entity, id)
        sight = self._runtime.policy.sight(actor)
        known = [name for name in found.fields if not sight.hides(entity, name)]
        if not isinstance(field, str) or field not in known:
            message = _m("There is no field “{name}”.", name=str(field)[:100])
            raise BadInput([Problem("unknown_field", message, pointer("field"), did_you_mean(str(field)[:100], known))])
        if not sight.masks(entity, field):
            message = _m("{field} is not masked.", field=found.fields[field].label)
            raise BadInput([Problem("not_masked", message, pointer("field"), _m("Read the record."))])
        if field not in self.fields(actor, entity, id):
            message = _m("You may not see what is behind the mask of {field}. Ask an administrator.", field=found.fields[field].label)
            raise Forbidden(message)
        note(self._connection, self._now, actor, "masked.revealed", f"{entity}/{id}", entity=entity, record=id, field=field)
        return self._queries.unmasked(actor, entity, id, field)
