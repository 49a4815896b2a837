"""Files: content-addressed on disk, described in `fs_file`, seen by whoever may see the record that holds them.

Content lies under its SHA-256 in the workspace's `files` folder and is written beside, then renamed, so a crash leaves no
half file. A freshly uploaded file belongs to who sent it until a record takes it.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import sqlalchemy as sa

from fieldsmith.base.context import Actor
from fieldsmith.base.errors import TooLarge
from fieldsmith.base.problems import Problem, pointer
from fieldsmith.base.text import _m
from fieldsmith.db.system import fs_file
from fieldsmith.query.rows import StoredFile
from fieldsmith.records.shape import EntityShape

MAX_BYTES = 25 * 1024 * 1024
PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
"""What a field for pictures takes, by content: no SVG, which can run scripts."""
_PIECE = 1 << 16
_DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE | re.DOTALL)  # Windows opens a device under these names
_FORBIDDEN = str.maketrans(dict.fromkeys('<>:"|?*', "_"))  # in names of files, on Windows
_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
)


class FileStore:
    """The contents, under `folder` (made on first use)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, stream: IO[bytes]) -> tuple[str, int, str]:
        """Store what `stream` holds; (SHA-256 in hex, bytes, media type by content). Raises `TooLarge` over 25 MB."""
        self._folder.mkdir(parents=True, exist_ok=True)
        digest, size, head = hashlib.sha256(), 0, b""
        with tempfile.NamedTemporaryFile(dir=self._folder, delete=False) as target:
            try:
                while piece := stream.read(_PIECE):
                    size += len(piece)
                    if size > MAX_BYTES:
                        raise TooLarge(_m("A file may hold {limit} MB at most.", limit=MAX_BYTES // 1024 // 1024))
                    head = head or piece[:16]
                    digest.update(piece)
                    target.write(piece)
                target.flush()
                os.fsync(target.fileno())
            except BaseException:
                os.unlink(target.name)
                raise
        name = digest.hexdigest()
        final = self.path(name)
        final.parent.mkdir(exist_ok=True)
        os.replace(target.name, final)
        return name, size, _media_type(head)

    def path(self, sha256: str) -> Path:
        """Where the content with this hash lies."""
        return self._folder / sha256[:2] / sha256


def describe(connection: sa.Connection, actor: Actor, now: datetime, name: str, stored: tuple[str, int, str]) -> StoredFile:
    """The row for content put in the store; the given `name` is only ever shown, never used as a path."""
    sha256, size, media_type = stored
    shown = file_name(name)
    row = {"sha256": sha256, "name": shown, "size": size, "media_type": media_type, "created_at": now, "created_by": actor.id}
    id = connection.execute(sa.insert(fs_file).values(row).returning(fs_file.c.id)).scalar_one()
    return StoredFile(id, shown, size, media_type)


def content(connection: sa.Connection, entity_uid: int, record: int, file: int) -> tuple[StoredFile, str] | None:
    """A file of one record and its SHA-256; None unless that record holds it. The caller has read the record as its actor."""
    row = connection.execute(
        sa.select(fs_file.c.id, fs_file.c.name, fs_file.c.size, fs_file.c.media_type, fs_file.c.sha256).where(
            fs_file.c.id == file, fs_file.c.entity == entity_uid, fs_file.c.record == record
        )
    ).first()
    return None if row is None else (StoredFile(*row[:4]), row[4])


def check_files(
    connection: sa.Connection, actor: Actor, shape: EntityShape, ids: Sequence[int | None], rows: Sequence[dict[str, Any]], problems: Sequence[list[Problem]]
) -> None:
    """A record (of `ids`, None when new) may take a file its actor uploaded and no record holds yet, or keep its own.

    Any other file id answers as an unknown one.
    """
    taken: set[int] = set()
    asked = sa.select(fs_file.c.created_by, fs_file.c.entity, fs_file.c.record, fs_file.c.media_type)
    for name, item in shape.files.items():
        for id, values, own in zip(ids, rows, problems, strict=True):
            if values.get(name) is None:
                continue
            row = connection.execute(asked.where(fs_file.c.id == values[name])).first()
            free = row is not None and row.record is None and (row.created_by == actor.id or actor.kind in ("operator", "system"))
            kept = row is not None and id is not None and (row.entity, row.record) == (shape.entity.uid, id)
            if (not free and not kept) or values[name] in taken:
                own.append(Problem("not_found", _m("There is no file {id}.", id=values[name]), pointer(name), _m("Upload it again.")))
            elif item.type == "image" and row is not None and not kept and row.media_type not in PICTURES:
                own.append(Problem("not_picture", _m("This file is no picture, whatever it is called."), pointer(name), _m("Upload a PNG, JPEG, GIF or WebP.")))
            taken.add(values[name])


def file_name(name: str) -> str:
    """A name fit to show and to offer for download on any system: its last part, without control characters, at most 120 characters."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(sign for sign in unicodedata.normalize("NFC", last) if unicodedata.category(sign)[0] != "C").strip(" .")
    kept = kept.translate(_FORBIDDEN)[-120:].lstrip(" .") or "file"
    return f"_{kept}"[:120] if _DEVICES.fullmatch(kept) else kept


def _media_type(head: bytes) -> str:
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for sign, kind in _SIGNATURES if head.startswith(sign)), "application/octet-stream")
