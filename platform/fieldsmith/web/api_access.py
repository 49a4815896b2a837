"""`GET /api/v1/records/{entity}/{id}/access`: what a user may do with a record and its fields, and why."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response

from fieldsmith.base.text import Words
from fieldsmith.records.explaining import Explained, Subject, explain, require_may_ask, subject_of
from fieldsmith.web import api_args, current
from fieldsmith.web.api_answers import PREFIX, json_answer


def register(app: Flask) -> None:
    app.add_url_rule(f"{PREFIX}/records/<entity>/<int:id>/access", "api.access", explain_access, methods=["GET"])


def explain_access(entity: str, id: int) -> Response:
    """What a user (by default the caller) may do with a record, and why. Asking for others is an administrator's right."""
    actor, work = current.signed_in(), current.work()
    asked = api_args.whole(api_args.arguments("user"), "user")
    if asked is None or asked == actor.id:
        subject = Subject(actor)
    else:
        require_may_ask(work, actor, asked)
        subject = subject_of(work, asked)
    return json_answer(told(explain(work, actor, subject, entity, id), current.words()))


def told(found: Explained, words: Words) -> dict[str, Any]:
    """The rights, the fields that are there, and the sentences that decide."""
    rights: dict[str, Any] = {right: answer.allowed for right, answer in found.answers.items()}
    fields = {name: answer.use for name, answer in found.fields.items() if answer.use != "none"}
    because = [answer.sentence.render(words) for answer in found.answers.values()]
    because += [answer.because.render(words) for answer in found.fields.values() if answer.use == "masked"]
    return {**rights, "fields": fields, "because": because}
