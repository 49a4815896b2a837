"""Steps for entities and fields that leave the model: what people entered stays where it is, what is worked out goes.

Their indexes are dropped, so that nobody pays for them and a unique rule no longer binds. `db.plan` brings them back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from alembic.operations import ops

from fieldsmith.base.text import _m
from fieldsmith.db import ddl
from fieldsmith.db.counterparts import entity_in, field_in
from fieldsmith.db.indexes import indexes_of
from fieldsmith.db.steps import Step
from fieldsmith.db.tables import Schema
from fieldsmith.fields.base import Field
from fieldsmith.meta.model import Entity


def retiring(before: Schema | None, schema: Schema, rows: Callable[[str], int], dropped: set[str], unfilled: list[int]) -> Iterator[Step]:
    """Steps for everything `before` has and `schema` has not. Physical columns that go are added to `dropped`, fields no longer filled to `unfilled`."""
    for entity in before.model.entities.values() if before is not None else ():
        assert before is not None
        now = entity_in(schema.model, entity)
        gone = [field for field in entity.own_fields() if field_in(now, field) is None]
        unfilled += [field.uid for field in gone if before.keeping(field) == "kept"]
        if now is None:
            yield _entity(before, entity, rows)
            continue
        for field in gone:
            yield _field(before, entity, field, dropped)


def without(before: Schema, entity: Entity, field: Field, dropped: set[str]) -> list[ops.MigrateOperation]:
    """Drop the columns of a computed field, after the indexes that use them; the plan makes those anew that are still wanted."""
    fold = before.fold(field)
    columns = [*before.columns(field), *([] if fold is None else [fold])]
    names = {column.name for column in columns}
    parts = [(spec, {part.column for part in spec.columns}) for spec in indexes_of(before.model, entity)]
    used = [spec for spec, columns_of in parts if names & columns_of and not dropped & columns_of]
    dropped |= names
    return [*(ddl.drop_index(spec) for spec in used), *ddl.drop_columns(entity, columns)]


def _field(before: Schema, entity: Entity, field: Field, dropped: set[str]) -> Step:
    """Indexes of a field that stays in its table are dropped by the plan like any other that is no longer wanted."""
    about = f"entity/{entity.name}/fields/{field.name}"
    if before.computation(field) is not None:
        title = _m("Take {field} of {entity} away; it was only computed", field=field.label, entity=entity.label)
        return Step(title, tuple(without(before, entity, field, dropped)), before.dialect, about=about)
    return Step(_m("Retire {field} of {entity}; its values are kept", field=field.label, entity=entity.label), (), before.dialect, about=about)


def _entity(before: Schema, entity: Entity, rows: Callable[[str], int]) -> Step:
    specs = indexes_of(before.model, entity)
    operations: list[ops.MigrateOperation] = [ddl.drop_index(spec) for spec in specs]
    for field in entity.own_fields():
        if before.computation(field) is not None:
            operations += ddl.drop_columns(entity, before.columns(field))
            fold = before.fold(field)
            operations += [] if fold is None else ddl.drop_columns(entity, [fold])
    title = _m("Retire {entity}; its {rows} records are kept", entity=entity.label, rows=rows(entity.table))
    return Step(title, tuple(operations), before.dialect, about=f"entity/{entity.name}")
