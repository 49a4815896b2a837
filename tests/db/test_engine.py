"""Transactions behave the same on both databases, and nobody's failures have a cure."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from fieldsmith.base.errors import Unavailable
from fieldsmith.db.engine import Database, normal_url
from fieldsmith.db.failures import unavailable
from tests.databases import PostgresqlTemplates, prepare_database


@pytest.fixture
def numbers(database: Database) -> Database:
    with database.write() as connection:
        connection.exec_driver_sql("CREATE TABLE numbers (n integer PRIMARY KEY)")
    return database


def _numbers(database: Database) -> list[int]:
    with database.read() as connection:
        return [row[0] for row in connection.exec_driver_sql("SELECT n FROM numbers ORDER BY n")]


@pytest.mark.parametrize(
    ("given", "driver"),
    [("postgresql://host/db", "postgresql+psycopg"), ("postgresql+psycopg://host/db", "postgresql+psycopg"), ("sqlite:///x.db", "sqlite+pysqlite")],
)
def test_urls_get_our_driver(given: str, driver: str) -> None:
    assert normal_url(given).drivername == driver


def test_other_databases_are_refused_in_words() -> None:
    with pytest.raises(Unavailable, match="mysql"):
        Database("mysql://host/db")


def test_write_commits(numbers: Database) -> None:
    with numbers.write() as connection:
        connection.exec_driver_sql("INSERT INTO numbers VALUES (1)")
    assert _numbers(numbers) == [1]


def test_an_error_takes_rows_and_tables_back(numbers: Database) -> None:
    with pytest.raises(ZeroDivisionError), numbers.write() as connection:
        connection.exec_driver_sql("INSERT INTO numbers VALUES (1)")
        connection.exec_driver_sql("CREATE TABLE leftover (n integer)")
        raise ZeroDivisionError
    assert _numbers(numbers) == []
    with numbers.read() as connection:
        assert not sa.inspect(connection).has_table("leftover")


def test_reading_never_writes(numbers: Database) -> None:
    try:
        with numbers.read() as connection:
            connection.exec_driver_sql("INSERT INTO numbers VALUES (1)")
    except Unavailable as error:
        assert "read-only" in str(error)
    assert _numbers(numbers) == []


def test_a_snapshot_shows_one_moment(numbers: Database) -> None:
    with numbers.read(snapshot=True) as connection:
        before = connection.exec_driver_sql("SELECT count(*) FROM numbers").scalar()
        with numbers.write() as other:
            other.exec_driver_sql("INSERT INTO numbers VALUES (1)")
        assert connection.exec_driver_sql("SELECT count(*) FROM numbers").scalar() == before
    assert _numbers(numbers) == [1]


def test_writers_in_threads_lose_nothing(numbers: Database) -> None:
    def add(start: int) -> None:
        for n in range(start, start + 20):
            with numbers.write() as connection:
                connection.exec_driver_sql(f"INSERT INTO numbers VALUES ({n})")

    threads = [threading.Thread(target=add, args=(start,)) for start in (0, 100, 200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(_numbers(numbers)) == 60


def test_both_databases_have_what_we_need(database: Database) -> None:
    database.require_abilities()


def test_foreign_keys_are_checked_before_a_schema_change_commits(sqlite_file: Database) -> None:
    with sqlite_file.write() as connection:
        connection.exec_driver_sql("CREATE TABLE parent (id integer PRIMARY KEY)")
        connection.exec_driver_sql("CREATE TABLE child (p integer REFERENCES parent (id) ON DELETE CASCADE)")
        connection.exec_driver_sql("INSERT INTO parent VALUES (1)")
        connection.exec_driver_sql("INSERT INTO child VALUES (1)")
    with pytest.raises(Unavailable, match="point at nothing"), sqlite_file.schema_change() as connection:
        connection.exec_driver_sql("DELETE FROM parent")
    with sqlite_file.schema_change() as connection:
        connection.exec_driver_sql("DELETE FROM parent")
        connection.exec_driver_sql("INSERT INTO parent VALUES (1)")
    with sqlite_file.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM child").scalar() == 1
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_sqlite_is_durable_and_checks_foreign_keys(sqlite_file: Database) -> None:
    with sqlite_file.read() as connection:
        values = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")]
    assert values == ["wal", 2, 1, 10_000]


def test_a_locked_database_says_try_again(sqlite_file: Database) -> None:
    other = sqlite3.connect(sqlite_file.url.database or "", isolation_level=None)
    other.execute("CREATE TABLE t (n)")
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable, match="busy"), sqlite_file.read() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout=1")
        connection.exec_driver_sql("INSERT INTO t VALUES (1)")
    other.close()


def test_a_full_disk_says_so_and_keeps_what_was_there(sqlite_file: Database) -> None:
    with sqlite_file.write() as connection:
        connection.exec_driver_sql("CREATE TABLE numbers (n)")
    with pytest.raises(Unavailable, match="full"), sqlite_file.write() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count=3")
        connection.exec_driver_sql("INSERT INTO numbers SELECT randomblob(100000)")
    assert _numbers(sqlite_file) == []


def test_a_read_only_file_says_so(sqlite_file: Database) -> None:
    with sqlite_file.write() as connection:
        connection.exec_driver_sql("CREATE TABLE numbers (n)")
    database = Database(f"sqlite:///file:{sqlite_file.url.database}?mode=ro&uri=true")
    with pytest.raises(Unavailable, match="read-only"), database.write() as connection:
        connection.exec_driver_sql("INSERT INTO numbers VALUES (1)")
    database.dispose()


def test_more_readers_than_connections_are_told_to_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fieldsmith.db.engine._BUSY_TIMEOUT", 10)
    database = Database(f"sqlite:///{tmp_path}/x.db", pool_size=1)
    with pytest.raises(Unavailable, match="in use"), database.read(), database.read(), database.read():
        pass
    database.dispose()


def test_a_missing_folder_is_named_as_the_cause(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/nowhere/x.db")
    with pytest.raises(Unavailable, match="cannot be opened"), database.read():
        pass


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_bytes(os.urandom(4096))
    database = Database(f"sqlite:///{tmp_path}/x.db")
    with pytest.raises(Unavailable, match="damaged"), database.read():
        pass
    database.dispose()


def test_a_server_that_does_not_answer_is_unavailable() -> None:
    database = Database("postgresql://127.0.0.1:1/x")
    with pytest.raises(Unavailable, match="does not answer"), database.read():
        pass


@pytest.mark.postgresql
def test_a_connection_lost_while_idle_is_replaced(postgresql_templates: PostgresqlTemplates, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fieldsmith.db.engine._IDLE_BEFORE_PING", 0.0)
    with postgresql_templates.fresh("bare", prepare_database, tmp_path) as url:
        database, other = Database(url), Database(url)
        for door in (database.read, database.write):
            with door() as connection:
                pid = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar()
            with other.write() as killer:
                killer.exec_driver_sql(f"SELECT pg_terminate_backend({pid}, 1000)")
            with door() as connection:
                assert connection.exec_driver_sql("SELECT pg_backend_pid()").scalar() != pid
        database.dispose()
        other.dispose()


def test_mistakes_of_the_program_stay_what_they_are(numbers: Database) -> None:
    with pytest.raises(sa.exc.DBAPIError) as caught, numbers.read() as connection:
        connection.exec_driver_sql("SELECT nothing FROM nowhere")
    assert unavailable(caught.value) is None


def test_in_memory_databases_keep_their_tables() -> None:
    database = Database("sqlite://")
    with database.write() as connection:
        connection.exec_driver_sql("CREATE TABLE numbers (n)")
    assert _numbers(database) == []
    database.dispose()


def test_an_in_memory_database_has_one_transaction_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fieldsmith.db.engine._BUSY_TIMEOUT", 10)
    database = Database("sqlite://")
    with database.write() as connection:
        connection.exec_driver_sql("CREATE TABLE numbers (n)")
        with pytest.raises(Unavailable, match="busy"), database.read():
            pass
    assert _numbers(database) == []
    database.dispose()


@pytest.fixture
def sqlite_file(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path}/own.db")
    yield database
    database.dispose()
