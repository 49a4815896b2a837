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


def outermost(node: Node) -> Iterator[FieldRef | Aggregate]:
    """Every field and aggregate of `node`; what is inside an aggregate speaks of other rows and is left to it."""
    if isinstance(node, (FieldRef, Aggregate)):
        yield node
        return
    for child in children(node):
        yield from outermost(child)


def members(node: Apply) -> list[Node]:
    """`a and b and c` as its three parts: the operands of a row of one and the same operator, in source order."""
    found: list[Node] = []
    waiting: list[Node] = [node]
    while waiting:
        here = waiting.pop()
        if isinstance(here, Apply) and here.function == node.function:
            waiting.extend(reversed(here.arguments))
        else:
            found.append(here)
    return found
