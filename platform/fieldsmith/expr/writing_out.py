"""Formulas without a column, put in the place of their names: one tree that reads columns only.

Done before any SQL: compilers take a field for something cheap that may be written twice, which a formula is not. The whole may
be no larger than `MAX_NODES` and `MAX_DEPTH`, else `TooLarge`; `meta` refuses models in which a formula alone is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from fieldsmith.expr.nodes import Aggregate, Apply, Constant, FieldRef, Node, Root, children, walk
from fieldsmith.expr.types import BOOLEAN, Kind
from fieldsmith.expr.vocabulary import Symbol

MAX_NODES = 4_000
MAX_DEPTH = 100

Behind = Callable[[FieldRef], Node | None]
"""The checked tree of the formula that a field is; None where it is read from a column."""


class TooLarge(Exception):
    """More than `MAX_NODES` nodes, or deeper than `MAX_DEPTH`, once everything is written out."""


class WrittenOut:
    """Writes out the expressions of one statement, which share its limit. `behind` is asked again for what formulas read."""

    def __init__(self, behind: Behind) -> None:
        self._behind = behind
        self._left = MAX_NODES
        self._bodies: dict[tuple[str, str], tuple[Node, int]] = {}

    def node(self, node: Node, behind: Behind | None = None) -> Node:
        """`node` itself where it reads columns only. `behind` answers for what `node` names itself."""
        found = self._written(node, behind or self._behind)
        if found is not node and depth(found) > MAX_DEPTH:
            raise TooLarge
        return found

    def _written(self, node: Node, behind: Behind) -> Node:
        if isinstance(node, FieldRef):
            body = behind(node) if node.root in ("record", "parent") else None
            return node if body is None else self._instead(node, body)
        if isinstance(node, Apply):
            arguments = tuple(self._written(item, behind) for item in node.arguments)
            return node if all(map(_same, arguments, node.arguments)) else replace(node, arguments=arguments)
        if isinstance(node, Aggregate):
            value = node.value and self._written(node.value, self._behind)
            where = node.where and self._written(node.where, self._behind)
            return node if value is node.value and where is node.where else replace(node, value=value, where=where)
        return node

    def _instead(self, ref: FieldRef, body: Node) -> Node:
        """The formula `body` of the record `ref` leads to, blank where it leads nowhere."""
        if body.type != ref.type or (ref.root == "parent" and any(isinstance(item, Aggregate) for item in walk(body))):
            return ref  # a list of the record outside cannot be named inside a list
        key = (ref.symbol.entity, ref.symbol.field)
        if key not in self._bodies:
            written = self._written(body, self._behind)
            self._bodies[key] = written, sum(1 for _ in walk(written))
        written, size = self._bodies[key]
        self._left -= size
        if self._left < 0:
            raise TooLarge
        found = _moved(written, ref.root, ref.hops)
        if not ref.hops:
            return found
        last = FieldRef(ref.root, ref.hops[:-1], ref.hops[-1], ref.hops[-1].type, ref.span)
        there = Apply("not", (Apply("ISBLANK", (last,), BOOLEAN, ref.span),), BOOLEAN, ref.span)
        nowhere = (Constant(False, BOOLEAN, ref.span),) if found.type.kind is Kind.BOOLEAN else ()
        return Apply("IF", (there, found, *nowhere), found.type, ref.span)


def depth(node: Node) -> int:
    """Nodes below each other, found level by level, so that no tree is too deep to measure."""
    level, found = [node], 0
    while level:
        found += 1
        level = [child for item in level for child in children(item)]
    return found


def _moved(node: Node, root: Root, hops: tuple[Symbol, ...]) -> Node:
    """`node`, which speaks of the record that `hops` lead to from `root`, as said from there."""
    if root == "record" and not hops:
        return node
    if isinstance(node, FieldRef):
        return replace(node, root=root, hops=(*hops, *node.hops)) if node.root == "record" else node
    if isinstance(node, Apply):
        return replace(node, arguments=tuple(_moved(item, root, hops) for item in node.arguments))
    if isinstance(node, Aggregate):
        value, where = (part and _outside_moved(part, hops) for part in (node.value, node.where))
        return replace(node, root=root, hops=(*hops, *node.hops), value=value, where=where) if node.root == "record" else node
    return node


def _outside_moved(node: Node, hops: tuple[Symbol, ...]) -> Node:
    """What the inside of a list says of the record outside; lists within speak of another."""
    if isinstance(node, FieldRef) and node.root == "parent":
        return replace(node, hops=(*hops, *node.hops))
    if isinstance(node, Apply):
        return replace(node, arguments=tuple(_outside_moved(item, hops) for item in node.arguments))
    return node


def _same(one: Node, other: Node) -> bool:
    return one is other
