"""No expression that the checker lets through fails, hangs or swells in SQL: every function nested as deep as it goes, wide rows, random depths."""

from __future__ import annotations

import time
from functools import cache
from random import Random

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from fieldsmith.expr import depth
from fieldsmith.expr.errors import ExpressionError
from fieldsmith.expr.nodes import Apply, Node, walk
from fieldsmith.expr.to_sql import SqlCompiler
from fieldsmith.expr.vocabulary import Calendar
from tests.expr.deep_patterns import PATTERNS, TABLE, deepest
from tests.expr.evaluators import FUNCTIONS, Context, Database, by_python, checked
from tests.expr.random_world import random_records
from tests.expr.world import vocabulary
from tests.expr.world_rows import Records
from tests.expr.world_sql import WorldColumns

CONTEXT = Context(
    **{"user": 1, "zone": "Europe/Berlin", "calendar": Calendar(4, (1, 2, 3, 4, 5), frozenset({"2026-12-25"}))},  # type: ignore[arg-type]
    params={f"p{number}": "integer" for number in range(250)},
    values={f"p{number}": number for number in range(250)},
)
PLACE = CONTEXT.place("deal")
LONGEST_SQL = 300_000
BUILDING = 4.0  # seconds of processor time, on a machine that is busy
"""Seconds of this process to make SQL: a hundred times what it takes alone on a machine, never what a blow-up would."""
_ONLY_IN_RULES = {"ISNEW", "CHANGED"}
_MADE_BY_THE_CHECKER = {"to_scale", "store", "negate"}


@cache
def records() -> Records:
    return random_records(Random(3))


def row(sign: str, leaf: str, count: int) -> str:
    """So many leaves joined two and two, `#` in one its number."""
    texts = [leaf.replace("#", str(number)) for number in range(count)]
    while len(texts) > 1:
        pairs = [texts[start : start + 2] for start in range(0, len(texts), 2)]
        texts = [f"({f' {sign} '.join(pair)})" for pair in pairs]
    return texts[0]


def alternating(count: int) -> str:
    source = "active"
    for number in range(count):
        source = f"not ({source} or d2 = {number}) and quantity <> {number}"
    return source


HOSTILE = {
    "or": row("or", "d2 = #", 480),
    "and or": alternating(14),
    "joined": row("&", "code", 800),
    "upper": row("&", "UPPER(code)", 500),
    "sum": row("+", "d2", 1000),
    "product": row("*", "d2", 1000),
    "quotient": row("/", "d2", 1000),
    "conditions": row("+", "IF(active, d2, d4)", 240),
    "listed": f"quantity in ({','.join(map(str, range(1900)))})",
    "listed fields": f"quantity in ({', '.join(['score'] * 990)})",
    "listed deep": f"(quantity + 1) in ({', '.join(['score'] * 990)})",
    "coalesce": f"COALESCE({', '.join(['d2'] * 1900)})",
    "least": f"MIN({', '.join(['d2'] * 1900)})",
    "least text": f"MIN({','.join(['name'] * 1900)})",
    "cases": f"SWITCH(quantity, {', '.join(f'{number}, d2' for number in range(900))}, 5)",
    "cases of cases": "SWITCH(" * 5 + "quantity" + (", " + ", ".join(f"{number}, {number}" for number in range(60)) + ")") * 5,
    "many parameters": row("+", "params.p#", 250),
    "parameters compared": f"MAX({', '.join(f'params.p{number}' for number in range(250))}, quantity)",
    "aggregates": row("+", "SUM(lines.price where quantity > #)", 60),
    "deep in an aggregate": f"SUM(lines.price where {'not (' * 40}quantity > parent.quantity{')' * 40})",
    "heavy in an aggregate": f"COUNT(lines where {'IF(quantity in (1, parent.score), ' * 9}cancelled{', true)' * 9}) + 1",
    "growing": "SUBSTITUTE(" * 30 + "name" + ', "a", "aaaaaaaaaaaaaaaaaaaaaaaaaa")' * 30,
    "powers": "(" * 20 + "d8" + " ^ 30)" * 20,
    "negative powers": "(" * 20 + "d8" + " ^ -30)" * 20,
    "only blank": "COALESCE(" + "IF(active, " * 28 + "blank" + ", blank)" * 28 + ", d2)",
}


