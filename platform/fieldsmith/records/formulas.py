"""Kept formulas: their columns are written with the record, in the same statement, in the order they build on each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

import sqlalchemy as sa

from fieldsmith.base.context import Actor
from fieldsmith.expr.environment import moment_of
from fieldsmith.records.rollups import STAMPS, RollupPlan
from fieldsmith.records.shape import EntityShape
from fieldsmith.records.sources import Lookups, Reached, first_stamps, saved_source


class Computing(Reached, Protocol):
    """What kept formulas need of the revision (`Runtime`)."""

    @property
    def rollup_plan(self) -> RollupPlan: ...


class Formulas:
    """Within one transaction, at one moment."""

    def __init__(self, runtime: Computing, connection: sa.Connection, now: datetime) -> None:
        self._runtime = runtime
        self._connection = connection
        self._now = now

    def fill_new(self, actor: Actor, shape: EntityShape, ids: Sequence[int], rows: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
        """`rows` of new records with kept formulas, and rollups over nothing yet, put in; the given rows where there are none."""
        logic = self._runtime.logic(shape.entity.name)
        if not (logic.kept or logic.rollups):
            return rows
        lookups = self._lookups(actor)
        stamps = first_stamps(actor, self._now)
        out = []
        for id, values in zip(ids, rows, strict=True):
            own = {**stamps, **values, "id": id}
            rollups: dict[str, Any] = {}
            if logic.rollups:
                empty = lookups.env(saved_source(lookups, shape, None, own))  # without an id no list holds anything
                rollups = {formula.field.name: formula.value(empty) for formula in logic.rollups}
            source = saved_source(lookups, shape, id, {**own, **rollups})  # remembers what it worked out for the formulas above
            out.append({**values, **rollups, **{formula.field.name: source.get(formula.field.name) for formula in logic.kept}})
        return out

    def affected(self, actor: Actor, shape: EntityShape, id: int, version: int, old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
        """The kept formulas that a change touches, with their new values. `version` is the one before."""
        logic = self._runtime.logic(shape.entity.name)
        touched = STAMPS.union(new)
        concerned = [formula for formula in logic.kept if not touched.isdisjoint(formula.affected_by)]
        if not concerned:
            return {}
        lookups = self._lookups(actor)
        stamps = {"id": id, "modified_at": self._now, "modified_by": actor.id, "version": version + 1}
        source = saved_source(lookups, shape, id, {**old, **new, **stamps})
        return {formula.field.name: source.get(formula.field.name) for formula in concerned}

    def after_stamps(self, shape: EntityShape, ids: Sequence[int]) -> None:
        """Formulas that read who changed a record and when, of records whose stamps alone were written."""
        uids = frozenset(formula.field.uid for formula in self._runtime.logic(shape.entity.name).kept if not STAMPS.isdisjoint(formula.affected_by))
        if uids:
            self._runtime.rollup_plan.recompute(self._connection, shape.entity.name, uids, ids)

    def _lookups(self, actor: Actor) -> Lookups:
        return Lookups(self._runtime, self._connection, actor, moment_of(actor, self._now))
