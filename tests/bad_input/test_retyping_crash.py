"""A process killed without warning anywhere in a change of type leaves the field as it was, or as it is to be; and the next one goes on."""

from __future__ import annotations

import signal
import subprocess
import sys

from fieldsmith.base.context import OPERATOR
from fieldsmith.studio.retyping_wish import wish_from
from tests.bad_input.test_publish_crash import sound
from tests.desk import Desk
from tests.studio.conftest import CRATE, STATES, VIEW, Studio

# For each line `at`: a child works at the job and dies before statement `at`, a commit being one too. How it ended is written in answer.
WORKER = """
import os, signal, sys
from pathlib import Path
from sqlalchemy import event
from sqlalchemy.engine import Engine
from fieldsmith.base.settings import Settings
from fieldsmith.studio import retyping
from fieldsmith.workspace import Workspace

def run(home, database, left):
    workspace = Workspace.open(Settings(home=Path(home), database=database, secret="s" * 40))
    jobs = workspace.retyping.jobs

    def step(*_):
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "before_cursor_execute", step)
    event.listen(Engine, "commit", step)
    while jobs.step(7) is not None:
        pass

for line in sys.stdin:
    child = os.fork()
    if child == 0:
        try:
            run(*sys.argv[1:], int(line))
            os._exit(0)
        finally:
            os._exit(1)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


def test_a_job_killed_anywhere_goes_on_and_nothing_is_between(tiny: Desk) -> None:
    studio = Studio(tiny)
    retyping = tiny.workspace.retyping
    retyping.at_once = 10
    studio.change(("put", "choices", "crate_state", STATES), ("put", "entity", "crate", CRATE), ("put", "view", "crate.all", VIEW))
    studio.change(("entity", "crate", {"op": "add", "path": "/fields/note", "value": {"type": "text", "indexed": True}}))
    tiny.workspace.write(lambda work: [work.records.create(OPERATOR, "crate", {"name": str(number), "note": f" {number}"}) for number in range(60)])
    job = retyping.start(OPERATOR, wish_from("crate", "note", {"type": "decimal"}))
    old, new = [(str(number),) for number in range(60)], [(f"{number}.00",) for number in range(60)]
    old[3], new[3] = ("33",), ("33.00",)
    settings = tiny.workspace.settings
    command = [sys.executable, "-c", WORKER, str(settings.home), str(settings.database)]
    ends: list[int] = []
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1) as process:
        assert process.stdin is not None and process.stdout is not None
        at = 3
        while not ends or ends[-1] != 0:
            print(at, file=process.stdin, flush=True)
            ends.append(int(process.stdout.readline()))
            if len(ends) == 2:
                tiny.change("crate", 4, note="33")
            if len(ends) >= 2:
                assert len(ends) % 4 or sound(tiny)
                assert tiny.rows("crate", "note") == (new if retyping.get(OPERATOR, job.id).state == "done" else old)
            at += 2 + at // 4
        process.stdin.close()
    assert ends.count(-signal.SIGKILL) >= 8 and sound(tiny) and set(ends) == {0, -signal.SIGKILL}
    assert retyping.get(OPERATOR, job.id).state == "done" and tiny.rows("crate", "note") == new
    assert tiny.table("fs_retype_row") == []
