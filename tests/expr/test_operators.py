"""Operators beside numbers: conditions, joined text, dates — and lazy branches."""

from __future__ import annotations

from typing import Any

import pytest

from fieldsmith.expr.nodes import Apply, Constant, Node
from fieldsmith.expr.operators import as_date_call
from fieldsmith.expr.types import BOOLEAN, DATE, INTEGER, TEXT, Type
from tests.expr.number_tables import Numbers, by_python, sqlite_with_functions
from tests.expr.number_trees import HERE, ROWS, apply, constant, field


def _of(value: Any, type_: Type) -> Constant:
    return Constant(value, type_, HERE)


_TRUE, _FALSE = _of(True, BOOLEAN), _of(False, BOOLEAN)
_CONDITIONS: list[tuple[Node, bool]] = [
    (apply("and", _TRUE, _FALSE), False),
    (apply("and", _TRUE, _TRUE), True),
    (apply("or", _FALSE, _TRUE), True),
    (apply("or", _FALSE, _FALSE), False),
    (apply("not", apply("<", constant(None), constant(1))), True),
    (apply("=", constant(None), constant(None)), True),
    (apply("=", constant(5), constant(None)), False),
    (apply("<>", constant(5), constant(None)), True),
    (apply("<>", constant(None), constant(None)), False),
    (apply("<", constant(None), constant(5)), False),
    (Apply("in", (constant(None), constant(1)), BOOLEAN, HERE), False),
    (Apply("in", (constant(None), constant(1), constant(None)), BOOLEAN, HERE), True),
    (apply("=", _of("a", TEXT), _of("A", TEXT)), False),
    (apply("<", _of("B", TEXT), _of("a", TEXT)), True),
]


@pytest.mark.parametrize(("node", "value"), _CONDITIONS)
def test_conditions_are_true_or_false(node: Node, value: bool) -> None:
    assert by_python([node], ROWS[:1]) == [[value]]
    with sqlite_with_functions().connect() as connection:
        assert Numbers(connection).answers([node])[0] == [value]


@pytest.mark.parametrize(("left", "right", "joined"), [("a", "b", "ab"), (None, "b", "b"), ("a", None, "a"), (None, None, None)])
def test_joined_text_takes_blank_for_empty(left: str | None, right: str | None, joined: str | None) -> None:
    node = apply("&", _of(left, TEXT), _of(right, TEXT))
    assert by_python([node], ROWS[:1]) == [[joined]]
    with sqlite_with_functions().connect() as connection:
        assert Numbers(connection).answers([node])[0] == [joined]


def test_date_arithmetic_is_that_of_the_date_functions() -> None:
    day, days = _of(None, DATE), constant(3)
    assert as_date_call(Apply("+", (day, days), DATE, HERE)) == Apply("ADDDAYS", (day, days), DATE, HERE)
    assert as_date_call(Apply("-", (day, day), INTEGER, HERE)) == Apply("DAYSBETWEEN", (day, day), INTEGER, HERE)
    assert as_date_call(apply("+", days, days)) is None


def test_only_the_chosen_branch_is_computed() -> None:
    missing = field("a")
    row = {key: value for key, value in ROWS[0].items() if key != "a"}
    node = Apply("IF", (_FALSE, missing, field("b")), missing.type, HERE)
    assert by_python([node], [row]) == [[row["b"]]]


@pytest.mark.parametrize(("operator", "first"), [("and", _FALSE), ("or", _TRUE)])
def test_and_and_or_stop_when_they_know(operator: str, first: Constant) -> None:
    row = {key: value for key, value in ROWS[0].items() if key != "yes"}
    assert by_python([apply(operator, first, field("yes"))], [row]) == [[first.value]]
