"""`spoken`: the model as somebody may speak of it who shapes parts of it without seeing everything. Pure; for the studio only.

Not for reading records: those are read by the whole model, with the reader's `Sight`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property

from fieldsmith.access.seen import LABELLED_BY_ID, seen
from fieldsmith.access.sight import Sight
from fieldsmith.expr.vocabulary import Vocabulary
from fieldsmith.meta.layers import Effective, Key
from fieldsmith.meta.model import Entity, Model
from fieldsmith.meta.vocabulary import ModelVocabulary, Name


@dataclass(frozen=True)
class SpokenModel(Model):
    """A model whose expressions know nothing of `unspoken` either."""

    unspoken: frozenset[str | Name] = frozenset()

    @cached_property
    def vocabulary(self) -> Vocabulary:
        return ModelVocabulary(self, self.unspoken)


def spoken(model: Model, sight: Sight, documents: Mapping[Key, Effective]) -> SpokenModel:
    """`model` as who shapes parts of it may speak of it: as `seen`, without roles and sharing, with `documents` alone (`seen_documents`)."""
    base = seen(model, sight)
    known = {item.name: getattr(base, item.name) for item in fields(Model)}
    known["documents"] = documents
    known["entities"] = {name: _shell(item) if name in sight else item for name, item in base.entities.items()}
    for kind in ("views", "rules"):
        known[kind] = {name: item for name, item in known[kind].items() if (kind.removesuffix("s"), name) in documents}
    known["layouts"] = {name: item for name, item in base.layouts.items() if item.entity not in sight}
    return SpokenModel(**{**known, "roles": {}, "sharing_rules": {}}, unspoken=sight.unspoken)


def _shell(entity: Entity) -> Entity:
    """What is left of a hidden entity: that lookups point at it."""
    return replace(entity, fields={name: item for name, item in entity.fields.items() if item.system}, name_field=LABELLED_BY_ID, indexes=(), references=())
