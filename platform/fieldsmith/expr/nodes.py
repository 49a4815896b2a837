"""The checked tree: every node knows its type and its place in the source. Both compilers read it and nothing else.

Operators and functions are one kind of node, `Apply`, whose meaning is a row of the function table.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from fieldsmith.expr.syntax import Span
from fieldsmith.expr.types import Type
from fieldsmith.expr.vocabulary import Related, Symbol

Root = Literal["record", "old", "user", "params", "parent"]


@dataclass(frozen=True, slots=True)
class Constant:
    """`value` is in the form `types` describes: a decimal is a scaled whole number, blank is None."""

    value: Any
    type: Type
    span: Span


@dataclass(frozen=True, slots=True)
class FieldRef:
    """A field reached from `root` over lookups `hops`. A part (`amount.currency`) is a symbol of its own.

    `user` alone is the acting user's id: root "user", no hops, symbol of the id. Params have root "params".
    """

    root: Root
    hops: tuple[Symbol, ...]
    symbol: Symbol
    type: Type
    span: Span

    @property
    def path(self) -> str:
        """`account.owner.name`, without the root."""
        return ".".join([*(hop.name for hop in self.hops), self.symbol.name])


@dataclass(frozen=True, slots=True)
class Apply:
    """`function` is a key of the function table: "IF", "+", "and", "in" …"""

    function: str
    arguments: tuple[Node, ...]
    type: Type
    span: Span


@dataclass(frozen=True, slots=True)
class Aggregate:
    """COUNT, SUM, AVG, MIN or MAX over the records `related` to the one that `root` and `hops` lead to.

    Inside `value` and `where` root "record" is the child and "parent" the expression's own record, wherever `hops` lead. `value` is None for COUNT of records.
    """

    function: str
    root: Root
    hops: tuple[Symbol, ...]
    related: Related
    value: Node | None
    where: Node | None
    type: Type
    span: Span


Node = Constant | FieldRef | Apply | Aggregate


def children(node: Node) -> tuple[Node, ...]:
    """The nodes directly below, in source order."""
    if isinstance(node, Apply):
        return node.arguments
    if isinstance(node, Aggregate):
        return tuple(part for part in (node.value, node.where) if part is not None)
    return ()


def walk(node: Node) -> Iterator[Node]:
    """`node` and everything below it, parents first."""
    waiting = [node]
    while waiting:
        here = waiting.pop()
        yield here
        waiting.extend(reversed(children(here)))
