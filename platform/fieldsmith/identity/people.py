"""What has to happen when records of entity `user` change: nobody keeps rights by memory, and somebody stays to administer.

`records` calls `people_changed` after updating, deleting or restoring users; `users` asks `acting` who may act at all.
"""

from __future__ import annotations

import sqlalchemy as sa

from fieldsmith.base.errors import Conflict
from fieldsmith.base.text import _m
from fieldsmith.db import system
from fieldsmith.db.tables import Schema

ENTITY = "user"


def acting(schema: Schema) -> sa.ColumnElement[bool]:
    """Condition on the table of users: live, and not marked as inactive."""
    people = schema.table(ENTITY)
    live = people.c.deleted_at.is_(None)
    active = schema.model.entities[ENTITY].fields.get("active")
    return live if active is None else sa.and_(live, schema.columns(active)[0].is_not(sa.false()))


def people_changed(connection: sa.Connection, schema: Schema) -> None:
    """Void what processes remember of sessions and tokens. Raises `Conflict` when no administrator could sign in any more."""
    bump_access(connection)
    if has_administrator(connection, schema, acting_only=False) and not has_administrator(connection, schema):
        raise nobody_left()


def has_administrator(connection: sa.Connection, schema: Schema, acting_only: bool = True) -> bool:
    """Does somebody with a login that is not suspended hold a role that administers?"""
    logins, held, people = system.fs_login, system.fs_user_role, schema.table(ENTITY)
    roles = [role.name for role in schema.model.roles.values() if role.administrator]
    joined = logins.join(held, held.c.user_id == logins.c.user_id).join(people, people.c.id == logins.c.user_id)
    query = sa.select(sa.literal(1)).select_from(joined).where(logins.c.active, held.c.role.in_(roles)).limit(1)
    return connection.execute(query.where(acting(schema)) if acting_only else query).first() is not None


def nobody_left() -> Conflict:
    return Conflict(_m("This would leave nobody to administer the workspace. Make somebody else administrator first."))


def bump_access(connection: sa.Connection) -> None:
    """Say that somebody's rights changed: what processes remember of sessions and tokens is void from the commit on."""
    connection.execute(sa.update(system.fs_state).values(access=system.fs_state.c.access + 1))
