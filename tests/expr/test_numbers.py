"""Number functions at their edges, on every evaluator; and which stored formulas SQLite computes without registered functions."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from fieldsmith.expr.nodes import Apply, Node
from fieldsmith.expr.types import BOOLEAN, INTEGER, Type, decimal
from tests.databases import DEFAULT_SERVER
from tests.expr.number_tables import Numbers, by_python, sqlite_with_functions
from tests.expr.number_trees import HERE, ROWS, apply, constant, expected, field


def postgresql_engine() -> sa.Engine:
    """The tests' server, or a skip where there is none."""
    engine = sa.create_engine(os.environ.get("FIELDSMITH_TEST_POSTGRES", DEFAULT_SERVER))
    try:
        engine.connect().close()
    except sa.exc.OperationalError:
        pytest.skip("no PostgreSQL server")
    return engine


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def numbers(request: pytest.FixtureRequest) -> Iterator[Numbers]:
    engine = sqlite_with_functions() if request.param == "sqlite" else postgresql_engine()
    with engine.connect() as connection:
        yield Numbers(connection)
    engine.dispose()


_CASES: list[tuple[Node, int | None]] = [
    (apply("*", constant(10**18 - 1), constant(10**18 - 1)), (10**18 - 1) ** 2),
    (apply("*", constant(10**19), constant(10**19)), None),
    (apply("*", constant(10**19), constant(10**19 - 1)), 10**38 - 10**19),
    (apply("+", constant(10**38 - 1), constant(1)), None),
    (apply("+", constant(2**63 - 1), constant(1)), 2**63),
    (apply("-", constant(-(2**63)), constant(1)), -(2**63) - 1),
    (apply("*", constant(5, 8), constant(1, 1)), 1),
    (apply("*", constant(-5, 8), constant(1, 1)), -1),
    (apply("*", constant(4, 8), constant(1, 1)), 0),
    (apply("/", constant(2), constant(3)), 66666667),
    (apply("/", constant(-2), constant(3)), -66666667),
    (apply("/", constant(1), constant(0)), None),
    (apply("/", constant(10**30 - 1), constant(7)), 14285714285714285714285714285700000000),
    (apply("/", constant(10**30), constant(1)), None),
    (apply("/", constant(1), constant(2 * 10**8)), 1),
    (apply("MOD", constant(-7), constant(3)), 2),
    (apply("MOD", constant(7), constant(-3)), -2),
    (apply("MOD", constant(7), constant(0)), None),
    (apply("MOD", constant(75, 1), constant(2)), 15),
    (apply("ROUND", constant(25, 1), constant(0)), 3),
    (apply("ROUND", constant(-25, 1), constant(0)), -3),
    (apply("ROUND", constant(1250), constant(-2)), 1300),
    (apply("ROUND", constant(15, 1)), 2),
    (apply("FLOOR", constant(-25, 1)), -3),
    (apply("CEILING", constant(-25, 1)), -2),
    (apply("POWER", constant(0), constant(0)), 1),
    (apply("POWER", constant(0), constant(-1)), None),
    (apply("POWER", constant(None), constant(0)), None),
    (apply("POWER", constant(2), constant(-30)), 0),
    (apply("POWER", constant(10), constant(30)), 10**30),
    (apply("POWER", constant(19), constant(30)), None),
    (apply("POWER", constant(-15, 1), constant(3)), -3375),
    (apply("POWER", constant(5, 1), constant(30)), 0),
    (apply("SQRT", constant(2)), 141421356),
    (apply("SQRT", constant(-1)), None),
    (apply("SQRT", constant(-1, 2)), None),
    (apply("SQRT", constant(10**38 - 1)), 10**27),
    (apply("SQRT", constant(225, 18)), 2),
    (apply("ABS", constant(-(2**63))), 2**63),
    (apply("SIGN", constant(-(10**30))), -1),
    (apply("MIN", constant(None), constant(3), constant(15, 1)), 15),
    (apply("MAX", constant(None), constant(None)), None),
    (apply("store", constant(10**18), type_=INTEGER), None),
    (apply("store", constant(10**18 - 1), type_=INTEGER), 10**18 - 1),
    (apply("store", constant(-(10**18)), type_=INTEGER), None),
    (apply("store", constant(10**16, 0), type_=decimal(2)), None),
    (apply("store", constant(-999995, 5), type_=decimal(4)), -100000),
]


def test_edges_in_the_database(numbers: Numbers) -> None:
    nodes = [node for node, _ in _CASES]
    assert numbers.answers(nodes)[0] == [value for _, value in _CASES]


