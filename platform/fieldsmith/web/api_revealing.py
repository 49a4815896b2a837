"""`POST /api/v1/records/{entity}/{id}/actions/reveal`: the value behind a mask. Not kept for retries: it is answered once."""

from __future__ import annotations

from flask import Flask, Response

from fieldsmith.identity import throttle
from fieldsmith.web import api_args, current
from fieldsmith.web.api_answers import PREFIX, json_answer, writing
from fieldsmith.web.api_json import json_object


def register(app: Flask) -> None:
    app.add_url_rule(f"{PREFIX}/records/<entity>/<int:id>/actions/reveal", "api.reveal", reveal, methods=["POST"])


def reveal(entity: str, id: int) -> Response:
    """`{"field": name}` → `{"field": name, "value": …}`."""
    actor = current.signed_in()
    api_args.arguments()
    field = json_object().get("field")
    seconds = writing(lambda work: work.records.revealing.wait(actor))
    if seconds:
        raise throttle.refusal(seconds)
    record = writing(lambda work: work.records.revealing.reveal(actor, entity, id, field))
    return json_answer({"field": field, "value": record.json[str(field)]})
