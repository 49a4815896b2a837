"""The one container: settings → model → services. No room below knows it; `web` and `cli` hold one.

    ws = Workspace.open(settings)
    with ws.read() as work:                      # one read transaction
        work.records.get(actor, "account", 7)
    ws.write(lambda work: work.records.create(actor, "account", {"name": "Acme"}))
    ws.publish(actor, [layer], "apply package tutorial")

A process may hold several workspaces. Threads share one; a `Work` belongs to the thread that opened it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy as sa

from fieldsmith.access.policy import Policy
from fieldsmith.base.context import Actor, Clock, SystemClock
from fieldsmith.base.errors import Unavailable
from fieldsmith.base.settings import Settings
from fieldsmith.db import retype_log, system, system_sharing
from fieldsmith.db.engine import Database
from fieldsmith.db.fill import Filling
from fieldsmith.db.search import SearchIndex
from fieldsmith.db.store import ModelStore, State, Stored
from fieldsmith.db.tables import Schema
from fieldsmith.fields.base import FieldType
from fieldsmith.fields.registry import field_types
from fieldsmith.identity import reach
from fieldsmith.identity.audit import note
from fieldsmith.identity.audit_log import AuditLog
from fieldsmith.identity.secrecy import keyed
from fieldsmith.meta.compile import compile_model
from fieldsmith.meta.layers import Layer
from fieldsmith.meta.model import Model
from fieldsmith.meta.scope import scope_of
from fieldsmith.query.run import Queries
from fieldsmith.records.files import FileStore
from fieldsmith.records.journal import Journal
from fieldsmith.records.live import Live
from fieldsmith.records.logic import EntityLogic
from fieldsmith.records.queues import Queues
from fieldsmith.records.rollups import RollupPlan
from fieldsmith.records.service import Records
from fieldsmith.records.shape import EntityShape
from fieldsmith.records.sharing import Sharing

if TYPE_CHECKING:
    from fieldsmith.studio.changesets import ChangeSets
    from fieldsmith.studio.preview import Previews
    from fieldsmith.studio.provenance import Provenance
    from fieldsmith.studio.publish import Publishing
    from fieldsmith.studio.purge import Attic
    from fieldsmith.studio.repair import Repairing
    from fieldsmith.studio.retyping import Retyping
    from fieldsmith.studio.rollback import Revisions
    from fieldsmith.studio.upgrade import Upgrades

T = TypeVar("T")
_LOG = logging.getLogger("fieldsmith.fill")
_FILL_PAUSE = 2.0  # seconds between looks for columns to fill
_FILL_PAUSE_AFTER_ERROR = 30.0
_MOST_KEPT = 512  # compiled queries and encoders of lists, at about 50 KB each
_MOST_PEOPLE = 20_000  # small facts about single people, at about 300 bytes each


class Runtime:
    """One revision, compiled. Everything worked out once per revision is kept here; safe for several threads.

    Another takes its place when a kept column has been filled: `filling` are the fields it still reads as expressions, `fills`
    counts how many were done by then.
    """

    def __init__(self, model: Model, dialect: str, clock: Clock, search: SearchIndex, filling: frozenset[int] = frozenset(), fills: int = 0) -> None:
        self.model = model
        self.schema = Schema(model, dialect, filling)
        self.fills = fills
        self.policy = Policy(model)
        self.search = search
        self.scope = scope_of(model, lambda: clock.now().date())
        self._kept: dict[Any, Any] = {}
        self._some: dict[Any, Any] = {}
        self._people: dict[Any, Any] = {}
        self._evicting = threading.Lock()

    @cached_property
    def journal(self) -> Journal:
        return Journal(self.schema.compiler, self.model.revision)

    def keep(self, key: Any, build: Callable[[], T]) -> T:
        """What `build` gives, built on first use and kept for the life of the revision; `key` is any hashable."""
        found: T | None = self._kept.get(key)
        if found is None:
            found = self._kept.setdefault(key, build())
        return found

    def keep_some(self, key: Any, build: Callable[[], T]) -> T:
        """`keep` for keys a client can vary at will (columns, sorts): the oldest go, so that nobody fills the memory."""
        return self._bounded(self._some, _MOST_KEPT, key, build)

    def keep_of_person(self, key: Any, build: Callable[[], T]) -> T:
        """`keep_some` for small facts about one person: thousands of people do not drive out what is compiled."""
        return self._bounded(self._people, _MOST_PEOPLE, key, build)

    def _bounded(self, kept: dict[Any, Any], most: int, key: Any, build: Callable[[], T]) -> T:
        found: T | None = kept.get(key)
        if found is None:
            built = build()
            with self._evicting:
                found = kept.setdefault(key, built)
                if len(kept) > most:
                    del kept[next(iter(kept))]
        return found

    @cached_property
    def rollup_plan(self) -> RollupPlan:
        return RollupPlan(self.schema, self)

    def logic(self, entity: str) -> EntityLogic:
        """Formulas, rules and defaults of `entity`, compiled. Raises KeyError for an unknown name."""
        return self.keep(("logic", entity), lambda: EntityLogic(self.schema, entity))

    def shape(self, entity: str) -> EntityShape:
        """How records of `entity` are written. Raises KeyError for an unknown name."""
        return self.keep(("shape", entity), lambda: EntityShape(self.schema, self.model.entities[entity], self.scope))


class Work:
    """One transaction: the services over one connection, one model, one moment."""

    def __init__(self, runtime: Runtime, connection: sa.Connection, now: datetime, state: State) -> None:
        self.runtime = runtime
        self.connection = connection
        self.now = now
        self.state = state

    @property
    def model(self) -> Model:
        return self.runtime.model

    @property
    def schema(self) -> Schema:
        return self.runtime.schema

    @property
    def revision(self) -> int:
        return self.state.revision

    @property
    def access(self) -> int:
        """Counter of changes to users, roles and sessions."""
        return self.state.access

    @property
    def search(self) -> SearchIndex:
        return self.runtime.search

    @cached_property
    def queries(self) -> Queries:
        return Queries(self.runtime, self.connection, self.now, self.state.access)

    @cached_property
    def records(self) -> Records:
        return Records(self.runtime, self.connection, self.queries, self.now)

    @cached_property
    def sharing(self) -> Sharing:
        return Sharing(self.runtime, self.connection, self.queries, self.now)

    @cached_property
    def queues(self) -> Queues:
        return Queues(self.runtime, self.connection, self.queries, self.records)

    @cached_property
    def audit(self) -> AuditLog:
        return AuditLog(self.connection, self.runtime.policy)

    @cached_property
    def live(self) -> Live:
        return Live(self.runtime, self.connection, self.now)


class Workspace:
    """A database, its files and the model they hold. Make it with `open`, end it with `close`."""

    def __init__(self, settings: Settings, database: Database, clock: Clock) -> None:
        self.settings = settings
        self.database = database
        self.clock = clock
        self.types: dict[str, FieldType] = dict(field_types())
        self.files = FileStore(settings.home / "files")
        self.store = ModelStore()
        self._search = SearchIndex(database.dialect)
        self._lock = threading.Lock()
        self._current: Runtime | None = None
        self._closing = threading.Event()
        self._filler: threading.Thread | None = None

    @classmethod
    def open(cls, settings: Settings, clock: Clock | None = None) -> Workspace:
        """Connect, make or upgrade the system tables. Raises `Unavailable` with the cure when the database cannot serve."""
        database = Database(settings.database, pool_size=max(settings.threads, 2), audit_key=keyed(settings.secret, "audit log").encode())
        database.require_abilities()
        with database.write() as connection:
            system.prepare(connection)
            unplaced = system_sharing.is_unplaced(connection)
        opened = cls(settings, database, clock or SystemClock())
        if unplaced:
            opened.write(lambda work: reach.place_first(work.connection, work.schema))
        return opened

    def close(self) -> None:
        self._closing.set()
        if self._filler is not None:
            self._filler.join()
        self.database.dispose()

    @cached_property
    def filling(self) -> Filling:
        """Fills new columns of computed fields after a publish."""
        return Filling(self)

    def keep_filling(self) -> None:
        """Fill columns in a thread of this process, those open now and after every publish, until `close`."""
        self._filler = threading.Thread(target=self._fill, name="fieldsmith-fill", daemon=True)
        self._filler.start()

    def _fill(self) -> None:
        pause = _FILL_PAUSE
        while not self._closing.wait(pause):
            pause = _FILL_PAUSE
            try:
                if self.runtime().schema.filling:
                    self.filling.run(stopped=self._closing.is_set)
                if self._is_retyping():
                    self.retyping.jobs.run(stopped=self._closing.is_set)
            except Unavailable:  # a database that is busy or away: later again
                pass
            except Exception:  # whatever it was, the columns are still to be filled
                _LOG.exception("Filling new columns failed and will be tried again.")
                pause = _FILL_PAUSE_AFTER_ERROR

    def _is_retyping(self) -> bool:
        """Asked every other second: the studio, which a server that publishes nothing need not load, is asked only then."""
        with self.database.read() as connection:
            return retype_log.jobs_wait(connection)

    @cached_property
    def publishing(self) -> Publishing:
        """Check, plan and publish layers of metadata."""
        from fieldsmith.studio.publish import Publishing  # brings Alembic, which a server that publishes nothing need not load

        def present() -> Model | None:
            return None if self._current is None else self._current.model

        return Publishing(self.database, self.store, self.types, self.clock, present, note, reach.rebuild)

    @cached_property
    def changesets(self) -> ChangeSets:
        """Drafts of changes to the metadata."""
        from fieldsmith.studio.changesets import ChangeSets

        return ChangeSets(self.publishing, self.database, self.store, self.clock, lambda: self.runtime().policy)

    @cached_property
    def previews(self) -> Previews[Runtime]:
        """Drafts made ready to be looked at."""
        from fieldsmith.studio.preview import Previews

        def runtime(model: Model, filling: frozenset[int]) -> Runtime:
            return Runtime(model, self.database.dialect, self.clock, self._search, filling)

        return Previews(self.changesets, self.database, self.store, runtime)

    @contextmanager
    def preview(self, actor: Actor, draft: int) -> Iterator[Work]:
        """A draft as if it were published, for an administrator; whatever is written is undone. Raises as `Previews.ready`."""
        while True:
            found = self.previews.ready(actor, draft)
            with self.database.rehearsal(found.statements) as connection:
                state = self.store.state(connection)
                if (state.revision, state.fills) == (found.state.revision, found.state.fills):
                    yield Work(found.runtime, connection, self.clock.now(), state)
                    return

    @cached_property
    def repairing(self) -> Repairing:
        """A database that is not what its metadata say, made right again."""
        from fieldsmith.studio.repair import Repairing

        return Repairing(self.publishing, self.database, self.store, lambda: self.runtime().policy, lambda: self.runtime().schema)

    @cached_property
    def revisions(self) -> Revisions:
        """What was published, and the way back."""
        from fieldsmith.studio.rollback import Revisions

        return Revisions(self.publishing, self.database, self.store, lambda: self.runtime().policy)

    @cached_property
    def attic(self) -> Attic:
        """What was retired and is kept, and its end."""
        from fieldsmith.studio.purge import Attic

        return Attic(self.publishing, self.database, self.store, self.clock, lambda: self.runtime().policy, note)

    @cached_property
    def provenance(self) -> Provenance:
        """Since which revision the workspace's own layer says what it says."""
        from fieldsmith.studio.provenance import Provenance

        return Provenance(self.database, self.store, lambda: self.runtime().policy)

    @cached_property
    def upgrades(self) -> Upgrades:
        """Packages put in or brought up to date, with what was changed here kept."""
        from fieldsmith.studio.upgrade import Upgrades

        return Upgrades(self.publishing, self.database, self.store, self.types, self.clock, lambda: self.runtime().policy)

    @cached_property
    def retyping(self) -> Retyping:
        """Fields that get another type, with their values."""
        from fieldsmith.studio.retyping import Retyping

        return Retyping(self.publishing, self.database, self.store, self.clock, lambda: self.runtime().policy)

    def publish(self, actor: Actor, layers: Sequence[Layer], reason: str, base: int | None = None) -> int:
        """Put `layers` in the place of those of the same name, or beside the others, and publish; the new revision's number.

        Raises `BadInput` with every problem of the metadata, `Conflict` when somebody published after revision `base`.
        """
        return self.publishing.publish(actor, layers, reason, base)

    def runtime(self) -> Runtime:
        """The compiled model of the revision now published."""
        with self.read() as work:
            return work.runtime

    @contextmanager
    def read(self, snapshot: bool = False) -> Iterator[Work]:
        """A read transaction on the newest model. `snapshot` shows one moment throughout, for exports."""
        while True:
            with self.database.read(snapshot) as connection:
                state = self.store.state(connection)
                runtime = self._runtime(connection, state)
                if not self.database.outdated(connection):
                    yield Work(runtime, connection, self.clock.now(), state)
                    return

    def write(self, change: Callable[[Work], T]) -> T:
        """Run `change` in a writing transaction, on the model that holds until it ends, and commit.

        Publishing waits for writers (SQLite: one writer at a time; PostgreSQL: an advisory lock), so the model cannot
        change under a save.
        """
        while True:
            with self.database.write() as connection:
                state = self.store.state_for_write(connection)
                runtime = self._runtime(connection, state)
                if not self.database.outdated(connection):
                    return change(Work(runtime, connection, self.clock.now(), state))

    def _runtime(self, connection: sa.Connection, state: State) -> Runtime:
        current = self._current
        if current is not None and _holds(current, state):
            return current
        with self._lock:
            current = self._current
            if current is None or not _holds(current, state):
                if current is not None and current.model.revision != state.revision:
                    self.database.renew()
                current = self._made(connection, state, current)
                newest = self._current
                if newest is None or (newest.model.revision, newest.fills) <= (state.revision, state.fills):
                    self._current = current
            return current

    def _made(self, connection: sa.Connection, state: State, known: Runtime | None) -> Runtime:
        filling = self.store.filling(connection)
        before = known.model if known is not None else None
        model = before if before is not None and before.revision == state.revision else self._compiled(self.store.load(connection, state.revision), before)
        return Runtime(model, self.database.dialect, self.clock, self._search, filling, state.fills)

    def _compiled(self, stored: Stored, previous: Model | None) -> Model:
        compiled = compile_model(stored.layers, stored.names, self.types, None, stored.revision, trusted=True, previous=previous)
        assert compiled.model is not None
        self.store.keep(stored)
        return compiled.model


def _holds(runtime: Runtime, state: State) -> bool:
    return runtime.model.revision == state.revision and runtime.fills == state.fills
