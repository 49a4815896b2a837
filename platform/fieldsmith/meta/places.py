"""Where expressions stand in metadata: what each may speak of and must give. The services that run them compile at the same places."""

from __future__ import annotations

from fieldsmith.expr.types import BOOLEAN, Type
from fieldsmith.expr.vocabulary import Place


def formula_place(entity: str, returns: Type | None) -> Place:
    """Of a formula or rollup; `returns` None while it is still to be found out."""
    return Place(entity, expects=returns)


def default_place(entity: str, type_: Type) -> Place:
    """Of a default expression for a field of `type_`: the record is new, so nothing can point at it yet."""
    return Place(entity, expects=type_, aggregates=False)


def rule_place(entity: str) -> Place:
    """Of every expression of a rule: it may compare with the record before the change."""
    return Place(entity, expects=BOOLEAN, changes=True)


def filter_place(entity: str) -> Place:
    """Of the filter of a view, list or report."""
    return Place(entity, expects=BOOLEAN)
