"""A unique clash told as the field it is about."""

from __future__ import annotations

from collections.abc import Container

from fieldsmith.base.errors import Conflict
from fieldsmith.base.problems import Problem, pointer
from fieldsmith.base.text import _m
from fieldsmith.db.clashes import unique_clash
from fieldsmith.db.tables import Schema
from fieldsmith.meta.model import Entity
from fieldsmith.meta.vocabulary import Name


def refuse_clash(error: Exception, schema: Schema, entity: Entity, hidden: Container[str | Name]) -> None:
    """Raise `Conflict` when `error` is a broken unique rule of `entity`; return when it is anything else. What is in `hidden` is not named."""
    names = unique_clash(error, schema, entity)
    if not names:
        return
    if entity.name in hidden:
        message = _m("Something that belongs to it clashes with another record.")
        raise Conflict(message, [Problem("not_unique", message, "", _m("Ask an administrator."))]) from error
    problems = []
    for name in (name for name in names if (entity.name, name) not in hidden):
        problems.append(taken(entity, name))
    if not problems:
        problems = [Problem("not_unique", _m("There is a {entity} like this already.", entity=entity.label), "", _m("Ask an administrator."))]
    raise Conflict(problems[0].message, problems) from error


def taken(entity: Entity, name: str) -> Problem:
    """That another record has the value of the unique field `name`."""
    message = _m("Another {entity} already has this {field}.", entity=entity.label, field=entity.fields[name].label)
    return Problem("not_unique", message, pointer(name), _m("Use another value, or open the existing record."))
