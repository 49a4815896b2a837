"""`/studio/audit/`: the audit log: filters, pages, export, and whether its chain is whole. Times are the reader's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from flask import Flask, Response, request

from fieldsmith.base.errors import BadQuery
from fieldsmith.base.text import Message, _m
from fieldsmith.identity import audit
from fieldsmith.identity.audit_events import EVENTS, GROUPS
from fieldsmith.identity.audit_export import Form
from fieldsmith.identity.audit_log import LOOKED_AT, Entry
from fieldsmith.identity.audit_verify import Verdict
from fieldsmith.identity.audit_words import by_door, told
from fieldsmith.web import audit_args, current, page
from fieldsmith.web.plain_forms import Errors
from fieldsmith.web.studio.desk import Desk, desk, render

BASE = "/studio/audit/"
_PAGE = 50
_INPUTS = ("person", "group", "entity", "since", "until", "text")
_KINDS: Mapping[str, Message] = {"anonymous": _m("Somebody not signed in"), "operator": _m("Operator"), "system": _m("The system")}
_SUBJECT_PAGES: Mapping[str, str] = {"metadata.published": "/studio/revisions/", "metadata.rolled_back": "/studio/revisions/"}
_GRAVE = frozenset({"access.refused", "sign_in.refused", "sign_in.throttled", "sign_in.second_refused", "reauthentication.refused"})


@dataclass(frozen=True, slots=True)
class Row:
    """A row as the template draws it. `path` leads to what it is about, `by_path` to who did it; `time` is the reader's."""

    seq: int
    day: str
    time: str
    exact: str
    by: str
    by_path: str
    how: str
    what: str
    grave: bool
    about: str
    path: str
    details: tuple[tuple[str, str], ...]


def register(app: Flask) -> None:
    app.add_url_rule(BASE, "studio_audit", audit_page)
    app.add_url_rule(f"{BASE}verify", "studio_audit_verified", lambda: page.go(BASE))
    app.add_url_rule(f"{BASE}verify", "studio_audit_verify", verify, methods=["POST"])
    app.add_url_rule(f"{BASE}export.csv", "studio_audit_csv", lambda: _export("csv"))
    app.add_url_rule(f"{BASE}export.jsonl", "studio_audit_jsonl", lambda: _export("jsonl"))


def audit_page() -> Response:
    """`GET /studio/audit/`: newest first, by pages (`?after=`); filters stand in the address."""
    return _page(desk(), request.args)


def verify() -> Response:
    """`POST /studio/audit/verify`: walk the chain, note that it was done, and show what was found."""
    now = desk()
    current.end_reading()
    workspace = current.workspace()
    with workspace.read(snapshot=True) as work:
        found = work.audit.verify(now.actor)
    result = "whole" if found.whole else f"broken at {found.broken}"
    workspace.write(lambda work: audit.note(work.connection, work.now, now.actor, "audit.verified", rows=found.rows, result=result))
    return _page(now, {}, found)


def _export(form: Form) -> Response:
    now = desk()
    return audit_args.exported(current.workspace(), now.actor, audit_args.wanted(request.args, now.actor.timezone), form)


def _page(now: Desk, given: Mapping[str, str], verdict: Verdict | None = None) -> Response:
    current.end_reading()
    asked = {name: given.get(name, "").strip() for name in audit_args.KEYS if given.get(name, "").strip()}
    rows: list[Row] = []
    after, further, errors = None, False, Errors()
    try:
        found = current.work().audit.page(now.actor, audit_args.wanted(asked, now.actor.timezone), given.get("after") or None, _PAGE)
        rows, after, further = _rows(now, found.items), found.next, found.looked_back
    except BadQuery as wrong:
        errors = Errors.of(wrong, _INPUTS)
    entities = sorted(((name, item.label.render(now.words)) for name, item in current.model().entities.items()), key=lambda pair: pair[1].casefold())
    return render(
        "studio/audit.html",
        now,
        400 if errors.fields or errors.others else 200,
        days=[(day, list(same)) for day, same in groupby(rows, lambda row: row.day)],
        asked={name: asked.get(name, "") for name in audit_args.KEYS},
        filtered=bool(asked),
        query=urlencode(asked),
        older=f"{BASE}?{urlencode({**asked, 'after': after})}" if after is not None else None,
        looked_at=page.number(LOOKED_AT) if further else None,
        groups=[(name, label.render(now.words)) for name, label in GROUPS],
        entities=entities,
        verdict=verdict,
        errors=errors,
    )


def _rows(now: Desk, entries: Iterable[Entry]) -> list[Row]:
    entries = list(entries)
    labels = _labels(now, entries)
    return [_row(now, entry, labels) for entry in entries]


def _labels(now: Desk, entries: Iterable[Entry]) -> Mapping[tuple[str, int], str | None]:
    """What the records the rows are about are called today, and people noted without a name."""
    wanted: dict[str, set[int]] = {}
    for entry in entries:
        if entry.by_id is not None and not entry.by:
            wanted.setdefault("user", set()).add(entry.by_id)
        if entry.record is not None and entry.entity in current.model().entities:
            wanted.setdefault(entry.entity, set()).add(entry.record)
    queries = current.work().queries
    return {(entity, id): label for entity, ids in wanted.items() for id, label in queries.labels(now.actor, entity, ids).items()}


def _row(now: Desk, entry: Entry, labels: Mapping[tuple[str, int], str | None]) -> Row:
    said, words = told(entry, now.words), now.words
    local = entry.at.replace(tzinfo=UTC).astimezone(ZoneInfo(now.actor.timezone))
    named = entry.by or labels.get(("user", entry.by_id or 0)) or _m("User {id}", id=entry.by_id).render(words)
    about, path = _about(now, entry, said.subject, labels)
    how = [by_door(entry.via, words)] if entry.via != "screen" else []
    if entry.on_behalf:
        how.append(_m("{name} acted in their place", name=entry.on_behalf).render(words))
    kind = _KINDS.get(entry.kind)
    known = entry.by_id is not None and entry.kind not in _KINDS
    return Row(
        entry.seq,
        str(format_date(local.date(), "medium", locale=words.language)),
        str(format_time(local.time(), "medium", locale=words.language)),
        _exact(entry.at),
        kind.render(words) if kind is not None else named,
        f"/user/{entry.by_id}" if known else "",
        " · ".join(how),
        said.what,
        entry.event in _GRAVE,
        about,
        path,
        said.details,
    )


def _about(now: Desk, entry: Entry, subject: str, labels: Mapping[tuple[str, int], str | None]) -> tuple[str, str]:
    """What a row is about in words, and the page of it where there is one."""
    found = current.model().entities.get(entry.entity)
    if found is not None and entry.record is not None:
        label = labels.get((entry.entity, entry.record))
        same = entry.entity == "user" and entry.record == entry.by_id and entry.event in EVENTS and EVENTS[entry.event].group == "sign_in"
        if same:
            return "", ""
        named = label or f"#{entry.record}"
        return (named if entry.entity == "user" else f"{found.label.render(now.words)}: {named}"), f"/{entry.entity}/{entry.record}" if label else ""
    if found is not None:
        return found.plural.render(now.words), f"/{entry.entity}/"
    place = _SUBJECT_PAGES.get(entry.event)
    if place is not None:
        return _m("revision {number}", number=subject).render(now.words), place + subject
    return subject, ""


def _exact(at: datetime) -> str:
    return at.isoformat(timespec="microseconds") + "Z"
