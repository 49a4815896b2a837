"""Syntax trees for tests: short makers whose spans do not matter, a strategy of random trees, and a comparison without spans."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from hypothesis import strategies as st

from fieldsmith.expr.grammar import KEYWORDS
from fieldsmith.expr.syntax import Binary, Call, Membership, Name, Number, Span, Syntax, Text, Unary, Word

NOWHERE = Span(0, 0)
OPERATORS = ("or", "and", "=", "<>", "<", "<=", ">", ">=", "&", "+", "-", "*", "/", "^")


def num(value: str) -> Number:
    return Number(Decimal(value), NOWHERE)


def text(value: str) -> Text:
    return Text(value, NOWHERE)


def word(value: bool | None) -> Word:
    return Word(value, NOWHERE)


def name(path: str) -> Name:
    parts = tuple(path.split("."))
    return Name(parts, (NOWHERE,) * len(parts), NOWHERE)


def unary(operator: str, operand: Syntax) -> Unary:
    return Unary(operator, operand, NOWHERE)


def binary(left: Syntax, operator: str, right: Syntax) -> Binary:
    return Binary(operator, left, right, NOWHERE)


def among(operand: Syntax, *items: Syntax, negated: bool = False) -> Membership:
    return Membership(operand, items, negated, NOWHERE)


def call(called: str, *arguments: Syntax, where: Syntax | None = None) -> Call:
    return Call(called, NOWHERE, arguments, where, NOWHERE)


def bare(tree: Syntax) -> Syntax:
    """`tree` with every span the same, so that two trees are equal when they say the same."""
    if isinstance(tree, Name):
        return replace(tree, spans=(NOWHERE,) * len(tree.parts), span=NOWHERE)
    if isinstance(tree, Unary):
        return replace(tree, operand=bare(tree.operand), span=NOWHERE)
    if isinstance(tree, Binary):
        return replace(tree, left=bare(tree.left), right=bare(tree.right), span=NOWHERE)
    if isinstance(tree, Membership):
        return replace(tree, operand=bare(tree.operand), items=tuple(map(bare, tree.items)), span=NOWHERE)
    if isinstance(tree, Call):
        where = bare(tree.where) if tree.where is not None else None
        return replace(tree, name_span=NOWHERE, arguments=tuple(map(bare, tree.arguments)), where=where, span=NOWHERE)
    return replace(tree, span=NOWHERE)


_NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True).filter(lambda part: part not in KEYWORDS)
_PATHS = st.lists(_NAMES, min_size=1, max_size=5).map(".".join)
_CALLED = st.from_regex(r"[A-Z][A-Z0-9_]{0,8}", fullmatch=True).filter(lambda called: called.lower() not in KEYWORDS)
_FIGURES = st.from_regex(r"(0|[1-9][0-9]{0,17})(\.[0-9]{1,8})?", fullmatch=True)
# ASCII, and a few others that are composed already: the parser would give any other text back in NFC.
_TEXTS = st.one_of(st.text(st.characters(min_codepoint=1, max_codepoint=127), max_size=12), st.sampled_from(["É", "😀", "中文", "a “b”"]))
_LEAVES: st.SearchStrategy[Syntax] = st.one_of(_FIGURES.map(num), _TEXTS.map(text), _PATHS.map(name), st.sampled_from([True, False, None]).map(word))


def _grown(inner: st.SearchStrategy[Syntax]) -> st.SearchStrategy[Syntax]:
    return st.one_of(
        st.builds(binary, inner, st.sampled_from(OPERATORS), inner),
        st.builds(unary, st.sampled_from(["-", "not"]), inner),
        st.builds(lambda operand, items, negated: among(operand, *items, negated=negated), inner, st.lists(inner, min_size=1, max_size=3), st.booleans()),
        st.builds(lambda called, arguments: call(called, *arguments), _CALLED, st.lists(inner, max_size=3)),
        st.builds(lambda called, argument, where: call(called, argument, where=where), _CALLED, inner, inner),
    )


TREES: st.SearchStrategy[Syntax] = st.recursive(_LEAVES, _grown, max_leaves=25)
"""Random trees of every kind of node; brackets are needed wherever operators fall so."""
