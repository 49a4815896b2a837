"""The tables of the audit log, and the triggers that keep its rows as they were written. Reached through `db.system`.

Rows are put in by `db.audit_chain` and read by `identity`. Only the oldest rows can be deleted, once the sealed head says that the log
begins behind them (`audit_chain.cut`).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import sqlalchemy as sa

from fieldsmith.db.audit_digest import GENESIS, digest
from fieldsmith.db.system_columns import METADATA, big, key, text, time
from fieldsmith.db.types import BIG, TEXT


def later_text(name: str) -> sa.Column[str]:
    """A text column that version 7 added: blank in rows from before it."""
    return sa.Column(name, TEXT, nullable=False, server_default="")


fs_audit = sa.Table(
    "fs_audit",
    METADATA,
    key(),
    time("at"),
    text("actor_kind"),
    big("actor_id", nullable=True),
    text("actor_name"),
    text("via"),
    text("event"),
    text("subject"),
    text("detail"),
    later_text("on_behalf"),
    later_text("entity"),
    big("record", nullable=True),
    later_text("hash"),
    sa.Index("fs_audit_at", "at"),
    sa.Index("fs_audit_actor", "actor_id", "id"),
    sa.Index("fs_audit_event", "event", "id"),
    sa.Index("fs_audit_entity", "entity", "record", "id"),
    sqlite_autoincrement=True,
)
"""`id` counts without gaps from version 7 on; `hash` is that of the row and of the row before it (`db.audit_digest`)."""

fs_audit_head = sa.Table(
    "fs_audit_head",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    big("last"),
    text("hash"),
    sa.Column("pruned", BIG, nullable=False, server_default="0"),
    sa.Column("pruned_hash", TEXT, nullable=False, server_default=GENESIS),
    later_text("seal"),
)
"""One row: the newest row's id and hash, those of the newest row that was pruned, and the seal of all four (`db.audit_digest`).

Its lock puts the writers in a line; without it rows cut off at the end would not be missed.
"""

REFUSAL = "rows of fs_audit are never changed or deleted"
_GUARDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "sqlite": (
            f"CREATE TRIGGER fs_audit_no_update BEFORE UPDATE ON fs_audit BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END",
            "CREATE TRIGGER fs_audit_no_delete BEFORE DELETE ON fs_audit WHEN OLD.id > COALESCE((SELECT pruned FROM fs_audit_head WHERE id = 1), 0)"
            f" BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END",
            # INSERT OR REPLACE would delete the former row without asking the trigger above
            "CREATE TRIGGER fs_audit_no_replace BEFORE INSERT ON fs_audit WHEN EXISTS (SELECT 1 FROM fs_audit WHERE id = NEW.id)"
            f" BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END",
        ),
        "postgresql": (
            "CREATE OR REPLACE FUNCTION fs_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " IF TG_OP = 'DELETE' THEN IF OLD.id <= (SELECT pruned FROM fs_audit_head WHERE id = 1) THEN RETURN OLD; END IF; END IF;"
            f" RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$",
            "CREATE TRIGGER fs_audit_no_change BEFORE UPDATE OR DELETE ON fs_audit FOR EACH ROW EXECUTE FUNCTION fs_audit_refuse()",
            "CREATE TRIGGER fs_audit_no_truncate BEFORE TRUNCATE ON fs_audit FOR EACH STATEMENT EXECUTE FUNCTION fs_audit_refuse()",
        ),
    }
)
_UNGUARD: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "sqlite": tuple(f"DROP TRIGGER fs_audit_no_{name}" for name in ("update", "delete", "replace")),
        "postgresql": tuple(f"DROP TRIGGER fs_audit_no_{name} ON fs_audit" for name in ("change", "truncate")),
    }
)
_CHUNK = 1000


def guard(connection: sa.Connection) -> None:
    """Have the database refuse to change or delete rows of the log. Called once, when its table is made or upgraded."""
    for statement in _GUARDS[connection.dialect.name]:
        connection.exec_driver_sql(statement)


def upgrade(connection: sa.Connection) -> None:
    """Version 7: the log is a chain that the database guards; it and the history say on whose behalf somebody acted, the history also in which import."""
    if any(column["name"] == "hash" for column in sa.inspect(connection).get_columns("fs_audit")):
        return
    collation = ' COLLATE "C"' if connection.dialect.name == "postgresql" else ""
    for table, name in (("fs_audit", "on_behalf"), ("fs_audit", "entity"), ("fs_audit", "hash"), ("fs_history", "on_behalf"), ("fs_history", "run")):
        connection.exec_driver_sql(f"ALTER TABLE {table} ADD COLUMN {name} TEXT{collation} NOT NULL DEFAULT ''")
    connection.exec_driver_sql("ALTER TABLE fs_audit ADD COLUMN record BIGINT")
    fs_audit_head.create(connection, checkfirst=True)
    for index in sorted(fs_audit.indexes, key=lambda index: str(index.name)):
        index.create(connection, checkfirst=True)
    _chain(connection)
    guard(connection)


def upgrade_head(connection: sa.Connection) -> None:
    """Version 9: the oldest rows may be pruned, and the end of the log is sealed (by the caller: `audit_chain.sealed_anew`)."""
    there = {column["name"] for column in sa.inspect(connection).get_columns("fs_audit_head")}
    collation = ' COLLATE "C"' if connection.dialect.name == "postgresql" else ""
    for name, kind in (
        ("pruned", "BIGINT NOT NULL DEFAULT 0"),
        ("pruned_hash", f"TEXT{collation} NOT NULL DEFAULT '{GENESIS}'"),
        ("seal", f"TEXT{collation} NOT NULL DEFAULT ''"),
    ):
        if name not in there:
            connection.exec_driver_sql(f"ALTER TABLE fs_audit_head ADD COLUMN {name} {kind}")
    for statement in _UNGUARD[connection.dialect.name]:
        connection.exec_driver_sql(statement)
    guard(connection)


def _chain(connection: sa.Connection) -> None:
    """Give the rows there are their hashes, oldest first."""
    last, chained = 0, GENESIS
    while rows := connection.execute(sa.select(fs_audit).where(fs_audit.c.id > last).order_by(fs_audit.c.id).limit(_CHUNK)).mappings().all():
        hashes = []
        for row in rows:
            last, chained = row["id"], digest(chained, row)
            hashes.append({"which": last, "made": chained})
        statement = sa.update(fs_audit).where(fs_audit.c.id == sa.bindparam("which")).values(hash=sa.bindparam("made"))
        connection.execute(statement, hashes)
    connection.execute(sa.insert(fs_audit_head).values(id=1, last=last, hash=chained))
