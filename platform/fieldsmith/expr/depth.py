"""How deep the SQL of a checked tree nests, and where it has to be cut.

Two things bear little: SQLite's parser has a stack of 100, of which a call within a call takes three and a SWITCH eleven, and
SQLAlchemy goes down a statement by Python's calls, up to seventy for a power on PostgreSQL. Weights are what one step was
measured to take at most: places of SQLite's stack, or five of Python's calls. Whole rows of `and`, `or` and `&` are one step.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from fieldsmith.expr.nodes import Aggregate, Apply, Constant, FieldRef, Node, children, members
from fieldsmith.expr.types import Kind

LIMIT = 60
"""Weight that may nest as SQL; what is heavier is computed another way (`sql_deep`)."""
INSIDE = 40
"""The same inside an aggregate, which adds to what is around it."""
ABOVE = 20
"""Weight of conditions around a heavy part that still stay SQL, for the sake of indexes."""
MOST_NODES = 400
"""SQLite: parts one value may have as SQL. Few, because SQLAlchemy takes about 50 microseconds for each."""
MOST_ARGUMENTS = 100
"""SQLite calls functions with at most 127."""

_AGGREGATE = 10
_USUAL = 5
_ROWS = frozenset({"and", "or", "&"})
_ANY_NUMBER = _ROWS | {"in", "SWITCH"}
_CONDITIONS = frozenset({"and", "or", "not"})
_COMPARISONS = frozenset({"=", "<>", "<", "<=", ">", ">=", "in"})
_DAY_PARTS = dict.fromkeys(("YEAR", "QUARTER", "MONTH", "DAY", "WEEKDAY", "HOUR", "MINUTE", "DATEOF"), 11)
_SPANS = dict.fromkeys(("DAYSBETWEEN", "MINUTESBETWEEN", "MONTHSBETWEEN", "WORKDAYSBETWEEN"), 11)
_SEARCHES = dict.fromkeys(("CONTAINS", "STARTSWITH", "ENDSWITH"), 11)

# function → weight, or the weights of its arguments, of which the last counts for all that follow
_Weights = Mapping[str, int | tuple[int, ...]]
_SQLITE: _Weights = {
    **{"and": 2, "or": 2, "not": 2, "&": 3, "+": (3, 5), "-": (3, 11), "*": (3, 5), "/": (3, 5), "negate": 3, "^": 3, "POWER": 3, "to_scale": 3},
    **{"SWITCH": 11, "in": 11, "LEN": 6, "FIND": 6, "SUBSTITUTE": (4, 5, 9), "SIGN": 7, "ENDOF": 7, "DATE": 11, "DATETIME": 11, "INCLUDES": 7},
    **dict.fromkeys(("UPPER", "LOWER", "TRIM", "INITIALS", "ABS", "SQRT", "VALUE"), 3),
    **{**_DAY_PARTS, **_SPANS, **_SEARCHES},
}
_POSTGRESQL: _Weights = {
    **{"and": 3, "or": 3, "not": 3, "&": 4, "*": 11, "+": 9, "-": 9, "/": 7, "^": 14, "POWER": 14, "SQRT": 11, "VALUE": 11, "ROUND": 9, "negate": 3},
    **{"LEFT": 13, "RIGHT": 13, "MID": 16, "UPPER": 8, "LOWER": 8, "TRIM": 8, "INITIALS": 11, "SUBSTITUTE": 8, "MOD": 9, "DATE": 9, "DATETIME": 9},
    **dict.fromkeys(("to_scale", "store"), 8),
    **_SEARCHES,
}


def parts(node: Node) -> Sequence[Node]:
    """The nodes below, of a row of `and`, `or` or `&` all members; nothing for an aggregate, whose inside is a statement of its own."""
    if not isinstance(node, Apply):
        return ()
    if node.function not in _ROWS:
        return node.arguments
    return members(node)


def below(node: Node) -> Iterator[Apply | Aggregate]:
    """`node` and what is below it, without fields and constants; parents last."""
    waiting: list[tuple[Node, bool]] = [(node, False)]
    while waiting:
        here, seen = waiting.pop()
        if not isinstance(here, (Apply, Aggregate)):
            continue
        if seen:
            yield here
        else:
            waiting.append((here, True))
            waiting.extend((part, False) for part in reversed(parts(here)))


class Measured:
    """Of everything below a node, as SQL of one of the databases: weight, nodes (without constants listed) and whether a call is too broad."""

    def __init__(self, node: Node, sqlite: bool) -> None:
        self._sqlite = sqlite
        self._weights = _SQLITE if sqlite else _POSTGRESQL
        self._found: dict[int, tuple[int, int, bool]] = {}
        self._measure(node)

    def fits(self, node: Node, room: int) -> bool:
        """Whether `node` can be written as SQL where `room` is left."""
        height, nodes, broad = self._found.get(id(node), _LEAF)
        return height <= room and not (self._sqlite and (broad or nodes > MOST_NODES))

    def weight(self, node: Node, position: int) -> int:
        """Of the argument at `position`."""
        if not isinstance(node, Apply):
            return 0
        found = self._weights.get(node.function, _USUAL)
        return found if isinstance(found, int) else found[min(position, len(found) - 1)]

    def own(self, node: Apply | Aggregate) -> int:
        """Of `node` when all it reads is fields."""
        if isinstance(node, Aggregate):
            return self._found[id(node)][0]
        found = self._weights.get(node.function, _USUAL)
        return found if isinstance(found, int) else max(found)

    def _measure(self, node: Node) -> tuple[int, int, bool]:
        """Calls itself: the checker lets through only so deep a tree, and ordinary ones must cost little."""
        if isinstance(node, Apply):
            function = node.function
            broad = len(node.arguments) > MOST_ARGUMENTS and function not in _ANY_NUMBER
            height, nodes = self.own(node), 1
            for position, part in enumerate(parts(node)):
                inner, count, wide = self._measure(part)
                if inner:
                    height = max(height, inner + self.weight(node, position))
                if count and not (function == "in" and isinstance(part, Constant)):
                    nodes += count
                broad = broad or wide
        elif isinstance(node, Aggregate):
            inside = max((self._measure(part)[0] for part in children(node)), default=0)
            height, nodes, broad = _AGGREGATE + min(INSIDE, inside), 10, False
        else:
            return _LEAF
        found = self._found[id(node)] = height, nodes, broad
        return found


_LEAF = (0, 1, False)


def stays(node: Node) -> bool:
    """Whether `node` is a condition that an index may serve although a part of it is heavy: it stays SQL around that part."""
    if not isinstance(node, Apply):
        return False
    if node.function in _CONDITIONS:
        return True
    if node.function == "in":
        return isinstance(node.arguments[0], FieldRef) and len(node.arguments) <= MOST_ARGUMENTS
    return node.function in _COMPARISONS and any(isinstance(side, FieldRef) for side in node.arguments)


def is_blank(node: Node) -> bool:
    """Whether `node` can only be blank, whatever it computes."""
    return node.type.kind is Kind.BLANK
