"""What differs between two sights of one entity, one of each model: rights with their scopes, and fields. For `rollout.simulating`.

Which records a right reaches is compared by `query.row_shifts`. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fieldsmith.access.sight import Sight
from fieldsmith.expr.check import check
from fieldsmith.expr.nodes import Aggregate, FieldRef, Node, walk
from fieldsmith.fields.base import Field
from fieldsmith.meta.model import Entity, Model
from fieldsmith.meta.places import filter_place
from fieldsmith.meta.roles import RIGHTS, FieldRight, Right, Scope
from fieldsmith.meta.vocabulary import Name


@dataclass(frozen=True, slots=True)
class RightShift:
    right: Right
    before: Scope
    after: Scope


@dataclass(frozen=True, slots=True)
class FieldShift:
    """`field` as the later model has it."""

    field: Field
    before: FieldRight
    after: FieldRight


def right_shifts(before: Sight, after: Sight, old: str, new: str) -> dict[Right, RightShift]:
    """The rights whose scope is another; the entity may have got another name."""
    shifts = (RightShift(right, before.scope(right, old), after.scope(right, new)) for right in RIGHTS)
    return {shift.right: shift for shift in shifts if shift.before != shift.after}


def field_shifts(before: Sight, after: Sight, old: Entity, new: Entity) -> Iterator[FieldShift]:
    """The fields of both models that are shown, masked or changed otherwise. None where the entity itself comes or goes: the rights say so."""
    if old.name in before or new.name in after:
        return
    by_uid = {field.uid: field for field in old.own_fields()}
    for field in new.fields.values():
        known = old.fields.get(field.name)
        if not field.system and field.uid in by_uid:
            known = by_uid[field.uid]
        if known is not None and (was := _use(before, known)) != (now := _use(after, field)):
            yield FieldShift(field, was, now)


def fields_read(model: Model, entity: str, text: str) -> frozenset[Name]:
    """Every (entity, field) that the condition `text` of a rule on `entity` reads, through formulas too."""
    out: set[Name] = set()
    waiting = [check(text, filter_place(entity), model.vocabulary, model.functions)]
    while waiting:
        for name in set(_names(waiting.pop())) - out:
            out.add(name)
            computation = model.computed.get(name[0], {}).get(name[1])
            if computation is not None:
                waiting.append(computation.node)
    return frozenset(out)


def _names(node: Node) -> Iterator[Name]:
    for part in walk(node):
        if isinstance(part, FieldRef):
            yield from ((symbol.entity, symbol.field) for symbol in (*part.hops, part.symbol))
        elif isinstance(part, Aggregate):
            yield part.related.entity, part.related.field
            yield from ((hop.entity, hop.field) for hop in part.hops)


def _use(sight: Sight, field: Field) -> FieldRight:
    if sight.hides(field.entity, field.name):
        return "none"
    if sight.masks(field.entity, field.name):
        return "masked"
    return "read" if sight.locks(field.entity, field.name) else "edit"
