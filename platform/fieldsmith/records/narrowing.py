"""Which values of its choice fields a record may have: its record type leaves some out, and so does the field that controls another.

Compiled once per revision (`EntityShape.narrowed`). Enforced with the rules (`records.rules`), so for API, forms and imports alike; a form
offers what `offered` gives. What is stored may stay while neither the record type nor the controlling field changes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fieldsmith.base.problems import Problem, pointer
from fieldsmith.base.text import Message, _m
from fieldsmith.fields.base import Field
from fieldsmith.meta.model import RECORD_TYPE, ChoiceList, Entity, Model

_MOST_NAMED = 20
_NONE: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Narrowed:
    """One choice field. `by_type` has the record types that leave values out; with a `controlling` field, `for_all` go with every
    value of it and with none, `by_value` are the others."""

    field: Field
    choices: ChoiceList
    by_type: Mapping[str, frozenset[str]]
    types: ChoiceList | None
    controlling: Field | None
    controls: ChoiceList | None
    for_all: frozenset[str]
    by_value: Mapping[str, frozenset[str]]

    @property
    def looks_at(self) -> tuple[str, ...]:
        """The fields that decide."""
        return (*((RECORD_TYPE,) if self.by_type else ()), *((self.controlling.name,) if self.controlling is not None else ()))

    def fits(self, value: Any, values: Mapping[str, Any]) -> bool:
        """May a record with these canonical `values` have `value`?"""
        return not self._unfit(_names(value), values)

    def offered(self, old: Mapping[str, Any] | None, values: Mapping[str, Any]) -> tuple[str, ...]:
        """What can be chosen in a record that was `old` (None: new) and now has `values`; what it holds may stay as long as nothing else moves."""
        kept = _names((old or {}).get(self.field.name)) if old is not None and not self._moved(old, values) else ()
        unfit = set(self._unfit(self.choices.all, values))
        return tuple(value.name for value in self.choices.values.values() if value.name in kept or (value.active and value.name not in unfit))

    def problem(self, old: Mapping[str, Any] | None, values: Mapping[str, Any]) -> Problem | None:
        """What is wrong with the field in a record that was `old` and is to be `values`."""
        held = _names(values.get(self.field.name))
        if not held:
            return None
        if old is not None and not self._moved(old, values):
            before = _names(old.get(self.field.name))
            held = tuple(name for name in held if name not in before)
        unfit = self._unfit(held, values)
        return self._refused(unfit[0], values) if unfit else None

    def _moved(self, old: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
        return any(old.get(name) != values.get(name) for name in self.looks_at)

    def _unfit(self, names: Sequence[str], values: Mapping[str, Any]) -> tuple[str, ...]:
        of_type = self.by_type.get(values.get(RECORD_TYPE) or "")
        found = [name for name in names if of_type is not None and name not in of_type]
        if self.controlling is not None:
            also = self.by_value.get(values.get(self.controlling.name) or "", _NONE)
            found += [name for name in names if name not in self.for_all and name not in also]
        return tuple(found)

    def _refused(self, name: str, values: Mapping[str, Any]) -> Problem:
        kind, shown = values.get(RECORD_TYPE) or "", self.choices.label_of(name) or name
        if name not in self.by_type.get(kind, (name,)):
            label = (self.types.label_of(kind) if self.types is not None else None) or kind
            message = _m("“{value}” is not a value of {field} for the record type {type}.", value=shown, field=self.field.label, type=label)
            return Problem("not_in_record_type", message, pointer(self.field.name), self._cure(values))
        assert self.controlling is not None and self.controls is not None
        chosen = values.get(self.controlling.name)
        if chosen is None:
            message = _m("“{value}” can be chosen only once {controlling} is filled in.", value=shown, controlling=self.controlling.label)
        else:
            label = self.controls.label_of(chosen) or chosen
            message = _m("“{value}” does not go with {controlling} “{chosen}”.", value=shown, controlling=self.controlling.label, chosen=label)
        return Problem("not_for_controlling", message, pointer(self.field.name), self._cure(values))

    def _cure(self, values: Mapping[str, Any]) -> Message:
        names = self.offered(None, values)
        if not names:
            return _m("Leave {field} blank.", field=self.field.label)
        return _m("Choose one of: {values}.", values=", ".join(names[:_MOST_NAMED]) + (" …" if len(names) > _MOST_NAMED else ""))


def narrowed_fields(model: Model, entity: Entity) -> tuple[Narrowed, ...]:
    """Those of `entity`, each after the field that controls it; empty for most entities."""
    types = model.record_types_of[entity.name]
    found = {item.name: made for item in entity.own_fields() if (made := _narrowed(model, entity, item)) is not None} if types or _any(entity) else {}
    return tuple(sorted(found.values(), key=lambda item: _depth(item, found)))


def _any(entity: Entity) -> bool:
    return any("depends_on" in item.options for item in entity.own_fields())


def _narrowed(model: Model, entity: Entity, item: Field) -> Narrowed | None:
    types = model.record_types_of[entity.name]
    by_type = {kind.name: frozenset(kind.choices[item.name]) for kind in types if item.name in kind.choices}
    controlling = entity.fields.get(item.options.get("depends_on", ""))
    if not by_type and controlling is None:
        return None
    choices = model.choices[item.options["choices"]]
    known = model.choices.get(entity.fields[RECORD_TYPE].options["choices"]) if types else None
    controls = model.choices[controlling.options["choices"]] if controlling is not None else None
    for_all = frozenset(value.name for value in choices.values.values() if value.for_ is None) if controlling is not None else _NONE
    return Narrowed(item, choices, by_type, known, controlling, controls, for_all, _by_value(choices) if controlling is not None else {})


def _by_value(choices: ChoiceList) -> dict[str, frozenset[str]]:
    out: dict[str, set[str]] = {}
    for value in choices.values.values():
        for name in value.for_ or ():
            out.setdefault(name, set()).add(value.name)
    return {name: frozenset(found) for name, found in out.items()}


def _depth(item: Narrowed, found: Mapping[str, Narrowed]) -> int:
    """Lists depend on each other in no circle, so fields do not either."""
    above = found.get(item.controlling.name) if item.controlling is not None else None
    return 0 if above is None else 1 + _depth(above, found)


def _names(value: Any) -> tuple[str, ...]:
    return () if value is None else (value,) if isinstance(value, str) else tuple(value)


def problems_of(narrowed: Sequence[Narrowed], old: Mapping[str, Any] | None, values: Mapping[str, Any]) -> Iterator[Problem]:
    """At the fields that do not fit."""
    for item in narrowed:
        problem = item.problem(old, values)
        if problem is not None:
            yield problem


def put_defaults(defaults: Mapping[str, Any], narrowed: Sequence[Narrowed], values: dict[str, Any]) -> None:
    """Plain defaults into what a new record says nothing of; one that its record type or another field rules out is left blank."""
    waiting = {item.field.name for item in narrowed}
    for name, value in defaults.items():
        if name not in waiting:
            values.setdefault(name, value)
    for item in narrowed:
        name = item.field.name
        if name in defaults and name not in values and item.fits(defaults[name], values):
            values[name] = defaults[name]
