"""Whatever is typed is read or refused in words, within 100 ms. `make fuzz` makes thousands (tests/fuzz/test_random_sources.py)."""

from __future__ import annotations

from hypothesis import given, settings

from tests.expr.sources import LONG, NOISE, SPOILT, reads_or_refuses

FEW = settings(max_examples=200, deadline=None, derandomize=True, database=None)


@FEW
@given(source=SPOILT)
def test_a_few_spoilt_sources(source: str) -> None:
    reads_or_refuses(source)


@FEW
@given(source=NOISE)
def test_some_noise(source: str) -> None:
    reads_or_refuses(source)


@FEW
@given(source=LONG)
def test_a_few_long_sources(source: str) -> None:
    reads_or_refuses(source)
