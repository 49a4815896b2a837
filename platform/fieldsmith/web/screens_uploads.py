"""Files of forms and records: uploads into the store, downloads through the record that holds them."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Response, request, send_file
from werkzeug.datastructures import FileStorage, MultiDict

from fieldsmith.base.errors import NotFound
from fieldsmith.base.text import _m
from fieldsmith.query.rows import StoredFile
from fieldsmith.records import files
from fieldsmith.web import current
from fieldsmith.web.content_policy import PRIVATE
from fieldsmith.web.forms import FormPlan
from fieldsmith.web.screens_here import here
from fieldsmith.web.screens_inputs import Texts


def stored_uploads(plan: FormPlan, texts: Mapping[str, Texts], sent: MultiDict[str, FileStorage]) -> dict[str, Texts]:
    """`texts` with the ids of freshly stored files; a ticked “remove” blanks the field. No read transaction may be open."""
    out = dict(texts)
    for item in plan.fields:
        if item.type not in ("file", "image"):
            continue
        upload = sent.get(item.name + ".upload")
        if upload is not None and upload.filename:
            out[item.name] = {"": str(_store(upload))}
        elif request.form.get(item.name + ".remove") == "1":
            out[item.name] = {"": ""}
    return out


def _store(upload: FileStorage) -> int:
    workspace, actor = current.workspace(), current.actor()
    stored = workspace.files.put(upload.stream)
    described = workspace.write(lambda work: files.describe(work.connection, actor, work.now, upload.filename or "", stored))
    return described.id


def download(entity: str, id: int, file: int) -> Response:
    """`GET /{entity}/{id}/files/{file}`: always as a download, never shown inside the site."""
    now = here()
    found = now.entity(entity)
    record = now.work.records.get(now.actor, entity, id)
    unspoken = now.unreadable().unspoken
    partly = any((entity, item.name) in unspoken for item in now.work.model.entities[entity].fields.values() if item.type in ("file", "image"))
    shown = {value.id for value in record.values.values() if isinstance(value, StoredFile)}
    kept = files.content(now.work.connection, found.uid, id, file) if file in shown or not partly else None
    if kept is None:
        raise NotFound(_m("There is no file {id}.", id=file))
    stored, sha256 = kept
    answer = send_file(current.workspace().files.path(sha256), stored.media_type, as_attachment=True, download_name=stored.name, etag=sha256)
    answer.headers["Cache-Control"] = PRIVATE
    return answer
