"""`Findings`: where the cross-checks put what they find, each problem with the document that said the faulty part."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from fieldsmith.base.problems import Problem
from fieldsmith.base.text import Message, _m
from fieldsmith.fields.base import Field
from fieldsmith.meta.former import Former, hint_for
from fieldsmith.meta.layers import Key
from fieldsmith.meta.model import Entity, Model

MAX_HOPS = 5
MAX_HINTS = 200
"""Looking for near names costs more than all the rest: after so many problems no more are suggested."""


class Findings:
    """`refused` are documents with faults of their own: what refers to them is not judged until they are put right."""

    def __init__(self, model: Model, refused: frozenset[Key]) -> None:
        self.model = model
        self.refused = refused
        self.problems: list[Problem] = []

    def add(self, key: Key, place: str, code: str, message: Message, hint: Message | None = None) -> None:
        document = self.model.documents.get(key)
        self.problems.append(Problem(code, message, place, hint, document.source(place) if document else None))

    def entity(self, key: Key, place: str, name: str) -> Entity | None:
        """The entity `name`; None with a problem when it is missing, None without when it is not to be judged."""
        found = self.model.entities.get(name)
        if found is None and ("entity", name) not in self.refused:
            message = _m("There is no entity “{name}”.", name=name)
            self.unknown(key, place, "unknown_entity", message, name, self.model.entities, self.model.former)
        return None if ("entity", name) in self.refused else found

    def unknown(
        self, key: Key, place: str, code: str, message: Message, name: str, known: Iterable[str], former: Mapping[str, Former] = MappingProxyType({})
    ) -> None:
        self.add(key, place, code, message, hint_for(name, known, former) if len(self.problems) < MAX_HINTS else None)

    def field(self, key: Key, place: str, entity: Entity, name: str) -> Field | None:
        """The field `name` of `entity`, or None with a problem."""
        found = entity.fields.get(name)
        if found is None:
            message = _m("{entity} has no field “{name}”.", entity=entity.label, name=name)
            self.unknown(key, place, "unknown_field", message, name, entity.fields, entity.former)
        return found

    def path(self, key: Key, place: str, entity: Entity, text: str) -> Field | None:
        """The field at the end of a path over lookups, or None with a problem (or without, where it cannot be judged)."""
        names = text.split(".")
        if len(names) > MAX_HOPS + 1:
            self.add(key, place, "path_too_long", _m("“{path}” follows more than {limit} lookups.", path=text, limit=MAX_HOPS))
            return None
        here = entity
        for name in names[:-1]:
            hop = self.field(key, place, here, name)
            if hop is None:
                return None
            if hop.type != "lookup":
                self.add(key, place, "not_a_lookup", _m("“{name}” in “{path}” is not a lookup, so no path goes through it.", name=name, path=text))
                return None
            target = self.model.entities.get(hop.options["to"])
            if target is None or ("entity", target.name) in self.refused:
                return None
            here = target
        return self.field(key, place, here, names[-1])
