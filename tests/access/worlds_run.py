"""Runs the world of a seed: every person tries every entity, and some of the other paths, in an order the seed gives."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from tests.access.worlds import STRUCTURES, make_world
from tests.access.worlds_absent import ABSENT
from tests.access.worlds_commands import COMMANDS as PLAIN_COMMANDS
from tests.access.worlds_explained import EXPLAINED, explains_by_command
from tests.access.worlds_fill import structure_layer
from tests.access.worlds_many import imports_many, saves_together
from tests.access.worlds_pages import PAGES
from tests.access.worlds_pointing import POINTING
from tests.access.worlds_reading import READING, lists
from tests.access.worlds_sharing import SHARING
from tests.access.worlds_stories import STORIES
from tests.access.worlds_trial import V1, Sites, Trial
from tests.access.worlds_writing import WRITING

if TYPE_CHECKING:
    from tests.conftest import MakeWorkspace

PATHS = (*READING, *PAGES, *WRITING, *SHARING, *EXPLAINED, *ABSENT, *POINTING, *STORIES, saves_together)
COMMANDS = (*PLAIN_COMMANDS, explains_by_command, imports_many)


def run_world(sites: Sites, make_workspace: MakeWorkspace, seed: int, steps: int) -> int:
    """How many requests were judged; with `steps` paths per person, or every path where that is 0."""
    structure = seed % STRUCTURES
    trial = Trial(sites, make_workspace("core", structure_layer(structure)), make_world(seed), structure)
    dice = random.Random(f"paths {seed}")
    for soul in trial.people:
        if steps:
            lists(trial, soul, dice)  # it is among all paths
        if not steps or dice.random() < 0.3:
            dice.choice(COMMANDS)(trial, soul, dice)
        for path in dice.sample(PATHS, min(steps, len(PATHS))) if steps else PATHS:
            path(trial, soul, dice)
    for soul in trial.world.souls:
        if not soul.active and soul.kind == "person":
            assert trial.ask(soul, "get", f"{V1}/records/qfirm").status_code == 401
    return len(trial.log)
