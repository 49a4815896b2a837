"""`Publishing`: layers → check → plan → DDL and revision in one transaction.

Called by set-up, `package apply`, the company settings, change sets and rollback. The plan is made again inside the
transaction, on the model that holds there, so what is applied is what the database needs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Protocol

import sqlalchemy as sa

from fieldsmith.base.context import Actor, Clock
from fieldsmith.base.errors import BadInput, Conflict
from fieldsmith.base.problems import Problem
from fieldsmith.base.text import Message, _m
from fieldsmith.db import locks
from fieldsmith.db.apply import apply
from fieldsmith.db.engine import Database
from fieldsmith.db.plan import Plan, plan
from fieldsmith.db.retype import Carry, Tally
from fieldsmith.db.store import ModelStore, Stored
from fieldsmith.db.tables import Schema
from fieldsmith.fields.base import FieldType
from fieldsmith.meta.compile import compile_model, linked_model
from fieldsmith.meta.diff import Difference, differences
from fieldsmith.meta.layers import Key, Layer
from fieldsmith.meta.model import Model
from fieldsmith.meta.names import Names
from fieldsmith.meta.validation import Validators
from fieldsmith.studio.comeback import Comeback, compiled_with_comebacks
from fieldsmith.studio.returning import left_behind, returns


class Note(Protocol):
    """Writes the audit log: `identity.audit.note`."""

    def __call__(self, connection: sa.Connection, now: datetime, actor: Actor, event: str, subject: str = "", **detail: Any) -> None: ...


Carrying = Callable[[Schema, Schema], Mapping[int, Carry]]
"""The schemas before and after → by uid the fields of the second that take the values of others over."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What publishing would do: differences for people, steps for the database. `layers` and `names` are what would hold then."""

    base: int
    model: Model
    differences: tuple[Difference, ...]
    plan: Plan
    layers: tuple[Layer, ...]
    names: Names


