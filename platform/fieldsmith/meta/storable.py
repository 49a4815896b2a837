"""Whether the value of an expression can be kept in a column: it hangs on nothing that changes without the record being written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from fieldsmith.expr.facts import needs, own, references
from fieldsmith.expr.function import Function
from fieldsmith.expr.nodes import Aggregate, Apply, FieldRef, Node, children
from fieldsmith.expr.vocabulary import Symbol

HasColumn = Callable[[Symbol], bool]


def storable(node: Node, has_column: HasColumn, functions: Mapping[str, Function]) -> bool:
    """Reads only columns of its own record, and neither the moment nor who asks."""
    return own(node) and not needs(node, functions) and all(has_column(item.symbol) for item in references(node))


def storable_rollup(node: Node, has_column: HasColumn, functions: Mapping[str, Function]) -> bool:
    """One aggregate over the records whose lookup points here, of which it reads only columns."""
    if isinstance(node, Apply) and node.function == "store":
        [node] = node.arguments
    if not isinstance(node, Aggregate) or node.root != "record" or node.hops or node.related.via not in ("lookup", "polymorphic"):
        return False
    return all(storable(part, has_column, functions) for part in (node.value, node.where) if part is not None)


def reads_of(node: Node) -> Iterator[str]:
    """The fields of the record itself that `node` reads, lookups at the start of paths too; within lists it is the parent."""
    waiting = [(node, "record")]
    while waiting:
        item, itself = waiting.pop()
        if isinstance(item, FieldRef) and item.root == itself:
            yield (item.hops[0] if item.hops else item.symbol).field
        elif isinstance(item, Aggregate):
            if item.hops:
                yield item.hops[0].field
            itself = "parent"
        waiting.extend((child, itself) for child in reversed(children(item)))
