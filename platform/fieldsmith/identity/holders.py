"""Who holds which role: for the screens where roles are shaped. Changing what somebody holds is `identity.users`."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import sqlalchemy as sa

from fieldsmith.db import system


def holders_of_all(connection: sa.Connection) -> Mapping[str, int]:
    """How many logins hold each role, suspended ones too; roles nobody holds are left out."""
    table = system.fs_user_role
    return {role: count for role, count in connection.execute(sa.select(table.c.role, sa.func.count()).group_by(table.c.role))}


def logins_of(connection: sa.Connection, ids: Collection[int]) -> Mapping[int, str]:
    """The login names of users, by record id; who has none is left out."""
    table = system.fs_login
    return {id: name for id, name in connection.execute(sa.select(table.c.user_id, table.c.name).where(table.c.user_id.in_(ids)))}


def holders_of(connection: sa.Connection, role: str, most: int) -> list[int]:
    """The record ids of users who hold `role`, the first `most` of them."""
    table = system.fs_user_role
    return list(connection.execute(sa.select(table.c.user_id).where(table.c.role == role).order_by(table.c.user_id).limit(most)).scalars())
