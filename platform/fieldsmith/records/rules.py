"""Rules at a save: default expressions, validation rules, choices that fit the record type and each other, and fields that are
visible, required or read-only when a condition says so.

`records.service` and `bulk.load` both come here, so nobody gets round a rule: not by the API, a form, an import or a bulk call.
Conditions see the record as it will be stored, `old` as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import sqlalchemy as sa

from fieldsmith.access.sight import reads_any
from fieldsmith.base.context import SYSTEM, Actor
from fieldsmith.base.problems import Problem, pointer
from fieldsmith.base.text import Label, Message, _m
from fieldsmith.expr.environment import Env, moment_of
from fieldsmith.fields.base import Field, Invalid
from fieldsmith.records.logic import EntityLogic, FieldCondition
from fieldsmith.records.narrowing import problems_of
from fieldsmith.records.shape import EntityShape
from fieldsmith.records.sources import Lookups, Reached, RecordSource, prefetch_paths, saved_source
from fieldsmith.records.targets import Shapes, Targets


@dataclass(slots=True, eq=False)
class Save:
    """One record about to be saved. `old` is None for a new one; `old` and `new` are canonical, `new` only what is set or differs."""

    id: int | None
    old: Mapping[str, Any] | None
    new: dict[str, Any]
    problems: list[Problem]
    stamps: Mapping[str, Any]
    given: frozenset[str] = frozenset()  # fields the caller sent: what nobody sent cannot be refused


class Ruling(Reached, Shapes, Protocol):
    """What rules need of the revision (`Runtime`)."""


class Rules:
    """Within one transaction, at one moment."""

    def __init__(self, runtime: Ruling, connection: sa.Connection, now: datetime) -> None:
        self._runtime = runtime
        self._connection = connection
        self._now = now

    def concern(self, shape: EntityShape) -> bool:
        """Has anybody made a rule, a default expression or a narrowed choice for the entity? If not, saves need not be described."""
        logic = self._runtime.logic(shape.entity.name)
        return bool(logic.defaults or logic.validations or logic.field_conditions or shape.narrowed)

    def fill_defaults(self, actor: Actor, shape: EntityShape, saves: Sequence[Save], *, hold: bool = True) -> None:
        """Put default expressions into the blanks of new records, in the order of the fields. `hold` as of `Targets.check`."""
        logic = self._runtime.logic(shape.entity.name)
        unspoken = self._runtime.policy.sight(actor).unspoken
        # What an expression read of a field hidden or masked from this actor would stand in a field they see.
        defaults = [item for item in logic.defaults if not unspoken or not reads_any(logic.default_node(item.field), unspoken)]
        if not logic.defaults:
            return
        for save in saves:
            shape.put_defaults(save.new)  # an expression sees the plain defaults, as the form does
        lookups = self._lookups(actor)
        if logic.paths:
            prefetch_paths(lookups, shape.entity.name, [self._source(lookups, shape, save) for save in saves], logic.paths)
        filled: list[tuple[Save, Field]] = []
        for save in saves:
            for default in defaults:
                if save.new.get(default.field.name) is None and default.field.name not in save.given:
                    source = self._source(lookups, shape, save)  # anew: a default may build on the one before
                    value = default.value(lookups.env(source, is_new=True))
                    if value is not None:
                        _put(shape, save, default.field, value)
                        filled.append((save, default.field))
        self._require_targets(shape, [(save, item) for save, item in filled if item.name in shape.lookups], hold)

    def _require_targets(self, shape: EntityShape, filled: Sequence[tuple[Save, Field]], hold: bool) -> None:
        """A default may lead to a record that is not there or in the bin."""
        missing: list[list[Problem]] = [[] for _ in filled]
        rows = [{item.name: save.new.get(item.name)} for save, item in filled]
        Targets(self._runtime, self._connection, SYSTEM, self._now).check(shape, rows, missing, hold=hold)
        for (save, item), problems in zip(filled, missing, strict=True):
            save.problems.extend(_unfit(item, problem.code, problem.message) for problem in problems)

    def enforce(self, actor: Actor, shape: EntityShape, saves: Sequence[Save]) -> None:
        """Append what the rules of the entity have against each save to its problems, and choices that do not fit the rest."""
        logic = self._runtime.logic(shape.entity.name)
        ruled = bool(logic.validations or logic.field_conditions)
        if not (ruled or shape.narrowed):
            return
        lookups = self._lookups(actor)
        if logic.paths and ruled:
            prefetch_paths(lookups, shape.entity.name, [self._source(lookups, shape, save) for save in saves], logic.paths)
        for save in saves:
            if save.problems:
                continue  # a value that could not be read would break rules it does not deserve
            hidden = self._rule(shape, logic, lookups, save) if ruled else frozenset()
            if shape.narrowed:
                values = {**(save.old or {}), **save.new}
                save.problems.extend(problem for problem in problems_of(shape.narrowed, save.old, values) if problem.pointer[1:] not in hidden)

    def _rule(self, shape: EntityShape, logic: EntityLogic, lookups: Lookups, save: Save) -> frozenset[str]:
        """Enforce rules on one save; the fields they hide, whose values nobody can put right."""
        source = self._source(lookups, shape, save)
        old = None if save.old is None else saved_source(lookups, shape, save.id, {**save.old, **save.stamps})
        env = lookups.env(source, old, frozenset(save.new), save.old is None)
        for condition in logic.field_conditions:
            save.problems.extend(_field_problems(shape, condition, save, env))
        save.problems.extend(_broken(shape, logic, env))
        concealing = (item for item in logic.field_conditions if shape.narrowed and item.visible is not None and not item.visible(env))
        return frozenset(name for item in concealing for name in item.rule.fields)

    def _lookups(self, actor: Actor) -> Lookups:
        return Lookups(self._runtime, self._connection, actor, moment_of(actor, self._now))

    def _source(self, lookups: Lookups, shape: EntityShape, save: Save) -> RecordSource:
        return saved_source(lookups, shape, save.id, {**save.stamps, **(save.old or {}), **save.new})


def _put(shape: EntityShape, save: Save, item: Field, value: Any) -> None:
    """Take a default where the field can: an expression knows nothing of lengths, patterns and rates."""
    try:
        save.new[item.name] = shape.coercers[item.name](value)
    except Invalid as invalid:
        save.problems.append(_unfit(item, invalid.code, invalid.message))


def _unfit(item: Field, code: str, reason: Message) -> Problem:
    message = _m("The default of {field} does not fit: {reason}", field=item.label, reason=reason)
    return Problem(code, message, pointer(item.name), _m("Fill {field} in yourself.", field=item.label))


def _broken(shape: EntityShape, logic: EntityLogic, env: Env) -> list[Problem]:
    out: list[Problem] = []
    for item in logic.validations:
        if (item.when is None or item.when(env)) and not item.must(env):
            place = "" if item.rule.field is None else pointer(item.rule.field)
            out.append(Problem("validation_rule", said(item.rule.message), place))
    return out


def _field_problems(shape: EntityShape, condition: FieldCondition, save: Save, env: Env) -> list[Problem]:
    visible = condition.visible is None or condition.visible(env)
    required = visible and condition.required is not None and condition.required(env)
    locked = condition.read_only is not None and condition.read_only(env)
    out: list[Problem] = []
    for name in condition.rule.fields:
        item = shape.entity.fields[name]
        value = save.new.get(name) if name in save.new else (save.old or {}).get(name)
        filled = name in save.new and name in save.given and not (save.old is None and _blank(item, save.new[name]))
        if filled and not visible:
            out.append(_refused(item, "hidden_by_rule", _m("{field} does not apply here: {rule}.", field=item.label, rule=condition.rule.label)))
        elif filled and locked:
            out.append(_refused(item, "read_only_by_rule", _m("{field} may not be changed: {rule}.", field=item.label, rule=condition.rule.label)))
        elif required and _blank(item, value):
            out.append(Problem("required", _m("{field} is required.", field=item.label), pointer(name), _m("Fill it in: {rule}.", rule=condition.rule.label)))
    return out


def _blank(item: Field, value: Any) -> bool:
    return value is None or (item.type == "boolean" and value is False)


def _refused(item: Field, code: str, message: Message) -> Problem:
    return Problem(code, message, pointer(item.name), _m("Leave it out, or change what the rule looks at."))


def said(label: Label) -> Message:
    """A sentence of the metadata where one of the program is asked for."""
    return Message("{text}", {"text": label})
