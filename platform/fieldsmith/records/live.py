"""What rules, formulas and default expressions say of a record while somebody types it in, and of one that is only shown.

The same conditions over the same values as at the save (`records.rules`), but nothing is refused and nothing changes: what cannot
be read counts as blank, and what a rule hides or locks counts as not sent, since the form will not send it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol

import sqlalchemy as sa

from fieldsmith.base.context import OWNING, Actor
from fieldsmith.base.errors import NotFound
from fieldsmith.base.problems import Problem
from fieldsmith.base.text import Label, _m
from fieldsmith.expr.environment import Env, moment_of
from fieldsmith.fields.base import Invalid
from fieldsmith.records.inputs import coercer, names_nothing_new
from fieldsmith.records.links import stored_links
from fieldsmith.records.logic import FieldCondition
from fieldsmith.records.rules import Rules, Save
from fieldsmith.records.shape import EntityShape
from fieldsmith.records.sources import Lookups, Reached, RecordSource, first_stamps, saved_source
from fieldsmith.records.targets import Shapes, Targets


@dataclass(frozen=True, slots=True)
class FieldState:
    """How a field stands under its rules. `locked_by` names the rule that keeps it from being changed."""

    visible: bool = True
    required: bool = False
    locked_by: Label | None = None

    @property
    def open(self) -> bool:
        """May a form send it?"""
        return self.visible and self.locked_by is None


OPEN = FieldState()


@dataclass(frozen=True, slots=True)
class Draft:
    """A record as it would be saved. `states` are those of fields with rules, `values` canonical, `computed` what was asked for.

    `offered` are the values that can be chosen now, of fields where the record type or another field decides. `hidden` are the fields
    that rules hide and the parts of the layout (`sections/main`) that are not shown; fields of such a section are not visible either.
    """

    states: Mapping[str, FieldState]
    values: Mapping[str, Any]
    computed: Mapping[str, Any]
    offered: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()

    def state(self, field: str) -> FieldState:
        return self.states.get(field, OPEN)


class Revision(Reached, Shapes, Protocol):
    """What drafts need of the revision (`Runtime`)."""


class Live:
    """Within one read transaction, at one moment. The caller has asked whether the actor may create or see the record."""

    def __init__(self, runtime: Revision, connection: sa.Connection, now: datetime) -> None:
        self._runtime = runtime
        self._connection = connection
        self._now = now
        self._rules = Rules(runtime, connection, now)

    def concerns(self, entity: str, layout: str = "") -> bool:
        """Has the entity any rule about fields, default expression, computed field or choices that hang on others, or the layout conditions?"""
        logic = self._runtime.logic(entity)
        return bool(logic.parts(layout) or logic.field_conditions or logic.defaults or logic.computed or self._runtime.shape(entity).narrowed)

    def new(self, actor: Actor, entity: str, sent: Mapping[str, Any], wanted: Iterable[str] = (), layout: str = "") -> Draft:
        """A new record from raw values; a field that is absent takes its default. `wanted` are computed fields, `layout` the form's.

        A rollup of a record that is not there yet has no value.
        """
        shape = self._runtime.shape(entity)
        given = self._read(actor, shape, sent)
        stamps = first_stamps(actor, self._now)
        return self._settled(actor, shape, Save(None, None, given, [], stamps), [name for name in wanted if not self._counts(shape, name)], layout)

    def changed(self, actor: Actor, entity: str, id: int, sent: Mapping[str, Any], wanted: Iterable[str] = (), layout: str = "") -> Draft:
        """The record `id`, live or recycled, with raw values put in; raises `NotFound`."""
        shape = self._runtime.shape(entity)
        row = shape.seen(self._connection, [id]).get(id)
        if row is None:
            raise NotFound(_m("There is no {entity} {id}.", entity=shape.entity.label, id=id))
        stored = {name: value for name, value in shape.current(row).items() if name not in shape.unsettled}
        for name, item in shape.links.items():
            stored[name] = stored_links(self._connection, self._runtime.schema, item, id)
        given = self._read(actor, shape, sent, stored)
        return self._settled(actor, shape, Save(id, stored, given, [], {"id": id, "version": row[1], **shape.stamps(row)}), wanted, layout)

    def hidden(self, actor: Actor, entity: str, id: int, layout: str = "") -> frozenset[str]:
        """The fields of a stored record that rules hide, and the parts of the layout that are not shown."""
        logic = self._runtime.logic(entity)
        if not logic.parts(layout) and all(condition.visible is None for condition in logic.field_conditions):
            return frozenset()
        return self.changed(actor, entity, id, {}, layout=layout).hidden

    def _counts(self, shape: EntityShape, name: str) -> bool:
        return shape.entity.fields[name].type == "rollup"

    def _read(self, actor: Actor, shape: EntityShape, sent: Mapping[str, Any], stored: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Canonical values of what was sent, where it differs from `stored`; blank where it cannot be read or leads to nothing the actor may see."""
        read: dict[str, Any] = {}
        sight = self._runtime.policy.sight(actor)
        for name, raw in sent.items():
            item = shape.entity.fields[name]
            if stored is not None and names_nothing_new(item, raw, stored.get(name), sight):
                continue
            try:
                read[name] = coercer(shape, item, sight)(raw)
            except Invalid:
                read[name] = None
        given = read if stored is None else shape.differing(stored, read)
        problems: list[Problem] = []
        Targets(self._runtime, self._connection, actor, self._now).check(shape, [given], [problems], hold=False)
        for problem in problems:
            given[problem.pointer.split("/")[1]] = None
        return given

    def _settled(self, actor: Actor, shape: EntityShape, sent: Save, wanted: Iterable[str], layout: str) -> Draft:
        """Leave out of `sent` what rules hide or lock, again and again until they agree: one field may decide about the next."""
        logic = self._runtime.logic(shape.entity.name)
        parts = logic.parts(layout)
        lookups = Lookups(self._runtime, self._connection, actor, moment_of(actor, self._now))
        given = dict(sent.new)
        while True:
            save = Save(sent.id, sent.old, dict(given), [], sent.stamps, frozenset(given))
            if sent.old is None:
                self._fill(actor, shape, save)
            values = {**save.stamps, **(save.old or {}), **save.new}
            source = saved_source(lookups, shape, save.id, values)
            env = lookups.env(source, self._before(lookups, shape, save), frozenset(save.new), save.old is None)
            states = _states(logic.field_conditions, env)
            hidden = frozenset(name for name, state in states.items() if not state.visible)
            unseen = [part for part in parts if not part.visible(env)]
            states |= {name: replace(states.get(name, OPEN), visible=name not in hidden and part not in unseen) for part in parts for name in part.fields}
            closed = [name for name in given if name in states and not states[name].open]
            if not closed:
                offered = {item.field.name: item.offered(save.old, values) for item in shape.narrowed}
                return Draft(states, values, {name: source.get(name) for name in wanted}, offered, hidden.union(part.place for part in unseen))
            for name in closed:
                del given[name]

    def _fill(self, actor: Actor, shape: EntityShape, save: Save) -> None:
        """As `Records.create_many` completes a new record."""
        if "owner" not in save.given and actor.kind in OWNING:
            save.new["owner"] = actor.id
        self._rules.fill_defaults(actor, shape, [save], hold=False)
        shape.put_defaults(save.new)

    def _before(self, lookups: Lookups, shape: EntityShape, save: Save) -> RecordSource | None:
        return None if save.old is None else saved_source(lookups, shape, save.id, {**save.stamps, **save.old})


def _states(conditions: Sequence[FieldCondition], env: Env) -> dict[str, FieldState]:
    """Every rule has its say: one that hides or locks a field is enough, and one that requires it."""
    out: dict[str, FieldState] = {}
    for condition in conditions:
        visible = condition.visible is None or bool(condition.visible(env))
        required = visible and condition.required is not None and bool(condition.required(env))
        locked = condition.read_only is not None and bool(condition.read_only(env))
        for name in condition.rule.fields:
            known = out.get(name, OPEN)
            by = known.locked_by or (condition.rule.label if locked else None)
            out[name] = FieldState(known.visible and visible, known.required or required, by)
    return out
