"""Rows of the audit log, appended to its chain at the end of the transaction that notes them.

`Database.write` opens `gathered` around every writing transaction: rows that `put` gets wait and are appended just before the
commit, so that the one lock all writers share is held for three statements, and is always the last lock taken (no deadlocks).
Rows of a savepoint that is rolled back go with it. SQLite lets one writer in at a time anyway.

A head whose seal does not fit is not sealed anew by going on: it stays wrong until somebody looked (`sealed_anew`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite

from fieldsmith.db.audit_digest import GENESIS, KEY, digest, is_sealed, seal
from fieldsmith.db.system_audit import fs_audit, fs_audit_head

Row = Mapping[str, Any]
_KEY = "fieldsmith.audit"


@dataclass(slots=True)
class _Waiting:
    """Rows of one transaction; `points` says how many there were at the first savepoint, the second …"""

    rows: list[Row] = field(default_factory=list)
    points: list[int] = field(default_factory=list)


def put(connection: sa.Connection, row: Row) -> None:
    """Append `row` (every column but `id` and `hash`) when the transaction of `connection` ends; at once outside `gathered`."""
    waiting: _Waiting | None = connection.info.get(_KEY)
    if waiting is None:
        append(connection, [row])
    else:
        waiting.rows.append(row)


@contextmanager
def gathered(connection: sa.Connection) -> Iterator[None]:
    """What `put` gets inside is appended at the end; nothing is when the block raises."""
    waiting = connection.info[_KEY] = _Waiting()
    try:
        yield
        if waiting.rows:
            append(connection, waiting.rows)
    finally:
        connection.info.pop(_KEY, None)


def append(connection: sa.Connection, rows: Sequence[Row]) -> None:
    """Chain `rows` to the newest row, in their order. Waits for whoever is doing the same, until the end of that transaction."""
    head, key = locked_head(connection), connection.info.get(KEY, b"")
    last, chained = int(head["last"]), str(head["hash"])
    sealed = []
    for row in rows:
        last += 1
        whole = {**row, "id": last}
        chained = digest(chained, whole)
        sealed.append({**whole, "hash": chained})
    connection.execute(_INSERT, sealed)
    moved = {**head, "last": last, "hash": chained}
    connection.execute(_MOVE, {"to": last, "made": chained, "new": seal(key, moved) if is_sealed(key, head) else head["seal"]})


def locked_head(connection: sa.Connection) -> Row:
    """Where the log ends; nobody else can append until the transaction ends."""
    return dict(connection.execute(_HEAD).mappings().first() or _first_head(connection))


def sealed_anew(connection: sa.Connection) -> bool:
    """Seal the head as it stands; False where its seal fitted already."""
    head, key = locked_head(connection), connection.info.get(KEY, b"")
    if is_sealed(key, head):
        return False
    connection.execute(sa.update(fs_audit_head).values(seal=seal(key, head)))
    return True


def cut(connection: sa.Connection, upto: int, chained: str) -> int:
    """Delete the rows up to number `upto`, whose hash is `chained`, and let the log begin behind it; how many. The seal is the former's heir as in `append`."""
    head, key = locked_head(connection), connection.info.get(KEY, b"")
    moved = {**head, "pruned": upto, "pruned_hash": chained}
    new = seal(key, moved) if is_sealed(key, head) else head["seal"]
    connection.execute(sa.update(fs_audit_head).values(pruned=upto, pruned_hash=chained, seal=new))
    return connection.execute(sa.delete(fs_audit).where(fs_audit.c.id <= upto)).rowcount


def heed_savepoints(engine: sa.Engine) -> None:
    """Have rows noted inside a savepoint of `engine`'s connections go when it is rolled back."""
    event.listen(engine, "savepoint", _begun)
    event.listen(engine, "rollback_savepoint", _undone)


_HEAD = sa.select(fs_audit_head).where(fs_audit_head.c.id == 1).with_for_update()
_INSERT = sa.insert(fs_audit)
_MOVE = sa.update(fs_audit_head).where(fs_audit_head.c.id == 1).values(last=sa.bindparam("to"), hash=sa.bindparam("made"), seal=sa.bindparam("new"))


def begin(connection: sa.Connection) -> None:
    """The head of a log without rows, sealed. Called once, when the tables are made."""
    head = {"id": 1, "last": 0, "hash": GENESIS, "pruned": 0, "pruned_hash": GENESIS}
    connection.execute(sa.insert(fs_audit_head), {**head, "seal": seal(connection.info.get(KEY, b""), head)})


def _first_head(connection: sa.Connection) -> Row:
    """Somebody took the head away: one without a seal takes its place. Whoever comes second waits here and reads what the first wrote."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    connection.execute(insert(fs_audit_head).on_conflict_do_nothing(), {"id": 1, "last": 0, "hash": GENESIS})
    return dict(connection.execute(_HEAD).mappings().one())


def _begun(connection: sa.Connection, _name: str | None) -> None:
    waiting: _Waiting | None = connection.info.get(_KEY)
    if waiting is not None:
        waiting.points.append(len(waiting.rows))


def _undone(connection: sa.Connection, name: str, _context: Any) -> None:
    """SQLAlchemy names the savepoints of a connection `sa_savepoint_1`, `sa_savepoint_2` … only after it told of them."""
    waiting: _Waiting | None = connection.info.get(_KEY)
    if waiting is not None:
        del waiting.rows[waiting.points[int(name.rpartition("_")[2]) - 1] :]
