"""Long random runs of the expression parser and printer: only ExpressionError, under 100 ms, and what is printed reads back."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from fieldsmith.expr.parser import parse
from fieldsmith.expr.printer import source_of
from fieldsmith.expr.syntax import Syntax
from tests.expr.sources import LONG, NOISE, SPOILT, reads_or_refuses
from tests.expr.trees import TREES, bare

MANY = settings(max_examples=20_000, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.fuzz
@MANY
@given(source=SPOILT)
def test_many_spoilt_sources(source: str) -> None:
    reads_or_refuses(source)


@pytest.mark.fuzz
@MANY
@given(source=NOISE)
def test_much_noise(source: str) -> None:
    reads_or_refuses(source)


@pytest.mark.fuzz
@MANY
@given(source=LONG)
def test_many_long_sources(source: str) -> None:
    reads_or_refuses(source)


@pytest.mark.fuzz
@MANY
@given(tree=TREES)
def test_many_printed_trees_read_back(tree: Syntax) -> None:
    assert bare(parse(source_of(tree))) == tree
