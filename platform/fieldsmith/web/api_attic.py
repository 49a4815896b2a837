"""`/api/v1/metadata/{kind}/{name}/uses` and `/api/v1/retired`: where things are used, what was retired, its export and its end. For administrators."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from flask import Flask, Response

from fieldsmith.base.errors import Forbidden, NotFound
from fieldsmith.base.text import _m
from fieldsmith.meta.references import uses
from fieldsmith.web import api_args, current, reauth
from fieldsmith.web.api_answers import PREFIX, json_answer
from fieldsmith.web.api_json import json_object

if TYPE_CHECKING:
    from fieldsmith.studio.purge import Kept


def register(app: Flask) -> None:
    """Every route."""
    one = f"{PREFIX}/retired/<int:uid>"
    app.add_url_rule(f"{PREFIX}/metadata/<kind>/<name>/uses", "api.uses", list_uses, methods=["GET"])
    app.add_url_rule(f"{PREFIX}/retired", "api.retired", list_retired, methods=["GET"])
    app.add_url_rule(f"{one}/export", "api.export_retired", export_retired, methods=["GET"])
    app.add_url_rule(f"{one}/purge", "api.purge_retired", purge_retired, methods=["POST"])


def list_uses(kind: str, name: str) -> Response:
    """Where a document is mentioned, its fields or values too; `member=fields/amount` asks for one of them."""
    actor = current.signed_in()
    member = api_args.arguments("member").get("member", "").strip("/")
    work = current.work()
    if not work.runtime.policy.is_administrator(actor):
        raise Forbidden(_m("Only administrators may shape the system. Ask one."))
    if (kind, name) not in work.model.documents:
        raise NotFound(_m("There is no {kind} “{name}”.", kind=kind[:100], name=name[:100]))
    graph = work.runtime.keep(("uses",), lambda: uses(work.model))
    path = f"{kind}/{name}/{member}".rstrip("/")
    found = dict.fromkeys(use for target, listed in graph.items() if f"{target}/".startswith(f"{path}/") for use in listed)
    places = dict.fromkeys((use.kind, use.name, use.pointer) for use in found if member or (use.kind, use.name) != (kind, name))
    return json_answer({"items": [{"kind": item[0], "name": item[1], "pointer": item[2]} for item in places], "next": None})


def list_retired() -> Response:
    """What is out of use and kept, newest first."""
    actor = current.signed_in()
    api_args.arguments()
    current.end_reading()
    return json_answer({"items": [_told(item) for item in current.workspace().attic.listed(actor)], "next": None})


def export_retired(uid: int) -> Response:
    """What purging would take, as CSV."""
    actor = current.signed_in()
    api_args.arguments()
    current.end_reading()
    out = io.StringIO()
    current.workspace().attic.export(actor, uid, out)
    return Response(out.getvalue(), content_type="text/csv; charset=utf-8")


def purge_retired(uid: int) -> Response:
    """Drop it for good: `{"confirmation": "crate.weight"}`."""
    actor = current.signed_in()
    api_args.arguments()
    confirmation = json_object().get("confirmation")
    reauth.require_fresh()
    current.end_reading()
    return json_answer(_told(current.workspace().attic.purge(actor, uid, confirmation if isinstance(confirmation, str) else "")))


def _told(item: Kept) -> dict[str, Any]:
    words = current.words()
    return {
        "id": item.uid,
        "name": item.name,
        "label": item.label.render(words),
        "type": item.type,
        "revision": item.until,
        "rows": item.rows,
    }
