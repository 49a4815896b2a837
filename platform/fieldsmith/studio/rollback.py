"""`Revisions`: what was published, and the way back. A rollback is a new revision with the layers of an old one.

Fields the old revision did not have are retired, those it had and that were retired since come back with their values, and
what was renamed has its old name again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from fieldsmith.access.policy import Policy
from fieldsmith.base.context import Actor
from fieldsmith.base.errors import Conflict, Forbidden, NotFound
from fieldsmith.base.text import _m
from fieldsmith.db import locks
from fieldsmith.db.engine import Database
from fieldsmith.db.store import ModelStore, Revision
from fieldsmith.meta.diff import Difference, differences
from fieldsmith.studio.publish import Publishing, same

PublishedRevision: TypeAlias = Revision


class Revisions:
    """One per workspace. Every method is one transaction."""

    def __init__(self, publishing: Publishing, database: Database, store: ModelStore, policy: Callable[[], Policy]) -> None:
        self._publishing = publishing
        self._database = database
        self._store = store
        self._policy = policy

    def listed(self, actor: Actor, before: int | None = None, limit: int = 50) -> list[Revision]:
        """Newest first; `before` a number for the next page."""
        self._require_administrator(actor)
        with self._database.read() as connection:
            return self._store.revisions(connection, before, limit)

    def get(self, actor: Actor, number: int) -> tuple[Revision, tuple[Difference, ...]]:
        """One revision and what it changed."""
        self._require_administrator(actor)
        with self._database.read() as connection:
            found = self._store.revisions(connection, number + 1, 1) if number < 2**62 else []
            if not found or found[0].number != number:
                raise NotFound(_m("There is no revision {number}.", number=number))
            now = self._publishing.model_of(self._store.load(connection, number))
            before = self._publishing.model_of(self._store.load(connection, number - 1)) if number > 1 else None
            return found[0], differences(before, now)

    def roll_back(self, actor: Actor, number: int) -> int:
        """Publish what held at revision `number`; the new revision. Raises `Conflict` when nothing differs, `BadInput` when records forbid it."""
        self._require_administrator(actor)
        with self._database.write() as connection:
            locks.exclusive(connection)
            stored = self._store.load(connection)
            if not 0 < number <= stored.revision:
                raise NotFound(_m("There is no revision {number}.", number=number))
            old = self._store.load(connection, number)
            if same(stored.layers, old.layers):
                raise Conflict(_m("Revision {number} says the same as what is published.", number=number))
            proposal = self._publishing.proposal(connection, stored, old.layers, old.names.over(stored.names.entries))
            return self._publishing.commit(connection, proposal, actor, f"rollback to revision {number}")

    def _require_administrator(self, actor: Actor) -> None:
        if not self._policy().is_administrator(actor):
            raise Forbidden(_m("Only administrators may shape the system. Ask one."))
