"""System tables are made once, upgraded step by step, and never taken over by an older program."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from fieldsmith.base.errors import Unavailable
from fieldsmith.db.engine import Database
from fieldsmith.db.system import METADATA, SYSTEM_VERSION, fs_state, installed_version, prepare


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path}/empty.db")
    yield database
    database.dispose()


def test_an_empty_database_gets_all_tables(database: Database) -> None:
    with database.read() as connection:
        assert installed_version(connection) == SYSTEM_VERSION
        assert {*METADATA.tables, "fs_search"} <= set(sa.inspect(connection).get_table_names())


def test_preparing_again_changes_nothing(database: Database) -> None:
    with database.write() as connection:
        connection.execute(sa.update(fs_state).values(revision=5))
        prepare(connection)
        assert connection.execute(sa.select(fs_state.c.revision)).scalar() == 5


def test_two_processes_may_prepare_at_once(empty: Database) -> None:
    def start() -> None:
        with empty.write() as connection:
            prepare(connection)

    threads = [threading.Thread(target=start) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with empty.read() as connection:
        assert installed_version(connection) == SYSTEM_VERSION


def test_older_tables_are_upgraded_step_by_step(database: Database) -> None:
    ran: list[int] = []
    steps = {SYSTEM_VERSION: lambda _: ran.append(SYSTEM_VERSION), SYSTEM_VERSION + 1: lambda _: ran.append(SYSTEM_VERSION + 1)}
    with database.write() as connection:
        prepare(connection, steps, SYSTEM_VERSION + 2)
        assert installed_version(connection) == SYSTEM_VERSION + 2
    assert ran == [SYSTEM_VERSION, SYSTEM_VERSION + 1]


def test_tables_of_a_newer_program_are_refused_in_words(database: Database) -> None:
    with database.write() as connection:
        connection.execute(sa.update(fs_state).values(system_version=SYSTEM_VERSION + 1))
    with pytest.raises(Unavailable, match="newer Fieldsmith"), database.write() as connection:
        prepare(connection)
