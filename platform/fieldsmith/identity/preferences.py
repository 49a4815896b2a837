"""What one user likes: theme, app, column widths … Data, not metadata; small texts by key, each user's own."""

from __future__ import annotations

import sqlalchemy as sa

from fieldsmith.db import system


def of_user(connection: sa.Connection, user_id: int) -> dict[str, str]:
    """All preferences of `user_id` by key."""
    table = system.fs_preference
    return {row.key: row.value for row in connection.execute(sa.select(table.c.key, table.c.value).where(table.c.user_id == user_id))}


def put(connection: sa.Connection, user_id: int, key: str, value: str) -> None:
    """Set one, in place of what was there."""
    table = system.fs_preference
    connection.execute(sa.delete(table).where(table.c.user_id == user_id, table.c.key == key))
    connection.execute(sa.insert(table), {"user_id": user_id, "key": key, "value": value})
