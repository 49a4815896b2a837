"""What stands at the top of every page about one entity, and what the draft says of its fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fieldsmith.meta.check import RESERVED_FIELDS
from fieldsmith.meta.labels import label_from_name, plural_of
from fieldsmith.studio.customising import value_at
from fieldsmith.web.studio.desk import Desk, shown
from fieldsmith.web.studio.naming import proposed_name


@dataclass(frozen=True, slots=True)
class EntityHead:
    """For the macro `entity_tabs`. `own`: the workspace made it, so that it can be renamed and retired. `delegated`: not all of its pages are the reader's."""

    name: str
    label: str
    icon: str
    own: bool
    plural: str
    delegated: bool = False


def head_of(now: Desk, entity: str) -> EntityHead:
    """Raises `NotFound`."""
    found = now.document("entity", entity)
    known = now.model.entities.get(entity)
    icon = str(found.body.get("icon", "table"))
    label = str(found.body.get("label") or label_from_name(entity))
    if known is not None and known.label.text == label:
        label = known.label.render(now.words)
    plural = str(found.body.get("plural") or plural_of(label))
    return EntityHead(entity, label, icon, ("entity", entity) not in now.bench.below, plural, now.delegated)


def fields_of(now: Desk, entity: str) -> Sequence[Mapping[str, Any]]:
    """The fields as the draft has them, those that cannot be read as fields left out."""
    listed = now.document("entity", entity).body.get("fields", ())
    return [item for item in listed if isinstance(item, dict) and isinstance(item.get("name"), str)]


def field_label(now: Desk, entity: str, item: Mapping[str, Any]) -> str:
    """What the reader calls a field."""
    known = now.model.entities.get(entity)
    field = known.fields.get(item["name"]) if known is not None else None
    said = str(item.get("label") or label_from_name(item["name"]))
    return shown(field.label, field.name, now.words) if field is not None and field.label.text == said else said


def proposed_inverse(now: Desk, entity: str, plural: str, taken: Iterable[str], to: str | None = None) -> str:
    """A free name under which `to` may list the records of this entity, beside its fields, its other lists and `taken`; any entity where `to` is None."""
    targets = [item.name for item in now.bench.of_kind("entity")] if to is None else [to]
    used = {item["name"] for target in targets for item in fields_of(now, target)}
    fields = [item for other in now.bench.of_kind("entity") for item in fields_of(now, other.name)]
    used |= {str(item["inverse"]) for item in fields if "inverse" in item and (to is None or to in _points_at(item))}
    return proposed_name(plural, used | RESERVED_FIELDS | set(taken), entity[:40])


def _points_at(item: Mapping[str, Any]) -> Sequence[str]:
    to = item.get("to", ())
    return (to,) if isinstance(to, str) else to


def is_own_field(now: Desk, entity: str, field: str) -> bool:
    """Did the workspace add it? What a package has can be hidden, not taken away."""
    below = now.bench.below.get(("entity", entity))
    return below is None or not value_at(below.body, f"/fields/{field}")[1]
