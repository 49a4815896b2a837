"""A column of another type under the same name, while connections hold statements prepared for the one before."""

from __future__ import annotations

from typing import Any

import pytest

from fieldsmith.base.context import OPERATOR, SYSTEM, FixedClock
from fieldsmith.query.run import Query
from fieldsmith.workspace import Workspace
from tests.conftest import NOW, MakeWorkspace
from tests.meta.samples import package

_OFTEN = 8  # psycopg prepares a statement on the server after a few uses


def _boxes(returns: str, expression: str, **more: Any) -> Any:
    fields = [{"name": "name", "type": "text"}, {"name": "held", "type": "formula", "returns": returns, "expression": expression, **more}]
    return package("retyped", {"entity": [{"name": "box", "fields": fields}]}, requires=["core"])


def _held(workspace: Workspace, number: int) -> list[Any]:
    workspace.write(lambda work: work.records.update(OPERATOR, "box", 1, {"name": "a" * number}))
    with workspace.read() as work:
        return [column.json(row) for page in work.queries.each(OPERATOR, Query("box", ("held",))) for column in page.columns for row in page.rows]


@pytest.mark.parametrize("elsewhere", [False, True], ids=["this process", "another process"])
def test_a_formula_may_return_something_else(make_workspace: MakeWorkspace, elsewhere: bool) -> None:
    workspace = make_workspace("core", _boxes("decimal", "LEN(name) / 2", scale=1))
    workspace.write(lambda work: work.records.create(OPERATOR, "box", {"name": "a"}))
    publisher = Workspace.open(workspace.settings, FixedClock(NOW)) if elsewhere else workspace
    assert [_held(workspace, number) for number in range(1, _OFTEN)][-1] == ["3.5"]
    publisher.publish(SYSTEM, [_boxes("date", "DATE(2026, 1, 1) + LEN(name)")], "another type")
    assert [_held(workspace, number) for number in range(1, _OFTEN)][-1] == ["2026-01-08"]
    publisher.publish(SYSTEM, [_boxes("text", "LOWER(name) & 'b'")], "another type")
    publisher.filling.run()
    assert [_held(workspace, number) for number in range(1, 3)] == [["ab"], ["aab"]]
    if elsewhere:
        publisher.close()
