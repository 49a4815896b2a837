"""History and outbox rows of a batch of saves, in the transaction of the saves.

History keeps one row per save with the changed fields by uid; the outbox tells later readers (automation, sync) that
something happened. `records` writes them and never reads the outbox.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa

from fieldsmith.base.context import Actor
from fieldsmith.db.prepared import Prepared
from fieldsmith.db.system import fs_history, fs_outbox

Operation = Literal["create", "update", "delete", "restore"]
_HISTORY = ("entity", "record", "version", "at", "actor_kind", "actor_id", "actor_name", "via", "op", "changes")
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
        self._history = _insert(fs_history, _HISTORY, dialect)
        self._outbox = _insert(fs_outbox, _OUTBOX, dialect)

    def write(self, connection: sa.Connection, actor: Actor, now: datetime, operation: Operation, entity: int, entries: Sequence[Entry]) -> None:
        """History and one outbox row per entry; `entity` is the uid."""
        self.history(connection, actor, now, operation, entity, entries)
        bind, order = self._outbox
        rows = [bind(now, self._revision, operation, entity, entry.record, entry.changes) for entry in entries]
        order.run_many(connection, rows)

    def write_summary(self, connection: sa.Connection, actor: Actor, now: datetime, operation: Operation, entity: int, entries: Sequence[Entry]) -> None:
        """History per entry, and a single outbox row for the whole batch: what bulk loading does per chunk."""
        self.history(connection, actor, now, operation, entity, entries)
        bind, order = self._outbox
        payload = f'{{"count":{len(entries)},"first":{entries[0].record},"last":{entries[-1].record}}}' if entries else "{}"
        order.run_many(connection, [bind(now, self._revision, f"{operation}_many", entity, None, payload)])

    def history(self, connection: sa.Connection, actor: Actor, now: datetime, operation: Operation, entity: int, entries: Sequence[Entry]) -> None:
        """History only."""
        bind, order = self._history
        kind, by, name, via = actor.kind, actor.id, actor.name, actor.via
        rows = [bind(entity, entry.record, entry.version, now, kind, by, name, via, operation, entry.changes) for entry in entries]
        order.run_many(connection, rows)


def _insert(table: sa.Table, names: Sequence[str], dialect: sa.Dialect) -> tuple[Any, Prepared]:
    prepared = Prepared(sa.insert(table).values({name: sa.bindparam(f"v{at}", type_=table.c[name].type) for at, name in enumerate(names)}), dialect)
    places = [int(name[1:]) for name in prepared.parameters]
    convert = prepared.row_binder()

    def bind(*values: Any) -> Sequence[Any]:
        return convert([values[at] for at in places])

    return bind, prepared
