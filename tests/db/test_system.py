"""System tables are made once, upgraded step by step, and never taken over by an older program."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from fieldsmith.base.errors import Unavailable
from fieldsmith.db.engine import Database
from fieldsmith.db.system import METADATA, SYSTEM_VERSION, fs_login, fs_state, installed_version, prepare
from fieldsmith.db.system_sharing import fs_share


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


def test_version_2_keeps_its_names_and_gets_change_sets(database: Database) -> None:
    with database.write() as connection:
        for table in ("fs_name", "fs_changeset", "fs_changeset_document"):
            connection.exec_driver_sql(f"DROP TABLE {table}")
        connection.exec_driver_sql(
            "CREATE TABLE fs_name (uid BIGINT PRIMARY KEY, path TEXT NOT NULL, physical TEXT NOT NULL, since BIGINT NOT NULL, until BIGINT)"
        )
        connection.exec_driver_sql("INSERT INTO fs_name VALUES (36, 'entity/deal', 'e_deal_10', 1, NULL)")
        connection.execute(sa.update(fs_state).values(system_version=2))
        prepare(connection)
        assert installed_version(connection) == SYSTEM_VERSION
        connection.exec_driver_sql("UPDATE fs_name SET until = 2")
        connection.exec_driver_sql("INSERT INTO fs_name VALUES (36, 'entity/sale', 'e_deal_10', 2, NULL)")
        assert [tuple(row) for row in connection.exec_driver_sql("SELECT uid, path FROM fs_name ORDER BY since")] == [(36, "entity/deal"), (36, "entity/sale")]
        assert {"fs_changeset", "fs_changeset_document"} <= set(sa.inspect(connection).get_table_names())


def test_version_5_gets_what_signing_in_needs(database: Database) -> None:
    with database.write() as connection:
        for table in ("fs_second_factor", "fs_recovery_code", "fs_reset"):
            connection.exec_driver_sql(f"DROP TABLE {table}")
        for table, column in (("fs_login", "last_sign_in"), ("fs_session", "proven_at")):
            connection.exec_driver_sql(f"ALTER TABLE {table} DROP COLUMN {column}")
        connection.exec_driver_sql("INSERT INTO fs_login (user_id, name, name_fold, active, created_at) VALUES (1, 'ana', 'ana', true, '2026-11-22 09:00:00')")
        connection.execute(sa.update(fs_state).values(system_version=5))
        prepare(connection)
        assert installed_version(connection) == SYSTEM_VERSION
        [row] = connection.execute(sa.select(fs_login)).mappings()
        assert row["last_sign_in"] is None
        assert {"fs_second_factor", "fs_recovery_code", "fs_reset"} <= set(sa.inspect(connection).get_table_names())


def test_version_9_shares_a_record_with_anybody_once(database: Database) -> None:
    rows = [("user", 1, None, "read"), ("user", 1, None, "edit"), ("team", 1, None, "read"), ("role", None, "user", "read"), ("role", None, "user", "read")]
    with database.write() as connection:
        for index in ("fs_share_once", "fs_share_role_once"):
            connection.exec_driver_sql(f"DROP INDEX {index}")
        for kind, grantee, role, access in rows:
            share = {"entity": 1, "record": 7, "kind": kind, "grantee": grantee, "role": role, "access": access, "reason": "", "at": datetime(2026, 11, 22)}
            connection.execute(sa.insert(fs_share).values(share))
        connection.execute(sa.update(fs_state).values(system_version=9))
        prepare(connection)
        kept = connection.execute(sa.select(fs_share.c.kind, fs_share.c.access).order_by(fs_share.c.id)).all()
        indexes = {index["name"] for index in sa.inspect(connection).get_indexes("fs_share")}
    assert [tuple(row) for row in kept] == [("user", "read"), ("team", "read"), ("role", "read")]
    assert {"fs_share_once", "fs_share_role_once"} <= indexes
