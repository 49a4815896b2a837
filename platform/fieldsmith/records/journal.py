"""History and outbox rows of a batch of saves, in the transaction of the saves.

History keeps one row per save with the changed fields by uid; the outbox tells later readers (automation, sync) that
something happened. `records` writes them and never reads the outbox.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import sqlalchemy as sa

from fieldsmith.base.context import Actor
from fieldsmith.db.insertion import Insertion
from fieldsmith.db.system import fs_history, fs_outbox

Operation = Literal["create", "update", "delete", "restore"]
_HISTORY = ("entity", "record", "version", "at", "actor_kind", "actor_id", "actor_name", "on_behalf", "via", "run", "op", "changes")
_OUTBOX = ("at", "revision", "kind", "entity", "record", "payload")


@dataclass(frozen=True, slots=True)
class Entry:
    """One save: the record, its version after it, and the changes as JSON text `{"uid": [old, new]}`."""

    record: int
    version: int
    changes: str = "{}"


class Journal:
    """Compiled once per revision; writes batches."""

    def __init__(self, dialect: sa.Dialect, revision: int) -> None:
        self._revision = revision
        self._history = Insertion(fs_history, [fs_history.c[name] for name in _HISTORY], dialect)
        self._outbox = Insertion(fs_outbox, [fs_outbox.c[name] for name in _OUTBOX], dialect)

    def write(self, connection: sa.Connection, actor: Actor, now: datetime, operation: Operation, entity: int, entries: Sequence[Entry]) -> None:
        """History and one outbox row per entry; `entity` is the uid."""
        self.history(connection, actor, now, operation, entity, entries)
        self._outbox.run(connection, [(now, self._revision, operation, entity, entry.record, entry.changes) for entry in entries])

    def write_summary(self, connection: sa.Connection, actor: Actor, now: datetime, operation: Operation, entity: int, entries: Sequence[Entry]) -> None:
        """History per entry, and a single outbox row for the whole batch: what bulk loading does per chunk."""
        self.history(connection, actor, now, operation, entity, entries)
        payload = f'{{"count":{len(entries)},"first":{entries[0].record},"last":{entries[-1].record}}}' if entries else "{}"
        self._outbox.run(connection, [(now, self._revision, f"{operation}_many", entity, None, payload)])

    def history(self, connection: sa.Connection, actor: Actor, now: datetime, operation: Operation, entity: int, entries: Sequence[Entry]) -> None:
        """History only."""
        who = (actor.kind, actor.id, actor.name, actor.on_behalf, actor.via, actor.run)
        rows = [(entity, entry.record, entry.version, now, *who, operation, entry.changes) for entry in entries]
        self._history.run(connection, rows)
