"""`/api/v1/search`: records of every entity the caller may read that have the words asked for."""

from __future__ import annotations

from flask import Flask, Response

from fieldsmith.base.errors import BadQuery
from fieldsmith.base.problems import Problem
from fieldsmith.base.text import _m
from fieldsmith.web import api_args, current
from fieldsmith.web.api_answers import PREFIX, json_answer


def register(app: Flask) -> None:
    """The one route."""
    app.add_url_rule(f"{PREFIX}/search", "api.search", search_records, methods=["GET"])


def search_records() -> Response:
    """Hits with the text around the first match; `q` is required."""
    actor, work = current.signed_in(), current.work()
    given = api_args.arguments("q", "limit", "after")
    words, limit = api_args.search_text(given, "q"), api_args.limit(given)
    if words is None:
        raise BadQuery([Problem("required", _m("Say in q what to search for."), "/q")])
    hidden = work.runtime.policy.unreadable(actor)
    entities = [entity for entity in work.model.entities.values() if entity.name not in hidden]
    names = {entity.uid: entity.name for entity in entities}
    hits = work.queries.search(actor, words, entities, limit + 1, api_args.whole(given, "after"))
    items = [{"entity": names[hit.entity_uid], "id": hit.record_id, "label": hit.label, "snippet": hit.snippet} for hit in hits[:limit]]
    return json_answer({"items": items, "next": str(hits[limit - 1].key) if len(hits) > limit else None})
