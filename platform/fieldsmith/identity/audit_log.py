"""`AuditLog`: reading the audit log by filters, counting it for an export, and verifying its chain. For administrators.

    log = AuditLog(work.connection, work.runtime.policy)
    log.page(actor, Wanted(group="sign_in", person="ana"), None, 50)

Newest first. Rows are appended by `audit.note`; nothing here writes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from fieldsmith.access.policy import Policy
from fieldsmith.base.context import Actor
from fieldsmith.base.errors import BadQuery, Forbidden
from fieldsmith.base.problems import Problem, did_you_mean
from fieldsmith.base.text import Message, _m
from fieldsmith.db.folding import fold, folded
from fieldsmith.db.system import fs_audit
from fieldsmith.identity import audit_events
from fieldsmith.identity.audit_verify import Verdict, Witness, verify

LOOKED_AT = 10_000
"""Rows whose text one page of a search reads: a tenth of a second on SQLite."""
_BATCH = 1000
_GREATEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows: all conditions hold. Blank ones ask for nothing. Times are naive UTC, `since` included and `until` not.

    `person` is part of the actor's name, or `#7`: all that user 7 did or had done to them; `text` is looked for in names, subject and details;
    `event` is the name of one event, `group` of several.
    """

    person: str = ""
    group: str = ""
    event: str = ""
    entity: str = ""
    record: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    text: str = ""

    def reads_text(self) -> bool:
        """Must names or details be read for it?"""
        return bool(self.text or (self.person and not _is_number(self.person)))

    def asked(self) -> str:
        """What is not blank, for the row that notes an export."""
        given = {item.name: getattr(self, item.name) for item in fields(self)}
        return ", ".join(f"{name}: {value}" for name, value in given.items() if value not in ("", None))


@dataclass(frozen=True, slots=True)
class Entry:
    """One row. `by` is the actor's name, `on_behalf` who acted in its place; `source` the details as stored, which the hash covers."""

    seq: int
    at: datetime
    kind: str
    by_id: int | None
    by: str
    on_behalf: str
    via: str
    event: str
    subject: str
    entity: str
    record: int | None
    source: str
    hash: str

    @property
    def detail(self) -> Mapping[str, Any]:
        """The details as they were noted."""
        found: dict[str, Any] = json.loads(self.source)
        return found


@dataclass(frozen=True, slots=True)
class Page:
    """`next` is the mark for the page after this one, None at the end. `looked_back`: the search stopped for now at that mark, with room left on the page."""

    items: tuple[Entry, ...]
    next: str | None
    looked_back: bool = False


@dataclass(frozen=True, slots=True)
class Extent:
    """How many rows are wanted now, and the newest of the log: an export ends there, so that it holds what it was noted with."""

    count: int
    newest: int


