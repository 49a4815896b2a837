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
from fieldsmith.db.holding import held
from fieldsmith.db.plan import Plan
from fieldsmith.db.refusals import problem_at
from fieldsmith.db.retype import Carry, Tally, carry_all, names_of
from fieldsmith.db.steps import Condition
from fieldsmith.db.tables import Schema
from fieldsmith.fields.base import Field

_SHOWN = 5  # duplicates named in a problem


def apply(connection: sa.Connection, plan: Plan) -> list[tuple[Carry, Tally]]:
    """Run `plan`; what became of values that were carried over. Raises `BadInput` when the data do not allow it: then undo the transaction."""
    _demand(obstacles(connection, plan))
    operations = Operations(MigrationContext.configure(connection=connection))
    carried: list[tuple[Carry, Tally]] = []
    last = max((index for index, step in enumerate(plan.steps) if step.carry is not None), default=-1)
    for index, step in enumerate(plan.steps):
        for operation in step.operations:
            operations.invoke(operation)
        if step.carry is not None:
            carried.append((step.carry, carry_all(connection, step.carry)))
            _demand(unconverted(connection, *carried[-1]))
        if index == last:
            _demand(obstacles(connection, plan, late=True))
    open_fills(connection, plan.new, plan.fills, plan.unfilled, plan.searched)
    return carried


def _demand(problems: list[Problem]) -> None:
    if problems:
        raise BadInput(problems, _m("The records stored do not allow this change."))


def obstacles(connection: sa.Connection, plan: Plan, late: bool = False) -> list[Problem]:
    """What the stored records have against the plan; `late`: when values have been carried over."""
    if plan.old is None:
        return []
    found = (_obstacle(connection, plan.new, condition) for condition in plan.conditions if condition.late == late)
    return [problem for problem in found if problem is not None]


def unconverted(connection: sa.Connection, carry: Carry, tally: Tally) -> list[Problem]:
    """The first records whose values do not convert, as problems; on the way back none, since there they keep what they had."""
    if carry.back:
        return []
    names = names_of(connection, carry.before, carry.before.model.entities[carry.source.entity], [item.record for item in tally.failing])
    out: list[Problem] = []
    for item in tally.failing:
        values = {"record": names.get(item.record, ""), "id": item.record, "value": item.value[:60], "reason": item.problem.message}
        message = _m("Record #{id} “{record}” has “{value}”: {reason}", **values)
        out.append(problem_at(carry.after.model, "does_not_convert", message, carry.entity.name, "fields", carry.target.name, "type", hint=item.problem.hint))
    return out


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
    return problem_at(
        new.model,
        "required_on_blanks",
        message,
        entity.name,
        "fields",
        field.name,
        "required",
        hint=_m("Give the field a default, which they get, or fill them in first."),
    )


def _held(connection: sa.Connection, new: Schema, field: Field, value: str) -> Problem | None:
    """Records that hold a value the pick list no longer has; recycled ones come back with it, so they count."""
    count = held(connection, new, field, value)
    if not count:
        return None
    entity = new.model.entities[field.entity]
    names = {"value": value, "count": count, "entity": entity.label, "field": field.label}
    message = _m("“{value}” cannot be taken away: {count} records of {entity} hold it in “{field}”.", **names)
    hint = _m("Say which value takes its place: it names “{value}” in its “was”. Or hide “{value}”: it is kept, but no longer offered.", value=value)
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
