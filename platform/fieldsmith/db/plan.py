"""`plan`: the difference between two models as steps of DDL, each with a title, its SQL, the rows it touches and its risk.

Changes nothing; the connection only counts rows. What the data must fulfil (no duplicates, no blanks) are `conditions`,
looked at by `db.apply`, which also runs the steps. Only additions are planned; taking away and retyping are refused.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations, ops

from fieldsmith.base.errors import BadInput
from fieldsmith.base.text import Message, _m
from fieldsmith.db import ddl
from fieldsmith.db.columns import physical
from fieldsmith.db.folding import fold_or_blank, folded
from fieldsmith.db.indexes import ForeignKeySpec, IndexSpec, foreign_keys_of, indexes_of
from fieldsmith.db.recompute import Recomputed, changed_fields, recomputed
from fieldsmith.db.refusals import refusals
from fieldsmith.db.tables import Schema, is_link
from fieldsmith.db.types import DATE
from fieldsmith.fields.base import Field, Scope
from fieldsmith.meta.model import Entity, Model
from fieldsmith.meta.scope import scope_of

Risk = Literal["safe", "slow", "loses data"]
SLOW_ROWS = 50_000
"""From so many rows on, going through all of them holds others up for a noticeable time."""


@dataclass(frozen=True)
class Step:
    """`operations` are Alembic's. `rows` are those the step reads or writes; steps without any take no time.

    `background`: the rows are gone through afterwards, a few at a time, while everybody goes on working.
    """

    title: Message
    operations: tuple[ops.MigrateOperation, ...]
    dialect: str
    rows: int = 0
    background: bool = False

    @property
    def risk(self) -> Risk:
        return "slow" if self.rows >= SLOW_ROWS and not self.background else "safe"

    @cached_property
    def sql(self) -> tuple[str, ...]:
        """The statements as a person reads them."""
        return rendered(self.operations, self.dialect)


@dataclass(frozen=True, slots=True)
class Condition:
    """What live rows of `entity` must fulfil before the plan may run.

    `unique`: no two share the values of `fields` · `filled`: `fields` is not blank in any · `empty`: there are none.
    """

    kind: Literal["unique", "filled", "empty"]
    entity: str
    fields: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """Steps in the order they run. `old` is where conditions look: the tables as they are before.

    `fills` are kept fields to be filled afterwards (`db.fill`), `unfilled` the uids of those whose filling has become pointless.
    """

    steps: tuple[Step, ...]
    conditions: tuple[Condition, ...]
    old: Schema | None
    new: Schema
    fills: tuple[Field, ...] = ()
    unfilled: tuple[int, ...] = ()


def plan(old: Model | None, new: Model, schema: Schema, connection: sa.Connection) -> Plan:
    """Steps from `old` (None: an empty database) to `new`, whose `schema` it is. Raises `BadInput` naming everything that is not an addition."""
    problems = refusals(old, new)
    if problems:
        raise BadInput(problems, _m("This change cannot be applied."))
    before = Schema(old, schema.dialect) if old else None
    planner = _Planner(before, schema, connection)
    planner.run()
    return Plan(tuple(planner.steps), tuple(planner.conditions), before, schema, tuple(planner.fills), tuple(planner.unfilled))


def rendered(operations: Sequence[ops.MigrateOperation], dialect: str) -> tuple[str, ...]:
    """SQL text of `operations`, values written in."""
    buffer = io.StringIO()
    context = MigrationContext.configure(dialect_name=dialect, opts={"as_sql": True, "output_buffer": buffer, "literal_binds": True})
    invoker = Operations(context)
    out: list[str] = []
    for operation in operations:
        buffer.seek(0)
        buffer.truncate()
        invoker.invoke(operation)
        out.append(buffer.getvalue().strip().rstrip(";"))
    return tuple(out)


class _Planner:
    """Collects the steps of one plan: tables, columns, links, keys, then indexes."""

    def __init__(self, before: Schema | None, schema: Schema, connection: sa.Connection) -> None:
        self.before, self.schema, self.connection = before, schema, connection
        self.old = before.model if before else None
        self.new, self.dialect = schema.model, schema.dialect
        self._counted: dict[str, int] = {}
        self.steps: list[Step] = []
        self.conditions: list[Condition] = []
        self.fills: list[Field] = []
        self.unfilled: list[int] = []
        self._dropped: set[str] = set()  # physical columns

    def run(self) -> None:
        fresh = [entity for entity in self.new.entities.values() if self._before(entity) is None]
        kept = [(entity, before) for entity in self.new.entities.values() if (before := self._before(entity)) is not None]
        for entity in fresh:
            self._table(entity)
        for entity, before in kept:
            self._columns(entity, before)
            self._computed(entity, before)
        for entity in self.new.entities.values():
            self._links(entity)
        if self.dialect == "postgresql":
            for entity in fresh:
                for key in self._own_keys(entity):
                    self._add(_m("Link {entity} to its targets", entity=entity.label), [ddl.add_foreign_key(key)])
        for entity in self.new.entities.values():
            self._indexes(entity)

    @cached_property
    def _scope(self) -> Scope:
        """For default values; the day is the database's, as this room has no clock."""
        today = sa.select(sa.func.current_date(type_=DATE))
        return scope_of(self.new, lambda: self.connection.execute(today).scalar_one())

    def _before(self, entity: Entity) -> Entity | None:
        return self.old.entities.get(entity.name) if self.old else None

    def _add(self, title: Message, operations: Sequence[ops.MigrateOperation], rows: int = 0) -> None:
        self.steps.append(Step(title, tuple(operations), self.dialect, rows))

    def _rows(self, entity: Entity) -> int:
        """How many rows the entity has now, recycled ones too."""
        if self.before is None:
            return 0
        if entity.name not in self._counted:
            table = self.before.table(entity.name)
            self._counted[entity.name] = self.connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
        return self._counted[entity.name]

    def _table(self, entity: Entity) -> None:
        keys = self._own_keys(entity) if self.dialect == "sqlite" else []
        self._add(_m("Make the table of {entity}", entity=entity.label), [ddl.create_table(self.schema, entity, keys)])

    def _columns(self, entity: Entity, before: Entity) -> None:
        keys = {key.column: key for key in self._own_keys(entity)}
        for field in entity.own_fields():
            known = before.fields.get(field.name)
            if self.schema.computation(field) is not None:
                continue
            if known is None and not is_link(field):
                self._new_field(entity, field, keys)
            elif known is not None:
                self._changed_field(entity, field, known)

    def _new_field(self, entity: Entity, field: Field, keys: dict[str, ForeignKeySpec]) -> None:
        values = self._given_to_records(entity, field)
        operations: list[ops.MigrateOperation] = []
        for column, value in zip(self.new.type_of(field).columns(field), values, strict=True):
            key = keys.get(physical(field, column.part))
            operations += ddl.add_column(entity, field, column, self.dialect, key, value)
        if field.sortable_fold:
            operations += ddl.add_fold(entity, field, self.dialect, fold_or_blank(values[0]))
        self._add(_m("Add {field} to {entity}", field=field.label, entity=entity.label), operations)

    @cached_property
    def _recomputed(self) -> frozenset[int]:
        return changed_fields(self.before, self.schema)

    def _computed(self, entity: Entity, before: Entity) -> None:
        """Computed fields that are new or no longer what they were. Dropping their columns loses nothing that was ever entered."""
        for change in recomputed(self.before, self.schema, entity, self._recomputed):
            operations: list[ops.MigrateOperation] = []
            if change.drop and change.known is not None:
                operations += self._without(entity, before, change.known)
            if change.add:
                operations += ddl.add_computed(self.schema, entity, change.field)
            if change.fill:
                self.fills.append(change.field)
            elif change.known is not None:
                self.unfilled.append(change.field.uid)
            rewrites = change.add and change.keeping == "generated" and self.dialect == "postgresql"
            rows = self._rows(entity) if change.fill or rewrites else 0
            title = _computed_title(entity, change)
            self.steps.append(Step(title, tuple(operations), self.dialect, rows, change.fill))

    def _without(self, entity: Entity, before: Entity, known: Field) -> list[ops.MigrateOperation]:
        """Drop the columns of `known`, after the indexes that use them; those still wanted are made again later."""
        assert self.before is not None
        fold = self.before.fold(known)
        columns = [*self.before.columns(known), *([] if fold is None else [fold])]
        names = {column.name for column in columns}
        self._dropped |= names
        used = [spec for spec in indexes_of(self.before.model, before) if names & {part.column for part in spec.columns}]
        return [*(ddl.drop_index(spec) for spec in used), *ddl.drop_columns(entity, columns)]

    def _given_to_records(self, entity: Entity, field: Field) -> Sequence[Any]:
        """What the columns of a new field hold in the records there are: the default where it is required, else blank."""
        type_ = self.new.type_of(field)
        value = type_.default_value(field, self._scope) if field.required else None
        if field.required and value is None:
            self.conditions.append(Condition("empty", entity.name, (field.name,)))
        return type_.packer(field)(value)

    def _changed_field(self, entity: Entity, field: Field, known: Field) -> None:
        if field.required and not known.required:
            self.conditions.append(Condition("filled", entity.name, (field.name,)))
        if field.sortable_fold and not known.sortable_fold:
            self._fold_existing(entity, field)

    def _fold_existing(self, entity: Entity, field: Field) -> None:
        main = self.schema.columns(field)[0]
        expression = folded(sa.column(main.name, main.type), self.dialect)
        operations = [*ddl.add_fold(entity, field, self.dialect), ddl.fill_fold(entity, field, expression, self.schema.compiler)]
        title = _m("Prepare {field} of {entity} for sorting", field=field.label, entity=entity.label)
        self._add(title, operations, self._rows(entity))

    def _links(self, entity: Entity) -> None:
        before = self._before(entity)
        keys = foreign_keys_of(self.new, entity)
        for field in entity.own_fields():
            if is_link(field) and (before is None or field.name not in before.fields):
                own = [key for key in keys if key.table == field.column]
                title = _m("Make the table that links {entity} by {field}", entity=entity.label, field=field.label)
                self._add(title, [ddl.create_link_table(field, own)])

    def _own_keys(self, entity: Entity) -> list[ForeignKeySpec]:
        return [key for key in foreign_keys_of(self.new, entity) if key.table == entity.table]

    def _indexes(self, entity: Entity) -> None:
        before = self._before(entity)
        specs = indexes_of(self.old, before) if self.old and before else ()
        had = {spec.name: spec for spec in specs if not self._dropped & {part.column for part in spec.columns}}
        wanted = {spec.name: spec for spec in indexes_of(self.new, entity)}
        for name, spec in had.items():
            if wanted.get(name) != spec:
                self._add(_m("Drop the index of {fields} of {entity}", fields=self._names(entity, spec), entity=entity.label), [ddl.drop_index(spec)])
        operations: list[ops.MigrateOperation] = []
        for name, spec in wanted.items():
            if had.get(name) == spec:
                continue
            if before is None:
                operations.append(ddl.create_index(spec, self.dialect))
                continue
            title = _m("Index {fields} of {entity}", fields=self._names(entity, spec), entity=entity.label)
            self._add(title, [ddl.create_index(spec, self.dialect)], self._rows(entity))
            if spec.unique and all(field in before.fields for field in spec.fields):
                self.conditions.append(Condition("unique", entity.name, spec.fields))
        if operations:
            self._add(_m("Index {entity}", entity=entity.label), operations)
        self.steps += self._dropped_folds(entity, before)

    def _dropped_folds(self, entity: Entity, before: Entity | None) -> Iterator[Step]:
        for field in entity.own_fields():
            known = before.fields.get(field.name) if before else None
            if known is not None and known.sortable_fold and not field.sortable_fold and known.column not in self._dropped:
                title = _m("Drop the sorting form of {field} of {entity}", field=field.label, entity=entity.label)
                yield Step(title, (ddl.drop_fold(entity, field),), self.dialect, self._rows(entity))

    def _names(self, entity: Entity, spec: IndexSpec) -> str:
        return ", ".join(str(entity.fields[name].label) if name in entity.fields else name for name in spec.fields)


def _computed_title(entity: Entity, change: Recomputed) -> Message:
    names = {"field": change.field.label, "entity": entity.label}
    if change.keeping == "generated":
        if change.known is None:
            return _m("Add {field} to {entity} (computed by the database)", **names)
        return _m("Compute {field} of {entity} in the new way (by the database)", **names)
    if change.keeping == "kept":
        if change.known is None:
            return _m("Add {field} to {entity} (kept by Fieldsmith, filled in the background)", **names)
        return _m("Compute {field} of {entity} in the new way (kept by Fieldsmith, filled in the background)", **names)
    if change.known is None:
        return _m("Add {field} to {entity} (computed when asked)", **names)
    return _m("Compute {field} of {entity} when asked; its column goes", **names)
