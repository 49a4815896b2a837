"""A process killed without warning anywhere in a publish leaves all as it was, or all done; never something between."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from fieldsmith.base.context import OPERATOR
from fieldsmith.rollout.doctor import examine
from tests.desk import Desk
from tests.studio.conftest import CRATE, STATES, VIEW, Studio

# For each line `id at`: a child publishes change set `id` and dies before statement `at` of it, counted from 1, the commit being the last.
# How the child ended is written in answer. What is slow, loading the program, is done once.
PUBLISHER = """
import os, signal, sys
from pathlib import Path
from sqlalchemy import event
from sqlalchemy.engine import Engine
from fieldsmith.base.context import OPERATOR
from fieldsmith.base.settings import Settings
from fieldsmith.studio import changesets, publish
from fieldsmith.workspace import Workspace

def run(home, database, id, left):
    workspace = Workspace.open(Settings(home=Path(home), database=database, secret="s" * 40))
    planned = workspace.changesets.plan(OPERATOR, id)

    def step(*_):
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "before_cursor_execute", step)
    event.listen(Engine, "commit", step)
    workspace.changesets.publish(OPERATOR, id, planned.hash)

for line in sys.stdin:
    child = os.fork()
    if child == 0:
        try:
            run(*sys.argv[1:], *map(int, line.split()))
            os._exit(0)
        finally:
            os._exit(1)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
RUNS = 10


@contextmanager
def publisher(desk: Desk) -> Iterator[Callable[[int, int], int]]:
    """`publish(id, at)` publishes in a process that dies before statement `at`; how it ended."""
    settings = desk.workspace.settings
    command = [sys.executable, "-c", PUBLISHER, str(settings.home), str(settings.database)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1) as process:
        assert process.stdin is not None and process.stdout is not None
        asked, answered = process.stdin, process.stdout

        def publish(id: int, at: int) -> int:
            print(id, at, file=asked, flush=True)
            return int(answered.readline())

        yield publish
        asked.close()


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
    with publisher(tiny) as publish:
        while (ended := publish(id, at)) != 0:
            assert ended == -signal.SIGKILL and tiny.workspace.runtime().model.revision == 2
            assert tiny.tables() == before and sound(tiny)
            runs += 1
            at += 1 + at // 4
    assert runs >= RUNS
    assert tiny.workspace.runtime().model.revision == 3 and sound(tiny)
    assert tiny.rows("crate", "name", "mass", "state", "mark") == [("A", "120.00", "packed", None)]
    assert tiny.workspace.revisions.roll_back(OPERATOR, 2) == 4
    assert tiny.rows("crate", "name", "weight", "state", "heavy") == [("A", "120.00", "full", True)] and sound(tiny)
