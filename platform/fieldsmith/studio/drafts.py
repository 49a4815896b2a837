"""`Drafts`: change sets as they are kept. Knows nothing of what edits do; see `changesets`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from fieldsmith.base.context import Actor
from fieldsmith.base.errors import BadInput, Conflict, NotFound
from fieldsmith.base.problems import Problem
from fieldsmith.base.text import _m
from fieldsmith.db.system import fs_changeset, fs_changeset_document, fs_changeset_step
from fieldsmith.studio.edits import Edit, Key, edit_from

LONGEST_TITLE = 200
MOST_STEPS = 100
"""So many changes of a draft can be taken back one after the other."""
_OPEN = "open"
_PUBLISHED = "published"


@dataclass(frozen=True, slots=True)
class Draft:
    """`base` is the revision it was begun on; `revision` the one it was published as, when `state` says so."""

    id: int
    title: str
    author_id: int | None
    author_name: str
    base: int
    created_at: datetime
    modified_at: datetime
    state: str
    revision: int | None = None
    edits: Mapping[Key, Edit] | None = None


class Drafts:
    """Over one connection; `now` is when."""

    def __init__(self, connection: sa.Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now
        self._said: dict[int, int] = {}
        self._noted: set[tuple[int, Key]] = set()

    def open(self, actor: Actor, title: str, base: int) -> int:
        """A new, empty draft. Raises `BadInput` for a title nobody can read."""
        row = {"title": _title(title), "author_id": actor.id, "author_name": actor.name, "base": base, "state": _OPEN}
        made = self._connection.execute(sa.insert(fs_changeset).values(created_at=self._now, modified_at=self._now, **row))
        key = made.inserted_primary_key
        assert key is not None
        return int(key[0])

    def listed(self, state: str = _OPEN, before: int | None = None, limit: int = 50, author: int | None = None) -> list[Draft]:
        """Newest first, without their edits; those of one `author`."""
        query = sa.select(fs_changeset).where(fs_changeset.c.state == state).order_by(fs_changeset.c.id.desc()).limit(limit)
        if before is not None:
            query = query.where(fs_changeset.c.id < before)
        if author is not None:
            query = query.where(fs_changeset.c.author_id == author)
        return [Draft(**row) for row in self._connection.execute(query).mappings()]

    def get(self, id: int, still_open: bool = False) -> Draft:
        """With its edits. Raises `NotFound`, or `Conflict` when it must be `still_open` and was published."""
        row = self._connection.execute(sa.select(fs_changeset).where(fs_changeset.c.id == id)).mappings().first() if id < 2**63 else None
        if row is None or row["state"] not in (_OPEN, _PUBLISHED):  # others are packages: `upgrade_applied`, `upgrade_uploads`
            raise NotFound(_m("There is no change set {id}.", id=id))
        if still_open and row["state"] != _OPEN:
            raise Conflict(_m("“{title}” was published as revision {revision}. Open a new change set.", title=row["title"], revision=row["revision"]))
        return Draft(**row, edits={edit.key: edit for edit in self._edits(fs_changeset_document.c.changeset == id)})

    def others(self, id: int) -> list[tuple[Draft, Edit]]:
        """Every edit of the other open drafts."""
        drafts = {draft.id: draft for draft in self.listed(limit=1000) if draft.id != id}
        return [(draft, edit) for draft in drafts.values() for edit in self._edits(fs_changeset_document.c.changeset == draft.id)]

    def put(self, draft: Draft, edit: Edit) -> None:
        """Keep `edit` as all the draft says of its document."""
        self._note(draft.id, edit.key)
        self._replace(draft.id, edit.key, json.dumps(edit.to_json(), ensure_ascii=False, separators=(",", ":")))

    def drop(self, draft: Draft, key: Key) -> None:
        """Forget what the draft says of one document."""
        self._note(draft.id, key)
        self._replace(draft.id, key, None)

    def undo(self, draft: Draft) -> bool:
        """As the draft was before its newest change; False when there is none to take back."""
        table = fs_changeset_step
        last = self._last(draft.id)
        of_last = sa.and_(table.c.changeset == draft.id, table.c.said == last)
        rows = self._connection.execute(sa.select(table.c.kind, table.c.name, table.c.body).where(of_last)).all()
        for kind, name, body in rows:
            self._replace(draft.id, (kind, name), body)
        self._connection.execute(sa.delete(table).where(of_last))
        return bool(rows)

    def can_undo(self, draft: Draft) -> bool:
        return self._last(draft.id) > 0

    def rename(self, draft: Draft, title: str) -> None:
        """Another title. Raises `BadInput` for one nobody can read."""
        self._connection.execute(sa.update(fs_changeset).where(fs_changeset.c.id == draft.id).values(title=_title(title), modified_at=self._now))

    def discard(self, draft: Draft) -> None:
        self._forget_steps(draft.id)
        self._connection.execute(sa.delete(fs_changeset_document).where(fs_changeset_document.c.changeset == draft.id))
        self._connection.execute(sa.delete(fs_changeset).where(fs_changeset.c.id == draft.id))

    def published(self, draft: Draft, revision: int) -> None:
        self._forget_steps(draft.id)
        values = {"state": _PUBLISHED, "revision": revision, "modified_at": self._now}
        self._connection.execute(sa.update(fs_changeset).where(fs_changeset.c.id == draft.id).values(**values))

    def _edits(self, which: sa.ColumnElement[bool]) -> list[Edit]:
        table = fs_changeset_document
        rows: Any = self._connection.execute(sa.select(table.c.kind, table.c.name, table.c.body).where(which).order_by(table.c.kind, table.c.name))
        return [edit_from(kind, name, json.loads(body)) for kind, name, body in rows]

    def _replace(self, id: int, key: Key, body: str | None) -> None:
        table = fs_changeset_document
        self._connection.execute(sa.delete(table).where(table.c.changeset == id, table.c.kind == key[0], table.c.name == key[1]))
        if body is not None:
            row = {"changeset": id, "kind": key[0], "name": key[1], "body": body, "modified_at": self._now}
            self._connection.execute(sa.insert(table), row)
        self._connection.execute(sa.update(fs_changeset).where(fs_changeset.c.id == id).values(modified_at=self._now))

    def _note(self, id: int, key: Key) -> None:
        """What the draft said of the document before this transaction; all it changes is taken back together."""
        if (id, key) in self._noted:
            return
        self._noted.add((id, key))
        if id not in self._said:
            self._said[id] = self._last(id) + 1
            table = fs_changeset_step
            self._connection.execute(sa.delete(table).where(table.c.changeset == id, table.c.said <= self._said[id] - MOST_STEPS))
        kept = fs_changeset_document
        said = sa.select(kept.c.body).where(kept.c.changeset == id, kept.c.kind == key[0], kept.c.name == key[1])
        row = {"changeset": id, "said": self._said[id], "kind": key[0], "name": key[1], "body": self._connection.execute(said).scalar()}
        self._connection.execute(sa.insert(fs_changeset_step), row)

    def _last(self, id: int) -> int:
        """The number of the newest change that can be taken back; 0 for none."""
        table = fs_changeset_step
        return self._connection.execute(sa.select(sa.func.max(table.c.said)).where(table.c.changeset == id)).scalar() or 0

    def _forget_steps(self, id: int) -> None:
        self._connection.execute(sa.delete(fs_changeset_step).where(fs_changeset_step.c.changeset == id))


def _title(given: str) -> str:
    shown = given.strip()
    if not shown or len(shown) > LONGEST_TITLE or not shown.isprintable():
        message = _m("A title has 1 to {most} characters on one line.", most=LONGEST_TITLE)
        raise BadInput([Problem("bad_title", message, "/title")])
    return shown
