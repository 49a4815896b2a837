"""`/api/v1/metadata`: effective documents and the layer each part came from. Reading only; changing goes by change sets."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from flask import Flask, Response, request

from fieldsmith.access.seen_documents import ADMINISTRATORS, seen_documents
from fieldsmith.base.context import Actor
from fieldsmith.base.errors import NotFound
from fieldsmith.base.problems import Problem, did_you_mean
from fieldsmith.base.text import _m
from fieldsmith.meta.layers import Effective
from fieldsmith.meta.references import uses
from fieldsmith.web import api_args, current
from fieldsmith.web.api_answers import PREFIX, json_answer

KINDS = ("package", "entity", "choices", "layout", "view", "rule", "record_type", "tab", "app", "role", "sharing_rule", "company", "translation", "import_map")


def register(app: Flask) -> None:
    """Both routes."""
    app.add_url_rule(f"{PREFIX}/metadata/<kind>", "api.metadata", list_documents, methods=["GET"])
    app.add_url_rule(f"{PREFIX}/metadata/<kind>/<name>", "api.document", get_document, methods=["GET"])


def list_documents(kind: str) -> Response:
    """Every document of a kind that the caller may see, by name."""
    actor = current.signed_in()
    api_args.arguments()
    _require_kind(actor, kind)
    return _unchanged(actor) or _tagged(actor, {"items": [_shown(found) for found in _visible(actor, kind)], "next": None})


def get_document(kind: str, name: str) -> Response:
    """One document: `document` is what all layers say together, `origins` maps JSON pointers to layers."""
    actor = current.signed_in()
    api_args.arguments()
    _require_kind(actor, kind)
    known = {found.name: found for found in _visible(actor, kind)}
    if name not in known:
        message = _m("There is no {kind} “{name}”.", kind=kind, name=name[:100])
        raise NotFound(message, [Problem("unknown_document", message, "", did_you_mean(name[:100], known))])
    return _unchanged(actor) or _tagged(actor, _shown(known[name]))


def _require_kind(actor: Actor, kind: str) -> None:
    trusted = current.work().runtime.policy.is_administrator(actor)
    kinds = [item for item in KINDS if trusted or item not in ADMINISTRATORS]
    if kind not in kinds:
        message = _m("There is no kind of metadata “{name}”.", name=kind[:100])
        raise NotFound(message, [Problem("unknown_kind", message, "", did_you_mean(kind[:100], kinds))])


def _visible(actor: Actor, kind: str) -> Iterator[Effective]:
    runtime = current.work().runtime
    sight = runtime.policy.sight(actor)
    graph = runtime.keep(("uses",), lambda: uses(runtime.model))
    documents = runtime.keep(("seen documents", sight), lambda: seen_documents(runtime.model, sight, graph))
    return (document for (found, _), document in sorted(documents.items(), key=lambda item: item[0]) if found == kind)


def _shown(found: Effective) -> dict[str, Any]:
    return {"kind": found.kind, "name": found.name, "document": found.body, "origins": found.origins}


def _etag(actor: Actor) -> str:
    """The revision, for whom not all is there also what is hidden: whose rights changed, or who came with another's answer, gets a new one."""
    runtime = current.work().runtime
    sight = runtime.policy.sight(actor)
    if sight.everything:
        return str(runtime.model.revision)
    hidden = runtime.keep(("hidden digest", sight), lambda: sha256(repr(sorted(map(str, sight.hidden))).encode()).hexdigest()[:16])
    return f"{runtime.model.revision}-{hidden}"


def _unchanged(actor: Actor) -> Response | None:
    if request.headers.get("If-None-Match") is None or not request.if_none_match.contains_weak(_etag(actor)):
        return None
    return _marked(actor, Response(b"", 304))


def _tagged(actor: Actor, body: Any) -> Response:
    return _marked(actor, json_answer(body))


def _marked(actor: Actor, answer: Response) -> Response:
    answer.set_etag(_etag(actor))
    answer.headers["Vary"] = "Authorization, Cookie"
    return answer
