"""Is the audit log whole? Walks its chain in batches and names the first row that does not fit.

A row that was changed, added, moved or taken out breaks the chain at that place; rows cut off at the end are missed by the head.
Who can write to the database past Fieldsmith and knows the algorithm could chain the whole log anew, but not seal its end without the workspace's
secret. Who has that too is found by a `Witness`: the id and hash of a row noted down elsewhere (`fieldsmith audit verify` prints the newest).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from fieldsmith.base.errors import BadInput
from fieldsmith.base.problems import Problem
from fieldsmith.base.text import Message, _m
from fieldsmith.db.audit_digest import GENESIS, KEY, SEALED, digest, is_sealed
from fieldsmith.db.system import fs_audit, fs_audit_head

_BATCH = 5000
_NO_HEAD: Mapping[str, Any] = MappingProxyType({"last": 0, "hash": GENESIS, "pruned": 0, "pruned_hash": GENESIS, "seal": ""})
_COLUMNS = [fs_audit.c[name] for name in SEALED] + [fs_audit.c.hash]


@dataclass(frozen=True, slots=True)
class Witness:
    """A row as it was known elsewhere."""

    seq: int
    hash: str

    @classmethod
    def of(cls, text: str) -> Witness:
        """`123:0a1b…`, as `Verdict.head` writes it. Raises `BadInput`."""
        seq, _, hash = text.strip().lower().partition(":")
        if not (seq.isascii() and seq.isdigit() and len(seq) < 19 and len(hash) == 64 and set(hash) <= set("0123456789abcdef")):
            message = _m("A witness is written as a row's number, a colon and its 64 hex digits.")
            raise BadInput([Problem("bad_witness", message, "/witness", _m("Copy what “fieldsmith audit verify” printed then."))], message)
        return cls(int(seq), hash)


@dataclass(frozen=True, slots=True)
class Verdict:
    """`rows` were looked at and fit. `broken` is the first row that does not fit, None where all do; `reason` says why, in words.

    `head` is the newest row that fits, to be kept elsewhere as a witness.
    """

    rows: int
    head: str
    broken: int | None = None
    reason: Message | None = None

    @property
    def whole(self) -> bool:
        return self.reason is None


def verify(connection: sa.Connection, witness: Witness | None = None) -> Verdict:
    """Walk the chain on `connection`, which should show one moment (`read(snapshot=True)`)."""
    head: Mapping[Any, Any] = connection.execute(sa.select(fs_audit_head)).mappings().first() or _NO_HEAD
    rows, last, chained = 0, int(head["pruned"]), str(head["pruned_hash"])
    stray = connection.execute(sa.select(sa.func.min(fs_audit.c.id)).where(fs_audit.c.id <= last)).scalar_one()
    if stray is not None:
        return Verdict(0, f"{last}:{chained}", stray, _m("Row {number} stands where rows were pruned.", number=stray))
    if witness is not None and witness.seq < last:
        return Verdict(0, f"{last}:{chained}", last, _m("The row of the witness was pruned. Look for it in the file that was written then."))
    if witness is not None and witness.seq == last and witness.hash != chained:
        return Verdict(0, f"{last}:{chained}", last, _m("Row {number} is not the row the witness saw: the log was written anew.", number=last))
    seen = witness is None or witness.seq == last
    chosen = sa.select(*_COLUMNS).where(fs_audit.c.id > sa.bindparam("last")).order_by(fs_audit.c.id).limit(_BATCH)
    while True:
        found = connection.execute(chosen, {"last": last}).mappings().all()
        for row in found:
            made = digest(chained, row)
            if row["hash"] != made:
                reason = _m("Row {number} was changed, or rows before it are missing or changed.", number=row["id"])
                return Verdict(rows, f"{last}:{chained}", row["id"], reason)
            rows, last, chained = rows + 1, row["id"], made
            if witness is not None and witness.seq == last:
                if witness.hash != made:
                    return Verdict(rows, f"{last}:{chained}", last, _m("Row {number} is not the row the witness saw: the log was written anew.", number=last))
                seen = True
        if len(found) < _BATCH:
            break
    found_end = _end(Verdict(rows, f"{last}:{chained}"), (int(head["last"]), str(head["hash"])), (last, chained), witness if not seen else None)
    if found_end.whole and not is_sealed(connection.info.get(KEY, b""), head):
        reason = _m("The seal at the end of the log does not fit: it was written anew past Fieldsmith, or the secret of the workspace is another one now.")
        return Verdict(rows, f"{last}:{chained}", last, reason)
    return found_end


def _end(good: Verdict, head: tuple[int, str], last: tuple[int, str], unseen: Witness | None) -> Verdict:
    """Does the chain end where its head says?"""
    if head != last:
        at = min(last[0] + 1, head[0]) if head[0] > last[0] else last[0]
        return Verdict(good.rows, good.head, at, _m("The log ends at row {found}, but should end at row {known}.", found=last[0], known=head[0]))
    if unseen is not None:
        return Verdict(good.rows, good.head, unseen.seq, _m("Row {number}, which the witness saw, is missing.", number=unseen.seq))
    return good
