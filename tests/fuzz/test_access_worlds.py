"""Two thousand worlds of access, every path in each. What fails names its seed; `pytest -m fuzz -k 'worlds and 1234'` tries it again."""

from __future__ import annotations

import pytest

from tests.access.worlds import STRUCTURES
from tests.access.worlds_run import run_world
from tests.access.worlds_trial import Sites
from tests.conftest import MakeWorkspace
from tests.databases import Templates

FIRST, WORLDS = 1_000, 2_000


@pytest.fixture(scope="module")
def sites() -> Sites:
    return Sites()


@pytest.fixture
def templates(request: pytest.FixtureRequest, seed: int) -> Templates:
    """Sixteen worlds in a row are two of each structure, one on each database."""
    found: Templates = request.getfixturevalue("postgresql_templates" if seed // STRUCTURES % 2 else "sqlite_templates")
    return found


@pytest.mark.fuzz
@pytest.mark.parametrize("seed", range(FIRST, FIRST + WORLDS))
def test_worlds(sites: Sites, make_workspace: MakeWorkspace, seed: int) -> None:
    assert run_world(sites, make_workspace, seed, steps=0) > 0
