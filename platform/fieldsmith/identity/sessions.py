"""Signed-in browsers: server-side sessions. The cookie holds a random token, the table only its SHA-256.

`identity.memory` (one per process and workspace) spares the query while the access counter stands still; see `find`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from fieldsmith.base.context import Actor
from fieldsmith.base.errors import NotFound
from fieldsmith.base.text import _m
from fieldsmith.db import system
from fieldsmith.identity import audit
from fieldsmith.identity.people import bump_access
from fieldsmith.identity.secrecy import new_token, stored_form
from fieldsmith.identity.signed import Person, SignedQuery

TOUCH = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Session:
    """`csrf` is the form token of this session; `token_hash` names it without opening it. `proven_at`: when the password was last given in it.

    `expires_at` moves with its use (`touch`), up to so many days from `created_at`. `second_factor`: does its person have one in force?
    """

    token_hash: str
    person: Person
    csrf: str
    expires_at: datetime
    last_seen: datetime
    created_at: datetime
    proven_at: datetime | None = None
    second_factor: bool = False


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session as its owner sees it in a list."""

    token_hash: str
    created_at: datetime
    last_seen: datetime
    ip: str
    agent: str


def begin(connection: sa.Connection, now: datetime, user_id: int, days: int, address: str, agent: str, idle: timedelta = timedelta.max) -> str:
    """A new session for `user_id` that ends after `days`, or unused after `idle`; the token for the cookie, always a new one."""
    token = new_token()
    row = {
        "token_hash": stored_form(token),
        "user_id": user_id,
        "csrf": new_token(),
        "created_at": now,
        "last_seen": now,
        "expires_at": now + min(timedelta(days=days), idle),
        "ip": address[:64],
        "agent": agent[:200],
        "proven_at": now,
    }
    connection.execute(sa.insert(system.fs_session), row)
    return token


def find(connection: sa.Connection, signed: SignedQuery, now: datetime, token_hash: str) -> Session | None:
    """The live session behind `token_hash`, None when it ended, expired or its user may not act any more."""
    table, second = system.fs_session, system.fs_second_factor
    in_force = sa.exists().where(second.c.user_id == table.c.user_id, second.c.confirmed_at.is_not(None))
    query = signed.select(table, table.c.csrf, table.c.expires_at, table.c.last_seen, table.c.created_at, table.c.proven_at, in_force)
    rows = connection.execute(query.where(table.c.token_hash == token_hash, table.c.expires_at > now)).all()
    if not rows:
        return None
    csrf, expires_at, last_seen, created_at, proven_at, protected = rows[0][:6]
    return Session(token_hash, signed.person(rows), csrf, expires_at, last_seen, created_at, proven_at, bool(protected))


def touch(connection: sa.Connection, now: datetime, session: Session, days: int, idle: timedelta) -> None:
    """Note that the session is in use (callers do so at most once a minute: `TOUCH`): it lives for `idle` from now, but no longer than `days` in all."""
    until = min(session.created_at + timedelta(days=days), now + idle)
    mine = system.fs_session.c.token_hash == session.token_hash
    connection.execute(sa.update(system.fs_session).where(mine).values(last_seen=now, expires_at=until))


def prove(connection: sa.Connection, now: datetime, token_hash: str) -> None:
    """Note that the password was given again in this session."""
    connection.execute(sa.update(system.fs_session).where(system.fs_session.c.token_hash == token_hash).values(proven_at=now))
    bump_access(connection)


def list_of(connection: sa.Connection, now: datetime, user_id: int) -> list[SessionRow]:
    """The live sessions of one user, last used first."""
    table = system.fs_session
    query = sa.select(table).where(table.c.user_id == user_id, table.c.expires_at > now).order_by(table.c.last_seen.desc(), table.c.token_hash)
    return [SessionRow(row["token_hash"], row["created_at"], row["last_seen"], row["ip"], row["agent"]) for row in connection.execute(query).mappings()]


def end(connection: sa.Connection, token_hash: str) -> None:
    """Sign out: the session is gone for every process from the commit on."""
    connection.execute(sa.delete(system.fs_session).where(system.fs_session.c.token_hash == token_hash))
    bump_access(connection)


def end_own(connection: sa.Connection, now: datetime, actor: Actor, user_id: int, token_hash: str) -> None:
    """Raises `NotFound` unless `user_id` has a session `token_hash`."""
    table = system.fs_session
    if not connection.execute(sa.delete(table).where(table.c.token_hash == token_hash, table.c.user_id == user_id)).rowcount:
        raise NotFound(_m("There is no such session."))
    audit.note(connection, now, actor, "session.ended", str(user_id))
    bump_access(connection)


def end_all(connection: sa.Connection, user_id: int, but: str | None = None) -> int:
    """End every session of `user_id` except the one whose hash is `but`; how many."""
    table = system.fs_session
    found = connection.execute(sa.delete(table).where(table.c.user_id == user_id, table.c.token_hash != (but or "")))
    bump_access(connection)
    return found.rowcount


def sweep(connection: sa.Connection, now: datetime) -> None:
    """Drop sessions that have expired or lay idle."""
    connection.execute(sa.delete(system.fs_session).where(system.fs_session.c.expires_at <= now))
