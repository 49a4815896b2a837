"""Cutting the oldest rows off the audit log: written to a file that proves itself, read back and verified, then deleted. Called by `cli.audit`.

    part = oldest(work.connection, before)          # which rows
    write_rows(work.connection, part, file)         # JSON lines, oldest first
    require_whole(part, file)                       # the file's rows chain from what was cut off before to the last of them
    remove(work.connection, work.now, actor, part, name, sha256)

The log then begins behind them: its sealed head keeps number and hash of the last row cut off, so the chain still verifies; the file ends with that row.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import IO

import sqlalchemy as sa

from fieldsmith.base.context import Actor
from fieldsmith.base.errors import BadInput, Conflict
from fieldsmith.base.problems import Problem
from fieldsmith.base.text import Message, _m
from fieldsmith.db import audit_chain
from fieldsmith.db.audit_digest import digest
from fieldsmith.db.system import fs_audit, fs_audit_head
from fieldsmith.identity import audit
from fieldsmith.identity.audit_export import lines
from fieldsmith.identity.audit_log import entry_of

_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Part:
    """The rows behind number `after`, whose hash is `after_hash`, up to number `upto`, whose hash is `hash`."""

    after: int
    after_hash: str
    upto: int
    hash: str

    @property
    def rows(self) -> int:
        return self.upto - self.after


def oldest(connection: sa.Connection, before: datetime) -> Part:
    """The rows there are before the first one that was noted at `before` or later. Raises `BadInput` where there are none."""
    table = fs_audit.c
    head = connection.execute(sa.select(fs_audit_head.c.pruned, fs_audit_head.c.pruned_hash)).one()
    kept = connection.execute(sa.select(sa.func.min(table.id)).where(table.at >= before)).scalar_one()
    older = sa.select(table.id, table.hash).where(table.id < kept) if kept is not None else sa.select(table.id, table.hash)
    last = connection.execute(older.order_by(table.id.desc()).limit(1)).first()
    if last is None:
        message = _m("The log has no rows from before that moment.")
        raise BadInput([Problem("nothing_to_prune", message, "/before", _m("“fieldsmith audit list --until” shows what there is."))], message)
    return Part(int(head[0]), str(head[1]), int(last[0]), str(last[1]))


def write_rows(connection: sa.Connection, part: Part, file: IO[str]) -> int:
    """Write the rows to `file`, oldest first, as an export writes them (JSON lines); how many."""
    count, last = 0, part.after
    while True:
        wanted = sa.select(fs_audit).where(fs_audit.c.id > last, fs_audit.c.id <= part.upto).order_by(fs_audit.c.id).limit(_BATCH)
        entries = [entry_of(row) for row in connection.execute(wanted).mappings()]
        file.writelines(lines(entries, "jsonl", str))
        if not entries:
            return count
        count, last = count + len(entries), entries[-1].seq


def require_whole(part: Part, file: Iterable[str]) -> None:
    """Do the rows of `file` chain from the hash before the first to that of the last? Raises `Conflict` where they do not: nothing may be deleted then."""
    chained, last = part.after_hash, part.after
    for line in file:
        said = json.loads(line)
        at = datetime.fromisoformat(said["at"].removesuffix("Z"))
        chained = digest(chained, {**said, "id": said["seq"], "at": at, "detail": said["source"]})
        if chained != said["hash"]:
            raise Conflict(_broken(said["seq"]))
        last = said["seq"]
    if (last, chained) != (part.upto, part.hash):
        raise Conflict(_broken(last))


def remove(connection: sa.Connection, now: datetime, actor: Actor, part: Part, name: str, sha256: str) -> int:
    """Delete the rows, and note it with the `name` and hash of the file; how many. Raises `Conflict` when somebody else pruned meanwhile."""
    head = audit_chain.locked_head(connection)
    same = connection.execute(sa.select(fs_audit.c.hash).where(fs_audit.c.id == part.upto)).scalar()
    if (head["pruned"], head["pruned_hash"]) != (part.after, part.after_hash) or same != part.hash:
        raise Conflict(_m("The log was pruned meanwhile. Look at it, then try again."))
    count = audit_chain.cut(connection, part.upto, part.hash)
    audit.note(connection, now, actor, "audit.pruned", rows=count, file=name, upto=part.upto, sha256=sha256)
    return count


def _broken(number: int) -> Message:
    return _m("The log is not whole at row {number}, so nothing was removed. Run “fieldsmith audit verify”.", number=number)
