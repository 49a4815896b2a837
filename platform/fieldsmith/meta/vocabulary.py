"""`ModelVocabulary`: the names of a model as expressions see them, all of them or without what a reader may not see."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from fieldsmith.expr.vocabulary import ChoiceName, EntityNames, Related, Symbol
from fieldsmith.fields.base import Field

if TYPE_CHECKING:
    from fieldsmith.meta.model import Entity, Model, Reference

_UNSEEN = frozenset({"deleted_at"})
"""System fields expressions do not have: recycled rows never count."""
SymbolOf = Callable[[Field], Symbol]
Name = tuple[str, str]
"""An entity and one of its fields."""


class _Symbols(Mapping[str, Symbol]):
    """The symbols of one entity, each made when it is first asked for: a path over lookups meets few of the fields it passes."""

    def __init__(self, fields: Mapping[str, Field], names: tuple[str, ...], symbol_of: SymbolOf) -> None:
        self._fields = fields
        self._names = dict.fromkeys(names)
        self._symbol_of = symbol_of
        self._made: dict[str, Symbol] = {}

    def __getitem__(self, name: str) -> Symbol:
        found = self._made.get(name)
        if found is None:
            if name not in self._names:
                raise KeyError(name)
            found = self._made[name] = self._symbol_of(self._fields[name])
        return found

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


class ModelVocabulary:
    """Of `model`, without the entities and (entity, field) pairs in `hidden`. Entities are linked when first asked for, then kept.

    `symbol_of` says otherwise than the field's type what a field is; `meta.computed` needs that while it works out types.
    """

    def __init__(self, model: Model, hidden: frozenset[str | Name] = frozenset(), symbol_of: SymbolOf | None = None) -> None:
        self._model = model
        self._hidden = hidden
        self._symbol_of = symbol_of or (lambda field: model.types[field.type].symbol(field))
        self._entities: dict[str, EntityNames] = {}
        self._choices: dict[str, tuple[ChoiceName, ...]] = {}

    def entity(self, name: str) -> EntityNames | None:
        found = self._entities.get(name)
        if found is None:
            entity = self._model.entities.get(name)
            if entity is None or name in self._hidden:
                return None
            found = self._entities[name] = self._names_of(entity)
        return found

    def choices(self, name: str) -> Sequence[ChoiceName] | None:
        found = self._choices.get(name)
        if found is None:
            known = self._model.choices.get(name)
            if known is None:
                return None
            found = self._choices[name] = tuple(ChoiceName(value.name, value.label) for value in known.values.values())
        return found

    def _names_of(self, entity: Entity) -> EntityNames:
        seen = tuple(name for name in entity.fields if name not in _UNSEEN and (entity.name, name) not in self._hidden)
        related = {item.name: item for item in self._related(entity)}
        former = {name: found.hint for name, found in entity.former.items() if not found.now or found.now in seen}
        return EntityNames(entity.name, entity.label, _Symbols(entity.fields, seen, self._known), related, former)

    def _known(self, field: Field) -> Symbol:
        """What a field is, without the names of hidden entities it may point at: that it may point at others stays."""
        found = self._symbol_of(field)
        if field.type != "polymorphic_lookup" or self._hidden.isdisjoint(found.type.entities):
            return found
        return replace(found, type=replace(found.type, entities=tuple("…" if name in self._hidden else name for name in found.type.entities)))

    def _related(self, entity: Entity) -> Iterator[Related]:
        """Its own many-to-many fields, then what points at it under an inverse name; a list whose field is hidden is not there."""
        for field in entity.fields.values():
            if field.type == "many_to_many" and self._seen(entity.name, field.name) and field.options["to"] not in self._hidden:
                yield Related(field.name, entity.name, field.options["to"], field.name, "link")
        for reference in entity.references:
            if reference.inverse and reference.inverse not in entity.fields and self._seen(reference.entity, reference.field):
                yield Related(reference.inverse, entity.name, reference.entity, reference.field, self._via(reference))

    def _seen(self, entity: str, field: str) -> bool:
        return entity not in self._hidden and (entity, field) not in self._hidden

    def _via(self, reference: Reference) -> Literal["lookup", "polymorphic", "inverse link"]:
        kind = self._model.entities[reference.entity].fields[reference.field].type
        return "inverse link" if kind == "many_to_many" else "polymorphic" if kind == "polymorphic_lookup" else "lookup"
