"""Throwaway databases for tests. A template is built once per session and copied for each test, so that a workspace with
the shipped packages costs milliseconds. Used by the fixtures of `conftest.py` only.

PostgreSQL databases are used again when a test left the tables as they were: emptying them is ten times faster than making
and dropping one.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa

from fieldsmith.db import system
from fieldsmith.db.engine import Database

Build = Callable[[str], None]
"""Fills the new, empty database at a URL."""

DEFAULT_SERVER = "postgresql+psycopg://127.0.0.1:5432/test"
_KEPT = ("fs_state", "fs_revision", "fs_document", "fs_name")  # what publishing writes; unchanged while the shape is
_SHAPE = """
SELECT (SELECT count(*) FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid WHERE relnamespace = 'public'::regnamespace),
       (SELECT md5(string_agg(fs_state::text, '')) FROM fs_state),
       (SELECT count(*) FROM fs_document)
"""


class SqliteTemplates:
    """Files in `folder`."""

    dialect = "sqlite"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def fresh(self, name: str, build: Build, home: Path) -> Iterator[str]:
        """The URL of a copy, in `home`, of the template `name`."""
        template = self._folder / f"{name}.db"
        if not template.exists():
            building = self._folder / f"{name}.building"
            build(f"sqlite:///{building}")
            building.rename(template)
        copy = home / "fieldsmith.db"
        shutil.copyfile(template, copy)
        yield f"sqlite:///{copy}"


class PostgresqlTemplates:
    """Databases beside the one `server` names, called after this process; all of them go with `close`."""

    dialect = "postgresql"

    def __init__(self, server: str) -> None:
        self._url = sa.make_url(server).set(drivername="postgresql")
        self._prefix = f"fs_test_{os.getpid()}"
        self._made: set[str] = set()
        self._idle: dict[str, list[str]] = {}
        self._shapes: dict[str, Any] = {}
        self._connection = psycopg.connect(self._text(self._url.database or "postgres"), autocommit=True, connect_timeout=3)

    @contextmanager
    def fresh(self, name: str, build: Build, home: Path) -> Iterator[str]:
        """The URL of a database like the template `name`."""
        self._template(name, build)
        idle = self._idle[name]
        database = idle.pop() if idle else self._create(f"{self._prefix}_{len(self._made)}", f"{self._prefix}_{name}")
        yield f"postgresql+psycopg://{self._text(database).removeprefix('postgresql://')}"
        if self._emptied(database, name):
            idle.append(database)
        else:
            self._drop(database)

    def close(self) -> None:
        for database in list(self._made):
            self._drop(database)
        self._connection.close()

    def _template(self, name: str, build: Build) -> None:
        if name in self._idle:
            return
        database = self._create(f"{self._prefix}_{name}", "template0")
        build(f"postgresql+psycopg://{self._text(database).removeprefix('postgresql://')}")
        with psycopg.connect(self._text(database)) as connection:
            self._shapes[name] = connection.execute(_SHAPE).fetchone()
        self._idle[name] = []

    def _emptied(self, database: str, name: str) -> bool:
        """Take every row and number back; False when a test changed the tables themselves."""
        with psycopg.connect(self._text(database)) as connection:
            if connection.execute(_SHAPE).fetchone() != self._shapes[name]:
                return False
            connection.execute("SET session_replication_role = replica")  # no foreign keys while emptying
            rows = connection.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace").fetchall()
            tables = [row[0] for row in rows if row[0] not in _KEPT]
            filled = connection.execute(" UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM \"{table}\")" for table in tables)).fetchall()
            for (table,) in filled:
                connection.execute(f'DELETE FROM "{table}"')
            connection.execute("SELECT setval(seqrelid, 1, false) FROM pg_sequence WHERE seqrelid <> 'fs_document_id_seq'::regclass")
        return True

    def _create(self, database: str, template: str) -> str:
        self._connection.execute(f"CREATE DATABASE {database} TEMPLATE {template} ENCODING 'UTF8'")
        self._made.add(database)
        return database

    def _drop(self, database: str) -> None:
        self._connection.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
        self._made.discard(database)

    def _text(self, database: str) -> str:
        return self._url.set(database=database).render_as_string(hide_password=False)


Templates = SqliteTemplates | PostgresqlTemplates


def reachable(server: str) -> PostgresqlTemplates | None:
    """Templates on `server`; None where no server answers."""
    try:
        return PostgresqlTemplates(server)
    except psycopg.OperationalError:
        return None


def prepare_database(url: str) -> None:
    """The template of a database with nothing but the system tables."""
    database = Database(url)
    with database.write() as connection:
        system.prepare(connection)
    database.dispose()
