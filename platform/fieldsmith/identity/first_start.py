"""The one-time set-up token: whoever started the server gets a link, nobody else can make the first administrator."""

from __future__ import annotations

import sqlalchemy as sa

from fieldsmith.db import system
from fieldsmith.identity.secrecy import new_token, same, stored_form
from fieldsmith.identity.users import Users

_WORKSPACE = 0  # preferences of user 0 are the workspace's own
_KEY = "setup_token"


def offer(connection: sa.Connection, users: Users) -> str | None:
    """A fresh token for the set-up link, replacing any before; None once an administrator exists."""
    if users.has_administrator():
        return None
    token = new_token()
    withdraw(connection)
    connection.execute(sa.insert(system.fs_preference), {"user_id": _WORKSPACE, "key": _KEY, "value": stored_form(token)})
    return token


def accepts(connection: sa.Connection, users: Users, token: str) -> bool:
    """True while there is no administrator and `token` is the one offered last."""
    table = system.fs_preference
    kept = connection.execute(sa.select(table.c.value).where(table.c.user_id == _WORKSPACE, table.c.key == _KEY)).scalar()
    return isinstance(kept, str) and same(kept, stored_form(token)) and not users.has_administrator()


def withdraw(connection: sa.Connection) -> None:
    """The first administrator exists: the link is void."""
    table = system.fs_preference
    connection.execute(sa.delete(table).where(table.c.user_id == _WORKSPACE, table.c.key == _KEY))
