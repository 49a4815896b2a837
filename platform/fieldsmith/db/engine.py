"""`Database`: connections and transactions on SQLite or PostgreSQL, the same way on both.

Made once per process by the workspace. `read()` and `write()` are the only doors: services get the `sqlalchemy.Connection`
they yield. Driver failures that are nobody's mistake (locked, full, read-only, connection lost) leave as `Unavailable`;
integrity errors pass through, see `db.clashes`.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event, pool

from fieldsmith.base.errors import Unavailable
from fieldsmith.base.text import _m
from fieldsmith.db import audit_chain
from fieldsmith.db.audit_digest import KEY as AUDIT_KEY
from fieldsmith.db.failures import BUSY, unavailable
from fieldsmith.db.folding import FUNCTION, fold_or_blank
from fieldsmith.expr.sqlite_functions import install

_BUSY_TIMEOUT = 10_000  # milliseconds a statement waits for somebody else's lock, on both databases
_IDLE_BEFORE_PING = 30.0  # seconds; a PostgreSQL connection idle for longer is asked whether it still lives
_PRAGMAS = (f"busy_timeout={_BUSY_TIMEOUT}", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "temp_store=MEMORY", "cache_size=-8000")


def normal_url(url: str) -> sa.URL:
    """`url` with the driver Fieldsmith uses: `postgresql://` becomes psycopg 3. Raises `Unavailable` for other databases."""
    parsed = sa.make_url(url)
    backend = parsed.get_backend_name()
    if backend == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    if backend == "sqlite":
        return parsed.set(drivername="sqlite+pysqlite")
    raise Unavailable(_m("Database “{name}” is not supported. Use a URL that begins with “sqlite:///” or “postgresql://”.", name=backend))


class Database:
    """One database. `pool_size` connections stay open for reading and writing each; twice as many may be in use. `audit_key` seals the audit log."""

    def __init__(self, url: str, pool_size: int = 4, audit_key: bytes = b"") -> None:
        self.url = normal_url(url)
        self.dialect = self.url.get_backend_name()
        self.in_memory = self.dialect == "sqlite" and self.url.database in (None, "", ":memory:")
        if self.dialect == "sqlite":
            self._reading, self._writing = _sqlite_engines(self.url, self.in_memory, pool_size)
            self._writing_arguments: Mapping[str, Any] = {}
        else:
            self._reading, self._writing = _postgresql_engines(self.url, pool_size)
            self._writing_arguments = {"options": " ".join(_postgresql_options(self.url))}
            for engine in (self._reading, self._writing):
                event.listen(engine, "connect", self._note_generation)
                event.listen(engine, "checkout", self._close_outdated)
        audit_chain.heed_savepoints(self._writing)
        for engine in (self._reading, self._writing):
            event.listen(engine, "connect", lambda _, record: record.info.update({AUDIT_KEY: audit_key}))
        self._generation = 0
        self._turn = _turns() if self.in_memory else nullcontext

    @property
    def sa_dialect(self) -> sa.Dialect:
        """The SQLAlchemy dialect, for compiling statements ahead of their use."""
        return self._writing.dialect

    @contextmanager
    def read(self, snapshot: bool = False) -> Iterator[sa.Connection]:
        """A connection for reading; writes through it are undone (SQLite) or refused (PostgreSQL).

        SQLite always shows one moment. PostgreSQL shows each statement the newest committed rows, without the cost of a
        transaction, unless `snapshot` asks for one moment (exports, streaming cursors).
        """
        with self._turn(), _failures(), self._reading.connect() as connection:
            if snapshot and self.dialect == "postgresql":
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            if self.dialect == "sqlite":
                _begin(connection)  # SQLAlchemy need not know: returning to the pool rolls back
            yield connection

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """A writing transaction: committed when the block ends, undone when it raises. SQLite lets one in at a time."""
        with self._turn(), _failures(), self._writing.connect() as connection, connection.begin(), audit_chain.gathered(connection):
            yield connection

    @contextmanager
    def schema_change(self) -> Iterator[sa.Connection]:
        """`write` for changes that rebuild tables. Additive changes need only `write`.

        SQLite would delete every cascade child of a rebuilt table, and ignores the switch inside a transaction: foreign
        keys are off for the whole of it and all of them are checked before the commit.
        """
        if self.dialect == "postgresql":
            with self.write() as connection:
                yield connection
            return
        with self._turn(), _failures(), self._writing.connect() as connection:
            _on_driver(connection, "PRAGMA foreign_keys=OFF")
            try:
                with connection.begin(), audit_chain.gathered(connection):
                    yield connection
                    _check_foreign_keys(connection)
            finally:
                _on_driver(connection, "PRAGMA foreign_keys=ON")

    @contextmanager
    def rehearsal(self, statements: Sequence[str]) -> Iterator[sa.Connection]:
        """A connection on which `statements` were run; everything in it is undone, and no write gets through to PostgreSQL.

        On PostgreSQL it is opened for this alone: no statement prepared earlier, or here, meets other tables.
        """
        if self.dialect == "sqlite":
            with self.read() as connection:
                for statement in statements:
                    connection.exec_driver_sql(statement)
                yield connection
            return
        engine = sa.create_engine(self.url, poolclass=pool.NullPool, connect_args=self._writing_arguments)
        with _failures(), engine.connect() as connection, connection.begin() as transaction:
            for statement in (*statements, "SET TRANSACTION READ ONLY"):
                connection.exec_driver_sql(statement)
            try:
                yield connection
            finally:
                transaction.rollback()

    def renew(self) -> None:
        """Tables have changed: have PostgreSQL connections opened anew, which may hold statements prepared for columns of another type.

        Those that are in use are told by `outdated`. SQLite prepares its statements again by itself.
        """
        self._generation += 1

    def outdated(self, connection: sa.Connection) -> bool:
        """Was `connection` opened before the last `renew`?"""
        return self.dialect == "postgresql" and bool(connection.info["generation"] != self._generation)

    def _note_generation(self, _connection: Any, record: Any) -> None:
        record.info["generation"] = self._generation

    def _close_outdated(self, _connection: Any, record: Any, _proxy: Any) -> None:
        if record.info["generation"] != self._generation:
            raise sa.exc.DisconnectionError()  # the pool then opens another

    def require_abilities(self) -> None:
        """Raise `Unavailable`, with the cure, when the database server lacks something Fieldsmith needs."""
        if self.dialect == "postgresql":
            with self.read() as connection:
                _require_postgresql(connection)
        elif sqlite3.sqlite_version_info < (3, 35):
            raise Unavailable(_m("SQLite {version} is too old. Use a Python built with SQLite 3.35 or newer.", version=sqlite3.sqlite_version))

    def dispose(self) -> None:
        """Close every idle connection; the object may be used again. Call it in a worker process after a fork."""
        self._writing.dispose()
        if self._reading is not self._writing:
            self._reading.dispose()


def _turns() -> Callable[[], AbstractContextManager[None]]:
    """An in-memory database has one connection: one transaction at a time, and none inside another."""
    lock = threading.Lock()

    @contextmanager
    def turn() -> Iterator[None]:
        if not lock.acquire(timeout=_BUSY_TIMEOUT / 1000):
            raise Unavailable(BUSY)
        try:
            yield
        finally:
            lock.release()

    return turn


@contextmanager
def _failures() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        found = unavailable(error)
        if found is None:
            raise
        raise found from error


def _sqlite_engines(url: sa.URL, in_memory: bool, pool_size: int) -> tuple[sa.Engine, sa.Engine]:
    # isolation_level=None: the driver must not begin or commit by itself, else DDL stays behind after an error
    arguments: dict[str, Any] = {"isolation_level": None, "check_same_thread": False}
    if in_memory:
        engine = sa.create_engine(url, connect_args=arguments, poolclass=pool.StaticPool)
    else:
        engine = sa.create_engine(url, connect_args=arguments, poolclass=pool.QueuePool, **_pool(pool_size))
    event.listen(engine, "connect", _prepare_sqlite)
    reading, writing = engine.execution_options(), engine.execution_options()
    event.listen(reading, "begin", _begin)
    event.listen(writing, "begin", _begin_immediate)
    return reading, writing


def _pool(size: int) -> dict[str, Any]:
    return {"pool_size": size, "max_overflow": size, "pool_use_lifo": True, "pool_timeout": _BUSY_TIMEOUT / 1000}


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    connection.create_function(FUNCTION, 1, fold_or_blank, deterministic=True)
    install(connection)


def _begin(connection: sa.Connection) -> None:
    driver: Any = connection.connection.dbapi_connection
    if not driver.in_transaction:
        driver.execute("BEGIN")


def _begin_immediate(connection: sa.Connection) -> None:
    _on_driver(connection, "BEGIN IMMEDIATE")


def _on_driver(connection: sa.Connection, statement: str) -> None:
    """Past SQLAlchemy: a third of the cost for what every transaction begins with, and no transaction begins by itself."""
    connection.connection.dbapi_connection.execute(statement)  # type: ignore[union-attr]


def _check_foreign_keys(connection: sa.Connection) -> None:
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchmany(5)
    if broken:
        rows = ", ".join(f"{row[0]}:{row[1]}" for row in broken)
        raise Unavailable(_m("The change would leave rows that point at nothing ({rows}); nothing was changed.", rows=rows))


def _postgresql_engines(url: sa.URL, pool_size: int) -> tuple[sa.Engine, sa.Engine]:
    options = _postgresql_options(url)
    writing = sa.create_engine(url, connect_args={"options": " ".join(options).strip()}, **_pool(pool_size))
    # Reads commit by themselves: two round trips fewer, and read committed would show every statement a new moment anyway.
    options.append("-c default_transaction_read_only=on")
    arguments = {"options": " ".join(options).strip()}
    reading = sa.create_engine(url, connect_args=arguments, isolation_level="AUTOCOMMIT", skip_autocommit_rollback=True, **_pool(pool_size))
    for engine in (reading, writing):
        event.listen(engine, "checkin", _note_use)
        event.listen(engine, "checkout", _ping_when_idle)
    return reading, writing


def _postgresql_options(url: sa.URL) -> list[str]:
    given = url.query.get("options", "")
    options = [given] if isinstance(given, str) else list(given)
    return [*options, "-c timezone=UTC", f"-c lock_timeout={_BUSY_TIMEOUT}"]


def _note_use(_connection: Any, record: Any) -> None:
    record.info["used"] = time.monotonic()


def _ping_when_idle(connection: Any, record: Any, _proxy: Any) -> None:
    used = record.info.get("used")
    if used is None or time.monotonic() - used < _IDLE_BEFORE_PING:
        return
    try:
        autocommit = connection.autocommit
        connection.execute("SELECT 1")
        if not autocommit:
            connection.rollback()
    except Exception as error:
        raise sa.exc.DisconnectionError() from error  # the pool then opens another


def _require_postgresql(connection: sa.Connection) -> None:
    version, encoding, icu = connection.exec_driver_sql(
        "SELECT current_setting('server_version_num')::int, current_setting('server_encoding'),"
        " EXISTS (SELECT 1 FROM pg_collation WHERE collname = 'und-x-icu')"
    ).one()
    if version < 150000:
        raise Unavailable(_m("PostgreSQL {version} is too old. Use version 15 or newer.", version=version // 10000))
    if encoding != "UTF8":
        raise Unavailable(_m("The database is encoded in {encoding}. Make one with CREATE DATABASE … ENCODING 'UTF8'.", encoding=encoding))
    if not icu:
        raise Unavailable(_m("This PostgreSQL was built without ICU, which text comparison needs. Use a build with ICU (all distributions' packages have it)."))
