"""What was applied last of another workspace's own layer: the base of the next three-way merge. Kept beside the change sets, whole."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from fieldsmith.base.context import Actor
from fieldsmith.db.store import ModelStore
from fieldsmith.db.system import fs_changeset, fs_changeset_document
from fieldsmith.meta.layers import Key

APPLIED = "applied"  # states of change sets that no list of drafts shows
_DRAFTED = "drafted"
Documents = Mapping[Key, Mapping[str, Any]]
_ROLLBACK = "rollback to revision "


def keep_applied(connection: sa.Connection, layer: str, documents: Documents, actor: Actor, now: datetime, revision: int) -> None:
    """Remember `documents` as what was applied of `layer` with `revision`."""
    _keep(connection, layer, documents, actor, now, {"base": revision - 1, "state": APPLIED, "revision": revision})


def keep_drafted(connection: sa.Connection, layer: str, documents: Documents, actor: Actor, now: datetime, draft: int) -> None:
    """Remember `documents` as what is applied once the change set `draft` is published."""
    _keep(connection, layer, documents, actor, now, {"base": draft, "state": _DRAFTED})


def last_applied(connection: sa.Connection, store: ModelStore, layer: str) -> dict[Key, dict[str, Any]]:
    """The documents applied last, but for what a rollback undid; empty when there was nothing."""
    table, draft = fs_changeset, fs_changeset.alias()
    revision = sa.func.coalesce(table.c.revision, draft.c.revision)
    drafted = sa.and_(table.c.state == _DRAFTED, draft.c.id == table.c.base)
    query = sa.select(table.c.id, revision).select_from(table.outerjoin(draft, drafted))
    query = query.where(table.c.state.in_([APPLIED, _DRAFTED]), table.c.title == layer, revision.is_not(None)).order_by(revision.desc(), table.c.id.desc())
    for id, number in connection.execute(query).all():
        if not _undone(connection, store, number):
            held = fs_changeset_document
            rows = connection.execute(sa.select(held.c.kind, held.c.name, held.c.body).where(held.c.changeset == id))
            return {(kind, name): json.loads(body) for kind, name, body in rows}
    return {}


def _keep(connection: sa.Connection, layer: str, documents: Documents, actor: Actor, now: datetime, values: Mapping[str, Any]) -> None:
    row = {"title": layer, "author_id": actor.id, "author_name": actor.name, "created_at": now, "modified_at": now, **values}
    key = connection.execute(sa.insert(fs_changeset).values(**row)).inserted_primary_key
    assert key is not None
    rows = [
        {"changeset": key[0], "kind": kind, "name": name, "body": json.dumps(body, ensure_ascii=False, separators=(",", ":")), "modified_at": now}
        for (kind, name), body in documents.items()
    ]
    if rows:
        connection.execute(sa.insert(fs_changeset_document), rows)


def _undone(connection: sa.Connection, store: ModelStore, revision: int) -> bool:
    """Was anything before `revision` published again since?"""
    later = store.state(connection).revision - revision
    for found in store.revisions(connection, limit=later) if later else ():
        target = found.reason.removeprefix(_ROLLBACK)
        if target != found.reason and target.isdigit() and int(target) < revision:
            return True
    return False
