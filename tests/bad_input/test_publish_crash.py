"""A process killed without warning anywhere in a publish leaves all as it was, or all done; never something between."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

from fieldsmith.base.context import OPERATOR
from fieldsmith.rollout.doctor import examine
from tests.desk import Desk
from tests.studio.conftest import CRATE, STATES, VIEW, Studio

# Publishes change set {id}; dies before statement {at} of the publish, counted from 1, the commit being the last.
PUBLISH = """
import os, signal, sys
from sqlalchemy import event
from sqlalchemy.engine import Engine
from fieldsmith.base.context import OPERATOR
from fieldsmith.base.settings import Settings
from fieldsmith.workspace import Workspace
from pathlib import Path

home, database, id, at = sys.argv[1:]
workspace = Workspace.open(Settings(home=Path(home), database=database, secret="s" * 40))
planned = workspace.changesets.plan(OPERATOR, int(id))
left = int(at)

def step(*_):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)

event.listen(Engine, "before_cursor_execute", step)
event.listen(Engine, "commit", step)
workspace.changesets.publish(OPERATOR, int(id), planned.hash)
"""
RUNS = 10


def publishing(desk: Desk, id: int, at: int) -> int:
    """How the process ended."""
    settings = desk.workspace.settings
    command = [sys.executable, "-c", PUBLISH, str(settings.home), str(settings.database), str(id), str(at)]
    return subprocess.run(command, env=dict(os.environ), capture_output=True, timeout=60).returncode


def sound(desk: Desk) -> bool:
    return not [problem for problem in examine(desk.workspace) if problem.code != "no_front_end"]


def test_a_publish_killed_anywhere_is_all_or_nothing(tiny: Desk) -> None:
    studio = Studio(tiny)
    studio.change(("put", "choices", "crate_state", STATES), ("put", "entity", "crate", CRATE), ("put", "view", "crate.all", VIEW))
    tiny.make("crate", name="A", weight="120", state="full")
    id = studio.draft(
        (
            "put",
            "entity",
            "pallet",
            {"name": "pallet", "fields": [{"name": "name", "type": "text"}, {"name": "crates", "type": "many_to_many", "to": "crate"}]},
        ),
        ("entity", "crate", {"op": "remove", "path": "/fields/heavy"}, {"op": "rename", "path": "/fields/weight", "value": "mass"}),
        ("entity", "crate", {"op": "add", "path": "/fields/mark", "value": {"type": "text", "unique": True}}),
        ("choices", "crate_state", {"op": "rename", "path": "/values/full", "value": "packed"}),
    )
    before, at, runs = tiny.tables(), 1, 0
    while (ended := publishing(tiny, id, at)) != 0:
        assert ended == -signal.SIGKILL and tiny.workspace.runtime().model.revision == 2
        assert tiny.tables() == before and sound(tiny)
        runs += 1
        at += 1 + at // 4
    assert runs >= RUNS
    assert tiny.workspace.runtime().model.revision == 3 and sound(tiny)
    assert tiny.rows("crate", "name", "mass", "state", "mark") == [("A", "120.00", "packed", None)]
    assert tiny.workspace.revisions.roll_back(OPERATOR, 2) == 4
    assert tiny.rows("crate", "name", "weight", "state", "heavy") == [("A", "120.00", "full", True)] and sound(tiny)
