"""The groups a person is in, as sharing rules name them. Read by `Queries.guard` only, and remembered under the access counter."""

from __future__ import annotations

import sqlalchemy as sa

from fieldsmith.db import system
from fieldsmith.db.system_sharing import fs_reach, fs_team_reach
from fieldsmith.db.tables import Schema


def groups_of(connection: sa.Connection, schema: Schema, user: int) -> frozenset[str]:
    """`user:login name`, and `team:name` of the person's team and every team above it."""
    out = {f"user:{name}" for name in connection.execute(sa.select(system.fs_login.c.name).where(system.fs_login.c.user_id == user)).scalars()}
    teams = schema.table("team")
    name = schema.columns(schema.model.entities["team"].fields["name"])[0]
    around = sa.and_(fs_team_reach.c.team_at <= fs_reach.c.team_at, fs_team_reach.c.team_to >= fs_reach.c.team_at)
    above = sa.select(name).select_from(fs_reach.join(fs_team_reach, around).join(teams, teams.c.id == fs_team_reach.c.team_id))
    out |= {f"team:{found}" for found in connection.execute(above.where(fs_reach.c.user_id == user, teams.c.deleted_at.is_(None))).scalars()}
    return frozenset(out)
