"""`Previews`: drafts made ready to be looked at on the normal screens, without publishing. Nothing is written.

The draft's model stands over the published tables: `db.shadows` says how. What was made ready is kept until draft or
published metadata change.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from fieldsmith.base.context import Actor
from fieldsmith.db.engine import Database
from fieldsmith.db.shadows import shadows, unfilled
from fieldsmith.db.store import ModelStore, State
from fieldsmith.db.tables import Schema
from fieldsmith.meta.model import Model
from fieldsmith.studio.changesets import ChangeSets
from fieldsmith.studio.workbench import Workbench

T = TypeVar("T")
_KEPT = 4


@dataclass(frozen=True, slots=True)
class Rehearsed(Generic[T]):
    """A draft ready to be looked at while the database is in `state`. `runtime` is its model at work, `statements` what a connection needs first."""

    id: int
    title: str
    changed_at: datetime
    state: State
    runtime: T
    statements: tuple[str, ...]
    bench: Workbench


class Previews(Generic[T]):
    """One per workspace. `make` gives a runtime of a model and the computed fields that are to be read as expressions."""

    def __init__(self, changesets: ChangeSets, database: Database, store: ModelStore, make: Callable[[Model, frozenset[int]], T]) -> None:
        self._changesets = changesets
        self._database = database
        self._store = store
        self._make = make
        self._kept: dict[int, Rehearsed[T]] = {}
        self._keeping = threading.Lock()

    def ready(self, actor: Actor, id: int) -> Rehearsed[T]:
        """Draft `id`, of an administrator or one's own. Raises `BadInput` with its problems, `NotFound` and `Conflict` as `ChangeSets.whole`."""
        bench = self._changesets.whole(actor, id)
        with self._database.read() as connection:
            state = self._store.state(connection)
        known = self._kept.get(id)
        if known is not None and known.bench is bench and (known.state.revision, known.state.fills) == (state.revision, state.fills):
            return known
        made = self._made(bench, self._changesets.whole(actor, None).model)
        with self._keeping:
            self._kept[id] = made
            while len(self._kept) > _KEPT:
                del self._kept[next(iter(self._kept))]
        return made

    def _made(self, bench: Workbench, published: Model) -> Rehearsed[T]:
        assert bench.draft is not None
        schema = Schema(bench.model, self._database.dialect)
        with self._database.read() as connection:
            state = self._store.state(connection)
            filling = self._store.filling(connection) | unfilled(published, schema)
            statements = shadows(connection, published, schema)
        return Rehearsed(bench.draft.id, bench.draft.title, bench.draft.modified_at, state, self._make(bench.model, filling), statements, bench)
