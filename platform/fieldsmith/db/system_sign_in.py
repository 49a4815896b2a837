"""Tables of sign-in: logins, roles held, sessions, second factors, reset links, tokens, throttling. Reached through `db.system`; used by `identity` only."""

from __future__ import annotations

import sqlalchemy as sa

from fieldsmith.db.system_columns import METADATA, big, key, text, time
from fieldsmith.db.types import BIG, BOOLEAN

fs_login = sa.Table(
    "fs_login",
    METADATA,
    sa.Column("user_id", BIG, primary_key=True, autoincrement=False),
    text("name"),
    text("name_fold", unique=True),
    text("password_hash", nullable=True),
    sa.Column("active", BOOLEAN, nullable=False),
    time("created_at"),
    time("last_sign_in", nullable=True),
)
fs_user_role = sa.Table("fs_user_role", METADATA, sa.Column("user_id", BIG, primary_key=True, autoincrement=False), text("role", primary_key=True))
fs_session = sa.Table(
    "fs_session",
    METADATA,
    text("token_hash", primary_key=True),
    big("user_id"),
    text("csrf"),
    time("created_at"),
    time("last_seen"),
    time("expires_at"),
    text("ip"),
    text("agent"),
    time("proven_at", nullable=True),
    sa.Index("fs_session_user", "user_id"),
)
"""`proven_at`: when the password was last given in this session; blank in sessions from before version 6."""
fs_second_factor = sa.Table(
    "fs_second_factor",
    METADATA,
    sa.Column("user_id", BIG, primary_key=True, autoincrement=False),
    text("salt"),
    time("created_at"),
    time("confirmed_at", nullable=True),
    big("last_step"),
)
"""`salt`: what the secret is derived from, together with the workspace's own (`identity.second_factor`); `last_step`: the newest code taken."""
fs_recovery_code = sa.Table(
    "fs_recovery_code",
    METADATA,
    sa.Column("user_id", BIG, primary_key=True, autoincrement=False),
    text("code_hash", primary_key=True),
    time("used_at", nullable=True),
)
fs_reset = sa.Table(
    "fs_reset",
    METADATA,
    text("token_hash", primary_key=True),
    big("user_id"),
    time("created_at"),
    time("expires_at"),
    sa.Index("fs_reset_user", "user_id"),
)
"""Reset links that have not been used; a row goes with its use, with any change of the password, and when it is too old."""
fs_token = sa.Table(
    "fs_token",
    METADATA,
    key(),
    big("user_id"),
    text("name"),
    text("token_hash", unique=True),
    text("scopes"),
    time("created_at"),
    time("last_used", nullable=True),
    time("expires_at", nullable=True),
    time("revoked_at", nullable=True),
    sa.Index("fs_token_user", "user_id"),
    sqlite_autoincrement=True,
)
fs_throttle = sa.Table(
    "fs_throttle",
    METADATA,
    text("key", primary_key=True),
    sa.Column("failures", sa.Integer, nullable=False),
    time("window_start"),
    time("blocked_until", nullable=True),
)


def upgrade(connection: sa.Connection) -> None:
    """Version 6 knows second factors, reset links, when somebody signed in last, and when a session's password was last given."""
    kinds = {column.name: column.type.compile(connection.dialect) for column in (fs_login.c.last_sign_in, fs_session.c.proven_at)}
    for table, name in (("fs_login", "last_sign_in"), ("fs_session", "proven_at")):
        if not _has(connection, table, name):
            connection.exec_driver_sql(f"ALTER TABLE {table} ADD COLUMN {name} {kinds[name]}")
    for made in (fs_second_factor, fs_recovery_code, fs_reset):
        made.create(connection, checkfirst=True)


def _has(connection: sa.Connection, table: str, name: str) -> bool:
    return any(column["name"] == name for column in sa.inspect(connection).get_columns(table))
