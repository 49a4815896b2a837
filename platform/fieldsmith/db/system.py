"""Fieldsmith's own tables (`fs_…`), the number of their version, and how an older version becomes the present one.

`prepare` runs at every start; other rooms import the table constants. What metadata declares is not here: see `db.tables`.
Changing a table means: change it here, raise `SYSTEM_VERSION`, add the step from the version before to `UPGRADES`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import sqlalchemy as sa

from fieldsmith.base.errors import Unavailable
from fieldsmith.base.text import _m
from fieldsmith.db import locks
from fieldsmith.db.types import BIG, BOOLEAN, DATETIME, KEY, TEXT

SYSTEM_VERSION = 3

METADATA = sa.MetaData()


def _key() -> sa.Column[int]:
    return sa.Column("id", KEY, sa.Identity(), primary_key=True)


def _text(name: str, nullable: bool = False, primary_key: bool = False, unique: bool = False) -> sa.Column[str]:
    return sa.Column(name, TEXT, nullable=nullable, primary_key=primary_key, unique=unique)


def _big(name: str, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, BIG, nullable=nullable)


def _time(name: str, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, DATETIME, nullable=nullable)


fs_state = sa.Table(
    "fs_state",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("system_version", sa.Integer, nullable=False),
    _big("revision"),
    _big("access"),
    _big("fills"),
)
fs_fill = sa.Table(
    "fs_fill",
    METADATA,
    sa.Column("field", BIG, primary_key=True, autoincrement=False),
    _big("entity"),
    _big("last"),
    _big("target"),
)
fs_revision = sa.Table(
    "fs_revision",
    METADATA,
    sa.Column("number", BIG, primary_key=True, autoincrement=False),
    _time("at"),
    _text("actor_kind"),
    _big("actor_id", nullable=True),
    _text("actor_name"),
    _text("reason"),
    _text("summary"),
)
fs_document = sa.Table(
    "fs_document",
    METADATA,
    _key(),
    _text("layer"),
    _text("kind"),
    _text("name"),
    _text("body"),
    _big("since"),
    _big("until", nullable=True),
    sqlite_autoincrement=True,
)
sa.Index("fs_document_current", fs_document.c.layer, fs_document.c.kind, fs_document.c.name, unique=True,
         sqlite_where=fs_document.c.until.is_(None), postgresql_where=fs_document.c.until.is_(None))  # fmt: skip
fs_name = sa.Table(
    "fs_name",
    METADATA,
    sa.Column("uid", BIG, primary_key=True, autoincrement=False),
    _text("path"),
    _text("physical"),
    sa.Column("since", BIG, primary_key=True, autoincrement=False),
    _big("until", nullable=True),
)
sa.Index("fs_name_current", fs_name.c.path, unique=True, sqlite_where=fs_name.c.until.is_(None), postgresql_where=fs_name.c.until.is_(None))
fs_changeset = sa.Table(
    "fs_changeset",
    METADATA,
    _key(),
    _text("title"),
    _big("author_id", nullable=True),
    _text("author_name"),
    _big("base"),
    _time("created_at"),
    _time("modified_at"),
    _text("state"),
    _big("revision", nullable=True),
    sqlite_autoincrement=True,
)
fs_changeset_document = sa.Table(
    "fs_changeset_document",
    METADATA,
    sa.Column("changeset", BIG, primary_key=True, autoincrement=False),
    _text("kind", primary_key=True),
    _text("name", primary_key=True),
    _text("body"),
    _time("modified_at"),
)
fs_history = sa.Table(
    "fs_history",
    METADATA,
    _key(),
    _big("entity"),
    _big("record"),
    _big("version"),
    _time("at"),
    _text("actor_kind"),
    _big("actor_id", nullable=True),
    _text("actor_name"),
    _text("via"),
    _text("op"),
    _text("changes"),
    sa.Index("fs_history_record", "entity", "record", "id"),
    sqlite_autoincrement=True,
)
fs_outbox = sa.Table(
    "fs_outbox",
    METADATA,
    _key(),
    _time("at"),
    _big("revision"),
    _text("kind"),
    _big("entity", nullable=True),
    _big("record", nullable=True),
    _text("payload"),
    sqlite_autoincrement=True,
)
fs_counter = sa.Table("fs_counter", METADATA, _text("name", primary_key=True), _big("value"))
fs_idempotency = sa.Table(
    "fs_idempotency",
    METADATA,
    _text("actor", primary_key=True),
    _text("route", primary_key=True),
    _text("key", primary_key=True),
    _text("body_hash"),
    sa.Column("status", sa.Integer, nullable=True),
    _text("headers", nullable=True),
    _text("body", nullable=True),
    _time("at"),
    sa.Index("fs_idempotency_at", "at"),
)
fs_file = sa.Table(
    "fs_file",
    METADATA,
    _key(),
    _text("sha256"),
    _text("name"),
    _big("size"),
    _text("media_type"),
    _time("created_at"),
    _big("created_by", nullable=True),
    _big("entity", nullable=True),
    _big("record", nullable=True),
    sa.Index("fs_file_sha256", "sha256"),
    sa.Index("fs_file_record", "entity", "record"),
    sqlite_autoincrement=True,
)
fs_login = sa.Table(
    "fs_login",
    METADATA,
    sa.Column("user_id", BIG, primary_key=True, autoincrement=False),
    _text("name"),
    _text("name_fold", unique=True),
    _text("password_hash", nullable=True),
    sa.Column("active", BOOLEAN, nullable=False),
    _time("created_at"),
)
fs_user_role = sa.Table("fs_user_role", METADATA, sa.Column("user_id", BIG, primary_key=True, autoincrement=False), _text("role", primary_key=True))
fs_session = sa.Table(
    "fs_session",
    METADATA,
    _text("token_hash", primary_key=True),
    _big("user_id"),
    _text("csrf"),
    _time("created_at"),
    _time("last_seen"),
    _time("expires_at"),
    _text("ip"),
    _text("agent"),
    sa.Index("fs_session_user", "user_id"),
)
fs_token = sa.Table(
    "fs_token",
    METADATA,
    _key(),
    _big("user_id"),
    _text("name"),
    _text("token_hash", unique=True),
    _text("scopes"),
    _time("created_at"),
    _time("last_used", nullable=True),
    _time("expires_at", nullable=True),
    _time("revoked_at", nullable=True),
    sa.Index("fs_token_user", "user_id"),
    sqlite_autoincrement=True,
)
fs_throttle = sa.Table(
    "fs_throttle",
    METADATA,
    _text("key", primary_key=True),
    sa.Column("failures", sa.Integer, nullable=False),
    _time("window_start"),
    _time("blocked_until", nullable=True),
)
fs_audit = sa.Table(
    "fs_audit",
    METADATA,
    _key(),
    _time("at"),
    _text("actor_kind"),
    _big("actor_id", nullable=True),
    _text("actor_name"),
    _text("via"),
    _text("event"),
    _text("subject"),
    _text("detail"),
    sqlite_autoincrement=True,
)
fs_preference = sa.Table(
    "fs_preference", METADATA, sa.Column("user_id", BIG, primary_key=True, autoincrement=False), _text("key", primary_key=True), _text("value")
)
fs_demo = sa.Table(
    "fs_demo",
    METADATA,
    sa.Column("entity", BIG, primary_key=True, autoincrement=False),
    sa.Column("record", BIG, primary_key=True, autoincrement=False),
)

SEARCH_DDL: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        # tokens are made by db.tokens and joined by spaces; "ascii" splits at nothing else that they contain
        "sqlite": ("CREATE VIRTUAL TABLE fs_search USING fts5(tokens, label UNINDEXED, body UNINDEXED, tokenize='ascii', detail='none', columnsize=0)",),
        "postgresql": (
            'CREATE TABLE fs_search (id bigint PRIMARY KEY, label text COLLATE "C" NOT NULL, body text COLLATE "C" NOT NULL, tokens tsvector NOT NULL)',
            "CREATE INDEX fs_search_tokens ON fs_search USING gin (tokens)",
        ),
    }
)

Upgrade = Callable[[sa.Connection], None]


def _with_fills(connection: sa.Connection) -> None:
    """Version 2 knows kept columns that are still being filled."""
    connection.exec_driver_sql("ALTER TABLE fs_state ADD COLUMN fills BIGINT NOT NULL DEFAULT 0")
    fs_fill.create(connection, checkfirst=False)


def _with_changesets(connection: sa.Connection) -> None:
    """Version 3 keeps drafts, and of every name all the paths it ever had: renamed, retired, brought back."""
    rows = [dict(row) for row in connection.execute(sa.text("SELECT uid, path, physical, since, until FROM fs_name")).mappings()]
    fs_name.drop(connection, checkfirst=False)
    for table in (fs_name, fs_changeset, fs_changeset_document):
        table.create(connection, checkfirst=False)
    if rows:
        connection.execute(sa.insert(fs_name), rows)


UPGRADES: Mapping[int, Upgrade] = MappingProxyType({1: _with_fills, 2: _with_changesets})
"""Version → what makes it the next version."""


def installed_version(connection: sa.Connection) -> int | None:
    """Version of the system tables in this database, None where there are none."""
    if not sa.inspect(connection).has_table(fs_state.name):
        return None
    return int(connection.execute(sa.select(fs_state.c.system_version)).scalar_one())


def prepare(connection: sa.Connection, upgrades: Mapping[int, Upgrade] = UPGRADES, version: int = SYSTEM_VERSION) -> None:
    """Make or upgrade the system tables, inside the caller's writing transaction; several processes may call it at once.

    Raises `Unavailable` when the database was prepared by a newer program.
    """
    locks.exclusive(connection)
    found = installed_version(connection)
    if found is None:
        _create(connection, version)
        return
    if found > version:
        raise Unavailable(
            _m(
                "This database was made by a newer Fieldsmith (its system tables have version {found}, this program knows {known})."
                " Install the newer program, or restore a backup made before the upgrade.",
                found=found,
                known=version,
            )
        )
    for step in range(found, version):
        upgrades[step](connection)
    if found < version:
        connection.execute(sa.update(fs_state).values(system_version=version))


def _create(connection: sa.Connection, version: int) -> None:
    METADATA.create_all(connection, checkfirst=False)
    for statement in SEARCH_DDL[connection.dialect.name]:
        connection.exec_driver_sql(statement)
    connection.execute(sa.insert(fs_state).values(id=1, system_version=version, revision=0, access=0, fills=0))
