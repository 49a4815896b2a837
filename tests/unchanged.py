"""After every 4xx every table is as it was: a test client that sees to it, whatever the test is about.

Which tables a committed transaction wrote to is heard from the driver while it writes: SQLite tells every statement, PostgreSQL's
cursors are asked. Reading transactions are not listened to, so the suite is no slower for it.
"""

from __future__ import annotations

import re
from typing import Any

import psycopg
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.test import TestResponse

from fieldsmith.db.engine import Database
from fieldsmith.workspace import Workspace

MAY_CHANGE = frozenset({"fs_audit", "fs_audit_head", "fs_throttle", "fs_session", "fs_token", "fs_idempotency"})
"""What a refused request may leave behind: what was tried, how often, when session and token were used last; and its key is taken and freed."""
_WRITES = re.compile(r'\s*(?:INSERT(?: OR \w+)? INTO|UPDATE|DELETE FROM|COPY|CREATE TABLE|ALTER TABLE|DROP TABLE)\s+"?(\w+)', re.IGNORECASE)


class Written:
    """The tables that committed transactions of one database wrote to; `forget` begins anew."""

    def __init__(self, database: Database) -> None:
        self.tables: set[str] = set()
        self._pending: list[str] = []
        self._marks: dict[str | None, int] = {}
        engine = database._writing
        event.listen(engine, "begin", self._began)
        event.listen(engine, "commit", self._committed)
        event.listen(engine, "rollback", self._undone)
        event.listen(engine, "savepoint", self._marked)
        event.listen(engine, "rollback_savepoint", self._undone_to)

    def forget(self) -> None:
        self.tables.clear()

    def hear(self, statement: str) -> None:
        found = _WRITES.match(statement)
        if found is not None:
            self._pending.append(found[1])

    def _began(self, connection: sa.Connection) -> None:
        self._pending.clear()
        driver: Any = connection.connection.dbapi_connection
        if isinstance(driver, psycopg.Connection):
            driver.cursor_factory = _cursors(self)
        else:
            driver.set_trace_callback(self.hear)

    def _committed(self, connection: sa.Connection) -> None:
        self.tables.update(self._pending)
        self._undone(connection)

    def _undone(self, connection: sa.Connection) -> None:
        self._pending.clear()
        driver: Any = connection.connection.dbapi_connection
        if not isinstance(driver, psycopg.Connection) and driver is not None:
            driver.set_trace_callback(None)

    def _marked(self, connection: sa.Connection, name: str | None) -> None:
        self._marks[name] = len(self._pending)

    def _undone_to(self, connection: sa.Connection, name: str | None, context: None) -> None:
        del self._pending[self._marks.get(name, 0) :]


def _cursors(written: Written) -> type[psycopg.Cursor[Any]]:
    class Heard(psycopg.Cursor[Any]):
        def execute(self, query: Any, *more: Any, **named: Any) -> Any:
            written.hear(query if isinstance(query, str) else "")
            return super().execute(query, *more, **named)

        def executemany(self, query: Any, *more: Any, **named: Any) -> Any:
            written.hear(query if isinstance(query, str) else "")
            return super().executemany(query, *more, **named)

        def copy(self, statement: Any, *more: Any, **named: Any) -> Any:
            written.hear(statement if isinstance(statement, str) else "")
            return super().copy(statement, *more, **named)

    return Heard


def watch(app: Flask, workspace: Workspace) -> Written:
    """From now on, clients of `app` fail where a request that was refused changed a table."""
    written = Written(workspace.database)

    class Watching(FlaskClient):
        def open(self, *arguments: Any, **more: Any) -> TestResponse:
            written.forget()
            answer = super().open(*arguments, **more)
            changed = written.tables - MAY_CHANGE
            assert answer.status_code < 400 or not changed, f"answered {answer.status_code}, but changed {sorted(changed)}: {arguments}"
            return answer

    app.test_client_class = Watching
    return written
