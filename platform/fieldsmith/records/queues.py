"""Queues: users nobody signs in as, who own records for their team. Members see them as their own (`fs_reach.queue_of`) and take them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from fieldsmith.base.context import Actor
from fieldsmith.base.errors import Conflict, Forbidden, VersionMismatch
from fieldsmith.base.text import _m
from fieldsmith.db.system_sharing import fs_reach
from fieldsmith.fields.values import Link
from fieldsmith.query.rows import Record
from fieldsmith.query.run import Queries
from fieldsmith.records.service import Records, Revision

TAKE = "take"
"""One of `meta.roles.ACTIONS`."""


class Queues:
    """Taking records out of queues, within one transaction."""

    def __init__(self, runtime: Revision, connection: sa.Connection, queries: Queries, records: Records) -> None:
        self._runtime = runtime
        self._connection = connection
        self._queries = queries
        self._records = records

    def may_take(self, actor: Actor, entity: str, id: int, values: Mapping[str, Any]) -> bool:
        """Would `take` work? `values` are the record's, as the actor reads them."""
        if actor.id is None or not self._runtime.policy.may_act(actor, TAKE, entity):
            return False
        return self._is_queue(values.get("owner")) and bool(self._queries.reaches(actor, "update", entity, [id]))

    def take(self, actor: Actor, entity: str, id: int) -> Record:
        """Make the actor the owner of a record that a queue owns. Raises `NotFound`, `Forbidden`, `Conflict` when it is in no queue any more."""
        found = self._queries.entity(actor, entity)
        record = self._records.get(actor, entity, id)
        if actor.id is None or not self._runtime.policy.may_act(actor, TAKE, entity):
            raise Forbidden(_m("You may not take {plural} out of a queue. Ask an administrator.", plural=found.plural))
        if not self._is_queue(record.values.get("owner")):
            raise Conflict(_m("This {entity} is in no queue. Perhaps somebody has taken it.", entity=found.label))
        try:
            return self._records.update(actor, entity, id, {"owner": actor.id}, record.version)
        except VersionMismatch:
            raise Conflict(_m("Somebody changed this {entity} meanwhile. Look whether it is still to be taken.", entity=found.label)) from None

    def _is_queue(self, owner: Any) -> bool:
        """Is `owner`, as a reader has it, a queue? Where the owner is hidden or masked from them, nobody is."""
        if not isinstance(owner, Link):
            return False
        queue = sa.select(fs_reach.c.user_id).where(fs_reach.c.user_id == owner.id, fs_reach.c.queue_of.is_not(None))
        return self._connection.execute(queue).first() is not None
