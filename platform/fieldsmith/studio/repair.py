"""`Repairing`: a database that is not what its metadata say, made right again: planned first, then done bound to that plan."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa

from fieldsmith.access.policy import Policy
from fieldsmith.base.context import Actor
from fieldsmith.base.errors import Forbidden
from fieldsmith.base.text import Message, _m
from fieldsmith.db import locks
from fieldsmith.db.apply import apply
from fieldsmith.db.drift import drift
from fieldsmith.db.engine import Database
from fieldsmith.db.repair import Repairs, repairs
from fieldsmith.db.store import ModelStore
from fieldsmith.db.tables import Schema
from fieldsmith.studio.conflicts import Stale
from fieldsmith.studio.impact import Operation, operation_of
from fieldsmith.studio.publish import Publishing

_HOLDS = 30.0  # seconds


@dataclass(frozen=True, slots=True)
class PlannedRepair:
    """Bound to `hash`. `beyond` is what only a backup cures."""

    hash: str
    operations: tuple[Operation, ...]
    beyond: tuple[Message, ...]


class Repairing:
    """One per workspace. Every method is one transaction."""

    def __init__(self, publishing: Publishing, database: Database, store: ModelStore, policy: Callable[[], Policy], schema: Callable[[], Schema]) -> None:
        self._schema = schema
        self._looked: tuple[int, float, bool] | None = None
        self._publishing = publishing
        self._database = database
        self._store = store
        self._policy = policy

    def needed(self) -> bool:
        """Is anything missing or of another type? What was found holds for half a minute: the first page of the studio asks every time."""
        schema, now = self._schema(), time.monotonic()
        if self._looked is None or self._looked[0] != schema.model.revision or now - self._looked[1] > _HOLDS:
            with self._database.read() as connection:
                found = drift(connection, schema, self._store.attic(connection))
            self._looked = schema.model.revision, now, any(item.kind != "unknown" for item in found)
        return self._looked[2]

    def plan(self, actor: Actor) -> PlannedRepair:
        """What is to be done; no operations when nothing is missing."""
        self._require_administrator(actor)
        with self._database.read(snapshot=True) as connection:
            found = self._found(connection)
            return PlannedRepair(_hash(found), tuple(operation_of(step) for step in found.plan.steps), found.beyond)

    def repair(self, actor: Actor, hash: str) -> int:
        """Do what the plan with `hash` said; how many steps. Raises `Stale` when it no longer holds, `BadInput` where records forbid it."""
        self._require_administrator(actor)
        with self._database.write() as connection:
            locks.exclusive(connection)
            found = self._found(connection)
            if _hash(found) != hash:
                raise Stale(_m("This plan no longer holds: the database has changed since. Look at it again."))
            apply(connection, found.plan)
            if found.plan.fills:
                self._store.raise_fills(connection)
        self._database.renew()
        self._looked = None
        return len(found.plan.steps)

    def _found(self, connection: sa.Connection) -> Repairs:
        stored = self._store.load(connection)
        schema = Schema(self._publishing.model_of(stored), self._database.dialect, self._store.filling(connection))
        return repairs(connection, schema, self._store.attic(connection))

    def _require_administrator(self, actor: Actor) -> None:
        if not self._policy().is_administrator(actor):
            raise Forbidden(_m("Only administrators may shape the system. Ask one."))


def _hash(found: Repairs) -> str:
    return hashlib.sha256(json.dumps([step.sql for step in found.plan.steps]).encode()).hexdigest()
