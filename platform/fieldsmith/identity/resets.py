"""Links that set a new password: for one user, once, within the hour. The table keeps only the SHA-256 of their tokens.

An administrator makes one and hands it over; who opens it chooses the password. Used by the screens of people, `fieldsmith user reset-link`
and the page behind the link. `Users.set_password` makes every link of that user void.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from fieldsmith.base.context import Actor
from fieldsmith.base.errors import Conflict, Forbidden
from fieldsmith.base.text import _m
from fieldsmith.db import system
from fieldsmith.identity import audit
from fieldsmith.identity.people import bump_access
from fieldsmith.identity.secrecy import new_token, stored_form
from fieldsmith.identity.sessions import end_all
from fieldsmith.identity.signed import QUEUE, SERVICE
from fieldsmith.identity.users import Users

LIVES = timedelta(hours=1)


def make(connection: sa.Connection, now: datetime, actor: Actor, users: Users, user_id: int) -> str:
    """A fresh token for the link; those before it are void. Raises `NotFound` without a login, `Conflict` for one that is suspended or a service's."""
    login = users.login(user_id)
    if not login.active or login.kind in (SERVICE, QUEUE):
        raise Conflict(_m("A reset link is for people who may sign in: let {name} in again first.", name=login.name))
    table, token = system.fs_reset, new_token()
    connection.execute(sa.delete(table).where(sa.or_(table.c.user_id == user_id, table.c.expires_at <= now)))
    connection.execute(sa.insert(table), {"token_hash": stored_form(token), "user_id": user_id, "created_at": now, "expires_at": now + LIVES})
    audit.note(connection, now, actor, "password.reset_asked", str(user_id))
    return token


def user_of(connection: sa.Connection, now: datetime, users: Users, token: str) -> int:
    """Whom the link is for. Raises `Forbidden` for one that is used, too old, void or none of ours, in one sentence for all."""
    table = system.fs_reset
    query = sa.select(table.c.user_id).where(table.c.token_hash == stored_form(token), table.c.expires_at > now)
    user_id = connection.execute(query).scalar()
    if user_id is None or not users.login(user_id).active:
        raise refusal()
    return int(user_id)


def use(connection: sa.Connection, now: datetime, users: Users, token: str, password: str, email: str | None) -> int:
    """Set the new password and end every session; the user's id. Raises `Forbidden` as `user_of`, `BadInput` for a poor password (the link stays good)."""
    table = system.fs_reset
    user_id = user_of(connection, now, users, token)
    taken = connection.execute(sa.delete(table).where(table.c.token_hash == stored_form(token)))
    if not taken.rowcount:
        raise refusal()
    actor = Actor("user", user_id, users.login(user_id).name, via="screen")
    users.set_password(actor, user_id, password, email)
    end_all(connection, user_id)
    audit.note(connection, now, actor, "password.reset", str(user_id))
    bump_access(connection)
    return user_id


def refusal() -> Forbidden:
    return Forbidden(_m("This link is not valid any more: it works once, for an hour. Ask an administrator for a fresh one."))
