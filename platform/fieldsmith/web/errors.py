"""Every error as an answer: RFC 9457 problem+json under /api, /health and /metrics, a page in words elsewhere.

Nothing unexpected is shown: a 500 names the request, the log has the rest.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from flask import Flask, Response, redirect, request
from markupsafe import escape
from werkzeug.exceptions import HTTPException

from fieldsmith.base.errors import (
    BadInput,
    BadQuery,
    Conflict,
    FieldsmithError,
    Forbidden,
    NotFound,
    NotSignedIn,
    Throttled,
    TooLarge,
    Unavailable,
    VersionMismatch,
)
from fieldsmith.base.problems import Problem
from fieldsmith.base.text import Message, _m
from fieldsmith.web import current, page, refused

PROBLEM_TYPE = "application/problem+json"
STATUSES: tuple[tuple[type[FieldsmithError], int], ...] = (
    (BadQuery, 400),
    (BadInput, 422),
    (NotSignedIn, 401),
    (Forbidden, 403),
    (NotFound, 404),
    (Conflict, 409),
    (VersionMismatch, 412),
    (TooLarge, 413),
    (Throttled, 429),
    (Unavailable, 503),
)
_SENTENCES: Mapping[int, Message] = MappingProxyType(
    {
        400: _m("The request could not be understood."),
        404: _m("There is nothing at this address."),
        405: _m("This address does not take that method."),
        406: _m("This address cannot answer in the form asked for."),
        408: _m("The request took too long to arrive. Send it again."),
        413: _m("The request is larger than this server takes."),
        414: _m("The address is longer than this server takes."),
        415: _m("Send the body as application/json."),
        431: _m("The headers are larger than this server takes."),
    }
)
HTTP_WORDS: Mapping[int, Message] = MappingProxyType(
    {
        401: _m("Sign in first"),
        403: _m("Not allowed"),
        404: _m("Not found"),
        409: _m("That clashes with what is stored"),
        412: _m("Somebody changed it meanwhile"),
        413: _m("Too large"),
        429: _m("Too many tries"),
        500: _m("Something went wrong"),
        503: _m("Not available just now"),
    }
)
"""Headings of error pages."""
_LOG = logging.getLogger("fieldsmith.errors")


def status_of(error: FieldsmithError) -> int:
    """The HTTP status of `error`; 503 for what only a repeat can cure."""
    return next((status for kind, status in STATUSES if isinstance(error, kind)), 503)


def problem(status: int, detail: Message, problems: Sequence[Problem] = (), **more: Any) -> Response:
    """An RFC 9457 answer in the reader's language; `more` are further members."""
    words = current.words()
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail.render(words),
        "errors": [item.to_json(words) for item in problems],
        **more,
    }
    return Response(json.dumps(body, ensure_ascii=False).encode("utf-8", "replace"), status, content_type=PROBLEM_TYPE)


def register(app: Flask) -> None:
    """Handlers for our errors, Flask's own, and the unexpected."""
    app.register_error_handler(FieldsmithError, _ours)
    app.register_error_handler(HTTPException, _flasks)
    app.register_error_handler(Exception, _unexpected)


def _ours(error: FieldsmithError) -> Response:
    status = status_of(error)
    if isinstance(error, NotSignedIn) and not wants_json():
        return to_sign_in()
    if isinstance(error, Forbidden):
        refused.note(error)
    answer = _answer(status, error.title, error.problems)
    if isinstance(error, Throttled):
        answer.headers["Retry-After"] = str(error.retry_after)
    if status == 503:
        answer.headers["Retry-After"] = "1"
        _LOG.warning("unavailable", extra={"fields": {"request": current.request_id(), "reason": str(error.title)}})
    if isinstance(error, NotSignedIn):
        answer.headers["WWW-Authenticate"] = 'Bearer realm="fieldsmith"'
    return answer


def _flasks(error: HTTPException) -> Response:
    status = error.code or 500
    if error.response is not None:
        return error.get_response()  # type: ignore[return-value]
    detail = _SENTENCES.get(status, _m("The request could not be answered."))
    answer = _answer(status, detail, ())
    for name, value in error.get_headers():
        if name.lower() in {"allow", "retry-after", "content-range"}:
            answer.headers[name] = value
    return answer


def _unexpected(error: Exception) -> Response:
    _LOG.error("unexpected error", exc_info=error, extra={"fields": {"request": current.request_id(), "path": request.path}})
    detail = _m("Something went wrong here. It is in the log as request {id}; tell an administrator.", id=current.request_id())
    return _answer(500, detail, (), request=current.request_id())


def _answer(status: int, detail: Message, problems: Sequence[Problem], **more: Any) -> Response:
    return problem(status, detail, problems, **more) if wants_json() else _page(status, detail, problems)


def wants_json() -> bool:
    """True where programs ask: they get problem+json."""
    return request.path.startswith(("/api/v1", "/health", "/metrics"))


def to_sign_in() -> Response:
    """Send a visitor to the sign-in page and back afterwards; HTMX is told to load the whole page."""
    target = "/login"
    if request.method == "GET":
        target += "?next=" + quote(request.full_path.removesuffix("?"), safe="/")
    if request.headers.get("HX-Request"):
        return Response("", 200, {"HX-Redirect": target})
    return redirect(target, 303)  # type: ignore[return-value]


def _page(status: int, detail: Message, problems: Sequence[Problem]) -> Response:
    """A page with the reader's shell, or a bare one when the shell itself cannot be made (database away, nothing built)."""
    current.end_reading()
    words = current.words()
    details = [item.message.render(words) for item in problems if item.message != detail]
    heading = HTTP_WORDS.get(status, _m("That did not work")).render(words)
    sentence = detail.render(words)
    request_id = current.request_id() if status >= 500 else None
    try:
        return page.failure(status, heading, sentence, details, request_id)
    except (FieldsmithError, KeyError) as error:
        _LOG.warning("bare error page", extra={"fields": {"request": current.request_id(), "reason": str(error)}})
        lines = "".join(f"<p>{escape(line)}</p>" for line in [sentence, *details])
        return Response(f"<!doctype html><title>{escape(heading)}</title><h1>{escape(heading)}</h1>{lines}", status, content_type="text/html; charset=utf-8")
