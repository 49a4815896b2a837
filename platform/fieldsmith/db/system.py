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
from fieldsmith.db import audit_chain, locks, system_audit, system_sharing, system_sign_in
from fieldsmith.db.system_audit import fs_audit, fs_audit_head, later_text
from fieldsmith.db.system_columns import METADATA, big, key, text, time
from fieldsmith.db.system_sign_in import fs_login, fs_recovery_code, fs_reset, fs_second_factor, fs_session, fs_throttle, fs_token, fs_user_role
from fieldsmith.db.types import BIG, BOOLEAN

__all__ = [
    "METADATA",
    "SYSTEM_VERSION",
    "fs_audit",
    "fs_audit_head",
    "fs_login",
    "fs_recovery_code",
    "fs_reset",
    "fs_second_factor",
    "fs_session",
    "fs_throttle",
    "fs_token",
    "fs_user_role",
    "installed_version",
    "prepare",
]

SYSTEM_VERSION = 10

fs_state = sa.Table(
    "fs_state",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("system_version", sa.Integer, nullable=False),
    big("revision"),
    big("access"),
    big("fills"),
)
fs_fill = sa.Table(
    "fs_fill",
    METADATA,
    sa.Column("field", BIG, primary_key=True, autoincrement=False),
    big("entity"),
    big("last"),
    big("target"),
)
fs_revision = sa.Table(
    "fs_revision",
    METADATA,
    sa.Column("number", BIG, primary_key=True, autoincrement=False),
    time("at"),
    text("actor_kind"),
    big("actor_id", nullable=True),
    text("actor_name"),
    text("reason"),
    text("summary"),
)
fs_document = sa.Table(
    "fs_document",
    METADATA,
    key(),
    text("layer"),
    text("kind"),
    text("name"),
    text("body"),
    big("since"),
    big("until", nullable=True),
    sqlite_autoincrement=True,
)
sa.Index("fs_document_current", fs_document.c.layer, fs_document.c.kind, fs_document.c.name, unique=True,
         sqlite_where=fs_document.c.until.is_(None), postgresql_where=fs_document.c.until.is_(None))  # fmt: skip
fs_name = sa.Table(
    "fs_name",
    METADATA,
    sa.Column("uid", BIG, primary_key=True, autoincrement=False),
    text("path"),
    text("physical"),
    sa.Column("since", BIG, primary_key=True, autoincrement=False),
    big("until", nullable=True),
)
sa.Index("fs_name_current", fs_name.c.path, unique=True, sqlite_where=fs_name.c.until.is_(None), postgresql_where=fs_name.c.until.is_(None))
fs_changeset = sa.Table(
    "fs_changeset",
    METADATA,
    key(),
    text("title"),
    big("author_id", nullable=True),
    text("author_name"),
    big("base"),
    time("created_at"),
    time("modified_at"),
    text("state"),
    big("revision", nullable=True),
    sqlite_autoincrement=True,
)
fs_changeset_document = sa.Table(
    "fs_changeset_document",
    METADATA,
    sa.Column("changeset", BIG, primary_key=True, autoincrement=False),
    text("kind", primary_key=True),
    text("name", primary_key=True),
    text("body"),
    time("modified_at"),
)
fs_changeset_step = sa.Table(
    "fs_changeset_step",
    METADATA,
    key(),
    big("changeset"),
    big("said"),
    text("kind"),
    text("name"),
    text("body", nullable=True),
    sa.Index("fs_changeset_step_said", "changeset", "said"),
    sqlite_autoincrement=True,
)
"""What a draft said of a document (null: nothing) before the change that was `said` so-manyeth: the way back, newest first."""
fs_retype = sa.Table(
    "fs_retype",
    METADATA,
    key(),
    big("entity"),
    big("source"),
    big("target"),
    text("wish"),
    text("former"),
    big("author_id", nullable=True),
    text("author_kind"),
    text("author_name"),
    text("state"),
    big("last"),
    big("upto"),
    big("converted"),
    big("rounded"),
    big("blank"),
    time("started_at"),
    time("finished_at", nullable=True),
    big("revision", nullable=True),
    text("problems"),
    sqlite_autoincrement=True,
)
fs_retype_row = sa.Table(
    "fs_retype_row",
    METADATA,
    key(),
    big("target"),
    big("record"),
    sa.Column("failed", BOOLEAN, nullable=False),
    sa.Index("fs_retype_row_target", "target", "id"),
    sqlite_autoincrement=True,
)
fs_history = sa.Table(
    "fs_history",
    METADATA,
    key(),
    big("entity"),
    big("record"),
    big("version"),
    time("at"),
    text("actor_kind"),
    big("actor_id", nullable=True),
    text("actor_name"),
    text("via"),
    text("op"),
    text("changes"),
    later_text("on_behalf"),
    later_text("run"),
    sa.Index("fs_history_record", "entity", "record", "id"),
    sqlite_autoincrement=True,
)
fs_outbox = sa.Table(
    "fs_outbox",
    METADATA,
    key(),
    time("at"),
    big("revision"),
    text("kind"),
    big("entity", nullable=True),
    big("record", nullable=True),
    text("payload"),
    sqlite_autoincrement=True,
)
fs_counter = sa.Table("fs_counter", METADATA, text("name", primary_key=True), big("value"))
fs_idempotency = sa.Table(
    "fs_idempotency",
    METADATA,
    text("actor", primary_key=True),
    text("route", primary_key=True),
    text("key", primary_key=True),
    text("body_hash"),
    sa.Column("status", sa.Integer, nullable=True),
    text("headers", nullable=True),
    text("body", nullable=True),
    time("at"),
    sa.Index("fs_idempotency_at", "at"),
)
fs_file = sa.Table(
    "fs_file",
    METADATA,
    key(),
    text("sha256"),
    text("name"),
    big("size"),
    text("media_type"),
    time("created_at"),
    big("created_by", nullable=True),
    big("entity", nullable=True),
    big("record", nullable=True),
    sa.Index("fs_file_sha256", "sha256"),
    sa.Index("fs_file_record", "entity", "record"),
    sqlite_autoincrement=True,
)
fs_preference = sa.Table(
    "fs_preference", METADATA, sa.Column("user_id", BIG, primary_key=True, autoincrement=False), text("key", primary_key=True), text("value")
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


def _with_retypes(connection: sa.Connection) -> None:
    """Version 4 knows fields on their way to another type."""
    for table in (fs_retype, fs_retype_row):
        table.create(connection, checkfirst=True)


def _with_steps(connection: sa.Connection) -> None:
    """Version 5 can take the last change of a draft back."""
    fs_changeset_step.create(connection, checkfirst=True)


def _with_seal(connection: sa.Connection) -> None:
    """Version 9 seals the audit log, and can prune it."""
    system_audit.upgrade_head(connection)
    audit_chain.sealed_anew(connection)


UPGRADES: Mapping[int, Upgrade] = MappingProxyType(
    {
        1: _with_fills,
        2: _with_changesets,
        3: _with_retypes,
        4: _with_steps,
        5: system_sign_in.upgrade,
        6: system_audit.upgrade,
        7: system_sharing.upgrade,
        8: _with_seal,
        9: system_sharing.upgrade_unique,
    }
)
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
    system_audit.guard(connection)
    audit_chain.begin(connection)
    connection.execute(sa.insert(fs_state).values(id=1, system_version=version, revision=0, access=0, fills=0))
