"""Filters of the audit log as they stand in an address, for the screen (days of the reader's zone) and the API (moments)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from flask import Response

from fieldsmith.base.context import Actor
from fieldsmith.base.errors import BadQuery
from fieldsmith.base.problems import Problem, pointer
from fieldsmith.base.text import _m
from fieldsmith.bulk.export import guarded
from fieldsmith.identity import audit
from fieldsmith.identity.audit_export import Form, lines
from fieldsmith.identity.audit_log import Wanted
from fieldsmith.web import current

if TYPE_CHECKING:
    from fieldsmith.workspace import Workspace

KEYS = ("person", "group", "event", "entity", "record", "since", "until", "text")
_LONGEST = 200
_TYPES: Mapping[Form, str] = {"csv": "text/csv; charset=utf-8", "jsonl": "application/x-ndjson"}


def wanted(given: Mapping[str, str], zone: str | None = None) -> Wanted:
    """With a `zone`, `since` and `until` are whole days there, both included; without one they are moments. Raises `BadQuery`."""
    texts = {name: given.get(name, "").strip() for name in KEYS}
    problems = [Problem("too_long", _m("This filter is too long."), pointer(name)) for name, text in texts.items() if len(text) > _LONGEST]
    times: dict[str, datetime | None] = {"since": None, "until": None}
    for name in times:
        try:
            times[name] = _moment(texts[name], name == "until", zone) if texts[name] else None
        except (ValueError, OverflowError):
            hint = _m("Write it like 2026-11-22.") if zone is not None else _m("Write it like 2026-11-22T09:30:00Z.")
            problems.append(Problem("bad_moment", _m("“{value}” is no moment.", value=texts[name][:100]), pointer(name), hint))
    record = texts["record"]
    if record and not (record.isascii() and record.isdigit() and len(record) < 19):
        problems.append(Problem("not_an_integer", _m("{name} must be a whole number.", name="record"), pointer("record")))
    if problems:
        raise BadQuery(problems)
    named = {name: texts[name] for name in ("person", "group", "event", "entity", "text")}
    return Wanted(**named, record=int(record) if record else None, since=times["since"], until=times["until"])


def exported(workspace: Workspace, actor: Actor, asked: Wanted, form: Form) -> Response:
    """A file of every row that fits, as it is sent; noted in the log before the first row leaves. Raises `Forbidden`, `BadQuery`."""
    current.end_reading()
    with workspace.read() as work:
        extent = work.audit.extent(actor, asked)
    said = asked.asked()
    workspace.write(lambda work: audit.note(work.connection, work.now, actor, "audit.exported", rows=extent.count, format=form, filter=said))

    def pieces() -> Iterator[str]:
        with workspace.read(snapshot=True) as work:
            yield from lines(work.audit.each(actor, asked, extent.newest), form, guarded)

    answer = Response(pieces(), content_type=_TYPES[form])
    answer.headers["Content-Disposition"] = f'attachment; filename="audit.{form}"'
    return answer


def _moment(text: str, end: bool, zone: str | None) -> datetime:
    """Naive UTC."""
    if zone is not None:
        local = datetime.combine(date.fromisoformat(text) + timedelta(days=1 if end else 0), time(), ZoneInfo(zone))
        return local.astimezone(UTC).replace(tzinfo=None)
    found = datetime.fromisoformat(text)
    return found if found.tzinfo is None else found.astimezone(UTC).replace(tzinfo=None)
