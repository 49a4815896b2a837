"""Generated number expressions give on Python, SQLite and PostgreSQL what exact fractions give."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fieldsmith.expr.nodes import Apply, Node
from fieldsmith.expr.types import BOOLEAN, INTEGER, decimal
from tests.expr.number_tables import Numbers, by_python, sqlite_with_functions
from tests.expr.number_trees import HERE, ROWS, apply, constant, expected, field, level
from tests.expr.test_numbers import postgresql_engine

_EXTREMES = (0, 1, -1, 2, 3, 10, 100, 119, 195, -25, 10**18 - 1, -(10**18), 2**63 - 1, 2**63, 10**37, 1 - 10**38, None)
_CONSTANTS = st.builds(
    constant, st.sampled_from(_EXTREMES) | st.integers(-(10**6), 10**6) | st.integers(1 - 10**38, 10**38 - 1), st.sampled_from((0, 1, 2, 3, 8, 10))
)
_FIELDS = st.sampled_from("ijabcdz").map(field)
_EXPONENTS = st.sampled_from((0, 1, 2, 3, 5, 30, -1, -2, -7, -30)).map(constant)


def _larger(numbers: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    two = st.builds(apply, st.sampled_from(("+", "-", "*", "/", "MOD")), numbers, numbers)
    one = st.builds(apply, st.sampled_from(("negate", "ABS", "SIGN", "FLOOR", "CEILING", "SQRT")), numbers)
    scaled = st.builds(lambda name, value, scale: apply(name, value, type_=decimal(scale)), st.sampled_from(("to_scale", "store")), numbers, st.integers(0, 4))
    rounded = st.builds(lambda value, digits: apply("ROUND", value, constant(digits)), numbers, st.integers(-5, 8))
    power = st.builds(lambda value, times: apply("POWER", value, times), numbers, _EXPONENTS)
    some = st.builds(lambda name, values: apply(name, *values), st.sampled_from(("COALESCE", "MIN", "MAX")), st.lists(numbers, min_size=1, max_size=3))
    branch = st.builds(lambda condition, a, b: apply("IF", condition, a, b), _conditions(numbers), numbers, numbers)
    switch = st.builds(_switch, numbers, st.lists(_CONSTANTS | numbers, min_size=1, max_size=2), st.lists(numbers, min_size=3, max_size=3))
    return two | one | scaled | rounded | power | some | branch | switch


def _switch(sought: Node, cases: list[Node], values: list[Node]) -> Apply:
    first, *rest = level((sought, *cases))
    *then, otherwise = level(tuple(values[: len(rest) + 1]))
    pairs = [each for pair in zip(rest, then, strict=True) for each in pair]
    return Apply("SWITCH", (first, *pairs, otherwise), otherwise.type, HERE)


def _conditions(numbers: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    compared = st.builds(apply, st.sampled_from(("=", "<>", "<", "<=", ">", ">=")), numbers, numbers | _CONSTANTS)
    among = st.builds(lambda value, items: Apply("in", (value, *items), BOOLEAN, HERE), numbers, st.lists(_CONSTANTS | numbers, min_size=1, max_size=3))
    plain = compared | among | st.just(field("yes"))
    return plain | st.builds(apply, st.sampled_from(("and", "or")), plain, plain) | plain.map(lambda node: apply("not", node))


_NUMBERS: st.SearchStrategy[Node] = st.recursive(_FIELDS | _CONSTANTS, _larger, max_leaves=6)
_STORED = st.builds(lambda node, type_: apply("store", node, type_=type_), _NUMBERS, st.sampled_from((INTEGER, decimal(2), decimal(4))))
_NODES = st.lists(_NUMBERS | _STORED | _conditions(_NUMBERS), min_size=1, max_size=6)


@pytest.fixture(scope="module")
def lite() -> Iterator[Numbers]:
    with sqlite_with_functions().connect() as connection:
        yield Numbers(connection)


@pytest.fixture(scope="module")
def postgres() -> Iterator[Numbers]:
    engine: sa.Engine = postgresql_engine()
    with engine.connect() as connection:
        yield Numbers(connection)
    engine.dispose()


_settings = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def _wanted(nodes: list[Node]) -> list[list[object]]:
    return [[expected(node, row) for node in nodes] for row in ROWS]


@_settings
@given(_NODES)
def test_python_is_exact(nodes: list[Node]) -> None:
    assert by_python(nodes) == _wanted(nodes)


@_settings
@given(_NODES)
def test_sqlite_is_exact(lite: Numbers, nodes: list[Node]) -> None:
    assert lite.answers(nodes) == _wanted(nodes)


@pytest.mark.postgresql
@_settings
@given(_NODES)
def test_postgresql_is_exact(postgres: Numbers, nodes: list[Node]) -> None:
    assert postgres.answers(nodes) == _wanted(nodes)


@_settings
@given(_conditions(_NUMBERS))
def test_sqlite_filters_as_it_answers(lite: Numbers, node: Node) -> None:
    assert lite.where(node) == [row["id"] for row in ROWS if expected(node, row)]


@pytest.mark.postgresql
@_settings
@given(_conditions(_NUMBERS))
def test_postgresql_filters_as_it_answers(postgres: Numbers, node: Node) -> None:
    assert postgres.where(node) == [row["id"] for row in ROWS if expected(node, row)]
