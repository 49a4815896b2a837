"""`/api/v1/openapi.json`."""

from __future__ import annotations

from flask import Flask, Response

from fieldsmith.web import api_args, current
from fieldsmith.web.api_answers import PREFIX, json_answer
from fieldsmith.web.openapi import description


def register(app: Flask) -> None:
    """The one route."""
    app.add_url_rule(f"{PREFIX}/openapi.json", "api.openapi", get_description, methods=["GET"])


def get_description() -> Response:
    """OpenAPI 3.1 of what the caller may call."""
    actor = current.signed_in()
    api_args.arguments()
    return json_answer(description(current.work().runtime, actor))
