"""Locks between processes that live as long as a transaction. Publishing takes the exclusive one, every writer the shared one.

SQLite needs neither: its writing transactions already exclude each other.
"""

from __future__ import annotations

import sqlalchemy as sa

_CLASS = 0x4653  # "FS": keeps clear of other programs' advisory locks; the second key tells workspaces in one database apart


SHARED = f"SELECT pg_advisory_xact_lock_shared({_CLASS}, hashtext(current_schema()))"
"""For PostgreSQL: holds off publishing until the end of the transaction; writers do not hinder each other."""


def exclusive(connection: sa.Connection) -> None:
    """Wait until no other transaction holds either lock, then hold it until the end of this one."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_CLASS}, hashtext(current_schema()))")
