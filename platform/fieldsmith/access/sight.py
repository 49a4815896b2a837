"""`Sight`: what one set of roles makes of the model: entities, fields, rights and how far they go. Made by `Policy.sight` only.

It stands wherever something is compiled or kept for a reader: two readers with the same sight see the same columns. Compared by
identity, since the policy makes one for each set of roles. Which *rows* they see depends on the person too: see `access.rows`.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field, replace

from fieldsmith.expr.nodes import Aggregate, FieldRef, Node, walk
from fieldsmith.fields.base import Field
from fieldsmith.meta.roles import Portal, Right, Scope
from fieldsmith.meta.vocabulary import Name

NOTHING: Mapping[Right, Scope] = {}


@dataclass(frozen=True, eq=False)
class Sight:
    """`hidden` are entities and (entity, field) pairs that do not exist for the reader; `masked` fields are shown as masks and not otherwise used.

    `rights`: entity → right → scope, without those that are "none". `locked`: fields shown and not changed. `limits`: entity →
    expressions all of whose records must fulfil. `everything`: administrators and the platform itself.
    """

    roles: tuple[str, ...]
    everything: bool = False
    hidden: frozenset[str | Name] = frozenset()
    masked: frozenset[Name] = frozenset()
    locked: frozenset[Name] = frozenset()
    rights: Mapping[str, Mapping[Right, Scope]] = field(default_factory=dict)
    limits: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    portal: Portal | None = None

    @property
    def unspoken(self) -> frozenset[str | Name]:
        """What expressions of the reader may not name: the hidden and the masked."""
        return self.hidden | self.masked if self.masked else self.hidden

    def __contains__(self, name: object) -> bool:
        """Is the entity, or the (entity, field) pair, hidden?"""
        return name in self.hidden

    def entity(self, name: str) -> str | None:
        """The name of an entity as the reader may know it: None where it is hidden."""
        return None if name in self.hidden else name

    def leads_nowhere(self, item: Field) -> bool:
        """Is it a lookup to nothing but hidden entities? Then its reader can put nothing into it."""
        to = item.options.get("to")
        return to in self.hidden if isinstance(to, str) else isinstance(to, (list, tuple)) and self.hidden.issuperset(to)

    def targets(self, item: Field) -> Field:
        """A lookup to several entities with those of them that are there for the reader; any other field as it is."""
        if item.type != "polymorphic_lookup" or self.hidden.isdisjoint(item.options["to"]):
            return item
        return replace(item, options={**item.options, "to": [name for name in item.options["to"] if name not in self.hidden]})

    def hides(self, entity: str, field: str) -> bool:
        return (entity, field) in self.hidden

    def masks(self, entity: str, field: str) -> bool:
        return (entity, field) in self.masked

    def locks(self, entity: str, field: str) -> bool:
        """May the reader see the field without changing it? True for masked ones too."""
        return (entity, field) in self.locked

    def scope(self, right: Right, entity: str) -> Scope:
        """How far `right` goes on `entity`."""
        return "all" if self.everything else self.rights.get(entity, NOTHING).get(right, "none")


def reads_any(node: Node, names: Container[str | Name]) -> bool:
    """Does an expression read one of the fields, or of the entities, on its way over lookups and through related lists too?"""
    for part in walk(node):
        read = [(symbol.entity, symbol.field) for symbol in (*part.hops, part.symbol)] if isinstance(part, FieldRef) else []
        if isinstance(part, Aggregate):
            read = [(part.related.entity, part.related.field), *((hop.entity, hop.field) for hop in part.hops)]
        if any(entity in names or (entity, field) in names for entity, field in read):
            return True
    return False
