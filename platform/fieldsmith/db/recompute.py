"""What a new model changes about computed fields: columns to drop, to add, and to fill (anew).

Two computed fields are the same when their SQL is, values written in: a holiday added to the company's calendar changes the
formulas that count working days. What reads a changed field is changed too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from fieldsmith.db.computed import Keeping
from fieldsmith.db.counterparts import entity_in, field_in
from fieldsmith.db.expression_columns import expression_sql
from fieldsmith.db.joins import Joins
from fieldsmith.db.tables import Schema
from fieldsmith.expr.nodes import Aggregate, FieldRef, walk
from fieldsmith.fields.base import Field
from fieldsmith.meta.model import Computation, Entity, Model


@dataclass(frozen=True, slots=True)
class Recomputed:
    """`known` is the field before, None for a new one. `keeping` says where its values come from now."""

    field: Field
    known: Field | None
    keeping: Keeping
    drop: bool
    add: bool
    fill: bool


def recomputed(before: Schema | None, schema: Schema, entity: Entity, changed: frozenset[int]) -> Iterator[Recomputed]:
    """Every computed field of `entity`, which was there before, that is new or not what it was; `changed` as `changed_fields` gives it."""
    old = entity_in(before.model, entity) if before else None
    for computation in schema.model.computed.get(entity.name, {}).values():
        field = computation.field
        known = field_in(old, field)
        if before is None or known is None or before.computation(known) is None:
            keeping = schema.keeping(field) or "query"
            yield Recomputed(field, None, keeping, False, keeping != "query", keeping == "kept")
            continue
        if field == known and field.uid not in changed:
            continue
        was, now = before.keeping(known) or "query", schema.keeping(field) or "query"
        other = was != now or _columns(before, known) != _columns(schema, field) or (now == "generated" and field.uid in changed)
        drop, add = other and was != "query", other and now != "query"
        fill = now == "kept" and (add or field.uid in changed)
        if drop or add or fill:
            yield Recomputed(field, known, now, drop, add, fill)


def changed_fields(before: Schema | None, schema: Schema) -> frozenset[int]:
    """The uids of the fields that may give other values than before: computed ones, new ones among them, and choices whose values are renamed."""
    out = set(_revalued(before, schema.model)) if before is not None else set()
    waiting = [computation for fields in schema.model.computed.values() for computation in fields.values()]
    for computation in waiting:
        known = _before(before, schema.model, computation.field)
        if before is not None and known is not None and _stands(before.model, schema.model, known, computation):
            continue
        if before is None or known is None or _signature(before, known) != _signature(schema, computation):
            out.add(computation.field.uid)
    found = -1
    while found != len(out):
        found = len(out)
        out |= {computation.field.uid for computation in waiting if _reads(schema, computation) & out}
    return frozenset(out)


def _revalued(before: Schema, model: Model) -> Iterator[int]:
    both = [(name, known, model.choices[name]) for name, known in before.model.choices.items() if name in model.choices]
    lists = [name for name, known, now in both if known.renamed_in(now) or known.replaced_in(now)]
    if lists:
        yield from (field.uid for entity in model.entities.values() for field in entity.own_fields() if field.options.get("choices") in lists)
    for entity in model.entities.values():  # blanks of what becomes required get the default
        old = entity_in(before.model, entity)
        for field in entity.own_fields() if old is not None else ():
            if field.required and field.default is not None and (known := field_in(old, field)) is not None and not known.required:
                yield field.uid


def _before(before: Schema | None, model: Model, field: Field) -> Computation | None:
    known = field_in(entity_in(before.model, model.entities[field.entity]), field) if before else None
    return before.computation(known) if before and known else None


def _stands(before: Model, now: Model, known: Computation, computation: Computation) -> bool:
    """Is everything the same that the SQL is made of? Told without making it; False where that is not plain to see."""
    if known.field != computation.field or before.company != now.company:
        return False
    names = {(computation.field.entity, computation.field.name)}
    lists: set[str] = set()
    for part in walk(computation.node):
        lists.add(part.type.choices)
        if isinstance(part, FieldRef) and part.root == "params":
            continue
        if isinstance(part, (FieldRef, Aggregate)):
            names |= {(symbol.entity, symbol.field) for symbol in part.hops}
        if isinstance(part, FieldRef):
            names.add((part.symbol.entity, part.symbol.field))
        elif isinstance(part, Aggregate):
            related = part.related
            names.add((related.owner if related.via == "link" else related.entity, related.field))
    return all(_same_field(before, now, *name) for name in names) and all(before.choices.get(name) == now.choices.get(name) for name in lists)


def _same_field(before: Model, now: Model, entity: str, field: str) -> bool:
    was, is_now = before.entities.get(entity), now.entities.get(entity)
    return was is not None and is_now is not None and was.uid == is_now.uid and was.fields.get(field) == is_now.fields.get(field)


def _signature(schema: Schema, computation: Computation) -> tuple[str, str]:
    entity = computation.field.entity
    expression = expression_sql(entity, computation.node, Joins(schema, schema.table(entity)))
    compiled = sa.select(expression).compile(dialect=schema.compiler)
    return str(compiled), repr(sorted(compiled.params.items()))


def _reads(schema: Schema, computation: Computation) -> set[int]:
    symbols = {(part.symbol.entity, part.symbol.field) for part in walk(computation.node) if isinstance(part, FieldRef) and part.root != "params"}
    return {schema.model.entities[entity].fields[name].uid for entity, name in symbols}


def _columns(schema: Schema, field: Field) -> list[tuple[str, str]]:
    fold = schema.fold(field)
    return [(column.name, str(column.type.compile(dialect=schema.compiler))) for column in (*schema.columns(field), *([] if fold is None else [fold]))]