def same_everywhere(node: Node, database: Database) -> None:
    began = time.process_time()
    columns = WorldColumns(database.tables, "deal", CONTEXT.params)
    value = SqlCompiler(FUNCTIONS, vocabulary(), CONTEXT.calendar, database.dialect, columns).value(node)
    text = str(sa.select(value).select_from(columns.source).compile(dialect=database.engine.dialect))
    assert time.process_time() - began < BUILDING
    assert len(text) < LONGEST_SQL
    ids = sorted(records().by_entity["deal"])
    assert database.answers([node], "deal", ids, CONTEXT) == by_python([node], "deal", records(), ids, CONTEXT)


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def filled(request: pytest.FixtureRequest) -> Database:
    """The world on either database with the same records for all tests here."""
    found: Database = request.getfixturevalue(f"world_on_{request.param}")
    found.fill(records())
    return found


@pytest.mark.parametrize(("seed", "pattern"), TABLE, ids=[pattern for _, pattern in TABLE])
def test_as_deep_as_the_checker_allows(filled: Database, seed: str, pattern: str) -> None:
    _, node = deepest(seed, pattern, PLACE)
    same_everywhere(node, filled)


@pytest.mark.parametrize("source", HOSTILE.values(), ids=HOSTILE.keys())
def test_wide_and_growing(filled: Database, source: str) -> None:
    same_everywhere(checked(source, PLACE), filled)


def test_every_function_is_nested() -> None:
    found = {part.function for seed, pattern in TABLE for part in walk(checked(pattern.replace("□", seed), PLACE)) if isinstance(part, Apply)}
    assert set(FUNCTIONS) - found - _ONLY_IN_RULES - _MADE_BY_THE_CHECKER == set()


def _random_tree(chance: Random, levels: int) -> str:
    """Patterns put into each other; those of another kind follow where one leads to it."""
    seed = chance.choice(list(PATTERNS))
    patterns = [pattern for of, pattern in TABLE if of == seed and pattern.count("□") == 1]
    source = seed
    for _ in range(levels):
        source = chance.choice(patterns).replace("□", f"({source})" if source != seed else seed)
    return source


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
@given(chance=st.randoms(use_true_random=False), levels=st.integers(12, 40))
def test_random_depths(filled: Database, chance: Random, levels: int) -> None:
    node: Node | None = None
    while node is None:
        try:
            node = checked(_random_tree(chance, levels), PLACE)
        except ExpressionError:  # too deep already: every level of a pattern is one or more of the checker's
            levels -= 1
    same_everywhere(node, filled)


@pytest.mark.parametrize("source", ["account = 1 and IF(active, d2 > 1, false)", "closed_on >= STARTOF(TODAY(), 'month')", "d2 + d4 * 3 > 5 or name = 'a'"])
def test_ordinary_conditions_are_plain_sql(filled: Database, source: str) -> None:
    compiler = SqlCompiler(FUNCTIONS, vocabulary(), CONTEXT.calendar, filled.dialect, WorldColumns(filled.tables, "deal", {}))
    compiler.condition(checked(source, PLACE))
    assert compiler.pieces == {}


def test_a_heavy_operand_leaves_the_columns_beside_it_to_an_index(filled: Database) -> None:
    heavy = "IF(d2 > 1, " * 25 + "closed_on" + ", started_on)" * 25
    columns = WorldColumns(filled.tables, "deal", {})
    compiler = SqlCompiler(FUNCTIONS, vocabulary(), CONTEXT.calendar, filled.dialect, columns)
    condition = compiler.condition(checked(f"account = 7 and closed_on >= {heavy}", PLACE))
    text = str(condition.compile(dialect=filled.engine.dialect))
    assert text.split(" AND ")[0].startswith("w_deal_1.account = ")
    assert " AND w_deal_1.closed_on >= " in text
    assert compiler.registered & {"fs_program", "chain"}


def test_what_is_flat_is_measured_once() -> None:
    node = checked("d2 + d4 * 3", PLACE)
    assert depth.Measured(node, sqlite=True).fits(node, depth.LIMIT)
    assert not depth.Measured(node, sqlite=False).fits(node, 3)
