"""What the parser makes of good sources: which operator holds what, literals, names, and every place in the text."""

from __future__ import annotations

import unicodedata
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest

from fieldsmith.expr.limits import MAX_DEPTH, MAX_LENGTH, MAX_NODES
from fieldsmith.expr.parser import parse
from fieldsmith.expr.rename import names, renamed
from fieldsmith.expr.syntax import Binary, Call, Membership, Name, Number, Span, Syntax, Text, Unary
from tests.expr.trees import among, bare, binary, call, name, num, text, unary, word

A, B, C, D = name("a"), name("b"), name("c"), name("d")

PRECEDENCE: list[tuple[str, Syntax]] = [
    ("a or b and c", binary(A, "or", binary(B, "and", C))),
    ("a and b or c", binary(binary(A, "and", B), "or", C)),
    ("not a and b", binary(unary("not", A), "and", B)),
    ("not a = b", unary("not", binary(A, "=", B))),
    ("not a in (b)", unary("not", among(A, B))),
    ("not not a", unary("not", unary("not", A))),
    ("a = b & c", binary(A, "=", binary(B, "&", C))),
    ("a & b + c", binary(A, "&", binary(B, "+", C))),
    ("a + b * c", binary(A, "+", binary(B, "*", C))),
    ("a - b - c", binary(binary(A, "-", B), "-", C)),
    ("a / b * c", binary(binary(A, "/", B), "*", C)),
    ("-a * b", binary(unary("-", A), "*", B)),
    ("a * -b", binary(A, "*", unary("-", B))),
    ("-2 ^ 2", unary("-", binary(num("2"), "^", num("2")))),
    ("2 ^ -1", binary(num("2"), "^", unary("-", num("1")))),
    ("2 ^ 3 ^ 4", binary(num("2"), "^", binary(num("3"), "^", num("4")))),
    ("2 ^ -3 ^ 4", binary(num("2"), "^", unary("-", binary(num("3"), "^", num("4"))))),
    ("a--1", binary(A, "-", unary("-", num("1")))),
    ("(a or b) and c", binary(binary(A, "or", B), "and", C)),
    ("a <> b and c <= d", binary(binary(A, "<>", B), "and", binary(C, "<=", D))),
    ("(a < b) = (c < d)", binary(binary(A, "<", B), "=", binary(C, "<", D))),
    ("a not in (b, c + d)", among(A, B, binary(C, "+", D), negated=True)),
    ("a & b in (c)", among(binary(A, "&", B), C)),
]


@pytest.mark.parametrize(("source", "tree"), PRECEDENCE, ids=[source for source, _ in PRECEDENCE])
def test_operators_bind_as_the_law_says(source: str, tree: Syntax) -> None:
    assert bare(parse(source)) == tree


@pytest.mark.parametrize(
    ("source", "tree"),
    [
        ('"a ""b"" c"', text('a "b" c')),
        ("'it''s'", text("it's")),
        ("''", text("")),
        ('"  kept  "', text("  kept  ")),
        ('"one\ntwo"', text("one\ntwo")),
        ('"-- no comment"', text("-- no comment")),
        ('"“typographic”，（"', text("“typographic”，（")),
        ("true", word(True)),
        ("FALSE", word(False)),
        ("Blank", word(None)),
        ("0", num("0")),
        ("007", num("7")),
        ("9" * 38, num("9" * 38)),
        ("user", name("user")),
        ("old.account.owner_2.name", name("old.account.owner_2.name")),
        ("android", name("android")),
        ("not_in", name("not_in")),
        ("TODAY()", call("TODAY")),
        ("Sum (a, b)", call("SUM", A, B)),
        ("SUM(a where not b)", call("SUM", A, where=unary("not", B))),
        ("COUNT(a WHERE b or c)", call("COUNT", A, where=binary(B, "or", C))),
        ("a AND b OR NOT c", binary(binary(A, "and", B), "or", unary("not", C))),
        ("a NOT  IN (1)", among(A, num("1"), negated=True)),
        ("a\u00a0+\u3000b", binary(A, "+", B)),
        ("\r\n\ta\r\n", A),
    ],
)
def test_words_and_literals(source: str, tree: Syntax) -> None:
    assert bare(parse(source)) == tree


@pytest.mark.parametrize(
    ("source", "tree"),
    [
        ("-- first\na -- then\n-- last", A),
        ("--a\nb", B),
        ("a --1", A),
        ("a - -1", binary(A, "-", unary("-", num("1")))),
        ("a\n--1\n+ b", binary(A, "+", B)),
        ("a --b\r+ c", binary(A, "+", C)),
        ("(a--b)", binary(A, "-", unary("-", B))),
        ("SUM -- all\n (a)", call("SUM", A)),
    ],
)
def test_a_comment_begins_a_line_or_follows_white_space(source: str, tree: Syntax) -> None:
    assert bare(parse(source)) == tree


