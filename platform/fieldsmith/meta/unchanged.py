"""Entities that a new model takes over from the one before as they are: the same objects, so that checks, differences and plans pass them by.

With hundreds of entities an edit touches one or two; building and judging the others anew would be nearly all of the work.
"""

from __future__ import annotations

from collections.abc import Mapping

from fieldsmith.fields.base import FieldType
from fieldsmith.fields.computed import COMPUTED
from fieldsmith.meta.former import former_names
from fieldsmith.meta.layers import Effective, Key
from fieldsmith.meta.model import Entity, Model
from fieldsmith.meta.names import Names

_SPOKEN_OF = ("translation", "record_type")
"""Kinds of documents that make parts of entities: where any of them changed, none is taken over."""


def unchanged_entities(previous: Model | None, documents: Mapping[Key, Effective], names: Names, types: Mapping[str, FieldType]) -> dict[str, Entity]:
    """By name, the entities of `previous` that `documents` and `names` would make again; without those that compute fields."""
    if previous is None or previous.types is not types or _said(previous.documents) != _said(documents):
        return {}
    return {entity.name: entity for entity in previous.entities.values() if _is_same(previous, documents, names, entity)}


def _said(documents: Mapping[Key, Effective]) -> dict[Key, object]:
    return {key: document.body for key, document in documents.items() if key[0] in _SPOKEN_OF}


def _is_same(previous: Model, documents: Mapping[Key, Effective], names: Names, entity: Entity) -> bool:
    key = ("entity", entity.name)
    before, now = previous.documents[key], documents.get(key)
    if now is None or not (now.body is before.body or now.body == before.body):
        return False
    base = f"entity/{entity.name}"
    known, prefix = names.entries, f"{base}/fields/"
    if known.get(base) != (entity.uid, entity.table):
        return False
    for field in entity.own_fields():
        if field.type in COMPUTED or known.get(prefix + field.name) != (field.uid, field.column):
            return False
    if any(known[f"{base}/indexes/{index.name}"].uid != index.uid for index in entity.indexes):
        return False
    return former_names(now.body["fields"], prefix, names.retired) == entity.former
