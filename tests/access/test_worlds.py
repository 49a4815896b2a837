"""Random worlds of access against the oracle, by every path there is. A failure names its seed; `make fuzz` tries many more.

Eight worlds on one database, the next eight on the other: one of each structure.
"""

from __future__ import annotations

import pytest

from tests.access.worlds import STRUCTURES, make_world
from tests.access.worlds_run import run_world
from tests.access.worlds_trial import Sites
from tests.conftest import MakeWorkspace
from tests.databases import Templates

WORLDS = 100
SEEDS = [pytest.param(seed, marks=[pytest.mark.postgresql] if seed // STRUCTURES % 2 else []) for seed in range(WORLDS)]


@pytest.fixture(scope="module")
def sites() -> Sites:
    return Sites()


@pytest.fixture
def templates(request: pytest.FixtureRequest, seed: int) -> Templates:
    found: Templates = request.getfixturevalue("postgresql_templates" if seed // STRUCTURES % 2 else "sqlite_templates")
    return found


@pytest.mark.parametrize("seed", SEEDS)
def test_nobody_sees_or_does_more_or_less_than_the_oracle_says(sites: Sites, make_workspace: MakeWorkspace, seed: int) -> None:
    assert run_world(sites, make_workspace, seed, steps=5) > 0


@pytest.mark.parametrize("seed", [3])
def test_a_seed_always_gives_the_same_world(seed: int) -> None:
    first, second = make_world(seed), make_world(seed)
    assert first.made == second.made and [row.values.keys() for row in first.rows] == [row.values.keys() for row in second.rows]
    assert [(soul.name, soul.roles) for soul in first.souls] == [(soul.name, soul.roles) for soul in second.souls]