@pytest.mark.parametrize("digits", ["12", "12.50", "0.00", "1.10"])
def test_a_number_keeps_its_scale(digits: str) -> None:
    tree = parse(digits)
    assert isinstance(tree, Number)
    assert tree.value.as_tuple() == Decimal(digits).as_tuple()


@pytest.mark.parametrize("value", ["e\u0301", "\u212b", "\u1100\u1161", "q\u0323\u0307"])
def test_text_is_composed(value: str) -> None:
    tree = parse(f'"{value}"')
    assert isinstance(tree, Text)
    assert tree.value == unicodedata.normalize("NFC", value)


def _spans(tree: Syntax) -> list[Span]:
    """Every span of the tree but those of parts of names, parents first."""
    below: list[Syntax] = []
    if isinstance(tree, Binary):
        below = [tree.left, tree.right]
    elif isinstance(tree, Unary):
        below = [tree.operand]
    elif isinstance(tree, Membership):
        below = [tree.operand, *tree.items]
    elif isinstance(tree, Call):
        below = [*tree.arguments, *([tree.where] if tree.where is not None else [])]
    return [tree.span, *(span for part in below for span in _spans(part))]


@pytest.mark.parametrize(
    ("source", "parts"),
    [
        ("  a + 12.5 ", ["a + 12.5", "a", "12.5"]),
        ("-a ^ 'x''y'", ["-a ^ 'x''y'", "a ^ 'x''y'", "a", "'x''y'"]),
        ("(a + b) * c", ["(a + b) * c", "(a + b)", "a", "b", "c"]),
        ("not (  a )", ["not (  a )", "(  a )"]),
        ("a not in (b, 'c')", ["a not in (b, 'c')", "a", "b", "'c'"]),
        ("f(a, G( ))", ["f(a, G( ))", "a", "G( )"]),
        ("SUM(a.b where c) -- d", ["SUM(a.b where c)", "a.b", "c"]),
        ("é".join(["'", "' & a"]), ["'é' & a", "'é'", "a"]),
    ],
)
def test_every_node_knows_its_place(source: str, parts: list[str]) -> None:
    assert [source[span.start : span.end] for span in _spans(parse(source))] == parts


def test_a_name_knows_the_place_of_each_part() -> None:
    source = "1 + ( account.owner.name )"
    [found] = names(parse(source))
    assert [source[span.start : span.end] for span in found.spans] == ["account", "owner", "name"]


def test_a_call_knows_the_place_of_its_name() -> None:
    tree = parse(" Sum(a)")
    assert isinstance(tree, Call)
    assert tree.name_span == Span(1, 4)


def test_names_are_found_in_source_order() -> None:
    tree = parse("a + F(b, c in (d, -e)) & F(f where not g.h)")
    assert [".".join(found.parts) for found in names(tree)] == ["a", "b", "c", "d", "e", "f", "g.h"]


def test_the_largest_allowed_sources_are_read() -> None:
    assert parse("a" + " " * (MAX_LENGTH - 1))
    assert parse(f"F({', '.join(['a'] * (MAX_NODES - 1))})")
    assert parse(" + ".join(["1"] * MAX_DEPTH))
    assert parse("(" * MAX_DEPTH + "1" + ")" * MAX_DEPTH)
    assert parse("not " * (MAX_DEPTH - 1) + "a")


def test_threads_share_one_parser() -> None:
    sources = [f"F(a{number} + {number}) * -{number}" for number in range(200)]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(parse, sources)) == [parse(source) for source in sources]


def _rename(source: str, old: str, new: str) -> str:
    changes = [(span, new) for found in names(parse(source)) for part, span in zip(found.parts, found.spans, strict=True) if part == old]
    return renamed(source, changes)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("amount", "value"),
        ("amount+amount  *2 -- amount stays", "value+value  *2 -- amount stays"),
        ("account.amount & 'amount' & amount.currency", "account.value & 'amount' & value.currency"),
        ("AMOUNT(amounts,\n  amount)", "AMOUNT(amounts,\n  value)"),
        ("1 + 2", "1 + 2"),
    ],
)
def test_renaming_changes_names_and_nothing_else(source: str, expected: str) -> None:
    assert _rename(source, "amount", "value") == expected


def test_the_same_change_twice_is_made_once_and_an_overlap_is_refused() -> None:
    assert renamed("a.b", [(Span(2, 3), "cc"), (Span(0, 1), "aa"), (Span(2, 3), "cc")]) == "aa.cc"
    with pytest.raises(ValueError, match="overlap"):
        renamed("abc", [(Span(0, 2), "x"), (Span(1, 3), "y")])


def test_a_renamed_name_is_still_one() -> None:
    tree = parse(_rename("a.b + b", "b", "long_name"))
    assert [found.parts for found in names(tree)] == [("a", "long_name"), ("long_name",)]
    assert all(isinstance(found, Name) for found in names(tree))
