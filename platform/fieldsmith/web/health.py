"""Probes outside the API: `/health/live` (the process answers), `/health/ready` (the database and model do), `/metrics`."""

from __future__ import annotations

from flask import Flask, Response

from fieldsmith import __version__
from fieldsmith.web import current
from fieldsmith.web.api_answers import json_answer
from fieldsmith.web.metrics import TEXT_TYPE


def register(app: Flask) -> None:
    """The three probes; they ask for no credentials and tell nothing about records."""
    app.add_url_rule("/health/live", "health.live", live, methods=["GET"])
    app.add_url_rule("/health/ready", "health.ready", ready, methods=["GET"])
    app.add_url_rule("/metrics", "metrics", metrics, methods=["GET"])


def live() -> Response:
    """200 as long as the process can answer at all."""
    return json_answer({"status": "ok", "version": __version__})


def ready() -> Response:
    """200 when a request could be served; else the 503 of whatever is missing."""
    revision = current.workspace().runtime().model.revision
    return json_answer({"status": "ok", "revision": revision})


def metrics() -> Response:
    """What this process counted, for Prometheus."""
    return Response(current.served().metrics.text(), content_type=TEXT_TYPE)
