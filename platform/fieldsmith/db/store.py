"""`ModelStore`: where revisions, documents and physical names are kept. Every row of a document says from which revision until which it held.

The workspace asks `state` at every request, `load` when the revision changed, and `save` inside the transaction that
publishes. Knows nothing of what documents mean.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from fieldsmith.base.context import Actor
from fieldsmith.base.errors import Conflict, NotFound
from fieldsmith.base.text import _m
from fieldsmith.db import locks
from fieldsmith.db.system import fs_document, fs_fill, fs_name, fs_revision, fs_state
from fieldsmith.meta.layers import CUSTOM, Layer, layer_of
from fieldsmith.meta.names import Name, Names

_STATE = "SELECT revision, access, fills FROM fs_state"

DocumentKey = tuple[str, str, str]
"""(layer, kind, name)"""


class State(NamedTuple):
    """Counters: `revision` of the metadata, `access` of users' roles and rights, `fills` of kept columns that were filled (`db.fill`)."""

    revision: int
    access: int
    fills: int = 0


@dataclass(frozen=True, slots=True)
class Stored:
    """What `load` found. `layers` by name, documents by kind and name (`meta.layers` puts them in order).

    `names` are as they were then, with everything ever named counted.
    """

    revision: int
    layers: tuple[Layer, ...]
    names: Names


@dataclass(frozen=True, slots=True)
class Retired:
    """A name that left the metadata with revision `until`."""

    name: Name
    until: int


@dataclass(frozen=True, slots=True)
class Revision:
    number: int
    at: datetime
    actor_name: str
    reason: str
    summary: str


@dataclass(frozen=True, slots=True)
class Version:
    """One document as it was said from revision `since` on, by whom and why; None where it was taken away."""

    since: int
    author: str
    reason: str
    body: Mapping[str, Any] | None


