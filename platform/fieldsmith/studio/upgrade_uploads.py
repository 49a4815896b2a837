"""Packages somebody uploaded, kept while they are looked at and settled. Beside the change sets, in a state no list of drafts shows."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import sqlalchemy as sa

from fieldsmith.base.context import Actor
from fieldsmith.base.errors import NotFound
from fieldsmith.base.text import _m
from fieldsmith.db.system import fs_changeset, fs_changeset_document
from fieldsmith.meta.documents import SourceDocument
from fieldsmith.meta.layers import CUSTOM, Layer, document_path

_STATE = "uploaded"
_LIFE = timedelta(days=1)


def keep_upload(connection: sa.Connection, layer: Layer, actor: Actor, now: datetime) -> int:
    """Its number. What was kept for longer than a day goes."""
    forget_uploads(connection, fs_changeset.c.created_at < now - _LIFE)
    row = {"title": layer.name, "author_id": actor.id, "author_name": actor.name, "base": 0, "state": _STATE}
    key = connection.execute(sa.insert(fs_changeset).values(created_at=now, modified_at=now, **row)).inserted_primary_key
    assert key is not None
    bodies = {(item.kind, item.name): item.body for item in layer.documents if item.kind != "package"} | {("package", layer.name): layer.manifest}
    rows = [
        {"changeset": key[0], "kind": kind, "name": name, "body": json.dumps(body, ensure_ascii=False, separators=(",", ":")), "modified_at": now}
        for (kind, name), body in bodies.items()
    ]
    connection.execute(sa.insert(fs_changeset_document), rows)
    return int(key[0])


def kept_upload(connection: sa.Connection, id: int) -> Layer:
    """As it was read. Raises `NotFound`."""
    table, held = fs_changeset, fs_changeset_document
    name = connection.execute(sa.select(table.c.title).where(table.c.id == id, table.c.state == _STATE)).scalar() if id < 2**63 else None
    if name is None:
        raise NotFound(_m("This upload is no longer kept. Upload the package again."))
    rows = connection.execute(sa.select(held.c.kind, held.c.name, held.c.body).where(held.c.changeset == id).order_by(held.c.kind, held.c.name)).all()
    bodies = {(kind, key): json.loads(body) for kind, key, body in rows}
    manifest = bodies.pop(("package", name))
    version = str(manifest.get("version", ""))
    origin = f"{name} {version}".strip()
    documents = [SourceDocument(kind, key, body, document_path(name, kind, key), origin) for (kind, key), body in bodies.items()]
    if name != CUSTOM:
        own = {key: value for key, value in manifest.items() if key != "part"}
        documents.insert(0, SourceDocument("package", name, own, document_path(name, "package", name), origin))
    return Layer(name, version, tuple(documents), manifest)


def forget_uploads(connection: sa.Connection, which: sa.ColumnElement[bool]) -> None:
    ids = sa.select(fs_changeset.c.id).where(fs_changeset.c.state == _STATE, which)
    connection.execute(sa.delete(fs_changeset_document).where(fs_changeset_document.c.changeset.in_(ids)))
    connection.execute(sa.delete(fs_changeset).where(fs_changeset.c.state == _STATE, which))
