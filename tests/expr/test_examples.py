"""Every example of the reference gives what it says, in Python, SQLite and PostgreSQL; so does every one of the guide."""

from __future__ import annotations

import pytest

from fieldsmith.expr.aggregate_help import AGGREGATE_HELP
from fieldsmith.expr.check_state import AGGREGATES
from fieldsmith.expr.functions import functions
from fieldsmith.expr.reference import INTERNAL, Section, sections
from fieldsmith.records.evaluate import ENGINES, Engine
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
