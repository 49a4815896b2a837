"""A process killed in the middle of an import or of a package leaves whole chunks, a whole model and nothing else; doing it again ends well."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa

from fieldsmith.base.context import OPERATOR
from fieldsmith.bulk.load import CHUNK
from fieldsmith.db.fill import FIRST_SIZE
from fieldsmith.rollout.doctor import examine
from fieldsmith.workspace import Workspace
from tests.desk import Desk

ROWS = 3 * CHUNK
ENTITIES = 24
_MAIN = "from fieldsmith.cli.main import main; main()"


def start(workspace: Workspace, *arguments: str) -> subprocess.Popen[bytes]:
    """`fieldsmith` on the database of `workspace`, in a process of its own."""
    settings = workspace.settings
    environment = {**os.environ, "FIELDSMITH_DATABASE": str(settings.database), "FIELDSMITH_HOME": str(settings.home), "FIELDSMITH_SECRET": "s" * 40}
    return subprocess.Popen([sys.executable, "-c", _MAIN, *arguments], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=settings.home)


def kill_when(process: subprocess.Popen[bytes], ready: Callable[[], bool]) -> None:
    """Kill `process` without warning as soon as `ready`."""
    until = time.monotonic() + 60
    while not ready():
        assert process.poll() is None and time.monotonic() < until, process.communicate()[0].decode()
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL


def count(workspace: Workspace, table: str) -> int:
    with workspace.database.read() as connection:
        return int(connection.execute(sa.text(f'SELECT count(*) FROM "{table}"')).scalar_one())


def sound(workspace: Workspace) -> bool:
    """Is all well, but for the styles, which need not be built here?"""
    return not [problem for problem in examine(workspace) if problem.code != "no_front_end"]


def changing_tables(workspace: Workspace) -> bool:
    """Is somebody else in the middle of a transaction that changes tables?"""
    if workspace.database.dialect == "postgresql":
        with workspace.database.read() as connection:
            asked = "SELECT 1 FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE mode = 'AccessExclusiveLock' AND datname = current_database() LIMIT 1"
            return connection.execute(sa.text(asked)).first() is not None
    url = sa.make_url(str(workspace.settings.database))
    with closing(sqlite3.connect(str(url.database), timeout=0, isolation_level=None)) as other:
        try:
            other.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return True
        other.execute("ROLLBACK")
        return False


def test_a_killed_import_leaves_whole_chunks_and_can_be_done_again(desk: Desk, tmp_path: Path) -> None:
    workspace = desk.workspace
    file = tmp_path / "accounts.csv"
    file.write_text("name,external_id\n" + "".join(f"Account {number},X-{number}\n" for number in range(ROWS)))
    with workspace.read() as work:
        table = work.schema.table("account").name
    command = ("import", "account", str(file), "--match", "external_id", "--json")
    kill_when(start(workspace, *command), lambda: count(workspace, table) > 0)
    kept = count(workspace, table)
    assert 0 < kept < ROWS and kept % CHUNK == 0
    assert count(workspace, "fs_history") == kept
    assert count(workspace, "fs_outbox") == kept // CHUNK and sound(workspace)  # a bulk row stands for its chunk
    again = json.loads(start(workspace, *command).communicate()[0])
    assert (again["created"], again["unchanged"], again["refused"]) == (ROWS - kept, kept, 0)
    assert count(workspace, table) == count(workspace, "fs_history") == ROWS
    if workspace.database.dialect == "postgresql":
        with workspace.database.read() as connection:  # the planner knows how large the table is
            assert connection.execute(sa.text("SELECT reltuples FROM pg_class WHERE relname = :table"), {"table": table}).scalar_one() == ROWS


def test_a_package_killed_while_it_is_applied_is_there_whole_or_not_at_all(desk: Desk, tmp_path: Path) -> None:
    workspace = desk.workspace
    folder = tmp_path / "wide"
    (folder / "entity").mkdir(parents=True)
    (folder / "package.json").write_text(json.dumps({"format": 1, "name": "wide", "version": "1.0.0", "requires": ["core"]}))
    for number in range(ENTITIES):
        fields = [{"name": "name", "type": "text"}, *({"name": f"f{at}", "type": "text", "indexed": at < 3} for at in range(12))]
        (folder / "entity" / f"wide_{number}.json").write_text(json.dumps({"name": f"wide_{number}", "fields": fields}))
    command = ("package", "apply", str(folder), "--yes", "--json")
    before = len(workspace.runtime().model.entities)
    kill_when(start(workspace, *command), lambda: changing_tables(workspace))
    assert len(workspace.runtime().model.entities) - before in (0, ENTITIES) and sound(workspace)
    done = start(workspace, *command)
    assert done.communicate()[0] and done.returncode == 0
    assert len(workspace.runtime().model.entities) - before == ENTITIES


def test_a_process_killed_while_it_fills_columns_leaves_right_answers_and_can_be_done_again(desk: Desk, tmp_path: Path) -> None:
    """Reading is right at every moment, because what is not filled yet is read as an expression."""
    workspace = desk.workspace
    total = 6 * FIRST_SIZE
    workspace.write(lambda work: work.records.create_many(OPERATOR, "account", [{"name": f"Account {number}"} for number in range(total)]))
    folder = tmp_path / "filling"
    (folder / "entity").mkdir(parents=True)
    (folder / "package.json").write_text(json.dumps({"format": 1, "name": "filling", "version": "1.0.0", "requires": ["crm"]}))
    fields: list[dict[str, object]] = [
        {"name": "shout", "type": "formula", "returns": "text", "expression": "UPPER(name) & INITIALS(name)", "indexed": True},
        {"name": "length", "type": "formula", "returns": "integer", "expression": "LEN(shout)"},
        {"name": "people", "type": "rollup", "expression": "COUNT(contacts)"},
    ]
    operations = [{"op": "add", "path": f"/fields/{field['name']}", "value": field} for field in fields]
    (folder / "entity" / "account.json").write_text(json.dumps({"extends": "account", "operations": operations}))
    command = ("package", "apply", str(folder), "--yes", "--json")
    kill_when(start(workspace, *command), lambda: count(workspace, "fs_fill") > 0)
    assert _answers(desk, total)
    again = start(workspace, *command)
    assert again.communicate()[0] and again.returncode == 0
    workspace.filling.run()  # as a server does, where the command found nothing to change
    assert count(workspace, "fs_fill") == 0 and _answers(desk, total) and sound(workspace)


def _answers(desk: Desk, total: int) -> bool:
    rows = desk.rows("account", "name", "shout", "length", "people")
    return len(rows) == total and all((shout[: len(name)], length, people) == (name.upper(), len(shout), 0) for name, shout, length, people in rows)
