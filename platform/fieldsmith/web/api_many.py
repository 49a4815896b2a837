"""`/api/v1/records` for more than one record or its story: bulk, history, timeline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, cast

import orjson
from flask import Flask, Response

from fieldsmith.base.errors import BadInput
from fieldsmith.base.problems import Problem, did_you_mean, pointer
from fieldsmith.base.text import Words, _m
from fieldsmith.identity.idempotency import FirstAnswer
from fieldsmith.records.history import Event
from fieldsmith.records.many import Batch, RowResult, save_many
from fieldsmith.web import api_args, current
from fieldsmith.web.api_answers import PREFIX, json_answer, once
from fieldsmith.web.api_json import json_object

if TYPE_CHECKING:
    from fieldsmith.workspace import Work

_OPERATIONS = ("create", "update", "delete")
_MODES = ("all", "each")


def register(app: Flask) -> None:
    """The three routes."""
    many, one = f"{PREFIX}/records/<entity>", f"{PREFIX}/records/<entity>/<int:id>"
    app.add_url_rule(f"{many}/bulk", "api.bulk", save_bulk, methods=["POST"])
    app.add_url_rule(f"{one}/history", "api.history", list_history, methods=["GET"])
    app.add_url_rule(f"{one}/timeline", "api.timeline", list_timeline, methods=["GET"])


def save_bulk(entity: str) -> Response:
    """Up to 10,000 creations, updates and deletions; all or none unless `mode` is `each`."""
    actor, words = current.signed_in(), current.words()
    api_args.arguments()
    batch, mode = _batch(json_object())

    def task(work: Work) -> FirstAnswer:
        work.queries.entity(actor, entity)
        results = save_many(work.records, work.connection, actor, entity, batch, mode)
        return FirstAnswer(200, {}, orjson.dumps({"results": [_result(found, words) for found in results]}))

    return once(actor, task)


def list_history(entity: str, id: int) -> Response:
    """Saves of one record, newest first."""
    actor, work = current.signed_in(), current.work()
    given = api_args.arguments("limit", "after")
    page = work.records.history(actor, entity, id, given.get("after"), api_args.limit(given))
    return json_answer({"items": [_event(event) for event in page.items], "next": page.next})


def list_timeline(entity: str, id: int) -> Response:
    """Saves of one record and of the activities, notes and files about it, newest first."""
    actor, work = current.signed_in(), current.work()
    given = api_args.arguments("limit", "after")
    page = work.records.timeline(actor, entity, id, given.get("after"), api_args.limit(given))
    items = [{"record": event.record._asdict(), **_event(event)} for event in page.items]
    return json_answer({"items": items, "next": page.next})


def _batch(body: dict[str, Any]) -> tuple[Batch, Literal["all", "each"]]:
    problems: list[Problem] = []
    for name, value in body.items():
        if name == "mode":
            if value not in _MODES:
                problems.append(Problem("bad_mode", _m("mode must be “all” or “each”."), "/mode"))
        elif name not in _OPERATIONS:
            message = _m("There is no “{name}” in a bulk call.", name=name[:100])
            problems.append(Problem("unknown_key", message, pointer(name[:100]), did_you_mean(name[:100], (*_OPERATIONS, "mode"))))
        elif not isinstance(value, list):
            problems.append(Problem("not_a_list", _m("{name} must be a list of rows.", name=name), pointer(name)))
    if problems:
        raise BadInput(problems)
    rows = [cast(Sequence[Any], body.get(name, ())) for name in _OPERATIONS]
    return Batch(*rows), cast(Literal["all", "each"], body.get("mode", "all"))


def _result(found: RowResult, words: Words) -> dict[str, Any]:
    out: dict[str, Any] = {"op": found.op, "index": found.index, "status": found.status}
    if found.id is not None:
        out["id"] = found.id
    if found.errors:
        out["errors"] = [problem.to_json(words) for problem in found.errors]
    return out


def _event(event: Event) -> dict[str, Any]:
    return {
        "seq": event.seq,
        "at": event.at.isoformat(timespec="microseconds") + "Z",
        "by": {"id": event.by_id, "label": event.by},
        "as": event.on_behalf or None,
        "via": event.via,
        "run": event.run or None,
        "operation": event.operation,
        "version": event.version,
        "changes": [{"field": change.field.name, "old": change.old, "new": change.new} for change in event.changes],
    }
