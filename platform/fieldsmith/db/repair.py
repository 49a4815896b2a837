"""`repairs`: the steps that make a database again what its metadata say, for what `db.drift` finds missing.

What was lost with a column or table stays lost: they come back blank. What is of another type, or nobody's, is left alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import sqlalchemy as sa
from alembic.operations import ops
from sqlalchemy.sql import quoted_name

from fieldsmith.base.text import Message, _m
from fieldsmith.db import ddl
from fieldsmith.db.columns import physical
from fieldsmith.db.drift import drift
from fieldsmith.db.folding import folded
from fieldsmith.db.indexes import IndexSpec, foreign_keys_of, indexes_of
from fieldsmith.db.plan import Plan
from fieldsmith.db.steps import Condition, Step
from fieldsmith.db.tables import Schema, is_link
from fieldsmith.fields.base import Field
from fieldsmith.meta.model import Entity

_KEPT_BY_US = frozenset({"id", "created_at", "modified_at", "version"})
"""Never blank: without them the records are nothing."""


@dataclass(frozen=True, slots=True)
class Repairs:
    """`plan` makes everything again that is missing; `beyond` is what has to be cured by hand, from a backup."""

    plan: Plan
    beyond: tuple[Message, ...]


def repairs(connection: sa.Connection, schema: Schema, retired: Collection[str]) -> Repairs:
    """What to do about the drift there is; without any the plan has no steps. `retired` as for `drift`."""
    found = drift(connection, schema, retired)
    lost = [item for item in found if item.kind == "other type" or item.name.partition(".")[2] in _KEPT_BY_US]
    missing = frozenset(item.name for item in found if item.kind == "missing" and item not in lost)
    beyond = tuple(item.message for item in lost)
    made = _Repairer(connection, schema, missing)
    for entity in schema.model.entities.values() if missing else ():
        made.look(entity)
    return Repairs(Plan(tuple(made.steps), tuple(made.conditions), schema, schema, tuple(made.fills)), beyond)


class _Repairer:
    """Collects the steps, entity by entity: tables, columns, links, then indexes."""

    def __init__(self, connection: sa.Connection, schema: Schema, missing: frozenset[str]) -> None:
        self.connection, self.schema, self.missing = connection, schema, missing
        self.steps: list[Step] = []
        self.conditions: list[Condition] = []
        self.fills: list[Field] = []

    def look(self, entity: Entity) -> None:
        keys = foreign_keys_of(self.schema.model, entity)
        if entity.table in self.missing:
            own = [key for key in keys if key.table == entity.table]
            inline, added = (own, []) if self.schema.dialect == "sqlite" else ([], [ddl.add_foreign_key(key) for key in own])
            title = _m("Make the table of {entity} again; its records are lost", entity=entity.label)
            self._add(title, [ddl.create_table(self.schema, entity, inline), *added], entity)
        else:
            for title, operations, of_field, through in self._columns(entity):
                self._add(title, operations, entity, of_field, through)
                if of_field is not None and self.schema.keeping(of_field) == "kept" and of_field not in self.fills:
                    self.fills.append(of_field)
        for field in entity.own_fields():
            if is_link(field) and field.column in self.missing:
                title = _m("Make the table that links {entity} by {field} again; its links are lost", entity=entity.label, field=field.label)
                self._add(title, [ddl.create_link_table(field, [key for key in keys if key.table == field.column])], entity, field)
        for spec in indexes_of(self.schema.model, entity):
            if spec.name in self.missing:
                self._index(entity, spec)

    def _columns(self, entity: Entity) -> Iterator[tuple[Message, list[ops.MigrateOperation], Field | None, bool]]:
        """What to add, the field it is for, and whether all records are gone through."""
        keys = {key.column: key for key in foreign_keys_of(self.schema.model, entity)}
        left = [column for column in self.schema.table(entity.name).columns if f"{entity.table}.{column.name}" in self.missing]
        for field in entity.fields.values():
            names = {"field": field.label, "entity": entity.label}
            parts = {physical(field, part.part): part for part in self.schema.model.type_of(field).columns(field)}
            computed = self.schema.computation(field) is not None
            for column in [column for column in left if column.name in (*parts, physical(field, "fold"))]:
                left.remove(column)
                if computed:
                    yield _m("Add the column of {field} of {entity} again; it is computed anew", **names), [ddl.add_again(entity, column)], field, True
                elif column.name in parts:
                    added = ddl.add_column(entity, field, parts[column.name], self.schema.dialect, keys.get(column.name))
                    yield _m("Add the column of {field} of {entity} again; its values are lost", **names), added, field, False
                else:
                    yield _m("Prepare {field} of {entity} for sorting again", **names), self._folded(entity, field), field, True
        for column in left:
            yield _m("Add column {column} of {entity} again", column=column.name, entity=entity.label), [ddl.add_again(entity, column)], None, False

    def _folded(self, entity: Entity, field: Field) -> list[ops.MigrateOperation]:
        main = self.schema.columns(field)[0]
        expression = folded(sa.column(main.name, main.type), self.schema.dialect)
        return [*ddl.add_fold(entity, field, self.schema.dialect), ddl.fill_fold(entity, field, expression, self.schema.compiler)]

    def _index(self, entity: Entity, spec: IndexSpec) -> None:
        names = ", ".join(str(entity.fields[name].label) if name in entity.fields else name for name in spec.fields)
        title = _m("Index {fields} of {entity} again", fields=names, entity=entity.label)
        self._add(title, [ddl.create_index(spec, self.schema.dialect)], entity, through=True)
        if spec.unique:
            self.conditions.append(Condition("unique", entity.name, spec.fields))

    def _add(self, title: Message, operations: list[ops.MigrateOperation], entity: Entity, field: Field | None = None, through: bool = False) -> None:
        """`through`: all records are gone through."""
        rows = 0
        if through and entity.table not in self.missing:
            named = sa.table(quoted_name(entity.table, True))
            rows = self.connection.execute(sa.select(sa.func.count()).select_from(named)).scalar_one()
        about = f"entity/{entity.name}" + ("" if field is None else f"/fields/{field.name}")
        self.steps.append(Step(title, tuple(operations), self.schema.dialect, rows, about=about))