class Publishing:
    """One per workspace; keeps the compiled JSON Schema validators once they were needed."""

    def __init__(
        self,
        database: Database,
        store: ModelStore,
        types: Mapping[str, FieldType],
        clock: Clock,
        present: Callable[[], Model | None],
        note: Note,
        settle: Callable[[sa.Connection, Schema], None],
    ) -> None:
        """`settle` is told, inside the transaction, of the schema that holds from now on: `identity.reach.rebuild`."""
        self._present = present
        self._note = note
        self._settle = settle
        self._database = database
        self._store = store
        self._types = types
        self._clock = clock

    @cached_property
    def validators(self) -> Validators:
        return Validators.load(self._types)

    def check(self, layers: Sequence[Layer]) -> tuple[Problem, ...]:
        """Every problem the published metadata would have with `layers` put in."""
        with self._database.read() as connection:
            stored = self._store.load(connection)
            return self.compiled(connection, stored, put_in(stored.layers, layers)).compiled.problems

    def propose(self, layers: Sequence[Layer]) -> Proposal:
        """What publishing `layers` would change. Raises `BadInput` with every problem."""
        with self._database.read() as connection:
            stored = self._store.load(connection)
            return self.proposal(connection, stored, put_in(stored.layers, layers))

    def publish(self, actor: Actor, layers: Sequence[Layer], reason: str, base: int | None = None) -> int:
        """Apply and store as the next revision, all or nothing; its number. No difference, no new revision.

        `base` is the revision `layers` were made from, where that matters: raises `Conflict` when it is not the newest any more.
        """
        with self._database.write() as connection:
            locks.exclusive(connection)
            stored = self._store.load(connection)
            if base is not None and base != stored.revision:
                message = _m("Somebody published revision {present} while you worked on revision {base}. Plan again.", present=stored.revision, base=base)
                raise Conflict(message)
            merged = put_in(stored.layers, layers)
            if same(stored.layers, merged):
                return stored.revision
            return self.commit(connection, self.proposal(connection, stored, merged), actor, reason)

    def compiled(self, connection: sa.Connection, stored: Stored, layers: Sequence[Layer], names: Names | None = None) -> Comeback:
        """`layers` as the whole metadata after `stored`, checked; `names` instead of those of `stored` where things were renamed."""
        previous = self.model_of(stored) if stored.revision else None
        return compiled_with_comebacks(connection, self._store, self._types, self.validators, stored, layers, names or stored.names, previous)

    def linked(self, stored: Stored, layers: Sequence[Layer]) -> tuple[Model, frozenset[Key]]:
        """`meta.compile.linked_model` of `layers` in the place of those of `stored`."""
        checked = frozenset(id(document.body) for layer in stored.layers for document in layer.documents)
        return linked_model(layers, stored.names, self._types, self.validators, stored.revision + 1, checked)

    def proposal(self, connection: sa.Connection, stored: Stored, layers: Sequence[Layer], names: Names | None = None) -> Proposal:
        """What `layers` as the whole metadata would change. Raises `BadInput` with every problem."""
        found = self.compiled(connection, stored, layers, names)
        if found.compiled.model is None:
            raise BadInput(found.compiled.problems, _m("The metadata has problems; nothing was changed."))
        return self.planned(connection, stored, layers, found)

    def planned(
        self, connection: sa.Connection, stored: Stored, layers: Sequence[Layer], found: Comeback, carrying: Carrying = lambda before, after: {}
    ) -> Proposal:
        """`proposal` for what was compiled without problems; `carrying` says which fields take the values of others over."""
        model = found.compiled.model
        assert model is not None
        before = self.model_of(stored) if stored.revision else None
        after = Schema(model, self._database.dialect)
        carries: Mapping[int, Carry] = {}
        if before is not None:
            old = Schema(before, self._database.dialect)
            carries = {**returns(connection, old, after, found.restored), **carrying(old, after)}
        steps = plan(before, model, after, connection, found.restored, carries)
        return Proposal(stored.revision, model, differences(before, model), steps, tuple(layers), found.names)

    def commit(
        self,
        connection: sa.Connection,
        proposal: Proposal,
        actor: Actor,
        reason: str,
        carried: Callable[[tuple[Carry, Tally]], object] = lambda each: None,
        back_to: int | None = None,
    ) -> int:
        """Apply `proposal`, made in the same writing transaction, and store it as the next revision. `carried` hears of values carried over.

        `back_to` is the revision this is a rollback to, for the audit log.
        """
        told: list[Message] = []
        for each in apply(connection, proposal.plan):
            told += left_behind(*each)
            carried(each)
        self._settle(connection, Schema(proposal.model, self._database.dialect))
        now, summary = self._clock.now(), "; ".join([*(str(difference.message) for difference in proposal.differences), *map(str, told)])
        made = self._store.save(
            connection,
            base=proposal.base,
            actor=actor,
            now=now,
            reason=reason,
            summary=summary,
            layers=proposal.layers,
            names=proposal.names,
        )
        more = {} if back_to is None else {"back_to": back_to}
        self._note(
            connection,
            now,
            actor,
            "metadata.published" if back_to is None else "metadata.rolled_back",
            str(made),
            reason=reason,
            summary=summary,
            **more,
        )
        return made

    def model_of(self, stored: Stored) -> Model:
        """The model of a published revision, which was checked then; the one at work where it is the same."""
        present = self._present()
        if present is not None and present.revision == stored.revision:
            return present
        model = compile_model(stored.layers, stored.names, self._types, None, stored.revision, trusted=True).model
        assert model is not None
        return model


def put_in(present: Sequence[Layer], new: Sequence[Layer]) -> tuple[Layer, ...]:
    """`present` with each of `new` in the place of the layer of its name, or at the end."""
    by_name = {layer.name: layer for layer in present}
    by_name.update({layer.name: layer for layer in new})
    return tuple(by_name.values())


def same(one: Sequence[Layer], other: Sequence[Layer]) -> bool:
    """Do both say the same?"""

    def contents(layers: Sequence[Layer]) -> dict[tuple[str, str, str], object]:
        return {(layer.name, document.kind, document.name): document.body for layer in layers for document in layer.documents}

    return contents(one) == contents(other)