class ModelStore:
    """One per workspace. Keeps nothing but the documents of the revision at work."""

    def __init__(self) -> None:
        self._kept: Stored | None = None

    def state(self, connection: sa.Connection) -> State:
        """The counters, in one cheap statement."""
        cursor = connection.connection.cursor()
        try:
            cursor.execute(_STATE)
            return State(*cursor.fetchone())  # type: ignore[misc]  # there is always one row
        finally:
            cursor.close()

    def state_for_write(self, connection: sa.Connection) -> State:
        """`state`, with publishing held off until this transaction ends; one round trip as well."""
        if connection.dialect.name == "sqlite":
            return self.state(connection)  # the writer is alone
        cursor: Any = connection.connection.cursor()
        try:
            cursor.execute(f"{locks.SHARED}; {_STATE}")  # two statements, the second with what was committed while the first waited
            cursor.nextset()
            return State(*cursor.fetchone())
        finally:
            cursor.close()

    def filling(self, connection: sa.Connection) -> frozenset[int]:
        """The uids of the kept fields whose columns are not filled yet."""
        return frozenset(connection.execute(sa.select(fs_fill.c.field)).scalars())

    def load(self, connection: sa.Connection, revision: int | None = None) -> Stored:
        """Layers and names as of `revision` (default: the present one). Raises `NotFound` for one that never was."""
        present = self.state(connection).revision
        wanted = present if revision is None else revision
        if not 0 <= wanted <= present:
            raise NotFound(_m("There is no revision {number}. The newest is {present}.", number=wanted, present=present))
        kept = self._kept
        layers = kept.layers if kept is not None and kept.revision == wanted else _layers(connection, wanted)
        return Stored(wanted, layers, self._names(connection, wanted))

    def keep(self, stored: Stored) -> None:
        """Have `load` give these very documents for their revision. Only for what was read from a database where it is committed."""
        self._kept = stored

    def save(
        self,
        connection: sa.Connection,
        *,
        base: int,
        actor: Actor,
        now: datetime,
        reason: str,
        summary: str,
        layers: Sequence[Layer],
        names: Names,
    ) -> int:
        """Store `layers` as the whole metadata after revision `base`, write only what changed, return the new revision's number.

        Call it inside the transaction that applies the plan. Raises `Conflict` when somebody published after `base`.
        """
        locks.exclusive(connection)
        present = self.state(connection).revision
        if present != base:
            message = _m("Somebody published revision {present} while you worked on revision {base}. Plan again.", present=present, base=base)
            raise Conflict(message)
        number = present + 1
        entry = {"number": number, "at": now, "reason": reason, "summary": summary}
        entry |= {"actor_kind": actor.kind, "actor_id": actor.id, "actor_name": actor.name}
        connection.execute(sa.insert(fs_revision), entry)
        self._save_documents(connection, number, layers)
        self._save_names(connection, number, names)
        connection.execute(sa.update(fs_state).values(revision=number))
        return number

    def raise_fills(self, connection: sa.Connection) -> None:
        """Tell every process that columns are to be filled which were read before."""
        connection.execute(sa.update(fs_state).values(fills=fs_state.c.fills + 1))

    def raise_access(self, connection: sa.Connection) -> None:
        """Tell every process that users, roles or rights changed."""
        connection.execute(sa.update(fs_state).values(access=fs_state.c.access + 1))

    def revisions(self, connection: sa.Connection, before: int | None = None, limit: int = 50) -> list[Revision]:
        """Published revisions, newest first; `before` a number for the next page."""
        columns = (fs_revision.c.number, fs_revision.c.at, fs_revision.c.actor_name, fs_revision.c.reason, fs_revision.c.summary)
        query = sa.select(*columns).order_by(fs_revision.c.number.desc()).limit(limit)
        if before is not None:
            query = query.where(fs_revision.c.number < before)
        return [Revision(*row) for row in connection.execute(query)]

    def versions(self, connection: sa.Connection, layer: str, kind: str, name: str) -> list[Version]:
        """What `layer` said of one document over time, newest first."""
        said = sa.and_(fs_document.c.layer == layer, fs_document.c.kind == kind, fs_document.c.name == name)
        rows = connection.execute(sa.select(fs_document.c.since, fs_document.c.until, fs_document.c.body).where(said)).all()
        bodies: dict[int, Mapping[str, Any] | None] = {until: None for _, until, _ in rows if until is not None}
        bodies |= {since: json.loads(body) for since, _, body in rows}
        revisions = sa.select(fs_revision.c.number, fs_revision.c.actor_name, fs_revision.c.reason).where(fs_revision.c.number.in_(bodies))
        known = {number: (author, reason) for number, author, reason in connection.execute(revisions)}
        return [Version(number, *known[number], body) for number, body in sorted(bodies.items(), reverse=True)]

    def retired(self, connection: sa.Connection) -> dict[str, Retired]:
        """By path, what was taken out of the metadata last under it and is not there under another name: its tables and columns are kept."""
        return {path: found for path, found in self._retired(connection)}

    def name_of(self, connection: sa.Connection, uid: int) -> Name:
        """The physical name that goes with a uid; raises `NotFound` for one never given."""
        physical = connection.execute(sa.select(fs_name.c.physical).where(fs_name.c.uid == uid).limit(1)).scalar()
        if physical is None:
            raise NotFound(_m("Nothing was ever kept under the number {uid}.", uid=uid))
        return Name(uid, physical)

    def reserve(self, connection: sa.Connection, path: str, name: Name) -> None:
        """`name` is given from now on, to something the metadata have not got yet; it counts as retired until they do."""
        present = self.state(connection).revision
        connection.execute(sa.insert(fs_name), {"path": path, "uid": name.uid, "physical": name.physical, "since": present, "until": present})

    def retired_uids(self, connection: sa.Connection) -> frozenset[int]:
        """Of everything retired, also of what another took the path of since."""
        return frozenset(found.name.uid for _, found in self._retired(connection))

    def _retired(self, connection: sa.Connection) -> list[tuple[str, Retired]]:
        current = sa.select(fs_name.c.uid).where(fs_name.c.until.is_(None))
        ended = sa.select(fs_name).where(fs_name.c.until.is_not(None), fs_name.c.uid.not_in(current)).order_by(fs_name.c.since)
        newest = {row.uid: row for row in connection.execute(ended)}
        ordered = sorted(newest.values(), key=lambda row: (row.until, row.uid))
        return [(row.path, Retired(Name(row.uid, row.physical), row.until)) for row in ordered]

    def kept(self, connection: sa.Connection) -> list[tuple[str, Retired]]:
        """Everything retired and not purged, by the path it had last; two that had the same path are two."""
        current = sa.select(fs_name.c.uid).where(fs_name.c.until.is_(None))
        ended = sa.select(fs_name).where(fs_name.c.until.is_not(None), fs_name.c.uid.not_in(current)).order_by(fs_name.c.since)
        newest = {row.uid: row for row in connection.execute(ended)}
        return [(row.path, Retired(Name(row.uid, row.physical), row.until)) for row in newest.values() if row.physical and row.until > row.since]

    def mark_purged(self, connection: sa.Connection, uids: Iterable[int]) -> None:
        """What had these uids is gone for good: the names stay, so that no uid comes back, but stand for nothing in the database."""
        connection.execute(sa.update(fs_name).where(fs_name.c.uid.in_(list(uids))).values(physical=""))

    def purged(self, connection: sa.Connection, revision: int) -> list[str]:
        """Paths of what was there at `revision` and has been purged since."""
        held = sa.and_(fs_name.c.since <= revision, sa.or_(fs_name.c.until.is_(None), fs_name.c.until > revision))
        return list(connection.execute(sa.select(fs_name.c.path).where(held, fs_name.c.physical == "").order_by(fs_name.c.uid)).scalars())

    def attic(self, connection: sa.Connection) -> frozenset[str]:
        """Physical names of everything retired."""
        current = sa.select(fs_name.c.uid).where(fs_name.c.until.is_(None))
        return frozenset(connection.execute(sa.select(fs_name.c.physical).where(fs_name.c.uid.not_in(current))).scalars())

    def _names(self, connection: sa.Connection, revision: int) -> Names:
        held = sa.and_(fs_name.c.since <= revision, sa.or_(fs_name.c.until.is_(None), fs_name.c.until > revision))
        rows = connection.execute(sa.select(fs_name.c.path, fs_name.c.uid, fs_name.c.physical).where(held)).all()
        last = connection.execute(sa.select(sa.func.max(fs_name.c.uid))).scalar()
        entries = {path: Name(uid, physical) for path, uid, physical in rows if physical}
        retired = {path: found.until for path, found in self.retired(connection).items()}
        return Names(entries) if last is None else Names(entries, last, retired)

    def _save_documents(self, connection: sa.Connection, number: int, layers: Iterable[Layer]) -> None:
        current = fs_document.c.until.is_(None)
        rows = connection.execute(sa.select(fs_document.c.id, fs_document.c.layer, fs_document.c.kind, fs_document.c.name, fs_document.c.body).where(current))
        stored: dict[DocumentKey, tuple[int, str]] = {(layer, kind, name): (id_, body) for id_, layer, kind, name, body in rows}
        wanted: dict[DocumentKey, str] = {
            (layer.name, item.kind, item.name): json.dumps(item.body, ensure_ascii=False, separators=(",", ":")) for layer in layers for item in layer.documents
        }
        ended = [id_ for key, (id_, body) in stored.items() if wanted.get(key) != body]
        added = [(key, body) for key, body in wanted.items() if key not in stored or stored[key][1] != body]
        if ended:
            statement = sa.update(fs_document).where(fs_document.c.id == sa.bindparam("ended")).values(until=number)
            connection.execute(statement, [{"ended": id_} for id_ in ended])
        if added:
            parts = [{"layer": key[0], "kind": key[1], "name": key[2], "body": body, "since": number} for key, body in added]
            connection.execute(sa.insert(fs_document), parts)

    def _save_names(self, connection: sa.Connection, number: int, names: Names) -> None:
        """What `names` no longer has, or has under another uid, ends with this revision."""
        before = self._names(connection, number - 1).entries
        ended = [name.uid for path, name in before.items() if names.entries.get(path) != name]
        added = {path: name for path, name in names.entries.items() if before.get(path) != name}
        if ended:
            current = sa.and_(fs_name.c.uid == sa.bindparam("ended"), fs_name.c.until.is_(None))
            connection.execute(sa.update(fs_name).where(current).values(until=number), [{"ended": uid} for uid in ended])
        if added:
            rows = [{"path": path, "uid": name.uid, "physical": name.physical, "since": number} for path, name in added.items()]
            connection.execute(sa.insert(fs_name), rows)


def _layers(connection: sa.Connection, revision: int) -> tuple[Layer, ...]:
    rows = connection.execute(
        sa.select(fs_document.c.layer, fs_document.c.kind, fs_document.c.name, fs_document.c.body, fs_document.c.since, fs_revision.c.actor_name)
        .join(fs_revision, fs_revision.c.number == fs_document.c.since)
        .where(fs_document.c.since <= revision, sa.or_(fs_document.c.until.is_(None), fs_document.c.until > revision))
        .order_by(fs_document.c.layer, fs_document.c.kind, fs_document.c.name)
    ).all()
    bodies: dict[str, list[tuple[str, str, Mapping[str, Any]]]] = {}
    origins: dict[tuple[str, str], str] = {}
    for layer, kind, name, body, since, actor in rows:
        bodies.setdefault(layer, []).append((kind, name, json.loads(body)))
        if layer == CUSTOM:
            origins[kind, name] = f"{CUSTOM}, revision {since}, by {actor}"
    return tuple(layer_of(name, stored, origins if name == CUSTOM else None) for name, stored in bodies.items())
