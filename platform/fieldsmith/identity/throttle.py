"""Slowing down guesses: attempts are counted before the password is looked at, so that parallel tries count too.

Called around `Users.authenticate`. Keys are hashes: the table keeps neither names nor addresses.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from fieldsmith.base.errors import Throttled
from fieldsmith.base.text import _m
from fieldsmith.db import system
from fieldsmith.db.folding import fold

TRIES = 10  # wrong passwords for one name from one address
TRIES_OF_ADDRESS = 100  # … for any names from one address
REVEALS = 60  # masked values one person may have shown
WINDOW = timedelta(minutes=15)


def attempt(connection: sa.Connection, now: datetime, name: str, address: str) -> int:
    """Count one try; the seconds one has to wait, 0 when this try may go on.

    Commit before answering: a refusal that rolls its own count back would throttle nobody.
    """
    return max(_count(connection, now, key, limit) for key, limit in _keys(name, address))


def reveal(connection: sa.Connection, now: datetime, person: str) -> int:
    """Count a masked value that `person` asks for; the seconds one has to wait, 0 when this one may be shown. Commit before answering."""
    return _count(connection, now, _key("reveal", person), REVEALS)


def refusal(seconds: int) -> Throttled:
    """The error for `seconds` still to wait."""
    return Throttled(_m("Too many tries. Wait {minutes} minutes and try again.", minutes=-(-seconds // 60)), seconds)


def forgive(connection: sa.Connection, name: str, address: str) -> None:
    """A name signed in from `address`: forget its tries, and take this one off the address's (an office shares one)."""
    table = system.fs_throttle
    (of_name, _), (of_address, _) = _keys(name, address)
    connection.execute(sa.delete(table).where(table.c.key == of_name))
    connection.execute(sa.update(table).where(table.c.key == of_address, table.c.failures > 0).values(failures=table.c.failures - 1))


def sweep(connection: sa.Connection, now: datetime) -> None:
    """Drop rows whose window has passed."""
    table = system.fs_throttle
    over = sa.or_(table.c.blocked_until.is_(None), table.c.blocked_until <= now)
    connection.execute(sa.delete(table).where(table.c.window_start < now - WINDOW, over))


def _count(connection: sa.Connection, now: datetime, key: str, limit: int) -> int:
    table = system.fs_throttle
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    start = {"key": key, "failures": 0, "window_start": now, "blocked_until": None}
    connection.execute(insert(table).on_conflict_do_nothing(), start)
    row = connection.execute(sa.select(table).where(table.c.key == key).with_for_update()).mappings().one()
    if row["blocked_until"] is not None and row["blocked_until"] > now:
        return _seconds(row["blocked_until"], now)
    fresh = row["window_start"] <= now - WINDOW or row["blocked_until"] is not None
    failures = 1 if fresh else row["failures"] + 1
    until = now + WINDOW if failures > limit else None
    values = {"failures": failures, "window_start": now if fresh else row["window_start"], "blocked_until": until}
    connection.execute(sa.update(table).where(table.c.key == key).values(values))
    return _seconds(until, now) if until is not None else 0


def _keys(name: str, address: str) -> tuple[tuple[str, int], tuple[str, int]]:
    return (_key("name", fold(name.strip()), address), TRIES), (_key("address", address), TRIES_OF_ADDRESS)


def _key(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "replace")).hexdigest()


def _seconds(until: datetime, now: datetime) -> int:
    return max(1, int((until - now).total_seconds() + 0.999))