class AuditLog:
    """One transaction's view. Every method raises `Forbidden` for all but administrators."""

    def __init__(self, connection: sa.Connection, policy: Policy) -> None:
        self._connection = connection
        self._policy = policy

    def page(self, actor: Actor, wanted: Wanted, after: str | None = None, limit: int = 50) -> Page:
        """Rows older than the mark `after`. Raises `BadQuery` for a mark or an event that is none of ours.

        No index helps to find a piece of text: such a search looks at `LOOKED_AT` rows at most, and says with `next` where to go on.
        """
        self._require_administrator(actor)
        where, bottom = self._where(wanted), 0
        if after is not None:
            where.append(fs_audit.c.id < _mark(after))
        if wanted.reads_text():
            top = _mark(after) if after is not None else self._newest() + 1
            bottom = max(0, top - LOOKED_AT)
            where.append(fs_audit.c.id >= bottom)
        rows = self._connection.execute(sa.select(fs_audit).where(*where).order_by(fs_audit.c.id.desc()).limit(limit + 1)).mappings().all()
        items = tuple(entry_of(row) for row in rows[:limit])
        if len(rows) > limit:
            return Page(items, str(items[-1].seq))
        further = bottom > 0 and self._connection.execute(sa.select(fs_audit.c.id).where(fs_audit.c.id < bottom).limit(1)).first() is not None
        return Page(items, str(bottom) if further else None, further)

    def extent(self, actor: Actor, wanted: Wanted) -> Extent:
        """How much `each` would give."""
        self._require_administrator(actor)
        count = self._connection.execute(sa.select(sa.func.count()).select_from(fs_audit).where(*self._where(wanted))).scalar_one()
        return Extent(int(count), self._newest())

    def each(self, actor: Actor, wanted: Wanted, newest: int = _GREATEST) -> Iterator[Entry]:
        """Every row wanted up to the row `newest`, newest first, read in batches."""
        self._require_administrator(actor)
        where, below = self._where(wanted), min(newest + 1, _GREATEST)
        while True:
            chosen = sa.select(fs_audit).where(*where, fs_audit.c.id < below).order_by(fs_audit.c.id.desc()).limit(_BATCH)
            rows = self._connection.execute(chosen).mappings().all()
            yield from map(entry_of, rows)
            if len(rows) < _BATCH:
                return
            below = rows[-1]["id"]

    def verify(self, actor: Actor, witness: Witness | None = None) -> Verdict:
        """Walk the whole chain; see `audit_verify`."""
        self._require_administrator(actor)
        return verify(self._connection, witness)

    def _newest(self) -> int:
        return int(self._connection.execute(sa.select(sa.func.max(fs_audit.c.id))).scalar_one() or 0)

    def _require_administrator(self, actor: Actor) -> None:
        if not self._policy.is_administrator(actor):
            raise Forbidden(_m("Only administrators may read the audit log. Ask one."))

    def _where(self, wanted: Wanted) -> list[sa.ColumnElement[bool]]:
        table, out = fs_audit.c, []
        if wanted.person:
            out.append(self._is_person(wanted.person))
        if wanted.group:
            groups = dict(audit_events.GROUPS)
            _require_known(wanted.group, groups, "group", _m("The audit log has no group of events “{name}”.", name=wanted.group[:100]))
            out.append(table.event.in_(audit_events.of_group(wanted.group)))
        if wanted.event:
            _require_known(wanted.event, audit_events.EVENTS, "event", _m("The audit log has no event “{name}”.", name=wanted.event[:100]))
            out.append(table.event == wanted.event)
        if wanted.entity:
            out.append(table.entity == wanted.entity)
        if wanted.record is not None:
            out.append(table.record == wanted.record)
        if wanted.since is not None:
            out.append(table.at >= wanted.since)
        if wanted.until is not None:
            out.append(table.at < wanted.until)
        if wanted.text:
            out.append(self._holds(wanted.text, table.actor_name, table.on_behalf, table.subject, table.detail))
        return out

    def _is_person(self, text: str) -> sa.ColumnElement[bool]:
        if _is_number(text):
            return sa.or_(fs_audit.c.actor_id == int(text[1:]), sa.and_(fs_audit.c.entity == "user", fs_audit.c.record == int(text[1:])))
        return self._holds(text, fs_audit.c.actor_name, fs_audit.c.on_behalf)

    def _holds(self, text: str, *columns: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
        dialect, sought = self._connection.dialect.name, fold(text.replace("\0", "\ufffd"))
        return sa.or_(*(folded(column, dialect).contains(sought, autoescape=True) for column in columns))


def _is_number(person: str) -> bool:
    return person.startswith("#") and person[1:].isascii() and person[1:].isdigit() and len(person) < 19


def _require_known(name: str, known: Mapping[str, object], key: str, message: Message) -> None:
    if name not in known:
        raise BadQuery([Problem("unknown_event", message, f"/{key}", did_you_mean(name[:100], known))])


def _mark(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise BadQuery([Problem("bad_cursor", _m("This page mark (“after”) does not belong to this list."), "/after", _m("Start again without “after”."))])
    return int(text)


def entry_of(row: Mapping[Any, Any]) -> Entry:
    """A row of the table."""
    return Entry(
        row["id"],
        row["at"],
        row["actor_kind"],
        row["actor_id"],
        row["actor_name"],
        row["on_behalf"],
        row["via"],
        row["event"],
        row["subject"],
        row["entity"],
        row["record"],
        row["detail"],
        row["hash"],
    )
