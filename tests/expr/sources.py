"""Random sources for the parser: good ones, good ones spoilt, and noise; and the one promise about all of them."""

from __future__ import annotations

import contextlib
import time

from hypothesis import strategies as st

from fieldsmith.expr.errors import ExpressionError
from fieldsmith.expr.limits import MAX_LENGTH, MAX_PROBLEMS
from fieldsmith.expr.parser import parse
from fieldsmith.expr.printer import source_of
from tests.expr.trees import TREES

LIMIT_SECONDS = 0.1

PIECES = [
    *("and", "or", "not", "in", "where", "true", "blank", "IF(", "SUM(", "a", "a.b", "Amount", "12", "12.50", ".5", "5.", '"', "'", '"x"', "''", '""'),
    *("=", "==", "<>", "!=", "<", "<=", "&", "&&", "+", "-", "--", "*", "/", "//", "^", "(", ")", ",", ".", ";", "%", "[", "]", "{", "}", "\\", ":", "|"),
    *(
        " ",
        "\n",
        "\t",
        "\r",
        "\0",
        "\ud800",
        "\udfff",
        "\u200b",
        "\u3000",
        "“",
        "”",
        "‘",
        "（",
        "）",
        "，",
        "＝",
        "１",
        "٣",
        "é",
        "e\u0301",
        "客户",
        "😀",
        "\u0316",
    ),
]

SPOILT = st.builds(
    lambda source, cuts, pieces: _spoilt(source, cuts, pieces),
    TREES.map(source_of),
    st.lists(st.floats(0, 1), min_size=1, max_size=4),
    st.lists(st.sampled_from(["", *PIECES]), min_size=4, max_size=4),
)
NOISE = st.one_of(
    st.text(max_size=200),
    st.binary(max_size=200).map(lambda raw: raw.decode("latin-1")),
    st.lists(st.sampled_from(PIECES), max_size=60).map("".join),
    st.lists(st.sampled_from(PIECES), max_size=60).map(" ".join),
)
LONG = st.builds(
    lambda head, pieces, times, tail: (head + "".join(pieces) * times + tail)[:10_050],
    st.sampled_from(["", "a", "F(", '"']),
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=5),
    st.integers(100, 10_000),
    st.sampled_from(["", "a", ")", '"']),
)
"""A few pieces over and over, up to and over the limits."""


def _spoilt(source: str, cuts: list[float], pieces: list[str]) -> str:
    """`source` with one sign at each place taken out and a piece put in."""
    for cut, piece in zip(cuts, pieces, strict=False):
        at = int(cut * len(source))
        source = source[:at] + piece + source[at + 1 :]
    return source


def reads_or_refuses(source: str) -> None:
    """A tree that prints and reads again, or problems with a place in the source; nothing else, and soon."""
    # The best of a few: Hypothesis fills the heap, and a collection in between is none of the parser's doing.
    assert any(_seconds(source) < LIMIT_SECONDS for _ in range(3))
    try:
        tree = parse(source)
    except ExpressionError as refused:
        assert 1 <= len(refused.problems) <= MAX_PROBLEMS
        lines = source.split("\n")
        for problem in refused.problems:
            assert problem.code and str(problem.message)
            assert problem.line is not None and 1 <= problem.line <= len(lines)
            assert problem.column is not None and 1 <= problem.column <= len(lines[problem.line - 1]) + 1
        return
    printed = source_of(tree)
    if len(printed) <= MAX_LENGTH:  # `F(1,1` gains a space at each comma
        assert source_of(parse(printed)) == printed


def _seconds(source: str) -> float:
    began = time.process_time()
    with contextlib.suppress(ExpressionError):
        parse(source)
    return time.process_time() - began
