"""Tables of who reaches whose records, and of shares of single records. Reached through `db.system`.

`fs_reach` numbers the tree of teams and the tree of managers in preorder, so that "in my team or below" is a range: of a person,
`team_at` and `boss_at` are their own places, `team_to` and `boss_to` the last places below. `identity.reach` keeps it.
"""

from __future__ import annotations

import sqlalchemy as sa

from fieldsmith.db.system_columns import METADATA, big, key, text, time
from fieldsmith.db.types import BIG

fs_reach = sa.Table(
    "fs_reach",
    METADATA,
    sa.Column("user_id", BIG, primary_key=True, autoincrement=False),
    big("team_id", nullable=True),
    big("queue_of", nullable=True),
    big("team_at", nullable=True),
    big("team_to", nullable=True),
    big("boss_at", nullable=True),
    big("boss_to", nullable=True),
    sa.Index("fs_reach_team", "team_at"),
    sa.Index("fs_reach_boss", "boss_at"),
)
sa.Index("fs_reach_queue", fs_reach.c.queue_of, sqlite_where=fs_reach.c.queue_of.is_not(None), postgresql_where=fs_reach.c.queue_of.is_not(None))
"""`queue_of`: the team whose members own what this user owns; blank for people."""
fs_team_reach = sa.Table(
    "fs_team_reach",
    METADATA,
    sa.Column("team_id", BIG, primary_key=True, autoincrement=False),
    big("team_at"),
    big("team_to"),
    sa.Index("fs_team_reach_at", "team_at"),
)
fs_share = sa.Table(
    "fs_share",
    METADATA,
    key(),
    big("entity"),
    big("record"),
    text("kind"),
    big("grantee", nullable=True),
    text("role", nullable=True),
    text("access"),
    text("reason"),
    time("until", nullable=True),
    time("at"),
    big("by", nullable=True),
    sa.Index("fs_share_record", "entity", "record"),
    sa.Index("fs_share_user", "entity", "kind", "grantee"),
    sqlite_autoincrement=True,
)
"""One record shared with a `kind`: a user or team (`grantee`), or a `role`. `access` is read or edit; `reason` what it was shared as."""
_WITH_ROLE = fs_share.c.role.is_not(None)
_UNIQUE = (
    sa.Index("fs_share_once", fs_share.c.entity, fs_share.c.record, fs_share.c.kind, fs_share.c.grantee, unique=True,
             sqlite_where=~_WITH_ROLE, postgresql_where=~_WITH_ROLE),
    sa.Index("fs_share_role_once", fs_share.c.entity, fs_share.c.record, fs_share.c.role, unique=True,
             sqlite_where=_WITH_ROLE, postgresql_where=_WITH_ROLE),
)  # fmt: skip
"""With anybody once."""


fs_unplaced = sa.Table("fs_unplaced", METADATA, sa.Column("id", sa.Integer, primary_key=True, autoincrement=False))
"""One row while the users of an upgraded database still have to be put into `fs_reach`, which needs the model."""


def upgrade(connection: sa.Connection) -> None:
    """Version 8 knows whose records one reaches."""
    for table in (fs_reach, fs_team_reach, fs_share, fs_unplaced):
        table.create(connection, checkfirst=True)
    connection.execute(sa.insert(fs_unplaced).values(id=1))


def upgrade_unique(connection: sa.Connection) -> None:
    """Version 10 shares a record with anybody once; of two shares made at the same moment the first stays."""
    other = fs_share.alias("other")
    same = [fs_share.c[name] == other.c[name] for name in ("entity", "record", "kind")]
    whom = sa.func.coalesce(fs_share.c.grantee, -1) == sa.func.coalesce(other.c.grantee, -1)
    role = sa.func.coalesce(fs_share.c.role, "") == sa.func.coalesce(other.c.role, "")
    connection.execute(sa.delete(fs_share).where(sa.exists().where(*same, whom, role, other.c.id < fs_share.c.id)))
    for index in _UNIQUE:
        index.create(connection, checkfirst=True)


def is_unplaced(connection: sa.Connection) -> bool:
    """Is `fs_reach` still to be filled?"""
    return connection.execute(sa.select(fs_unplaced.c.id)).first() is not None


def mark_placed(connection: sa.Connection) -> None:
    connection.execute(sa.delete(fs_unplaced))