def test_a_number_beside_the_least_integer_is_not_it(numbers: Numbers) -> None:
    """SQLite took the digits of -2^63 - 2 for a REAL beside a column, which equals -2^63."""
    beyond = apply("ROUND", apply("negate", field("i")), constant(-1))
    least, floor = field("j"), apply("FLOOR", field("j"))
    nodes: list[Node] = [
        *(apply(symbol, *pair) for symbol in ("=", "<") for pair in ((floor, beyond), (beyond, floor))),
        Apply("in", (floor, constant(7), beyond), BOOLEAN, HERE),
        *(apply(symbol, *pair) for symbol in ("=", "<>", "<", "<=") for pair in ((least, beyond), (beyond, least))),
        *(Apply("in", (sought, item, constant(7)), BOOLEAN, HERE) for sought, item in ((least, beyond), (beyond, least))),
        *(Apply("SWITCH", (sought, case, constant(1), constant(2)), INTEGER, HERE) for sought, case in ((least, beyond), (beyond, least))),
    ]
    wanted = [[expected(node, row) for node in nodes] for row in ROWS]
    assert wanted[0][:5] == [False, False, False, True, False]
    assert wanted[0][5:] == [False, False, True, True, False, True, False, True, False, False, 2, 2]
    assert numbers.answers(nodes) == wanted
    assert by_python(nodes) == wanted


@pytest.mark.parametrize(("node", "value"), _CASES)
def test_edges_in_python(node: Node, value: int | None) -> None:
    assert by_python([node], ROWS[:1]) == [[value]]


def _store(node: Node, type_: Type) -> Node:
    return apply("store", node, type_=type_)


_MONEY = decimal(2)
_A, _B, _I, _J, _C = (field(name) for name in "abijc")
_NATIVE = [
    _store(apply("*", _A, constant(2)), _MONEY),
    _store(apply("*", _A, constant(119, 2)), _MONEY),
    _store(apply("*", _A, constant(1, 1)), _MONEY),
    _store(apply("*", constant(195, 1), _A), _MONEY),
    _store(apply("/", _A, constant(100)), _MONEY),
    _store(apply("*", _A, _I), _MONEY),
    _store(apply("*", _A, _C), _MONEY),
    _store(apply("*", _A, _B), INTEGER),
    _store(apply("+", _A, _B), _MONEY),
    _store(apply("-", apply("*", _A, _I), _B), _MONEY),
    _store(apply("*", apply("+", _I, _J), constant(3)), INTEGER),
    _store(apply("negate", _I), INTEGER),
    _store(apply("ABS", _I), INTEGER),
    _store(apply("ROUND", _A, constant(0)), INTEGER),
    _store(apply("FLOOR", _C), INTEGER),
    _store(apply("POWER", _I, constant(2)), INTEGER),
    _store(apply("IF", apply(">", _A, constant(100000)), apply("*", _A, constant(1, 1)), constant(0)), _MONEY),
    _store(apply("COALESCE", _A, constant(0)), _MONEY),
    _store(apply("MIN", _A, _B), _MONEY),
    _store(apply("MOD", _I, constant(7)), INTEGER),
]


@pytest.mark.parametrize("node", _NATIVE, ids=[str(at) for at in range(len(_NATIVE))])
def test_plain_formulas_need_no_registered_function(node: Node) -> None:
    with sqlite_with_functions().connect() as connection:
        numbers = Numbers(connection)
        compiler = numbers.compiler()
        compiler.value(node)
        assert compiler.registered == set()
        assert [row[0] for row in numbers.answers([node])] == [expected(node, row) for row in ROWS]


@pytest.mark.parametrize("node", _NATIVE, ids=[str(at) for at in range(len(_NATIVE))])
def test_plain_formulas_can_be_generated_columns(numbers: Numbers, node: Node) -> None:
    kind = "STORED" if numbers.dialect == "postgresql" else "VIRTUAL"
    bare = numbers.text(node).replace("numbers.", "")
    numbers.connection.exec_driver_sql(f"ALTER TABLE numbers ADD COLUMN g NUMERIC(38, {node.type.scale}) GENERATED ALWAYS AS ({bare}) {kind}")
    try:
        found = list(numbers.connection.exec_driver_sql("SELECT g FROM numbers ORDER BY id").scalars())
    finally:
        numbers.connection.exec_driver_sql("ALTER TABLE numbers DROP COLUMN g")
    scale = node.type.scale if numbers.dialect == "postgresql" else 0
    assert [None if value is None else int(value * 10**scale) for value in found] == [expected(node, row) for row in ROWS]
