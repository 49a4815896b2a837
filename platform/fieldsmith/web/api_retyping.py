"""`/api/v1/metadata/entity/{entity}/fields/{field}/retype` and `/api/v1/retypes`: fields that get another type, with their values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from flask import Flask, Response

from fieldsmith.base.errors import BadInput
from fieldsmith.base.problems import Problem
from fieldsmith.base.text import Words, _m
from fieldsmith.web import api_args, current
from fieldsmith.web.api_answers import JSON, PREFIX
from fieldsmith.web.api_changesets import plain
from fieldsmith.web.api_json import json_object

if TYPE_CHECKING:
    from fieldsmith.studio.retyping import DryRun, FailingRecord, Retyping
    from fieldsmith.studio.retyping_job import Job


def register(app: Flask) -> None:
    """Every route."""
    field = f"{PREFIX}/metadata/entity/<entity>/fields/<field>"
    one = f"{PREFIX}/retypes/<int:id>"
    app.add_url_rule(f"{field}/retype", "api.retype", retype, methods=["POST"])
    app.add_url_rule(f"{field}/choices", "api.propose_choices", propose, methods=["GET"])
    app.add_url_rule(f"{PREFIX}/retypes", "api.retypes", list_retypes, methods=["GET"])
    app.add_url_rule(one, "api.retype_job", get_retype, methods=["GET"])
    app.add_url_rule(one, "api.cancel_retype", cancel, methods=["DELETE"])
    app.add_url_rule(f"{one}/resume", "api.resume_retype", resume, methods=["POST"])
    app.add_url_rule(f"{one}/undo", "api.undo_retype", undo, methods=["POST"])


def retype(entity: str, field: str) -> Response:
    """A dry run, unless `dry_run` is false: then 200 when it is done, 202 when a job is at it."""
    from fieldsmith.studio.retyping_wish import wish_from

    actor = current.signed_in()
    api_args.arguments()
    sent = plain(json_object())
    dry_run = sent.pop("dry_run", True)
    if not isinstance(dry_run, bool):
        raise BadInput([Problem("wrong_type", _m("{name} must be true or false.", name="dry_run"), "/dry_run")])
    wish = wish_from(entity, field, sent)
    service = _service()
    if dry_run:
        return _answer(dry_run_json(service.look(actor, wish), current.words()))
    job = service.start(actor, wish)
    answer = _answer(job_json(job), 200 if job.state == "done" else 202)
    answer.headers["Location"] = f"{PREFIX}/retypes/{job.id}"
    return answer


def propose(entity: str, field: str) -> Response:
    """A pick list made of the different values of the field."""
    actor = current.signed_in()
    api_args.arguments()
    found = _service().propose(actor, entity, field)
    return _answer({"document": found.document, "counts": found.counts})


def list_retypes() -> Response:
    """Changes of type, newest first."""
    actor = current.signed_in()
    limit = api_args.limit(api_args.arguments("limit"))
    return _answer({"items": [job_json(job) for job in _service().listed(actor, limit)]})


def get_retype(id: int) -> Response:
    """How far a change of type is."""
    actor = current.signed_in()
    api_args.arguments()
    return _answer(job_json(_service().get(actor, id)))


def cancel(id: int) -> Response:
    """Give up a job that is not done."""
    actor = current.signed_in()
    api_args.arguments()
    return _answer(job_json(_service().cancel(actor, id)))


def resume(id: int) -> Response:
    """Go on with a job that stopped: `map`, `leave_blank`."""
    actor = current.signed_in()
    api_args.arguments()
    sent = plain(json_object())
    map, leave_blank = sent.pop("map", {}), sent.pop("leave_blank", False)
    if sent or not isinstance(map, Mapping) or not isinstance(leave_blank, bool):
        raise BadInput([Problem("wrong_type", _m("This call takes map, an object, and leave_blank, true or false."))])
    return _answer(job_json(_service().resume(actor, id, map, leave_blank)))


def undo(id: int) -> Response:
    """Give the field the type it had."""
    actor, words = current.signed_in(), current.words()
    api_args.arguments()
    done = _service().undo(actor, id)
    return _answer({"revision": done.revision, "count": done.count, "left": [_failing(item, words) for item in done.left]})


def dry_run_json(found: DryRun, words: Words) -> dict[str, Any]:
    counts = {key: getattr(found, key) for key in ("rows", "converted", "rounded", "blank", "failed", "background")}
    return {
        **counts,
        "failing": [_failing(item, words) for item in found.failing],
        "values": found.values,
        "rounding": [{"id": id, "value": value} for id, value in found.rounding],
        "problems": [problem.to_json(words) for problem in found.problems],
        "uses": [{"kind": use.kind, "name": use.name, "pointer": use.pointer} for use in found.uses],
    }


def job_json(job: Job) -> dict[str, Any]:
    """As the API tells how far a change of type is."""
    keys = ("id", "entity", "field", "type", "state", "last", "upto", "converted", "rounded", "blank", "revision")
    out = {key: getattr(job, key) for key in keys}
    finished = None if job.finished_at is None else job.finished_at.isoformat() + "Z"
    return {**out, "author": job.author_name, "started_at": job.started_at.isoformat() + "Z", "finished_at": finished, "problems": list(job.problems)}


def _failing(item: FailingRecord, words: Words) -> dict[str, Any]:
    hint = None if item.hint is None else item.hint.render(words)
    return {"id": item.id, "label": item.label, "value": item.value, "message": item.message.render(words), "hint": hint}


def _service() -> Retyping:
    current.end_reading()
    return current.workspace().retyping


def _answer(body: Any, status: int = 200) -> Response:
    return Response(json.dumps(body, ensure_ascii=False), status, content_type=JSON)
