"""Comparisons as SQL: the column as it is, the literal at its scale, so that an index serves."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from fieldsmith.expr.nodes import Apply, Node
from fieldsmith.expr.to_sql import SqlCompiler
from fieldsmith.expr.types import BOOLEAN
from fieldsmith.expr.vocabulary import Calendar
from tests.expr.number_tables import Child
from tests.expr.number_trees import COLUMNS, HERE, TABLE, apply, constant, field

_TABLE = sa.Table("t", sa.MetaData(), *(sa.Column(name, sa.Numeric() if type_.scale else sa.BigInteger()) for name, type_ in COLUMNS.items()))


def _condition(node: Node, dialect: str) -> str:
    compiler = SqlCompiler(TABLE, None, Calendar(), dialect, Child(_TABLE.alias("t")))  # type: ignore[arg-type]
    target = sqlite.dialect() if dialect == "sqlite" else postgresql.dialect()  # type: ignore[no-untyped-call]
    return str(compiler.condition(node).compile(dialect=target, compile_kwargs={"literal_binds": True}))


def _in(*arguments: Node) -> Apply:
    return Apply("in", arguments, BOOLEAN, HERE)


_A, _I, _B, _C = (field(name) for name in "aibc")

_SQL: list[tuple[Node, str, str]] = [
    (apply(">", _A, constant(100000)), "t.a > 10000000", "t.a > 100000.00"),
    (apply("<", constant(100000), _A), "t.a > 10000000", "t.a > 100000.00"),
    (apply("=", _A, constant(1050, 2)), "t.a = 1050", "t.a = 10.50"),
    (apply("<", _A, constant(1005, 3)), "t.a <= 100", "t.a <= 1.00"),
    (apply(">=", _A, constant(1005, 3)), "t.a > 100", "t.a > 1.00"),
    (apply("<=", _A, constant(-1005, 3)), "t.a <= -101", "t.a <= -1.01"),
    (apply("=", _A, constant(1005, 3)), "0", "false"),
    (apply("<>", _A, constant(1005, 3)), "1", "true"),
    (apply(">", _I, constant(105, 1)), "t.i > 10", "t.i > 10"),
    (apply("=", _I, constant(2**63)), "0", "false"),
    (apply("<", _I, constant(2**63)), "t.i IS NOT NULL", "t.i IS NOT NULL"),
    (apply(">", _I, constant(-(2**64))), "t.i IS NOT NULL", "t.i IS NOT NULL"),
    (apply("=", _I, constant(None)), "t.i IS NULL", "t.i IS NULL"),
    (apply("<>", constant(None), _I), "t.i IS NOT NULL", "t.i IS NOT NULL"),
    (apply("<", _I, constant(None)), "0", "false"),
    (apply("<>", _I, constant(5)), "t.i IS NOT 5", "t.i IS DISTINCT FROM 5"),
    (apply("=", _A, _B), "t.a IS t.b", "t.a IS NOT DISTINCT FROM t.b"),
    (_in(_A, constant(1), constant(25, 1)), "t.a IN (100, 250)", "t.a IN (1.00, 2.50)"),
    (_in(_I, constant(5, 1), constant(7)), "t.i IN (7)", "t.i IN (7)"),
    (_in(_I, constant(1), constant(None)), "t.i IN (1) OR t.i IS NULL", "t.i IN (1) OR t.i IS NULL"),
    (apply("not", apply("ISBLANK", _I)), "t.i IS NOT NULL", "t.i IS NOT NULL"),
    (apply("not", apply(">", _I, constant(1))), "(t.i > 1) IS NOT 1", "(t.i > 1) IS NOT true"),
]


@pytest.mark.parametrize(("node", "sql", "_"), _SQL)
def test_conditions_on_sqlite(node: Node, sql: str, _: str) -> None:
    assert _condition(node, "sqlite") == sql


@pytest.mark.parametrize(("node", "_", "sql"), _SQL)
def test_conditions_on_postgresql(node: Node, _: str, sql: str) -> None:
    assert _condition(node, "postgresql") == sql


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_an_operand_that_is_computed_is_written_once(dialect: str) -> None:
    node: Node = field("a")
    for _ in range(20):
        node = apply("IF", _in(apply("/", node, constant(3)), field("b"), field("c")), constant(1), constant(2))
    assert len(_condition(_in(node, field("a"), field("b")), dialect)) < 20_000
