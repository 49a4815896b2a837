"""What a checked expression depends on: which fields, which records beside its own, and what changes with time or reader.

An expression whose `needs` are empty and that is `own` gives the same answer until its own record changes: it can be stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from fieldsmith.expr.function import Function, Need
from fieldsmith.expr.nodes import Aggregate, Apply, FieldRef, Node, walk

Needed = Need | Literal["user", "params", "old"]
"""What an answer depends on beside records: `now`, `zone`, `language` and `change` of functions, and the roots of names."""


def needs(node: Node, functions: Mapping[str, Function]) -> frozenset[Needed]:
    """The union over the tree."""
    out: set[Needed] = set()
    for here in walk(node):
        if isinstance(here, Apply):
            out |= functions[here.function].needed(here)
        elif isinstance(here, FieldRef) and (here.root in ("user", "params", "old")):
            out.add(here.root)
    return frozenset(out)


def references(node: Node) -> tuple[FieldRef, ...]:
    """Every field named, in source order, those inside aggregates too."""
    return tuple(here for here in walk(node) if isinstance(here, FieldRef))


def aggregates(node: Node) -> tuple[Aggregate, ...]:
    """Every aggregate, in source order."""
    return tuple(here for here in walk(node) if isinstance(here, Aggregate))


def own(node: Node) -> bool:
    """Whether only fields of the record itself are read: no path, no list, no other root."""
    return all(here.root == "record" and not here.hops if isinstance(here, FieldRef) else not isinstance(here, Aggregate) for here in walk(node))
