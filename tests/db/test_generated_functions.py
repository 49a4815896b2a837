"""Whatever the database computes for a column is what it computes for a query: every function's examples in generated columns.

PostgreSQL refuses a column whose expression is not immutable; that would stop a publish, so no function may bring it about.
"""

from __future__ import annotations

from typing import Any

from fieldsmith.db.drift import drift
from fieldsmith.db.engine import Database
from fieldsmith.db.fill import fill_step
from fieldsmith.expr.check import check
from fieldsmith.expr.errors import ExpressionError
from fieldsmith.expr.functions import functions
from fieldsmith.expr.types import Kind
from fieldsmith.expr.vocabulary import Place
from tests.db.computing import World, deal, formula

_RETURNS = {
    Kind.TEXT: "text",
    Kind.INTEGER: "integer",
    Kind.DECIMAL: "decimal",
    Kind.BOOLEAN: "boolean",
    Kind.DATE: "date",
    Kind.DATETIME: "datetime",
    Kind.TIME: "time",
}
_OVER_FIELDS = [
    "UPPER(title) & LOWER(title)", "LEFT(title, 2) & RIGHT(title, 2) & MID(title, 2, 2)", "TRIM(title) & TEXT(amount)", "SUBSTITUTE(title, \"a\", \"b\")",
    "CONTAINS(title, \"A\")", "FIND(\"a\", title)", "LEN(title)", "VALUE(title)", "INITIALS(title)", "TEXT(closed)", "TEXT(quantity)", "TEXT(moment)",
    "amount * quantity", "amount / 3", "amount ^ 3", "MOD(quantity, 7)", "SQRT(amount)", "ROUND(amount, 1)", "FLOOR(amount)", "CEILING(amount)", "ABS(amount)",
    "YEAR(closed)", "WEEKDAY(closed)", "closed + quantity", "ADDMONTHS(closed, 1)", "STARTOF(closed, \"quarter\")", "ENDOF(closed, \"fiscal_year\")",
    "DAYSBETWEEN(closed, closed + 5)", "MONTHSBETWEEN(closed, closed + 50)", "WORKDAYSBETWEEN(closed, closed + 9)", "DATE(quantity, 2, 29)",
    "MINUTESBETWEEN(moment, moment)", "ADDMINUTES(moment, 5)", "COALESCE(amount, 1)", "SWITCH(quantity, 1, \"a\", 2, \"b\", \"c\")", "MIN(amount, quantity, 3)",
    "quantity in (1, 2, blank)", "won and not won or amount > 1", "closed < \"2026-01-01\"", "ISBLANK(title)",
]  # fmt: skip


def test_every_function_computes_the_same_in_a_column(database: Database) -> None:
    world = World(database)
    moment = {"name": "moment", "type": "datetime"}
    world.publish(deal(moment))
    sources = list(dict.fromkeys([*_examples(world), *_OVER_FIELDS]))
    wanted: dict[str, tuple[str, dict[str, Any]]] = {}
    for source in sources:
        node = world.node("deal", source)
        if node.type.kind in _RETURNS:
            scale = {"scale": node.type.scale} if node.type.kind is Kind.DECIMAL else {}
            name = f"f{len(wanted)}"
            wanted[name] = (source, formula(name, source, _RETURNS[node.type.kind], **scale))
    _compare(world, moment, wanted)


def _examples(world: World) -> list[str]:
    """Examples that stand without a record."""
    model = world.schema.model
    out = []
    for function in functions().values():
        for source, _ in function.examples:
            try:
                check(source, Place(None), model.vocabulary, model.functions)
            except ExpressionError:
                continue
            out.append(source)
    return out


def _compare(world: World, moment: dict[str, Any], wanted: dict[str, tuple[str, dict[str, Any]]]) -> None:
    world.publish(deal(moment, *(body for _, body in wanted.values())))
    world.add("deal", title="Anna ß", amount="12.34", quantity=2024, won=True)
    world.add("deal")
    with world.database.write() as connection:
        while fill_step(connection, world.schema, 100):
            pass
    with world.database.read() as connection:
        assert drift(connection, world.schema) == ()
    fields = world.schema.model.entities["deal"].fields
    assert sum(world.schema.generated(fields[name]) for name in wanted) > 50
    for name, (source, _) in wanted.items():
        if world.schema.generated(fields[name]):
            assert world.column("deal", name) == world.answers("deal", source), source
