"""Driver failures that are nobody's mistake, as `Unavailable` with a cure. Used by `db.engine` around every transaction.

Statements run both through SQLAlchemy and straight on the driver (`db.prepared`), so both forms of an error are read.
"""

from __future__ import annotations

import sqlite3

import sqlalchemy as sa

from fieldsmith.base.errors import Unavailable
from fieldsmith.base.text import Message, _m

BUSY = _m("The database is busy with another change. Try again in a moment.")
_FULL = _m("The disk of the database is full. Free some space, then try again.")
_READ_ONLY = _m("The database is read-only. Give this program the right to write to it.")
_DISK = _m("The disk of the database cannot be read or written. Check the disk and its free space.")
_NO_FILE = _m("The database file cannot be opened. Check its path and the rights on its folder.")
_DAMAGED = _m("The database file cannot be read: it is damaged or no database. Restore a backup.")
_LOST = _m("The database server does not answer. Check that it runs and that FIELDSMITH_DATABASE is right.")
_CROWDED = _m("All database connections are in use. Try again in a moment.")
_TIRED = _m("The database server is out of resources. Try again in a moment.")

_SQLITE = {
    sqlite3.SQLITE_BUSY: BUSY,
    sqlite3.SQLITE_LOCKED: BUSY,
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_IOERR: _DISK,
    sqlite3.SQLITE_CANTOPEN: _NO_FILE,
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
}
_POSTGRESQL = {
    "53100": _FULL,
    "53200": _TIRED,
    "53300": _CROWDED,
    "55P03": BUSY,
    "40001": BUSY,
    "40P01": BUSY,
    "57014": BUSY,
    "25006": _READ_ONLY,
}
_POSTGRESQL_LOST = ("08", "57P", "28", "3D")


def unavailable(error: Exception) -> Unavailable | None:
    """`error` as `Unavailable`, or None when it says something else (integrity, wrong SQL, any other exception)."""
    if isinstance(error, sa.exc.TimeoutError):
        return Unavailable(_CROWDED)
    cause: BaseException | None = error.orig if isinstance(error, sa.exc.DBAPIError) else error
    message: Message | None = None
    if isinstance(cause, sqlite3.Error):
        message = _SQLITE.get(getattr(cause, "sqlite_errorcode", 0) & 0xFF)
    elif cause is not None and type(cause).__module__.startswith("psycopg"):
        message = _of_postgresql(cause)
    return Unavailable(message) if message is not None else None


def _of_postgresql(cause: BaseException) -> Message | None:
    state = getattr(cause, "sqlstate", None)
    if state is None:  # psycopg gives no state when it lost, or never had, a connection
        return _LOST if type(cause).__name__ in ("OperationalError", "ConnectionTimeout", "InterfaceError") else None
    return _POSTGRESQL.get(state) or (_LOST if state.startswith(_POSTGRESQL_LOST) else None)
