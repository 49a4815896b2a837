"""Paths over lookups: `account.owner.name` from an entity to a field. Used by views, sorts, columns, exports.

A field of an entity the reader may not read answers exactly like a field that does not exist.
"""

from __future__ import annotations

from dataclasses import dataclass

from fieldsmith.base.problems import Problem
from fieldsmith.base.text import Message, _m
from fieldsmith.fields.base import Field
from fieldsmith.meta.former import hint_for
from fieldsmith.meta.model import Entity, Model
from fieldsmith.meta.vocabulary import Name

MAX_HOPS = 5
LOOKUP = "lookup"


@dataclass(frozen=True, slots=True)
class Path:
    """`hops` are the lookup fields walked, `field` is the end; `text` as it was asked for."""

    text: str
    hops: tuple[Field, ...]
    field: Field


class UnknownPath(Exception):
    """The path names nothing the reader may see."""

    def __init__(self, message: Message, hint: Message | None) -> None:
        super().__init__(str(message))
        self.message = message
        self.hint = hint

    def problem(self, pointer: str) -> Problem:
        return Problem("unknown_field", self.message, pointer, self.hint)


def resolve(model: Model, entity: Entity, text: str, hidden: frozenset[str | Name] = frozenset()) -> Path:
    """The path `text` from `entity`; raises `UnknownPath`. `hidden` are entities and fields the reader may not see or use."""
    names = text.split(".")
    if len(names) > MAX_HOPS + 1:
        raise UnknownPath(_m("“{path}” follows more than {limit} lookups.", path=text[:200], limit=MAX_HOPS), None)
    hops: list[Field] = []
    here = entity
    for name in names[:-1]:
        hop = here.fields.get(name)
        if hop is None or not _walkable(hop, hidden):
            raise _unknown(here, name, [item.name for item in here.fields.values() if _walkable(item, hidden)])
        hops.append(hop)
        here = model.entities[hop.options["to"]]
    found = here.fields.get(names[-1])
    if found is None or (found.name == "deleted_at" and hops) or (here.name, found.name) in hidden:
        raise _unknown(here, names[-1], [name for name in here.fields if (here.name, name) not in hidden])
    return Path(text, tuple(hops), found)


def _walkable(item: Field, hidden: frozenset[str | Name]) -> bool:
    return item.type == LOOKUP and item.options["to"] not in hidden and (item.entity, item.name) not in hidden


def _unknown(entity: Entity, name: str, known: list[str]) -> UnknownPath:
    return UnknownPath(_m("Unknown field “{name}” on {entity}.", name=name[:100], entity=entity.label), hint_for(name[:100], known, entity.former))
