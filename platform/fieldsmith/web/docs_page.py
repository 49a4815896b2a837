"""`/api/docs`: the API for people, and per entity the fields as the API reads and writes them. Plain pages, no scripts needed."""

from __future__ import annotations

import json
from dataclasses import dataclass

from flask import Flask, Response, request

from fieldsmith.base.text import Label, Message, _m
from fieldsmith.fields.base import Field
from fieldsmith.meta.model import Entity
from fieldsmith.web import current, page
from fieldsmith.web.openapi import is_writable
from fieldsmith.web.seen_model import seen_model

CALLS: tuple[tuple[str, str, Message], ...] = (
    ("GET", "/api/v1/records/{entity}", _m("A page of records: sort, columns, search, limit, after, count.")),
    ("POST", "/api/v1/records/{entity}", _m("Makes a record. With an Idempotency-Key a retry gets the first answer.")),
    ("GET", "/api/v1/records/{entity}/{id}", _m("One record with every field you may see.")),
    ("PATCH", "/api/v1/records/{entity}/{id}", _m("Changes the fields sent; If-Match guards against lost updates.")),
    ("DELETE", "/api/v1/records/{entity}/{id}", _m("Moves the record to the recycle bin.")),
    ("PUT", "/api/v1/records/{entity}/by/{field}/{value}", _m("Makes or changes the record whose unique field has that value.")),
    ("POST", "/api/v1/records/{entity}/bulk", _m("Up to 10,000 records to make, change and delete, all or each.")),
    ("GET", "/api/v1/records/{entity}/{id}/history", _m("Who changed what, and when.")),
    ("GET", "/api/v1/records/{entity}/{id}/access", _m("What a user may do with the record, and why.")),
    ("POST", "/api/v1/records/{entity}/{id}/actions/restore", _m("Brings a record back from the recycle bin.")),
    ("GET", "/api/v1/search", _m("Records of every entity that have the words in q.")),
    ("GET", "/api/v1/metadata/{kind}", _m("The documents this workspace is made of, and where each part comes from.")),
    ("GET", "/api/v1/metadata/{kind}/{name}", _m("One of these documents.")),
    ("POST", "/api/v1/expressions/check", _m("Is an expression right, and of what type is it?")),
    ("POST", "/api/v1/expressions/evaluate", _m("What an expression gives for a record, step by step when asked.")),
    ("POST", "/api/v1/expressions/complete", _m("What may stand at a position of an expression, for editors.")),
    ("GET", "/api/v1/openapi.json", _m("This description for programs, as OpenAPI 3.1.")),
)
STATUSES: tuple[tuple[int, Message], ...] = (
    (400, _m("Query parts or malformed JSON")),
    (401, _m("Not signed in")),
    (403, _m("Visible, but not allowed")),
    (404, _m("Absent or invisible")),
    (409, _m("A clash with what is stored, or a request still in flight")),
    (412, _m("If-Match does not match")),
    (413, _m("Too large")),
    (422, _m("Fields that are invalid, unknown, read-only or not permitted")),
    (429, _m("Too many tries; Retry-After says when")),
)


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One field as the page shows it; `example` is JSON text."""

    name: str
    label: Label
    type: Message
    required: bool
    writable: bool
    example: str


def register(app: Flask) -> None:
    """Both pages."""
    app.add_url_rule("/api/docs", "api_docs", overview, methods=["GET"])
    app.add_url_rule("/api/docs/<name>", "api_docs_entity", of_entity, methods=["GET"])


def overview() -> Response:
    """Every call, how to sign in, what errors mean, and the entities to read on."""
    actor, work = current.signed_in(), current.work()
    hidden = work.runtime.policy.unreadable(actor)
    entities = [item for item in work.model.entities.values() if item.name not in hidden]
    return page.render("api_docs.html", calls=CALLS, statuses=STATUSES, entities=entities, host=request.host_url.rstrip("/"))


def of_entity(name: str) -> Response:
    """The fields of one entity and an example body."""
    actor, work = current.signed_in(), current.work()
    entity = seen_model(work.runtime, work.runtime.policy.sight(actor)).entities[work.queries.entity(actor, name).name]
    rows = [_row(item) for item in entity.fields.values() if item.name != "deleted_at"]
    return page.render("api_docs_entity.html", entity=entity, rows=rows, body=_example(entity))


def _row(item: Field) -> FieldRow:
    runtime = current.work().runtime
    kind = runtime.model.type_of(item)
    example = json.dumps(kind.example(item, runtime.scope), ensure_ascii=False)
    return FieldRow(item.name, item.label, kind.title, item.required, is_writable(runtime, item), example)


def _example(entity: Entity) -> str:
    runtime = current.work().runtime
    body = {item.name: runtime.model.type_of(item).example(item, runtime.scope) for item in entity.own_fields() if is_writable(runtime, item)}
    shown = {name: value for name, value in body.items() if value is not None}
    return json.dumps(shown, ensure_ascii=False, indent=2)
