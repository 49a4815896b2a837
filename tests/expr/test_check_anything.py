"""Whatever parses is either checked or refused with problems: no other exception, and no half-typed tree."""

from __future__ import annotations

import random
import time

import pytest

from fieldsmith.expr.check import check, check_syntax
from fieldsmith.expr.check_state import UNKNOWN
from fieldsmith.expr.errors import ExpressionError
from fieldsmith.expr.functions import functions
from fieldsmith.expr.nodes import Apply, Constant, Node, children, walk
from fieldsmith.expr.parser import parse
from fieldsmith.expr.types import BOOLEAN, DATE, INTEGER, TEXT, Kind, Type
from fieldsmith.expr.vocabulary import Place
from tests.expr.check_world import MONEY, STAGE, VOCABULARY, record

_NAMES = """
    amount rate quantity name note won closed_on opened_on opened_at calls_at stage next_stage size tags account owner about
    regards partners address file lines account.name address.city amount.currency user user.team.name lines.total
    amout old.amount parent.name params.x
"""
_LITERALS = ["1", "0", "2.50", "-3", "true", "false", "blank", "''", "'won'", "'zzz'", "'2026-01-31'", "'2026-01-31 10:00'", "'10:00'", "'month'"]
_LEAVES = (*_NAMES.split(), *_LITERALS)
_OPERATORS = ["and", "or", "=", "<>", "<", "<=", ">", ">=", "&", "+", "-", "*", "/", "^"]
_SAME_SCALE = ("+", "-", "MOD", "COALESCE", "MIN", "MAX")
_EXPECTED: tuple[Type | None, ...] = (None, BOOLEAN, INTEGER, MONEY, TEXT, DATE, STAGE, record("account"))


def _source(dice: random.Random, depth: int) -> str:
    def below() -> str:
        return _source(dice, depth - 1)

    roll = dice.random()
    if depth == 0 or roll < 0.15:
        return dice.choice(_LEAVES)
    if roll < 0.55:
        return f"({below()} {dice.choice(_OPERATORS)} {below()})"
    if roll < 0.62:
        return f"({below()} {dice.choice(('in', 'not in'))} ({', '.join(below() for _ in range(dice.randint(1, 3)))}))"
    if roll < 0.68:
        return f"{dice.choice(('not ', '-'))}({below()})"
    if roll < 0.76:
        return f"{dice.choice(('COUNT', 'SUM', 'MIN', 'AVG'))}({dice.choice(('lines', 'lines.total', 'partners', 'account.deals.amount'))} where {below()})"
    names = [name for name in functions() if name.isupper()]
    return f"{dice.choice(names)}({', '.join(below() for _ in range(dice.randint(0, 4)))})"


def _sound(node: Node) -> None:
    for here in walk(node):
        assert here.type is not UNKNOWN
        if isinstance(here, Constant):
            assert here.type.kind is not Kind.DECIMAL or here.value is None or isinstance(here.value, int)
        if isinstance(here, Apply):
            types = {child.type for child in children(here)}
            if here.function in _SAME_SCALE and here.type.is_number and not {Kind.DATE} & {each.kind for each in types}:
                assert types == {here.type}
            if here.function in ("and", "or", "not"):
                assert types == {BOOLEAN}
            if here.function == "&":
                assert types == {TEXT}
            if here.type.kind is Kind.BOOLEAN and here.function == "IF":
                assert all(child.type == BOOLEAN and not (isinstance(child, Constant) and child.value is None) for child in here.arguments)


@pytest.mark.parametrize("seed", range(8))
def test_anything_that_parses(seed: int) -> None:
    dice, fine = random.Random(seed), 0
    for _ in range(500):
        source = _source(dice, dice.randint(0, 4))
        place = Place("deal", dice.choice(_EXPECTED), changes=dice.random() < 0.5, sql=dice.random() < 0.5)
        try:
            node = check(source, place, VOCABULARY, functions())
        except ExpressionError as error:
            assert error.problems, source
            assert all(problem.line and problem.column and str(problem.message) for problem in error.problems), source
        else:
            fine += 1
            _sound(node)
    assert fine > 10


@pytest.mark.parametrize(
    "source",
    [
        "1" + " + 1.5" * 58,
        "amount in (" + ", ".join(["1.25"] * 1_600) + ")",
        "COALESCE(" + ", ".join(["amount"] * 1_200) + ")",
        "SWITCH(name" + ", 'x', 1" * 900 + ")",
        "IF(won, 1, " * 55 + "2" + ")" * 55,
        "amout + " * 50 + "1",
        "COALESCE(" + ", ".join(f"amuont{at}" for at in range(800)) + ")",
        "MAX(" + ", ".join(["'won'"] * 1_000) + ", stage)",
    ],
)
def test_the_largest_are_checked_within_a_tenth_of_a_second(source: str) -> None:
    table, syntax = functions(), parse(source)

    def once() -> float:
        started = time.perf_counter()
        try:
            check_syntax(syntax, source, Place("deal"), VOCABULARY, table)
        except ExpressionError as error:
            assert error.problems
        return time.perf_counter() - started

    assert min(once() for _ in range(3)) < 0.1
