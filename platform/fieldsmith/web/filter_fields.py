"""The fields a filter may speak of, for one reader: found by their paths, and offered by name in the filter builder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fieldsmith.base.text import Label, Message, Words, _m, in_words
from fieldsmith.expr.types import Kind, Type
from fieldsmith.expr.vocabulary import EntityNames, Related, Symbol, Vocabulary
from fieldsmith.fields.base import Field
from fieldsmith.meta.model import Model
from fieldsmith.meta.vocabulary import ModelVocabulary, Name
from fieldsmith.web.filter_operators import family_of

_MAX_HOPS = 5
_UNOFFERED = frozenset({"version"})
_UNFOLLOWED = frozenset({"created_by", "modified_by"})
"""Lookups whose own fields nobody looks for; written by hand they can be used."""
_PART_WORDS = {
    **{"amount": _m("Amount as entered"), "currency": _m("Currency")},
    **{"street": _m("Street"), "city": _m("City"), "state": _m("State or province"), "postal_code": _m("Postal code"), "country": _m("Country")},
    **{"salutation": _m("Salutation"), "first": _m("First name"), "middle": _m("Middle name"), "last": _m("Last name"), "full": _m("Full name")},
    **{"latitude": _m("Latitude"), "longitude": _m("Longitude")},
}


@dataclass(frozen=True, slots=True)
class FilterField:
    """What a row may be about: a field, a part of one, or a list of related records, perhaps over a lookup.

    `way` are the words that lead there, outermost first; `field` is None for lists.
    """

    path: str
    family: str
    way: tuple[Label | Message | str, ...]
    type: Type
    field: Field | None

    def label(self, words: Words) -> str:
        return " · ".join(str(in_words(part, words)) for part in self.way)


class FilterFields:
    """Of one entity, without the entities and fields in `hidden`."""

    def __init__(self, model: Model, entity: str, hidden: frozenset[str | Name] = frozenset()) -> None:
        self._model = model
        self._vocabulary: Vocabulary = ModelVocabulary(model, hidden) if hidden else model.vocabulary
        self._names = self._vocabulary.entity(entity)

    def find(self, path: str) -> FilterField | None:
        """What `path` leads to, None when there is no such field or a filter's row cannot be about it."""
        names, parts = self._names, path.split(".")
        gone: tuple[Label | Message | str, ...] = ()
        if len(parts) > _MAX_HOPS + 2:
            return None
        for at, part in enumerate(parts):
            if names is None:
                return None
            last = at == len(parts) - 1
            related = names.related.get(part)
            if related is not None:
                return self._list(path, related, gone) if last else None
            symbol = names.fields.get(part)
            if symbol is None:
                return None
            gone = (*gone, symbol.label)
            if last:
                return self._field(path, symbol, gone)
            if symbol.parts:
                piece = symbol.parts.get(parts[-1]) if at == len(parts) - 2 else None
                return None if piece is None else self._part(path, piece, gone)
            names = self._target(symbol)
        return None

    def offered(self) -> Sequence[tuple[Label | None, Sequence[FilterField]]]:
        """What to choose from: the entity's own under None, then those of each record it points at under the lookup's label."""
        if self._names is None:
            return ()
        lists = [self._list(name, related, ()) for name, related in self._names.related.items()]
        groups: list[tuple[Label | None, Sequence[FilterField]]] = [(None, [*self._of(self._names, "", ()), *lists])]
        for name, symbol in self._names.fields.items():
            target = None if name in _UNFOLLOWED else self._target(symbol)
            if target is not None:
                groups.append((symbol.label, list(self._of(target, f"{name}.", (symbol.label,)))))
        return groups

    def _of(self, names: EntityNames, before: str, way: tuple[Label, ...]) -> Iterator[FilterField]:
        for name, symbol in names.fields.items():
            if name in _UNOFFERED or symbol.type.kind is Kind.LIST:
                continue
            yield self._field(before + name, symbol, (*way, symbol.label))
            for short, part in symbol.parts.items():
                yield self._part(f"{before}{name}.{short}", part, (*way, symbol.label))

    def _field(self, path: str, symbol: Symbol, way: tuple[Label | Message | str, ...]) -> FilterField:
        return FilterField(path, family_of(symbol.type), way, symbol.type, self._model.entities[symbol.entity].fields[symbol.field])

    def _part(self, path: str, symbol: Symbol, way: tuple[Label | Message | str, ...]) -> FilterField:
        short = path.rpartition(".")[2]
        return FilterField(path, family_of(symbol.type), (*way, _PART_WORDS.get(short, short)), symbol.type, None)

    def _list(self, path: str, related: Related, way: tuple[Label | Message | str, ...]) -> FilterField:
        target = self._model.entities[related.entity]
        own = self._model.entities[related.owner].fields.get(related.name)
        return FilterField(path, "list", (*way, own.label if own is not None else target.plural), Type(Kind.LIST, entities=(related.entity,)), None)

    def _target(self, symbol: Symbol) -> EntityNames | None:
        if symbol.type.kind is not Kind.RECORD or len(symbol.type.entities) != 1:
            return None
        return self._vocabulary.entity(symbol.type.entities[0])
