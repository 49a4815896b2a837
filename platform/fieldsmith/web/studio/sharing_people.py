"""`GET /studio/sharing/people?kind=team&q=`: teams by name and people by login name, as sharing rules say them, for pickers."""

from __future__ import annotations

from flask import Flask, Response, jsonify, request

from fieldsmith.base.errors import NotFound
from fieldsmith.base.text import _m
from fieldsmith.identity.holders import logins_of
from fieldsmith.query.run import Query
from fieldsmith.web import current
from fieldsmith.web.studio.desk import desk

_KINDS = ("team", "user")
_LONGEST = 200
_PAGE = 20


def register(app: Flask) -> None:
    app.add_url_rule("/studio/sharing/people", "studio_sharing_people", people)


def people() -> Response:
    """At most 20 whose name has the words."""
    now = desk()
    kind, words = request.args.get("kind", ""), request.args.get("q", "").strip()[:_LONGEST]
    model, work = current.model(), current.work()
    if kind not in _KINDS or kind not in model.entities:
        raise NotFound(_m("There is nothing at this address."))
    name = model.entities[kind].name_field
    rows = work.queries.page(now.actor, Query(kind, (name,), (name,), _PAGE, search=words or None)).rows
    labels = work.queries.labels(now.actor, kind, [row[0] for row in rows])
    values = logins_of(work.connection, [row[0] for row in rows]) if kind == "user" else labels
    items = [{"value": values[row[0]], "text": labels[row[0]], "note": values[row[0]] if kind == "user" else ""} for row in rows if values.get(row[0])]
    answer = jsonify(items=items, next=None)
    answer.headers["Cache-Control"] = "no-store"
    return answer
