"""What has to happen when users and teams change: nobody keeps rights by memory, somebody stays to administer, and who is below whom holds.

`records` calls `people_came` and `people_changed` after every batch of users or teams; `users` asks `acting` who may act at all.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from fieldsmith.base.context import Actor
from fieldsmith.base.errors import BadInput, Conflict
from fieldsmith.base.problems import Problem, pointer
from fieldsmith.base.text import _m
from fieldsmith.db import system
from fieldsmith.db.tables import Schema
from fieldsmith.identity import reach
from fieldsmith.identity.audit import note

ENTITY = reach.PERSON
PEOPLE = frozenset({reach.PERSON, reach.TEAM})
"""The entities whose records say who reaches what."""
_ABOVE = {reach.PERSON: "manager", reach.TEAM: "parent_team"}
_PLACED_BY = frozenset({"team", "manager", "kind"})


def acting(schema: Schema) -> sa.ColumnElement[bool]:
    """Condition on the table of users: live, and not marked as inactive."""
    people = schema.table(ENTITY)
    live = people.c.deleted_at.is_(None)
    active = schema.model.entities[ENTITY].fields.get("active")
    return live if active is None else sa.and_(live, schema.columns(active)[0].is_not(sa.false()))


def people_came(connection: sa.Connection, schema: Schema, entity: str, ids: Collection[int]) -> None:
    """New users or teams get their places. What is done here and below waits for other transactions that do it, until they end."""
    bump_access(connection)
    if entity == reach.TEAM:
        reach.append(connection, schema, ids)
    else:
        reach.place(connection, schema, ids, moved=True)


def people_changed(connection: sa.Connection, schema: Schema, entity: str, changes: Mapping[int, Mapping[str, Any]] | None = None) -> None:
    """Void what processes remember of people, and put them where they now belong. `changes`: id → new values; None: they went or came back.

    Raises `Conflict` when no administrator could sign in any more, `BadInput` when somebody, or some team, would be above itself.
    """
    bump_access(connection)
    if entity == ENTITY and has_administrator(connection, schema, acting_only=False) and not has_administrator(connection, schema):
        raise nobody_left()
    if changes is None:
        return
    moved = [id for id, values in changes.items() if _ABOVE[entity] in values]
    _refuse_circle(connection, schema, entity, [id for id in moved if changes[id][_ABOVE[entity]] is not None])
    if entity == reach.TEAM and moved:
        reach.rebuild(connection, schema)
    elif entity == ENTITY and (placed := [id for id, values in changes.items() if not _PLACED_BY.isdisjoint(values)]):
        reach.place(connection, schema, placed, bool(moved))


def note_places(
    connection: sa.Connection, now: datetime, actor: Actor, schema: Schema, entity: str, changes: Iterable[tuple[int, Mapping[str, Any], Mapping[str, Any]]]
) -> None:
    """Put into the audit log what of (id, old values, new ones) changes who reaches whose records: team, manager, kind, account, the tree of teams."""
    telling = {role.portal.account for role in schema.model.roles.values() if role.portal is not None} | _PLACED_BY | {"active"}
    if entity == reach.TEAM:
        telling = {"parent_team", "name"}  # sharing rules name teams
    for id, old, new in changes:
        told = {name: [old.get(name), value] for name, value in new.items() if name in telling}
        if told:
            note(connection, now, actor, "team.changed", f"{entity}/{id}", entity=entity, record=id, **told)


def _refuse_circle(connection: sa.Connection, schema: Schema, entity: str, ids: Collection[int]) -> None:
    field = _ABOVE[entity]
    if reach.in_circle(connection, schema, entity, field, ids):
        own = entity == ENTITY
        message = _m("Nobody can be above themselves, not even by way of others.") if own else _m("A team cannot lie below itself, not even by way of others.")
        hint = _m("Choose a manager who does not report to this person.") if own else _m("Choose a team that does not lie below this one.")
        raise BadInput([Problem("circle", message, pointer(field), hint)], message)


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
