"""`Publishing`: layers → check → plan → DDL and revision in one transaction.

Called by set-up, `package apply` and the company settings. The plan is made again inside the transaction, on the model that
holds there, so what is applied is what the database needs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import sqlalchemy as sa

from fieldsmith.base.context import Actor, Clock
from fieldsmith.base.errors import BadInput, Conflict
from fieldsmith.base.problems import Problem
from fieldsmith.base.text import _m
from fieldsmith.db import locks
from fieldsmith.db.apply import apply
from fieldsmith.db.engine import Database
from fieldsmith.db.plan import Plan, plan
from fieldsmith.db.store import ModelStore, Stored
from fieldsmith.db.tables import Schema
from fieldsmith.fields.base import FieldType
from fieldsmith.meta.compile import Compiled, compile_model
from fieldsmith.meta.diff import Difference, differences
from fieldsmith.meta.layers import Layer
from fieldsmith.meta.model import Model
from fieldsmith.meta.validation import Validators


@dataclass(frozen=True, slots=True)
class Proposal:
    """What publishing would do: differences for people, steps for the database."""

    base: int
    model: Model
    differences: tuple[Difference, ...]
    plan: Plan


class Publishing:
    """One per workspace; keeps the compiled JSON Schema validators once they were needed."""

    def __init__(self, database: Database, store: ModelStore, types: Mapping[str, FieldType], clock: Clock) -> None:
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
            return self._compile(self._store.load(connection), layers).problems

    def propose(self, layers: Sequence[Layer]) -> Proposal:
        """What publishing `layers` would change. Raises `BadInput` with every problem."""
        with self._database.read() as connection:
            return self._propose(connection, self._store.load(connection), layers)[0]

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
            merged = _put_in(stored.layers, layers)
            if _same(stored.layers, merged):
                return stored.revision
            proposal, compiled = self._propose(connection, stored, layers)
            apply(connection, proposal.plan)
            summary = "; ".join(str(difference.message) for difference in proposal.differences)
            return self._store.save(
                connection,
                base=stored.revision,
                actor=actor,
                now=self._clock.now(),
                reason=reason,
                summary=summary,
                layers=merged,
                names=compiled.names,
            )

    def _propose(self, connection: sa.Connection, stored: Stored, layers: Sequence[Layer]) -> tuple[Proposal, Compiled]:
        compiled = self._compile(stored, layers)
        if compiled.model is None:
            raise BadInput(compiled.problems, _m("The metadata has problems; nothing was changed."))
        before = compile_model(stored.layers, stored.names, self._types, None, stored.revision, trusted=True).model if stored.revision else None
        changed = differences(before, compiled.model)
        refused = [_not_additive(difference) for difference in changed if not difference.additive]
        if refused:
            raise BadInput(refused, _m("So far only additions can be published; nothing was changed."))
        steps = plan(before, compiled.model, Schema(compiled.model, self._database.dialect), connection)
        return Proposal(stored.revision, compiled.model, changed, steps), compiled

    def _compile(self, stored: Stored, layers: Sequence[Layer]) -> Compiled:
        merged = _put_in(stored.layers, layers)
        return compile_model(merged, stored.names, self._types, self.validators, stored.revision + 1)


def _not_additive(difference: Difference) -> Problem:
    hint = _m("Leave it in; taking away and retyping come with change sets.")
    return Problem("not_additive", difference.message, difference.pointer, hint, difference.document)


def _put_in(present: Sequence[Layer], new: Sequence[Layer]) -> tuple[Layer, ...]:
    """`present` with each of `new` in the place of the layer of its name, or at the end."""
    by_name = {layer.name: layer for layer in present}
    by_name.update({layer.name: layer for layer in new})
    return tuple(by_name.values())


def _same(one: Sequence[Layer], other: Sequence[Layer]) -> bool:
    def contents(layers: Sequence[Layer]) -> dict[tuple[str, str, str], object]:
        return {(layer.name, document.kind, document.name): document.body for layer in layers for document in layer.documents}

    return contents(one) == contents(other)
