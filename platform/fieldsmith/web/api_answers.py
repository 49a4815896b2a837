"""What the API's routes share: answers, writing, and keys that make a retry safe."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

import orjson
from flask import Response, request

from fieldsmith.base.context import Actor
from fieldsmith.base.errors import BadQuery
from fieldsmith.base.problems import Problem
from fieldsmith.base.text import _m
from fieldsmith.identity import idempotency
from fieldsmith.identity.idempotency import FirstAnswer, Reservation
from fieldsmith.query.rows import Record
from fieldsmith.web import current
from fieldsmith.web.api_rows import record_json

if TYPE_CHECKING:
    from fieldsmith.workspace import Work

T = TypeVar("T")
PREFIX = "/api/v1"
JSON = "application/json"
_KEY = re.compile(r"[\x21-\x7e]{1,255}").fullmatch


def json_answer(body: Any, status: int = 200) -> Response:
    """`body` (JSON-like) as an answer."""
    return Response(orjson.dumps(body), status, content_type=JSON)


def writing(task: Callable[[Work], T]) -> T:
    """Run `task` in a write transaction of its own."""
    current.end_reading()
    return current.workspace().write(task)


def record_answer(work: Work, actor: Actor, record: Record, status: int = 200) -> FirstAnswer:
    """One record with its ETag, and where it is when it was just made."""
    headers = {"ETag": f'"{record.version}"'}
    if status == 201:
        headers["Location"] = f"{PREFIX}/records/{record.entity}/{record.id}"
    return FirstAnswer(status, headers, record_json(work.runtime, actor, record))


def sent(answer: FirstAnswer) -> Response:
    """`answer` on its way out."""
    return Response(answer.body, answer.status, dict(answer.headers), content_type=JSON)


def once(actor: Actor, task: Callable[[Work], FirstAnswer]) -> Response:
    """Run `task` in a write transaction; with an `Idempotency-Key`, at most once for its body."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return sent(writing(task))
    if not _KEY(key):
        raise BadQuery([Problem("bad_idempotency_key", _m("Idempotency-Key must have 1 to 255 visible ASCII characters."), "/Idempotency-Key")])
    route, body = f"{request.method} {quote(request.path)}", request.get_data(cache=True)
    held = writing(lambda work: idempotency.reserve(work.connection, work.now, actor, route, key, body))
    if isinstance(held, FirstAnswer):
        return sent(held)
    try:
        return sent(writing(lambda work: _finished(work, held, task)))
    except Exception:
        writing(lambda work: idempotency.release(work.connection, held))
        raise


def _finished(work: Work, held: Reservation, task: Callable[[Work], FirstAnswer]) -> FirstAnswer:
    answer = task(work)
    idempotency.finish(work.connection, held, answer)
    return answer
