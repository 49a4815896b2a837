"""COUNT, SUM, AVG, MIN and MAX over the rows of `number_trees` on every evaluator."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from fieldsmith.expr.environment import Env
from fieldsmith.expr.nodes import Aggregate, Node
from fieldsmith.expr.to_python import PythonCompiler
from fieldsmith.expr.types import INTEGER, decimal
from fieldsmith.expr.vocabulary import Calendar, Related
from tests.expr.number_tables import MOMENT, Numbers, Row, sqlite_with_functions
from tests.expr.number_trees import HERE, ROWS, TABLE, apply, constant, expected, field
from tests.expr.test_numbers import postgresql_engine

_LIST = Related("children", "t", "t", "parent", "lookup")


def _aggregate(function: str, value: Node | None = None, where: Node | None = None) -> Aggregate:
    type_ = INTEGER if function == "COUNT" or value is None else decimal(8) if function == "AVG" else value.type
    return Aggregate(function, "record", (), _LIST, value, where, type_, HERE)


_NONE = apply(">", field("a"), constant(10**30))
_SOME = apply(">", field("i"), constant(0))
_WIDE = apply("*", field("i"), field("j"))
_CASES: list[tuple[Aggregate, Any]] = [
    (_aggregate("COUNT"), len(ROWS)),
    (_aggregate("COUNT", None, _SOME), sum((row["i"] or 0) > 0 for row in ROWS)),
    (_aggregate("COUNT", field("a")), sum(row["a"] is not None for row in ROWS)),
    (_aggregate("COUNT", None, _NONE), 0),
    (_aggregate("SUM", field("a"), _NONE), 0),
    (_aggregate("AVG", field("a"), _NONE), None),
    (_aggregate("MAX", field("a"), _NONE), None),
    *((_aggregate("SUM", field(name)), sum(row[name] or 0 for row in ROWS)) for name in "ijabcdz"),
    *((_aggregate("MIN", field(name)), min(row[name] for row in ROWS if row[name] is not None)) for name in "ijad"),
    *((_aggregate("MAX", field(name)), max(row[name] for row in ROWS if row[name] is not None)) for name in "ijad"),
    (_aggregate("SUM", _WIDE), sum(expected(_WIDE, row) or 0 for row in ROWS)),
    (_aggregate("MIN", _WIDE), min(expected(_WIDE, row) for row in ROWS if row["i"] is not None)),
    (_aggregate("SUM", apply("+", constant(10**37), field("i"))), None),
]


def _by_python(node: Node, rows: list[dict[str, Any]]) -> Any:
    record = Row({}, [Row(row) for row in rows])
    vocabulary: Any = None
    return PythonCompiler(TABLE, vocabulary, Calendar()).evaluator(node)(Env(record, MOMENT))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def engine(request: pytest.FixtureRequest) -> Iterator[Any]:
    found = sqlite_with_functions() if request.param == "sqlite" else postgresql_engine()
    yield found
    found.dispose()


@pytest.mark.parametrize(("node", "value"), _CASES)
def test_in_python(node: Aggregate, value: Any) -> None:
    assert _by_python(node, ROWS) == value


def test_in_the_database(engine: Any) -> None:
    with engine.connect() as connection:
        numbers = Numbers(connection)
        assert numbers.answers([node for node, _ in _CASES])[0] == [value for _, value in _CASES]
        connection.rollback()


_MEANS: list[tuple[list[int | None], int | None]] = [
    ([1, 1, 2, None], 1333333),
    ([1, -1], 0),
    ([-1, -1, -3], -1666667),
    ([10**18 - 1, 10**18 - 1, 10**18 - 1], (10**18 - 1) * 10**6),
    ([None], None),
]


@pytest.mark.parametrize(("values", "mean"), _MEANS)
def test_average_skips_blanks_and_rounds_once(engine: Any, values: list[int | None], mean: int | None) -> None:
    rows = [{**ROWS[1], "id": at, "a": value} for at, value in enumerate(values, 1)]
    node = _aggregate("AVG", field("a"))
    with engine.connect() as connection:
        assert Numbers(connection, rows).answers([node])[0] == [mean]
        connection.rollback()
    assert _by_python(node, rows) == mean


def test_sums_of_many_small_amounts_are_exact(engine: Any) -> None:
    rows = [{**ROWS[1], "id": at, "a": 10} for at in range(1, 5001)]
    with engine.connect() as connection:
        numbers = Numbers(connection, rows)
        assert numbers.answers([_aggregate("SUM", field("a"))])[0] == [50_000]
        connection.rollback()


def test_sums_beyond_64_bits_are_exact(engine: Any) -> None:
    rows = [{**ROWS[1], "id": at, "i": 2**63 - 1} for at in range(1, 101)]
    with engine.connect() as connection:
        assert Numbers(connection, rows).answers([_aggregate("SUM", field("i"))])[0] == [100 * (2**63 - 1)]
        connection.rollback()
