"""The groups people are in, as sharing rules name them: of one person for `Queries.guard`, which remembers them under the access counter, or of everybody."""

from __future__ import annotations

from collections.abc import Collection, Mapping

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


def groups_of_all(connection: sa.Connection, schema: Schema, named: Collection[str]) -> Mapping[int, frozenset[str]]:
    """By user, which of the groups `named` they are in; who is in none is left out."""
    out: dict[int, set[str]] = {}
    logins = [name.removeprefix("user:") for name in named if name.startswith("user:")]
    for user, login in connection.execute(sa.select(system.fs_login.c.user_id, system.fs_login.c.name).where(system.fs_login.c.name.in_(logins))):
        out.setdefault(user, set()).add(f"user:{login}")
    teams = schema.table("team")
    name = schema.columns(schema.model.entities["team"].fields["name"])[0]
    around = sa.and_(fs_team_reach.c.team_at <= fs_reach.c.team_at, fs_team_reach.c.team_to >= fs_reach.c.team_at)
    among = sa.select(fs_reach.c.user_id, name).select_from(fs_reach.join(fs_team_reach, around).join(teams, teams.c.id == fs_team_reach.c.team_id))
    wanted = [group.removeprefix("team:") for group in named if group.startswith("team:")]
    for user, team in connection.execute(among.where(name.in_(wanted), teams.c.deleted_at.is_(None))):
        out.setdefault(user, set()).add(f"team:{team}")
    return {user: frozenset(groups) for user, groups in out.items()}
