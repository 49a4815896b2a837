"""Aggregates in Python."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from fieldsmith.expr.nodes import Aggregate


def aggregator(node: Aggregate) -> Callable[[Iterable[Any]], Any]:
    """What combines the values of the rows of `node`; COUNT gets True per row."""
    raise NotImplementedError(node.function)
