"""`/api/v1/records`: list, read, create, change, delete, upsert, restore. The services decide; here is only HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask, Response

from fieldsmith.base.errors import BadQuery, NotFound
from fieldsmith.base.problems import Problem, did_you_mean
from fieldsmith.base.text import _m
from fieldsmith.identity.idempotency import FirstAnswer
from fieldsmith.query.run import Query
from fieldsmith.web import api_args, current
from fieldsmith.web.api_answers import JSON, PREFIX, once, record_answer, sent, writing
from fieldsmith.web.api_json import json_object
from fieldsmith.web.api_rows import page_json, record_json

if TYPE_CHECKING:
    from fieldsmith.workspace import Work

_LIST = ("filter", "sort", "columns", "limit", "after", "count", "search")
_ACTIONS = ("restore", "take")


def register(app: Flask) -> None:
    """Routes of single records and lists."""
    many, one = f"{PREFIX}/records/<entity>", f"{PREFIX}/records/<entity>/<int:id>"
    app.add_url_rule(many, "api.list", list_records, methods=["GET"])
    app.add_url_rule(many, "api.create", create_record, methods=["POST"])
    app.add_url_rule(one, "api.get", get_record, methods=["GET"])
    app.add_url_rule(one, "api.update", update_record, methods=["PATCH"])
    app.add_url_rule(one, "api.delete", delete_record, methods=["DELETE"])
    app.add_url_rule(f"{many}/by/<field>/<path:value>", "api.upsert", upsert_record, methods=["PUT"])
    app.add_url_rule(f"{one}/actions/<action>", "api.action", act_on_record, methods=["POST"])


def list_records(entity: str) -> Response:
    """A page of records; see the contract for every parameter."""
    actor, work = current.signed_in(), current.work()
    given = api_args.arguments(*_LIST)
    columns = api_args.names(given, "columns") or work.queries.columns_of(actor, entity)
    query = Query(
        entity,
        columns,
        api_args.names(given, "sort"),
        api_args.limit(given),
        given.get("after"),
        api_args.search_text(given, "search"),
        filters=(given["filter"],) if given.get("filter", "").strip() else (),
    )
    page = work.queries.page(actor, query)
    count = work.queries.count(actor, query, None).value if _counts(given.get("count")) else None
    return Response(page_json(work.runtime, actor, page, count), content_type=JSON)


def get_record(entity: str, id: int) -> Response:
    """One record with every field the caller may see."""
    actor, work = current.signed_in(), current.work()
    api_args.arguments()
    record = work.records.get(actor, entity, id)
    answer = Response(record_json(work.runtime, actor, record), content_type=JSON)
    answer.headers["ETag"] = f'"{record.version}"'
    return answer


def create_record(entity: str) -> Response:
    """201 with the new record; safe to retry with an Idempotency-Key."""
    actor = current.signed_in()
    api_args.arguments()
    values = json_object()
    return once(actor, lambda work: record_answer(work, actor, work.records.create(actor, entity, values), 201))


def update_record(entity: str, id: int) -> Response:
    """Merge patch that stops at the field."""
    actor = current.signed_in()
    api_args.arguments()
    values, version = json_object(), api_args.version_asked()
    return sent(writing(lambda work: record_answer(work, actor, work.records.update(actor, entity, id, values, version))))


def delete_record(entity: str, id: int) -> Response:
    """Into the recycle bin."""
    actor = current.signed_in()
    api_args.arguments()
    version = api_args.version_asked()
    writing(lambda work: work.records.delete(actor, entity, id, version))
    return Response(b"", 204)


def upsert_record(entity: str, field: str, value: str) -> Response:
    """Create or change the record whose unique `field` is `value`."""
    actor = current.signed_in()
    api_args.arguments()
    values = json_object()
    if field in values and str(values[field]) != value:
        message = _m("The body gives “{name}” another value than the address.", name=field[:100])
        raise BadQuery([Problem("key_differs", message, "/" + field[:100], _m("Leave it out of the body, or make both equal."))])

    def task(work: Work) -> FirstAnswer:
        record, created = work.records.upsert(actor, entity, field, value, values)
        return record_answer(work, actor, record, 201 if created else 200)

    return sent(writing(task))


def act_on_record(entity: str, id: int, action: str) -> Response:
    """What can be done to a record besides changing its fields."""
    actor = current.signed_in()
    api_args.arguments()
    if action not in _ACTIONS:
        message = _m("There is no action “{name}”.", name=action[:100])
        raise NotFound(message, [Problem("unknown_action", message, "", did_you_mean(action[:100], _ACTIONS))])

    def task(work: Work) -> FirstAnswer:
        record = work.queues.take(actor, entity, id) if action == "take" else work.records.restore(actor, entity, id)
        return record_answer(work, actor, record)

    return once(actor, task)


def _counts(text: str | None) -> bool:
    if text not in (None, "exact", "none"):
        raise BadQuery([Problem("bad_count", _m("count must be “exact” or “none”."), "/count", did_you_mean(text, ("exact", "none")))])
    return text == "exact"
