"""`plan`: the difference between two models as steps of DDL, each with a title, its SQL, the rows it touches and its risk.

Changes nothing; the connection only counts rows. What the data must fulfil (no duplicates, no blanks) are `conditions`,
looked at by `db.apply`, which also runs the steps. What is taken away is retired: its tables and columns stay. A field keeps its
type; one that took its name and its values over (`carries`) is another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from alembic.operations import ops

from fieldsmith.base.errors import BadInput
from fieldsmith.base.text import Message, _m
from fieldsmith.db import ddl
from fieldsmith.db.columns import physical
from fieldsmith.db.counterparts import entity_in, field_in
from fieldsmith.db.folding import fold_or_blank, folded
from fieldsmith.db.holding import blanks, held
from fieldsmith.db.indexes import ForeignKeySpec, IndexSpec, by_owner, foreign_keys_of, indexes_of
from fieldsmith.db.recompute import Recomputed, changed_fields, recomputed
from fieldsmith.db.refusals import refusals
from fieldsmith.db.retire import retiring, without
from fieldsmith.db.retype import Carry
from fieldsmith.db.search_rows import is_outdated
from fieldsmith.db.steps import Condition, Step
from fieldsmith.db.tables import Schema, is_link
from fieldsmith.db.types import DATE
from fieldsmith.fields.base import Field, Scope
from fieldsmith.meta.model import Entity, Model
from fieldsmith.meta.references import value_path
from fieldsmith.meta.scope import scope_of


@dataclass(frozen=True)
class Plan:
    """Steps in the order they run. `old` is None for an empty database, of which nothing can be demanded.

    `fills` are kept fields to be filled afterwards (`db.fill`), `unfilled` the uids of those whose filling has become pointless.
    Of the entities `searched` the search rows are made anew.
    """

    steps: tuple[Step, ...]
    conditions: tuple[Condition, ...]
    old: Schema | None
    new: Schema
    fills: tuple[Field, ...] = ()
    unfilled: tuple[int, ...] = ()
    searched: tuple[Entity, ...] = ()


def plan(
    old: Model | None,
    new: Model,
    schema: Schema,
    connection: sa.Connection,
    restored: frozenset[int] = frozenset(),
    carries: Mapping[int, Carry] = MappingProxyType({}),
) -> Plan:
    """Steps from `old` (None: an empty database) to `new`, whose `schema` it is.

    `restored` are the uids of entities and fields that come back: their tables and columns are there. `carries` are by uid the fields
    that take the values of another over. Raises `BadInput` naming everything that would store values in another way.
    """
    problems = refusals(old, new)
    if problems:
        raise BadInput(problems, _m("This change cannot be applied."))
    before = Schema(old, schema.dialect) if old else None
    planner = _Planner(before, schema, connection, restored, carries)
    planner.run()
    return Plan(tuple(planner.steps), tuple(planner.conditions), before, schema, tuple(planner.fills), tuple(planner.unfilled), tuple(planner.searched))


class _Planner:
    """Collects the steps of one plan: what is retired, tables, columns, links, keys, then indexes. What was renamed is known by its uid."""

    def __init__(self, before: Schema | None, schema: Schema, connection: sa.Connection, restored: frozenset[int], carries: Mapping[int, Carry]) -> None:
        self.restored, self.carries = restored, carries
        self.before, self.schema, self.connection = before, schema, connection
        self.old = before.model if before else None
        self.new, self.dialect = schema.model, schema.dialect
        self._counted: dict[str, int] = {}
        self.steps: list[Step] = []
        self.conditions: list[Condition] = []
        self.fills: list[Field] = []
        self.unfilled: list[int] = []
        self.searched: list[Entity] = []
        self._dropped: set[str] = set()  # physical columns

    def run(self) -> None:
        entities = list(self.new.entities.values())
        fresh = [entity for entity in entities if self._before(entity) is None and entity.uid not in self.restored]
        self.steps += retiring(self.before, self.schema, self._rows_of, self._dropped, self.unfilled)
        for entity in fresh:
            self._table(entity)
        for entity in entities:
            before = self._before(entity)
            if before is None and entity.uid in self.restored:
                title = _m("Bring {entity} back with its {rows} records", entity=entity.label, rows=self._rows(entity))
                self._add(title, [], about=_about(entity))
            if before is not None or entity.uid in self.restored:
                if before is not entity or self._choices_changed:
                    self._columns(entity, before)
                self._computed(entity, before)
        altered = [entity for entity in entities if self._before(entity) is not entity or self._dropped]
        for entity in altered:
            self._links(entity)
        if self.dialect == "postgresql":
            for entity in fresh:
                for key in self._own_keys(entity):
                    self._add(_m("Link {entity} to its targets", entity=entity.label), [ddl.add_foreign_key(key)], about=_about(entity))
        for entity in entities:
            if entity in altered or self._is_read_otherwise(entity):
                self._indexes(entity)
        if self.old is not None:
            self._search(self.old, altered)

    def _search(self, old: Model, altered: Sequence[Entity]) -> None:
        """Records in the index that say what no longer holds. A new field says nothing yet, unless it has a default, comes back or took values over."""
        self.unfilled += [entity.uid for entity in old.entities.values() if entity.uid not in self.new.entities_by_uid]
        for entity in altered:
            known = self._before(entity)
            filled = {field.uid for field in entity.own_fields() if field.uid in self.restored or field.uid in self.carries or field.default is not None}
            if entity.uid in self.restored or (known is not None and is_outdated(old, known, self.new, entity, filled)):
                self.searched.append(entity)

    @cached_property
    def _choices_changed(self) -> bool:
        return self.old is not None and self.old.choices != self.new.choices

    @cached_property
    def _scope(self) -> Scope:
        """For default values; the day is the database's, as this room has no clock."""
        today = sa.select(sa.func.current_date(type_=DATE))
        return scope_of(self.new, lambda: self.connection.execute(today).scalar_one())

    def _before(self, entity: Entity) -> Entity | None:
        return entity_in(self.old, entity)

    def _add(self, title: Message, operations: Sequence[ops.MigrateOperation], rows: int = 0, about: str = "") -> None:
        self.steps.append(Step(title, tuple(operations), self.dialect, rows, about=about))

    def _rows(self, entity: Entity) -> int:
        """How many rows the entity has now, recycled ones too."""
        there = self._before(entity) is not None or entity.uid in self.restored
        return self._rows_of(entity.table) if there else 0

    def _rows_of(self, table: str) -> int:
        if table not in self._counted:
            named = sa.table(sa.sql.quoted_name(table, True))
            self._counted[table] = self.connection.execute(sa.select(sa.func.count()).select_from(named)).scalar_one()
        return self._counted[table]

    def _table(self, entity: Entity) -> None:
        keys = self._own_keys(entity) if self.dialect == "sqlite" else []
        self._add(_m("Make the table of {entity}", entity=entity.label), [ddl.create_table(self.schema, entity, keys)], about=_about(entity))

    def _columns(self, entity: Entity, before: Entity | None) -> None:
        keys = {key.column: key for key in self._own_keys(entity)}
        for field in entity.own_fields():
            known = field_in(before, field)
            if self.schema.computation(field) is not None:
                continue
            if known is not None:
                self._changed_field(entity, field, known)
            elif field.uid in self.restored:
                self._restored_field(entity, field)
            elif not is_link(field):
                self._new_field(entity, field, keys)
            if field.uid in self.carries:
                self._carried_field(entity, field)

    def _new_field(self, entity: Entity, field: Field, keys: dict[str, ForeignKeySpec]) -> None:
        values = self._given_to_records(entity, field)
        operations: list[ops.MigrateOperation] = []
        for column, value in zip(self.new.type_of(field).columns(field), values, strict=True):
            key = keys.get(physical(field, column.part))
            operations += ddl.add_column(entity, field, column, self.dialect, key, value)
        if field.sortable_fold:
            operations += ddl.add_fold(entity, field, self.dialect, fold_or_blank(values[0]))
        self._add(_m("Add {field} to {entity}", field=field.label, entity=entity.label), operations, about=_about(entity, field))

    def _carried_field(self, entity: Entity, field: Field) -> None:
        """The values of what it takes the place of, after its columns are there."""
        carry = self.carries[field.uid]
        title = _m("Carry the values of {field} of {entity} over", field=field.label, entity=entity.label)
        rows = 0 if carry.filled else self._rows(entity)
        self.steps.append(Step(title, (), self.dialect, rows, about=_about(entity, field), carry=carry))
        if field.required:
            self.conditions.append(Condition("filled", entity.name, (field.name,), late=True))

    def _restored_field(self, entity: Entity, field: Field) -> None:
        """What was retired comes back with its values; only its sorting form may be missing, or not be wanted any more."""
        if field.uid not in self.carries:
            title = _m("Bring {field} of {entity} back with its values", field=field.label, entity=entity.label)
            self._add(title, [], about=_about(entity, field))
        if field.required and field.uid not in self.carries:
            self.conditions.append(Condition("filled", entity.name, (field.name,)))
        there = physical(field, "fold") in {column["name"] for column in sa.inspect(self.connection).get_columns(entity.table)}
        if field.sortable_fold and not there:
            self._fold_existing(entity, field)
        elif there and not field.sortable_fold:
            self._drop_fold(entity, field)

    @cached_property
    def _recomputed(self) -> frozenset[int]:
        return changed_fields(self.before, self.schema)

    def _computed(self, entity: Entity, before: Entity | None) -> None:
        """Computed fields that are new or no longer what they were. Dropping their columns loses nothing that was ever entered."""
        for change in recomputed(self.before, self.schema, entity, self._recomputed):
            operations: list[ops.MigrateOperation] = []
            if change.drop and change.known is not None and self.before is not None and before is not None:
                operations += without(self.before, before, change.known, self._dropped)
            if change.add:
                operations += ddl.add_computed(self.schema, entity, change.field)
            if change.fill:
                self.fills.append(change.field)
            elif change.known is not None:
                self.unfilled.append(change.field.uid)
            rewrites = change.add and change.keeping == "generated" and self.dialect == "postgresql"
            rows = self._rows(entity) if change.fill or rewrites else 0
            title = _computed_title(entity, change)
            self.steps.append(Step(title, tuple(operations), self.dialect, rows, change.fill, _about(entity, change.field)))

    def _given_to_records(self, entity: Entity, field: Field) -> Sequence[Any]:
        """What the columns of a new field hold in the records there are: the default where it is required, else blank."""
        type_ = self.new.type_of(field)
        given = field.required and field.uid not in self.carries
        value = type_.default_value(field, self._scope) if given else None
        if given and value is None:
            self.conditions.append(Condition("empty", entity.name, (field.name,)))
        return type_.packer(field)(value)

    def _changed_field(self, entity: Entity, field: Field, known: Field) -> None:
        if field.required and not known.required:
            self._no_longer_blank(entity, field, known)
        self._values(entity, field, known)
        if field.sortable_fold and not known.sortable_fold:
            self._fold_existing(entity, field)

    def _no_longer_blank(self, entity: Entity, field: Field, known: Field) -> None:
        """Of a field that becomes required: blanks get its default; without one there may be none."""
        type_ = self.new.type_of(field)
        value = None if is_link(field) else type_.default_value(field, self._scope)
        if value is None:
            self.conditions.append(Condition("filled", entity.name, (field.name,)))
            return
        count = blanks(self.connection, self.schema, field)
        if count:
            title = _m("{count} records of {entity} without {field} get the default", count=count, entity=entity.label, field=field.label)
            self._add(title, [ddl.fill_blanks(self.schema, field, type_.packer(field)(value), known.sortable_fold)], count, _about(entity, field))

    def _values(self, entity: Entity, field: Field, known: Field) -> None:
        """Of a choice: records follow a renamed value, and may not hold one that is gone."""
        before = self.old.choices.get(known.options.get("choices", "")) if self.old else None
        now = self.new.choices.get(field.options.get("choices", ""))
        if before is None or now is None or self.schema.computation(field) is not None:
            return
        renamed = before.renamed_in(now)
        for old, new in renamed.items():
            title = _m("Records of {entity} that hold {old} in {field} hold {new}", entity=entity.label, field=field.label, old=old, new=new)
            self._add(title, [ddl.rename_value(self.schema, field, old, new)], self._rows(entity), value_path(now.name, new))
        replaced = before.replaced_in(now)
        for old, new in replaced.items():
            title = _m("Records of {entity} that hold {old} in {field} get {new} instead", entity=entity.label, field=field.label, old=old, new=new)
            operations = [*ddl.without_twin(self.schema, field, old, new), ddl.rename_value(self.schema, field, old, new)]
            about = f"choices/{now.name}/values/{old}"
            self.steps.append(Step(title, tuple(operations), self.dialect, held(self.connection, self.schema, field, old), about=about, loses=True))
        gone = (name for name in before.values if name not in now.values and name not in renamed and name not in replaced)
        self.conditions += [Condition("without", entity.name, (field.name, name)) for name in gone]

    def _fold_existing(self, entity: Entity, field: Field) -> None:
        main = self.schema.columns(field)[0]
        expression = folded(sa.column(main.name, main.type), self.dialect)
        operations = [*ddl.add_fold(entity, field, self.dialect), ddl.fill_fold(entity, field, expression, self.schema.compiler)]
        title = _m("Prepare {field} of {entity} for sorting", field=field.label, entity=entity.label)
        self._add(title, operations, self._rows(entity), _about(entity, field))

    def _links(self, entity: Entity) -> None:
        before = self._before(entity)
        keys = foreign_keys_of(self.new, entity)
        for field in entity.own_fields():
            if is_link(field) and field_in(before, field) is None and field.uid not in self.restored:
                own = [key for key in keys if key.table == field.column]
                title = _m("Make the table that links {entity} by {field}", entity=entity.label, field=field.label)
                self._add(title, [ddl.create_link_table(field, own)], about=_about(entity, field))

    def _own_keys(self, entity: Entity) -> list[ForeignKeySpec]:
        return [key for key in foreign_keys_of(self.new, entity) if key.table == entity.table]

    def _indexes(self, entity: Entity) -> None:
        before = self._before(entity)
        specs = indexes_of(self.old, before) if self.old and before else ()
        had = {spec.name: spec for spec in specs if not self._dropped & {part.column for part in spec.columns}}
        wanted = {spec.name: spec for spec in indexes_of(self.new, entity)}
        there = before is not None or entity.uid in self.restored
        for name, spec in had.items():
            if not _same(wanted.get(name), spec):
                title = _m("Drop the index of {fields} of {entity}", fields=self._names(entity, spec), entity=entity.label)
                self._add(title, [ddl.drop_index(spec)], about=_indexed(entity, spec))
        operations: list[ops.MigrateOperation] = []
        for name, spec in wanted.items():
            if _same(had.get(name), spec):
                continue
            if not there:
                operations.append(ddl.create_index(spec, self.dialect))
                continue
            title = _m("Index {fields} of {entity}", fields=self._names(entity, spec), entity=entity.label)
            self._add(title, [ddl.create_index(spec, self.dialect)], self._rows(entity), _indexed(entity, spec))
            if spec.unique and all(self._is_there(entity, name) for name in spec.fields):
                late = any(entity.fields[name].uid in self.carries for name in spec.fields)
                self.conditions.append(Condition("unique", entity.name, spec.fields, late))
        if operations:
            self._add(_m("Index {entity}", entity=entity.label), operations, about=_about(entity))
        self._dropped_folds(entity, before)

    def _is_read_otherwise(self, entity: Entity) -> bool:
        """Do roles alone give or take its index by owner?"""
        return self.old is not None and by_owner(self.old, entity) != by_owner(self.new, entity)

    def _is_there(self, entity: Entity, name: str) -> bool:
        """Do records have a value of the field already?"""
        field = entity.fields[name]
        back = field.uid in self.restored and self.schema.computation(field) is None
        return field.system or back or field.uid in self.carries or field_in(self._before(entity), field) is not None

    def _dropped_folds(self, entity: Entity, before: Entity | None) -> None:
        for field in entity.own_fields():
            known = field_in(before, field)
            if known is not None and known.sortable_fold and not field.sortable_fold and known.column not in self._dropped:
                self._drop_fold(entity, field)

    def _drop_fold(self, entity: Entity, field: Field) -> None:
        title = _m("Drop the sorting form of {field} of {entity}", field=field.label, entity=entity.label)
        self._add(title, [ddl.drop_fold(entity, field)], self._rows(entity), _about(entity, field))

    def _names(self, entity: Entity, spec: IndexSpec) -> str:
        return ", ".join(str(entity.fields[name].label) if name in entity.fields else name for name in spec.fields)


def _about(entity: Entity, field: Field | None = None) -> str:
    return f"entity/{entity.name}" + ("" if field is None else f"/fields/{field.name}")


def _indexed(entity: Entity, spec: IndexSpec) -> str:
    return _about(entity, entity.fields.get(spec.fields[0]) if len(spec.fields) == 1 else None)


def _same(one: IndexSpec | None, other: IndexSpec) -> bool:
    """Whatever the fields are called now."""
    return one is not None and replace(one, fields=()) == replace(other, fields=())


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
