"""`Revisions`: what was published, and the way back. A rollback is a new revision with the layers of an old one.

Fields the old revision did not have are retired, those it had and that were retired since come back with their values, and
what was renamed has its old name again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import sqlalchemy as sa

from fieldsmith.access.policy import Policy
from fieldsmith.base.context import Actor
from fieldsmith.base.errors import BadInput, Conflict, Forbidden, NotFound
from fieldsmith.base.problems import Problem
from fieldsmith.base.text import _m
from fieldsmith.db import locks
from fieldsmith.db.engine import Database
from fieldsmith.db.store import ModelStore, Revision, Stored
from fieldsmith.meta.diff import Difference, differences
from fieldsmith.meta.layers import Layer, merge
from fieldsmith.studio.conflicts import Stale
from fieldsmith.studio.impact import Impact, Operation, operations_of
from fieldsmith.studio.publish import Proposal, Publishing, same
from fieldsmith.studio.purge import purged_problems

PublishedRevision: TypeAlias = Revision


@dataclass(frozen=True, slots=True)
class ChangedDocument:
    """What a layer said of a document before and after a revision; None where it said nothing."""

    layer: str
    kind: str
    name: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class PlannedBack:
    """What a rollback would do, bound to `hash`. `purged` says what comes back empty."""

    hash: str
    base: int
    operations: tuple[Operation, ...]
    purged: tuple[Problem, ...]


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

    def documents(self, actor: Actor, number: int) -> list[ChangedDocument]:
        """The documents revision `number` changed, as layers have them."""
        self._require_administrator(actor)
        with self._database.read() as connection:
            before = self._store.load(connection, number - 1).layers if number > 1 else ()
            return list(_changed_documents(before, self._store.load(connection, number).layers))

    def plan_back(self, actor: Actor, number: int) -> PlannedBack:
        """What a rollback to revision `number` would do. Raises as `roll_back`, but only tells what was purged."""
        self._require_administrator(actor)
        with self._database.read() as connection:
            proposal, stored = self._proposal(connection, number)
            impact = Impact(self._publishing.model_of(stored), merge(proposal.layers).documents)
            purged = tuple(purged_problems(self._store.purged(connection, number)))
            return PlannedBack(_hash(proposal, number), proposal.base, operations_of(proposal, impact), purged)

    def roll_back(self, actor: Actor, number: int, accept_purged: bool = False, hash: str | None = None, reason: str = "") -> int:
        """Publish what held at revision `number`; the new revision. Raises `Conflict` when nothing differs, `BadInput` when records forbid it.

        What was purged since comes back empty; where there is any it must be accepted, else `BadInput` names each. With the `hash` of
        a plan it raises `Stale` when that no longer holds.
        """
        self._require_administrator(actor)
        with self._database.write() as connection:
            locks.exclusive(connection)
            proposal, _ = self._proposal(connection, number)
            if hash is not None and hash != _hash(proposal, number):
                raise Stale(_m("This plan no longer holds: something was published since. Look at it again."))
            purged = purged_problems(self._store.purged(connection, number))
            if purged and not accept_purged:
                raise BadInput(purged, _m("Data purged: part of what revision {number} had is gone for good.", number=number))
            return self._publishing.commit(connection, proposal, actor, reason or f"rollback to revision {number}", back_to=number)

    def _proposal(self, connection: sa.Connection, number: int) -> tuple[Proposal, Stored]:
        stored = self._store.load(connection)
        if not 0 < number <= stored.revision:
            raise NotFound(_m("There is no revision {number}.", number=number))
        old = self._store.load(connection, number)
        if same(stored.layers, old.layers):
            raise Conflict(_m("Revision {number} says the same as what is published.", number=number))
        return self._publishing.proposal(connection, stored, old.layers, old.names.over(stored.names.entries)), stored

    def _require_administrator(self, actor: Actor) -> None:
        if not self._policy().is_administrator(actor):
            raise Forbidden(_m("Only administrators may shape the system. Ask one."))


def _hash(proposal: Proposal, number: int) -> str:
    return hashlib.sha256(json.dumps([proposal.base, number, [step.sql for step in proposal.plan.steps]]).encode()).hexdigest()


def _changed_documents(before: Sequence[Layer], after: Sequence[Layer]) -> Iterator[ChangedDocument]:
    was, now = ({(layer.name, item.kind, item.name): item.body for layer in layers for item in layer.documents} for layers in (before, after))
    for key in sorted({*was, *now}):
        if was.get(key) != now.get(key):
            yield ChangedDocument(*key, was.get(key), now.get(key))
