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
from fieldsmith.db.system import fs_changeset, fs_changeset_document
from fieldsmith.studio.edits import Edit, Key, edit_from

LONGEST_TITLE = 200
_OPEN = "open"


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

    def open(self, actor: Actor, title: str, base: int) -> int:
        """A new, empty draft. Raises `BadInput` for a title nobody can read."""
        shown = title.strip()
        if not shown or len(shown) > LONGEST_TITLE or not shown.isprintable():
            message = _m("A title has 1 to {most} characters on one line.", most=LONGEST_TITLE)
            raise BadInput([Problem("bad_title", message, "/title")])
        row = {"title": shown, "author_id": actor.id, "author_name": actor.name, "base": base, "state": _OPEN}
        made = self._connection.execute(sa.insert(fs_changeset).values(created_at=self._now, modified_at=self._now, **row))
        key = made.inserted_primary_key
        assert key is not None
        return int(key[0])

    def listed(self, state: str = _OPEN, before: int | None = None, limit: int = 50) -> list[Draft]:
        """Newest first, without their edits."""
        query = sa.select(fs_changeset).where(fs_changeset.c.state == state).order_by(fs_changeset.c.id.desc()).limit(limit)
        if before is not None:
            query = query.where(fs_changeset.c.id < before)
        return [Draft(**row) for row in self._connection.execute(query).mappings()]

    def get(self, id: int, still_open: bool = False) -> Draft:
        """With its edits. Raises `NotFound`, or `Conflict` when it must be `still_open` and was published."""
        row = self._connection.execute(sa.select(fs_changeset).where(fs_changeset.c.id == id)).mappings().first() if id < 2**63 else None
        if row is None:
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
        self.drop(draft, edit.key)
        body = json.dumps(edit.to_json(), ensure_ascii=False, separators=(",", ":"))
        row = {"changeset": draft.id, "kind": edit.kind, "name": edit.name, "body": body, "modified_at": self._now}
        self._connection.execute(sa.insert(fs_changeset_document), row)

    def drop(self, draft: Draft, key: Key) -> None:
        """Forget what the draft says of one document."""
        table = fs_changeset_document
        self._connection.execute(sa.delete(table).where(table.c.changeset == draft.id, table.c.kind == key[0], table.c.name == key[1]))
        self._connection.execute(sa.update(fs_changeset).where(fs_changeset.c.id == draft.id).values(modified_at=self._now))

    def discard(self, draft: Draft) -> None:
        self._connection.execute(sa.delete(fs_changeset_document).where(fs_changeset_document.c.changeset == draft.id))
        self._connection.execute(sa.delete(fs_changeset).where(fs_changeset.c.id == draft.id))

    def published(self, draft: Draft, revision: int) -> None:
        values = {"state": "published", "revision": revision, "modified_at": self._now}
        self._connection.execute(sa.update(fs_changeset).where(fs_changeset.c.id == draft.id).values(**values))

    def _edits(self, which: sa.ColumnElement[bool]) -> list[Edit]:
        table = fs_changeset_document
        rows: Any = self._connection.execute(sa.select(table.c.kind, table.c.name, table.c.body).where(which).order_by(table.c.kind, table.c.name))
        return [edit_from(kind, name, json.loads(body)) for kind, name, body in rows]
