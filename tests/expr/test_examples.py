"""Every example of the reference gives what it says, in Python, SQLite and PostgreSQL; so does every one of the guide."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fieldsmith.base.context import OPERATOR
from fieldsmith.expr.aggregate_help import AGGREGATE_HELP
from fieldsmith.expr.check_state import AGGREGATES
from fieldsmith.expr.functions import functions
from fieldsmith.expr.reference import INTERNAL, Section, sections
from fieldsmith.records.evaluate import ENGINES, Engine, check_expression
from tests.conftest import MakeWorkspace
from tests.desk import Desk
from tests.expr.examples_world import EXAMPLES, answer, make_order

SECTIONS = sections(functions())


@pytest.fixture
def desk(make_workspace: MakeWorkspace) -> Desk:
    return Desk(make_workspace("core", EXAMPLES))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("section", SECTIONS, ids=[section.key for section in SECTIONS])
def test_examples_give_what_they_say(desk: Desk, section: Section, engine: Engine) -> None:
    saving = section.key == "change"
    if saving and engine == "sql":
        assert all(functions()[entry.name].sql is None for entry in section.entries)
        return
    order = make_order(desk)
    examples = [example for entry in section.entries for example in entry.examples]
    with desk.workspace.read() as work:
        given = [(source, answer(work, order, source, engine, saving=saving)) for source, _ in examples]
    assert given == examples


def test_everything_people_may_write_has_an_example() -> None:
    entries = [entry for section in SECTIONS for entry in section.entries]
    assert {entry.name for entry in entries} == (functions().keys() | AGGREGATES) - INTERNAL
    assert not [entry.name for entry in entries if not entry.examples]
    assert AGGREGATE_HELP.keys() == AGGREGATES


def test_examples_use_what_they_explain() -> None:
    for section in SECTIONS:
        for entry in section.entries:
            written = "-" if entry.name == "negate" else entry.name
            assert all(written in source for source, _ in entry.examples), entry.name


GUIDE = Path(__file__).parents[2] / "docs" / "expressions.md"
BLOCKS = re.findall(r"^```expr(.*)\n((?:.*\n)*?)```$", GUIDE.read_text(encoding="utf-8"), re.MULTILINE)
"""(context, lines) of every block of the guide; each line is an expression, mostly with its answer in a comment."""


def _lines(block: str) -> list[tuple[str, str | None]]:
    """Expression and what the guide says it gives."""
    found = [line.partition("  -- ") for line in block.splitlines()]
    return [(source.strip(), answer or None) for source, _, answer in found]


@pytest.mark.parametrize("engine", ENGINES)
def test_the_guide_says_what_comes_out(desk: Desk, engine: Engine) -> None:
    order = make_order(desk)
    examples = [line for context, block in BLOCKS if not context for line in _lines(block)]
    with desk.workspace.read() as work:
        given = [(source, answer(work, order, source, engine)) for source, _ in examples]
    assert len(examples) > 50
    assert given == [(source, None if said == "blank" else said) for source, said in examples]


def test_the_guide_shows_expressions_that_may_stand_there(desk: Desk) -> None:
    with desk.workspace.read() as work:
        for context, block in BLOCKS:
            for source, _ in _lines(block):
                found = check_expression(work, OPERATOR, "order", source, context.strip() or "any")
                assert found.problems == (), source
