"""The same entity or field in another model: what was renamed is still itself, what only took over a name is not."""

from __future__ import annotations

from fieldsmith.fields.base import Field
from fieldsmith.meta.model import Entity, Model


def entity_in(model: Model | None, entity: Entity) -> Entity | None:
    """`entity` as `model` has it, under whatever name; None where it has none."""
    if model is None:
        return None
    known = model.entities.get(entity.name)
    return known if known is not None and known.uid == entity.uid else model.entities_by_uid.get(entity.uid)


def field_in(entity: Entity | None, field: Field) -> Field | None:
    """The own field `field` as `entity` (of another model) has it, under whatever name; None where it has none."""
    if entity is None:
        return None
    known = entity.fields.get(field.name)
    if known is not None and known.uid == field.uid:
        return known
    return next((other for other in entity.own_fields() if other.uid == field.uid), None)
