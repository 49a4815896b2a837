"""Queues: users nobody signs in as, who own records for their team. Members see them as their own (`fs_reach.queue_of`) and take them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from fieldsmith.base.context import Actor
from fieldsmith.base.errors import Conflict, Forbidden, VersionMismatch
from fieldsmith.base.text import _m
from fieldsmith.db.system_sharing import fs_reach
from fieldsmith.query.rows import Record
from fieldsmith.query.run import Queries
from fieldsmith.records.service import Records, Revision

TAKE = "take"


class Queues:
    """Taking records out of queues, within one transaction."""

    def __init__(self, runtime: Revision, connection: sa.Connection, queries: Queries, records: Records) -> None:
        self._runtime = runtime
        self._connection = connection
        self._queries = queries
        self._records = records

    def may_take(self, actor: Actor, entity: str, id: int, values: Mapping[str, Any]) -> bool:
        """Would `take` work? `values` are the record's, as the actor reads them."""
        owner = values.get("owner")
        if actor.id is None or owner is None or not self._runtime.policy.may_act(actor, TAKE, entity):
            return False
        return self._is_queue(owner.id) and bool(self._queries.reaches(actor, "update", entity, [id]))

    def take(self, actor: Actor, entity: str, id: int) -> Record:
        """Make the actor the owner of a record that a queue owns. Raises `NotFound`, `Forbidden`, `Conflict` when it is in no queue any more."""
        found = self._queries.entity(actor, entity)
        record = self._records.get(actor, entity, id)
        if actor.id is None or not self._runtime.policy.may_act(actor, TAKE, entity):
            raise Forbidden(_m("You may not take {plural} out of a queue. Ask an administrator.", plural=found.plural))
        owner = record.values.get("owner")
        if owner is None or not self._is_queue(owner.id):
            raise Conflict(_m("This {entity} is in no queue. Perhaps somebody has taken it.", entity=found.label))
        try:
            return self._records.update(actor, entity, id, {"owner": actor.id}, record.version)
        except VersionMismatch:
            raise Conflict(_m("Somebody changed this {entity} meanwhile. Look whether it is still to be taken.", entity=found.label)) from None

    def _is_queue(self, user: int) -> bool:
        queue = sa.select(fs_reach.c.user_id).where(fs_reach.c.user_id == user, fs_reach.c.queue_of.is_not(None))
        return self._connection.execute(queue).first() is not None
