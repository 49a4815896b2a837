"""SQL of trees that nest deeper than a database's parser, or SQLAlchemy, bears: one program on SQLite, a chain on PostgreSQL.

A chain computes the lower parts first, each in a row of a subquery beside the others, and names them:
`(SELECT p1.v5 * p0.v2 FROM (SELECT … AS v2 OFFSET 0) AS p0 CROSS JOIN LATERAL (SELECT … AS v5 OFFSET 0) AS p1)`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import visitors
from sqlalchemy.sql.functions import FunctionElement

from fieldsmith.expr import depth, program
from fieldsmith.expr.function import Sql
from fieldsmith.expr.nodes import Aggregate, Apply, Node
from fieldsmith.expr.sql_values import NUMERIC, sql_type
from fieldsmith.expr.types import Kind

if TYPE_CHECKING:
    from fieldsmith.expr.to_sql import SqlCompiler

CHAIN = "chain"
"""In `SqlCompiler.registered`: the SQL has a subquery, which no generated column may have."""
_TEXTS = frozenset({Kind.TEXT, Kind.CHOICE})


def prepare(node: Node, compiler: SqlCompiler) -> None:
    """Put into `compiler.pieces` what below `node` must not be nested as it is."""
    measured = depth.Measured(node, compiler.sqlite)
    waiting: list[tuple[Node, int]] = [(node, 0)]
    while waiting:
        here, above = waiting.pop()
        if isinstance(here, Aggregate) or measured.fits(here, compiler.room - above):
            continue
        assert isinstance(here, Apply)
        if above < depth.ABOVE and depth.stays(here):
            waiting.extend((part, above + measured.weight(here, position)) for position, part in enumerate(depth.parts(here)))
        else:
            compiler.pieces[id(here)] = here, _replaced(here, compiler, measured)


def _replaced(node: Apply, compiler: SqlCompiler, measured: depth.Measured) -> Sql:
    if depth.is_blank(node):
        return sa.null()
    return _program(node, compiler) if compiler.sqlite else _chain(node, compiler, measured)


# ----------------------------------------------------------------------------------------------------------------------- SQLite


def _program(node: Apply, compiler: SqlCompiler) -> Sql:
    """Functions this platform did not bring along stay SQL."""
    from fieldsmith.expr.functions import functions

    known = functions()
    made = program.program(node, compiler.functions, compiler.vocabulary, compiler.calendar, lambda each: each.function not in known)
    outer = compiler.within(compiler.columns)
    outer.room = compiler.room
    values = [outer.value(leaf) for leaf in made.leaves]
    if len(values) > depth.MOST_ARGUMENTS:
        step = depth.MOST_ARGUMENTS
        packed = [sa.func.json_array(*values[start : start + step], type_=sa.String()) for start in range(0, len(values), step)]
        values = [sa.func.json_array(*(sa.func.json(each) for each in packed), type_=sa.String())]
    context = [compiler.context(name) for name in ("now", "today", "zone", "language")] if made.acting else []
    text = sa.bindparam(None, made.text, type_=sa.String(), unique=True)
    return compiler.call(program.FUNCTION, text, *context, *values, type_=sql_type(node.type, "sqlite"))


# ------------------------------------------------------------------------------------------------------------------- PostgreSQL


class _Chain(FunctionElement[Any]):
    """Clauses are the parts, level by level, and what is computed of them; `levels` says how many each has: `3,1`."""

    inherit_cache = True
    _traverse_internals: ClassVar[Any] = [  # type: ignore[misc]
        *FunctionElement._traverse_internals,
        ("levels", visitors.InternalTraversal.dp_string),
    ]

    def __init__(self, levels: str, type_: sa.types.TypeEngine[Any], *clauses: Sql) -> None:
        super().__init__(*clauses)
        self.levels = levels
        self.type = type_


@compiles(_Chain)
def _write(element: _Chain, compiler: Any, **options: Any) -> str:
    """OFFSET 0 keeps the planner from putting parts back where they are used, over and over."""
    *texts, last = (compiler.process(clause, **options) for clause in element.clauses)
    rows: list[str] = []
    number = 0
    for level, count in enumerate(map(int, element.levels.split(","))):
        if not count:
            continue
        columns = ", ".join(f"{text} AS v{number + at}" for at, text in enumerate(texts[number : number + count]))
        rows.append(f"(SELECT {columns} OFFSET 0) AS fs_p{level}")
        number += count
    return f"(SELECT {last} FROM {' CROSS JOIN LATERAL '.join(rows)})"


def _chain(node: Apply, compiler: SqlCompiler, measured: depth.Measured) -> Sql:
    levels = _levels(node, compiler.room, measured)
    inner = compiler.within(compiler.columns)
    inner.settled = True
    values: list[Sql] = []
    for level, nodes in enumerate(levels):
        for part in nodes:
            if depth.is_blank(part):
                inner.pieces[id(part)] = part, sa.null()
                continue
            value = _typed(part, inner)
            inner.pieces[id(part)] = part, sa.literal_column(f"fs_p{level}.v{len(values)}", value.type)
            values.append(value)
    value = _typed(node, inner)
    counts = [sum(not depth.is_blank(part) for part in nodes) for nodes in levels]
    if not values:
        return value
    compiler.registered.add(CHAIN)
    return _Chain(",".join(map(str, counts)), value.type, *values, value)


def _levels(node: Apply, room: int, measured: depth.Measured) -> list[list[Apply | Aggregate]]:
    """What to compute before `node`: parts whose weight, with that of what stands on them, has no room. Each level reads the ones before."""
    weights: dict[int, int] = {}
    level: dict[int, int] = {}
    cut: set[int] = set()
    levels: list[list[Apply | Aggregate]] = []
    for here in depth.below(node):
        height, rank = measured.own(here), 0
        for position, part in enumerate(depth.parts(here)):
            if not isinstance(part, (Apply, Aggregate)):
                continue
            key, own = id(part), measured.weight(here, position)
            if key not in cut and weights[key] + own > room:
                cut.add(key)
                while len(levels) <= level[key]:
                    levels.append([])
                levels[level[key]].append(part)
            height = max(height, own + (0 if key in cut else weights[key]))
            rank = max(rank, level[key] + 1 if key in cut else level[key])
        weights[id(here)], level[id(here)] = height, rank
    return levels


def _typed(node: Apply | Aggregate, compiler: SqlCompiler) -> Sql:
    """The value of `node`, of a type that does not depend on what stands around it."""
    from fieldsmith.expr import postgresql_numbers

    kind = node.type.kind
    if node.type.is_number:
        number = postgresql_numbers.number(node, compiler)
        return sa.cast(number, NUMERIC) if kind is Kind.INTEGER else number
    found = compiler.value(node)
    if kind in _TEXTS:
        return sa.collate(sa.cast(found, sa.Text()), "C")
    if kind is Kind.RECORD and len(node.type.entities) > 1:
        return sa.cast(found, sa.Text())
    return sa.cast(found, sql_type(node.type, "postgresql"))
