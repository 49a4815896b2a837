"""Everybody who may act now, as actors: for what compares people (`rollout.simulating`). One person signing in is `identity.signed`."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import sqlalchemy as sa

from fieldsmith.base.context import Actor, ActorKind
from fieldsmith.db import system
from fieldsmith.db.tables import Schema
from fieldsmith.identity.people import acting
from fieldsmith.identity.signed import PORTAL, SERVICE, kind_column

_KINDS: Mapping[str, ActorKind] = MappingProxyType({SERVICE: "service", PORTAL: "portal"})


def everybody(connection: sa.Connection, schema: Schema) -> list[Actor]:
    """Who has a login that is not suspended, in the order of their numbers, named by login."""
    login, held, people = system.fs_login, system.fs_user_role, schema.table("user")
    roles: dict[int, list[str]] = {}
    for user, role in connection.execute(sa.select(held.c.user_id, held.c.role).order_by(held.c.role)):
        roles.setdefault(user, []).append(role)
    field = schema.model.entities["user"].fields.get("time_zone")
    zone = schema.columns(field)[0] if field is not None else sa.null()
    asked = sa.select(login.c.user_id, login.c.name, kind_column(schema), zone).join_from(login, people, people.c.id == login.c.user_id)
    rows = connection.execute(asked.where(login.c.active, acting(schema)).order_by(login.c.user_id))
    company = schema.model.company.timezone
    return [Actor(_KINDS.get(kind, "user"), id, name, tuple(roles.get(id, ())), timezone=own or company) for id, name, kind, own in rows]
