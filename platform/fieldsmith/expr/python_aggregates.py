"""Aggregates in Python: what becomes of the values of the rows of a list. Blanks are skipped."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from fieldsmith.expr.nodes import Aggregate
from fieldsmith.expr.number_values import divide, within
from fieldsmith.expr.types import MAX_SCALE


def aggregator(node: Aggregate) -> Callable[[Iterable[Any]], Any]:
    """What combines the values of the rows of `node`; COUNT gets True per row when it counts the rows themselves."""
    if node.function == "AVG":
        assert node.value is not None
        return _average(MAX_SCALE - node.value.type.scale)
    return _COMBINE[node.function]


def _count(values: Iterable[Any]) -> int:
    return sum(value is not None for value in values)


def _sum(values: Iterable[Any]) -> int | None:
    return within(sum(value for value in values if value is not None))


def _average(up: int) -> Callable[[Iterable[Any]], int | None]:
    def average(values: Iterable[Any]) -> int | None:
        there = [value for value in values if value is not None]
        return divide(sum(there), len(there), up)

    return average


def _least(values: Iterable[Any]) -> Any:
    return min((value for value in values if value is not None), default=None)


def _greatest(values: Iterable[Any]) -> Any:
    return max((value for value in values if value is not None), default=None)


_COMBINE: dict[str, Callable[[Iterable[Any]], Any]] = {"COUNT": _count, "SUM": _sum, "MIN": _least, "MAX": _greatest}
