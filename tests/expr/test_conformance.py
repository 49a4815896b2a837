"""The cases of `tests/conformance/expr`: what each expression gives on Python, SQLite and PostgreSQL, and what is a problem where.

One test per file and engine runs all of its cases and names every one that fails.
"""

from __future__ import annotations

from typing import Any

import pytest

from fieldsmith.expr.errors import ExpressionError
from fieldsmith.expr.nodes import Node
from fieldsmith.expr.parser import parse
from fieldsmith.expr.printer import source_of
from tests.expr.cases import Case, Cases, files, in_words
from tests.expr.evaluators import Context, Database, by_python, checked

FILES = files()
each_file = pytest.mark.parametrize("cases", FILES, ids=lambda cases: cases.name)
each_sql_file = pytest.mark.parametrize("cases", [cases for cases in FILES if not cases.of_changes], ids=lambda cases: cases.name)


def _failing(cases: Cases, answers: Any) -> list[str]:
    """A line per case with an answer that is not what `answers(context, nodes, ids)` gives."""
    wrong = []
    for context, group in cases.by_context([case for case in cases.cases if case.has_answer]):
        nodes, kept = [], []
        for case in group:
            found = _checked(case, cases, context)
            if isinstance(found, str):
                wrong.append(f"{case.source}: {found}")
            else:
                nodes.append(found)
                kept.append(case)
        ids = [cases.records.ids[cases.entity, case.row] for case in kept]
        for case, id_, found in zip(kept, ids, answers(context, nodes, sorted(set(ids))), strict=True):
            answer = found[sorted(set(ids)).index(id_)]
            if answer != case.says["is"] or type(answer) is not type(case.says["is"]):
                wrong.append(f"{case.source} [{case.row}@{case.says.get('in', '')}] gives {answer!r}, not {case.says['is']!r}")
    return wrong


def _checked(case: Case, cases: Cases, context: Context) -> Node | str:
    try:
        return checked(case.source, context.place(cases.entity))
    except ExpressionError as error:
        return "; ".join(f"{problem.code}: {problem}" for problem in error.problems)


@each_file
def test_python(cases: Cases) -> None:
    wrong = _failing(cases, lambda context, nodes, ids: by_python(nodes, cases.entity, cases.records, ids, context))
    assert not wrong, "\n".join(wrong)


@each_sql_file
def test_sql(cases: Cases, world: Database) -> None:
    world.fill(cases.records)
    wrong = _failing(cases, lambda context, nodes, ids: world.answers(nodes, cases.entity, ids, context))
    assert not wrong, "\n".join(wrong)


@each_sql_file
def test_conditions_find_the_same_records(cases: Cases, world: Database) -> None:
    """A boolean expression as a WHERE clause finds the records it is true of."""
    world.fill(cases.records)
    wrong = []
    for context, group in cases.by_context([case for case in cases.cases if type(case.says.get("is")) is bool]):
        for case in group:
            node = checked(case.source, context.place(cases.entity))
            [found] = world.holding([node], cases.entity, context)
            if (cases.records.ids[cases.entity, case.row] in found) != case.says["is"]:
                wrong.append(f"{case.source} [{case.row}] finds {found}")
    assert not wrong, "\n".join(wrong)


@each_file
def test_types(cases: Cases) -> None:
    wrong = []
    for case in cases.cases:
        if "type" in case.says:
            found = in_words(checked(case.source, cases.context(case).place(cases.entity)).type)
            if found != case.says["type"]:
                wrong.append(f"{case.source} is {found}, not {case.says['type']}")
    assert not wrong, "\n".join(wrong)


@each_file
def test_problems(cases: Cases) -> None:
    wrong = []
    for case in cases.cases:
        if "problem" in case.says:
            expected = case.says["problem"], case.says.get("line", 1), case.says["column"]
            try:
                checked(case.source, cases.context(case).place(cases.entity))
                wrong.append(f"{case.source} has no problem, not {expected}")
            except ExpressionError as error:
                found = [(problem.code, problem.line, problem.column) for problem in error.problems]
                if found != [expected]:
                    wrong.append(f"{case.source} has {found}, not {expected}")
    assert not wrong, "\n".join(wrong)


@each_file
def test_printing(cases: Cases) -> None:
    wrong = []
    for case in cases.cases:
        if "prints" in case.says:
            found = source_of(parse(case.source))
            if found != case.says["prints"] or source_of(parse(found)) != found:
                wrong.append(f"{case.source} prints as {found}, not {case.says['prints']}")
    assert not wrong, "\n".join(wrong)
