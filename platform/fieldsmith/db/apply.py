"""Runs a plan: looks at its conditions, then at its steps, all inside the caller's writing transaction.

`Workspace.publish` calls `apply` right before `ModelStore.save`, so that tables and revision change together or not at all.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations

from fieldsmith.base.errors import BadInput
from fieldsmith.base.problems import Problem, pointer
from fieldsmith.base.text import _m
from fieldsmith.db.fill import open_fills
from fieldsmith.db.plan import Plan
from fieldsmith.db.refusals import problem_at
from fieldsmith.db.steps import Condition
from fieldsmith.db.tables import Schema
from fieldsmith.fields.base import Field

_SHOWN = 5  # duplicates named in a problem


def apply(connection: sa.Connection, plan: Plan) -> None:
    """Run `plan`. Raises `BadInput` when the data do not allow it; then nothing was changed."""
    problems = obstacles(connection, plan)
    if problems:
        raise BadInput(problems, _m("The records stored do not allow this change."))
    operations = Operations(MigrationContext.configure(connection=connection))
    for step in plan.steps:
        for operation in step.operations:
            operations.invoke(operation)
    open_fills(connection, plan.new, plan.fills, plan.unfilled)


def obstacles(connection: sa.Connection, plan: Plan) -> list[Problem]:
    """What the stored records have against the plan."""
    if plan.old is None:
        return []
    found = (_obstacle(connection, plan.new, condition) for condition in plan.conditions)
    return [problem for problem in found if problem is not None]


def _obstacle(connection: sa.Connection, new: Schema, condition: Condition) -> Problem | None:
    table = new.table(condition.entity)
    entity = new.model.entities[condition.entity]
    live = table.c.deleted_at.is_(None)
    if condition.kind == "unique":
        return _duplicates(connection, new, condition)
    field = entity.fields[condition.fields[0]]
    if condition.kind == "empty":
        if connection.execute(sa.select(sa.literal(1)).select_from(table).where(live).limit(1)).first() is None:
            return None
        message = _m("“{field}” is required, but {entity} already has records, which would be left without it.", field=field.label, entity=entity.label)
        hint = _m("Give the field a default, or add it without “required”.")
        return problem_at(new.model, "required_on_records", message, entity.name, "fields", field.name, "required", hint=hint)
    columns = new.columns(field)
    if not columns:
        return None
    if condition.kind == "without":
        return _held(connection, new, field, condition.fields[1])
    blank = connection.execute(sa.select(sa.func.count()).select_from(table).where(live, columns[0].is_(None))).scalar_one()
    if not blank:
        return None
    message = _m("“{field}” cannot become required: it is blank in {count} records of {entity}.", field=field.label, count=blank, entity=entity.label)
    return problem_at(new.model, "required_on_blanks", message, entity.name, "fields", field.name, "required", hint=_m("Fill these records in first."))


def _held(connection: sa.Connection, new: Schema, field: Field, value: str) -> Problem | None:
    """Records that hold a value the pick list no longer has; recycled ones come back with it, so they count."""
    column, table = new.columns(field)[0], new.table(field.entity)
    held = sa.type_coerce(column, sa.Text).contains(f'"{value}"', autoescape=True) if field.type == "multi_choice" else column == value
    count = connection.execute(sa.select(sa.func.count()).select_from(table).where(held)).scalar_one()
    if not count:
        return None
    entity = new.model.entities[field.entity]
    names = {"value": value, "count": count, "entity": entity.label, "field": field.label}
    message = _m("“{value}” cannot be taken away: {count} records of {entity} hold it in “{field}”.", **names)
    hint = _m("Give these records another value first, or hide the value instead: it is then kept, but no longer offered.")
    choices = str(field.options.get("choices"))
    return Problem("choice_in_use", message, pointer("values", value), hint, f"choices/{choices}")


def _duplicates(connection: sa.Connection, new: Schema, condition: Condition) -> Problem | None:
    entity = new.model.entities[condition.entity]
    fields = [entity.fields[name] for name in condition.fields]
    table = new.table(entity.name)
    columns: list[sa.Column[Any]] = [new.columns(field)[0] for field in fields]
    rows = connection.execute(
        sa.select(*columns, sa.func.min(table.c.id), sa.func.max(table.c.id))
        .where(table.c.deleted_at.is_(None), *(column.is_not(None) for column in columns))
        .group_by(*columns)
        .having(sa.func.count() > 1)
        .order_by(sa.func.min(table.c.id))
        .limit(_SHOWN + 1)
    ).all()
    if not rows:
        return None
    shown = ", ".join(f"“{' · '.join(str(value) for value in row[:-2])}” (#{row[-2]}, #{row[-1]})" for row in rows[:_SHOWN])
    shown += ", …" if len(rows) > _SHOWN else ""
    names = ", ".join(str(field.label) for field in fields)
    message = _m("{fields} of {entity} cannot be unique: several records share {values}.", fields=names, entity=entity.label, values=shown)
    hint = _m("Change or merge these records first.")
    if len(fields) == 1:
        return problem_at(new.model, "duplicates", message, entity.name, "fields", fields[0].name, "unique", hint=hint)
    return problem_at(new.model, "duplicates", message, entity.name, "indexes", hint=hint)
