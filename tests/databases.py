"""Throwaway databases for tests. A template is built once per session and copied for each test, so that a workspace with
the shipped packages costs milliseconds. Used by the fixtures of `conftest.py` only.

PostgreSQL databases are used again unless a test changed the template's own tables: emptying one is ten times faster than
dropping it and making another.
"""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa

from fieldsmith.db import system
from fieldsmith.db.audit_digest import GENESIS, is_sealed, seal
from fieldsmith.db.engine import Database
from fieldsmith.identity.secrecy import keyed

Build = Callable[[str], None]
"""Fills the new, empty database at a URL."""

DEFAULT_SERVER = "postgresql+psycopg://127.0.0.1:5432/test"
_PUBLISHED = ("fs_revision", "fs_document", "fs_name")
_TABLES = """
SELECT c.relname, md5(string_agg(a.attname || a.atttypid, ',' ORDER BY a.attnum))
FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND a.attnum > 0 GROUP BY c.relname
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
        self._shapes: dict[str, tuple[dict[str, str], int, str]] = {}  # template → columns of its tables, revision, seal of an empty audit log
        self._number = itertools.count(1)
        self._connection = psycopg.connect(self._text(self._url.database or "postgres"), autocommit=True, connect_timeout=3)
        if self._url.host in ("127.0.0.1", "localhost", None):
            self._drop_orphans()

    @contextmanager
    def fresh(self, name: str, build: Build, home: Path) -> Iterator[str]:
        """The URL of a database like the template `name`."""
        self._template(name, build)
        idle = self._idle[name]
        database = idle.pop() if idle else self._create(f"{self._prefix}_{next(self._number)}", f"{self._prefix}_{name}")
        yield self._product_url(database)
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
        build(self._product_url(database))
        with psycopg.connect(self._text(database)) as connection:
            self._shapes[name] = _tables(connection), _revision(connection), _empty_seal(connection)
        self._idle[name] = []

    def _emptied(self, database: str, name: str) -> bool:
        """Take every row, number and new table back; False when a test published or changed the template's own tables."""
        tables, revision, sealed = self._shapes[name]
        with psycopg.connect(self._text(database)) as connection:
            found = _tables(connection)
            if any(found.get(table) != columns for table, columns in tables.items()) or (revision and _revision(connection) != revision):
                return False
            for table in found.keys() - tables.keys():
                connection.execute(f'DROP TABLE "{table}" CASCADE')
            connection.execute("SET session_replication_role = replica")  # no foreign keys while emptying
            kept = ("fs_state", *_PUBLISHED) if revision else ("fs_state",)
            asked = " UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM \"{table}\")" for table in tables if table not in kept)
            for (table,) in connection.execute(asked).fetchall():
                connection.execute(f'DELETE FROM "{table}"')
            connection.execute("INSERT INTO fs_audit_head (id, last, hash, seal) VALUES (1, 0, %s, %s)", (GENESIS, sealed))
            connection.execute("UPDATE fs_state SET revision = %s, access = 0, fills = 0", (revision,))
            spared = "'fs_document_id_seq'::regclass" if revision else "0"
            connection.execute(f"SELECT setval(seqrelid, 1, false) FROM pg_sequence WHERE seqrelid <> {spared}")
        return True

    def _create(self, database: str, template: str) -> str:
        self._connection.execute(f"CREATE DATABASE {database} TEMPLATE {template} ENCODING 'UTF8'")
        self._made.add(database)
        return database

    def _drop(self, database: str) -> None:
        self._connection.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
        self._made.discard(database)

    def _drop_orphans(self) -> None:
        """What test runs left that were killed."""
        for (database,) in self._connection.execute("SELECT datname FROM pg_database WHERE datname LIKE 'fs\\_test\\_%'").fetchall():
            if not Path(f"/proc/{database.split('_')[2]}").exists() and Path("/proc/self").exists():
                self._drop(database)

    def _product_url(self, database: str) -> str:
        """Commits need not outlive a crash of the machine."""
        url = self._url.set(drivername="postgresql+psycopg", database=database)
        return url.update_query_dict({"options": "-c synchronous_commit=off"}).render_as_string(hide_password=False)

    def _text(self, database: str) -> str:
        return self._url.set(database=database).render_as_string(hide_password=False)


def _tables(connection: psycopg.Connection[Any]) -> dict[str, str]:
    return dict(connection.execute(_TABLES).fetchall())


def _revision(connection: psycopg.Connection[Any]) -> int:
    row = connection.execute("SELECT revision FROM fs_state").fetchone()
    return int(row[0]) if row else 0


def _empty_seal(connection: psycopg.Connection[Any]) -> str:
    """The seal of a log without rows, by the key that the template's was sealed with: a workspace's, or none."""
    names = ("last", "hash", "pruned", "pruned_hash", "seal")
    row = connection.execute(f"SELECT {', '.join(names)} FROM fs_audit_head").fetchone()
    head = dict(zip(names, row or (), strict=True))
    key = next(key for key in (b"", keyed("s" * 40, "audit log").encode()) if is_sealed(key, head))
    return seal(key, {"last": 0, "hash": GENESIS, "pruned": 0, "pruned_hash": GENESIS})


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
