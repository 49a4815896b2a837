"""What a plan refuses because it is no addition, and how `db` places its problems in documents."""

from __future__ import annotations

from collections.abc import Iterator

from fieldsmith.base.problems import Problem, pointer
from fieldsmith.base.text import Message, _m
from fieldsmith.fields.base import Field
from fieldsmith.meta.model import Entity, Model

MAX_COLUMNS = 400
"""Physical columns of one entity; PostgreSQL's rows grow too big somewhere beyond."""


def problem_at(model: Model, code: str, message: Message, entity: str, *parts: str, hint: Message | None = None) -> Problem:
    """A problem with the part of an entity document at `parts` ("fields", "amount", "unique")."""
    where = pointer(*parts)
    effective = model.documents.get(("entity", entity))
    return Problem(code, message, where, hint, effective.source(where) if effective is not None else f"entity/{entity}")


def refusals(old: Model | None, new: Model) -> list[Problem]:
    """Every reason why `new` cannot follow `old`; empty when it only adds."""
    out = [problem for entity in new.entities.values() for problem in _too_wide(new, entity)]
    for entity in old.entities.values() if old else ():
        after = new.entities.get(entity.name)
        if after is None:
            message = _m("Entity “{name}” cannot be removed: its records would be lost.", name=entity.name)
            out.append(problem_at(old or new, "cannot_remove", message, entity.name, hint=_m("Keep it, and take it off the tabs instead.")))
        else:
            out += _changes(old or new, new, entity, after)
    return out


def _too_wide(model: Model, entity: Entity) -> Iterator[Problem]:
    width = sum(len(model.type_of(field).columns(field)) + field.sortable_fold for field in entity.fields.values())
    if width > MAX_COLUMNS:
        message = _m("{entity} needs {count} columns in its table, but at most {limit} are possible.", entity=entity.label, count=width, limit=MAX_COLUMNS)
        yield problem_at(model, "too_many_columns", message, entity.name, "fields", hint=_m("Move some fields to another entity and link it."))


def _changes(old: Model, new: Model, before: Entity, after: Entity) -> Iterator[Problem]:
    for field in before.own_fields():
        now = after.fields.get(field.name)
        if now is None:
            message = _m("Field “{name}” cannot be removed: its values would be lost.", name=field.name)
            yield problem_at(old, "cannot_remove", message, before.name, "fields", field.name, hint=_m("Keep it, and hide it instead."))
        elif now.type != field.type:
            message = _m("The type of “{name}” cannot change from {old} to {new}.", name=field.name, old=old.type_of(field).title, new=new.type_of(now).title)
            hint = _m("Add a new field of the type you want.")
            yield problem_at(new, "cannot_retype", message, before.name, "fields", field.name, "type", hint=hint)
        elif before.name in old.computed and field.name in old.computed[before.name]:
            continue  # its values are only worked out: they can be stored in any other way
        elif _stored_otherwise(old, field, new, now):
            message = _m("“{name}” already stores values in another way (target or decimal places) and cannot change.", name=field.name)
            hint = _m("Add a new field instead.")
            yield problem_at(new, "cannot_retype", message, before.name, "fields", field.name, hint=hint)


def _stored_otherwise(old: Model, before: Field, new: Model, after: Field) -> bool:
    was, now = old.type_of(before).columns(before), new.type_of(after).columns(after)
    if not was and not now:
        return bool(before.options.get("to") != after.options.get("to"))
    return [(column.part, column.storage, column.scale, column.target) for column in was] != [
        (column.part, column.storage, column.scale, column.target) for column in now
    ]
