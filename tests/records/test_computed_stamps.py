"""Kept fields that read what every save changes: the version, who and when."""

from __future__ import annotations

import pytest

from tests.conftest import MakeWorkspace
from tests.desk import Desk
from tests.meta.samples import package

_CASE = {
    "name": "case",
    "fields": [
        {"name": "name", "type": "text"},
        {"name": "seconds", "type": "rollup", "expression": "COUNT(steps where version > 1)"},
    ],
}
_STEP = {
    "name": "step",
    "fields": [
        {"name": "name", "type": "text"},
        {"name": "case", "type": "lookup", "to": "case", "owned": True, "inverse": "steps"},
        {"name": "base", "type": "formula", "returns": "integer", "expression": "version + 0"},
        {"name": "twice", "type": "formula", "returns": "integer", "expression": "base * 2"},
    ],
}


@pytest.fixture
def desk(make_workspace: MakeWorkspace) -> Desk:
    return Desk(make_workspace("core", package("steps", {"entity": [_CASE, _STEP]})))


def test_a_rollup_may_count_by_version(desk: Desk) -> None:
    case = desk.make("case", name="A")
    step = desk.make("step", name="one", case=case)
    assert desk.json("case", case)["seconds"] == 0
    desk.change("step", step, name="other")
    assert desk.json("case", case)["seconds"] == 1


def test_formulas_over_the_version_follow_the_bin(desk: Desk) -> None:
    step = desk.make("step", name="one", case=desk.make("case", name="A"))
    desk.delete("step", step)
    desk.restore("step", step)
    found = desk.json("step", step)
    assert (found["version"], found["base"], found["twice"]) == (3, 3, 6)
