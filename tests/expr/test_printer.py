"""What is printed reads back as the same tree, and carries no bracket more than that needs."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from fieldsmith.expr.parser import parse
from fieldsmith.expr.printer import source_of
from fieldsmith.expr.syntax import Syntax
from tests.expr.trees import TREES, bare, binary, name, num, text, unary


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(tree=TREES)
def test_a_printed_tree_reads_back_as_itself(tree: Syntax) -> None:
    assert bare(parse(source_of(tree))) == tree


CANONICAL = [
    "12.50",
    '"say ""yes"" or it\'s no"',
    "blank",
    "account.owner.name",
    'IF(amount > 100000 and account.industry = "retail", amount * 0.1, 0)',
    'stage in ("won", "lost") and closed_on >= STARTOF(TODAY(), "quarter")',
    "SUM(lines.total where not cancelled)",
    "not a and not b",
    "not a = b",
    "(not a) = b",
    "a or b and c",
    "(a or b) and c",
    "(a = b) = c",
    "a = (b = c)",
    "a & b & c",
    "a & (b & c)",
    "a - b - c",
    "a - (b - c)",
    "a * -b",
    "-a * b",
    "-(a * b)",
    "-2 ^ 2",
    "(-2) ^ 2",
    "2 ^ -1",
    "2 ^ 3 ^ 4",
    "(2 ^ 3) ^ 4",
    "-(-a)",
    "a - -b",
    "not not a",
    "a not in (1, 2 + 3)",
    "(a in (1)) in (true)",
]


@pytest.mark.parametrize("source", CANONICAL)
def test_plain_source_is_printed_as_it_stands(source: str) -> None:
    assert source_of(parse(source)) == source


@pytest.mark.parametrize(
    ("source", "printed"),
    [
        ("((a+b))*c", "(a + b) * c"),
        ("(a*b)+c", "a * b + c"),
        ("if( a , 'x' )", 'IF(a, "x")'),
        ("a AND NOT b", "a and not b"),
        ("a Not In(TRUE,Blank)", "a not in (true, blank)"),
        ("- -a", "-(-a)"),
        ("a -- why\n + b", "a + b"),
    ],
)
def test_other_source_is_tidied(source: str, printed: str) -> None:
    assert source_of(parse(source)) == printed


def test_two_minus_signs_never_become_a_comment() -> None:
    tree = binary(num("1"), "-", unary("-", unary("-", name("a"))))
    assert bare(parse(source_of(tree))) == tree


def test_text_keeps_its_line_breaks_and_quotes() -> None:
    tree = text("a\nb \"c\" 'd' -- e")
    assert bare(parse(source_of(tree))) == tree
