"""What a plan refuses because it is no addition, and how `db` places its problems in documents."""

from __future__ import annotations

from collections.abc import Iterator

from fieldsmith.base.problems import Problem, pointer
from fieldsmith.base.text import Message, _m
from fieldsmith.db.counterparts import entity_in, field_in
from fieldsmith.fields.base import Field
from fieldsmith.meta.model import ChoiceList, Entity, Model

MAX_COLUMNS = 400
"""Physical columns of one entity; PostgreSQL's rows grow too big somewhere beyond."""


def problem_at(model: Model, code: str, message: Message, entity: str, *parts: str, hint: Message | None = None) -> Problem:
    """A problem with the part of an entity document at `parts` ("fields", "amount", "unique")."""
    where = pointer(*parts)
    effective = model.documents.get(("entity", entity))
    return Problem(code, message, where, hint, effective.source(where) if effective is not None else f"entity/{entity}")


def refusals(old: Model | None, new: Model) -> list[Problem]:
    """Every reason why `new` cannot follow `old`; empty when it only adds, retires and renames."""
    there = old.entities if old else {}
    out = [problem for name, entity in new.entities.items() if there.get(name) is not entity for problem in _too_wide(new, entity)]
    for entity in old.entities.values() if old else ():
        after = entity_in(new, entity)
        if after is not None and after is not entity:
            out += _changes(old or new, new, entity, after)
    for name, choices in new.choices.items():
        known = old.choices.get(name) if old else None
        if known is not None and known is not choices:
            out += _taken_over(new, known, choices)
    return out


def _taken_over(model: Model, before: ChoiceList, after: ChoiceList) -> Iterator[Problem]:
    """Values that say they were called as another value still is: records could not tell the two apart."""
    for value in after.values.values():
        was = before.values[value.name].was if value.name in before.values else ()
        for name in value.was:
            if name in after.values and name in before.values and name not in was:
                message = _m(
                    "“{value}” says it was called “{name}”, but another value is still called so: records could not tell them apart.",
                    value=value.name,
                    name=name,
                )
                hint = _m("Rename one in this publish and the other in the next, or choose another name.")
                place = pointer("values", value.name, "was")
                document = model.documents.get(("choices", after.name))
                yield Problem("value_taken_over", message, place, hint, document.source(place) if document is not None else None)


def _too_wide(model: Model, entity: Entity) -> Iterator[Problem]:
    width = sum(len(model.type_of(field).columns(field)) + field.sortable_fold for field in entity.fields.values())
    if width > MAX_COLUMNS:
        message = _m("{entity} needs {count} columns in its table, but at most {limit} are possible.", entity=entity.label, count=width, limit=MAX_COLUMNS)
        yield problem_at(model, "too_many_columns", message, entity.name, "fields", hint=_m("Move some fields to another entity and link it."))


def _changes(old: Model, new: Model, before: Entity, after: Entity) -> Iterator[Problem]:
    for field in before.own_fields():
        now = field_in(after, field)
        if now is None:
            continue  # retired: its columns stay
        if now.type != field.type:
            message = _m("The type of “{name}” cannot change from {old} to {new}.", name=now.name, old=old.type_of(field).title, new=new.type_of(now).title)
            hint = _m("Say “Change the type” on the field's page in the studio, or “fieldsmith retype”: the values are carried over, and it can be undone.")
            yield problem_at(new, "cannot_retype", message, after.name, "fields", now.name, "type", hint=hint)
        elif before.name in old.computed and field.name in old.computed[before.name]:
            continue  # its values are only worked out: they can be stored in any other way
        elif stored_otherwise(old, field, new, now):
            message = _m("“{name}” already stores values in another way (target or decimal places) and cannot change.", name=field.name)
            hint = _m("Say “Change the type” on the field's page in the studio, or “fieldsmith retype”, with the new options: the values are carried over.")
            yield problem_at(new, "cannot_retype", message, after.name, "fields", now.name, hint=hint)


def stored_otherwise(old: Model, before: Field, new: Model, after: Field) -> bool:
    """Do the columns (or links) of `before` not fit `after`?"""
    was, now = old.type_of(before).columns(before), new.type_of(after).columns(after)
    if not was and not now:
        return _target(old, before) != _target(new, after)
    return [(column.part, column.storage, column.scale, _uid(old, column.target)) for column in was] != [
        (column.part, column.storage, column.scale, _uid(new, column.target)) for column in now
    ]


def _target(model: Model, field: Field) -> int | None:
    to = field.options.get("to")
    return _uid(model, to) if isinstance(to, str) else None


def _uid(model: Model, entity: str | None) -> int | None:
    """An entity that was renamed is still the same target."""
    found = model.entities.get(entity) if entity is not None else None
    return None if found is None else found.uid
