"""Sharing a record by hand: `/{entity}/{id}/sharing`, with a form, and taking records out of queues."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, request

from fieldsmith.base.errors import BadInput, Conflict, Forbidden
from fieldsmith.base.text import _m
from fieldsmith.meta.system_fields import system_fields
from fieldsmith.records.sharing import KINDS, Share
from fieldsmith.web import current
from fieldsmith.web.cells import cell
from fieldsmith.web.page import go, notify, render
from fieldsmith.web.plain_forms import Errors, text
from fieldsmith.web.screens_here import Here, here
from fieldsmith.web.screens_record import name_of, whole_number

_FIELDS = (*KINDS, "access", "until", "reason")


@dataclass(frozen=True, slots=True)
class Line:
    """A share as the page shows it; `until` is HTML, `ends` the same for a form; "" where it lasts."""

    id: int
    icon: str
    name: str
    href: str
    edits: bool
    reason: str
    until: str
    ends: str
    may_change: bool


def sharing_page(entity: str, id: int) -> Response:
    """`GET /{entity}/{id}/sharing`: with whom it is shared, and with whom else."""
    return _show(entity, id, {}, Errors())


def share(entity: str, id: int) -> Response:
    """`POST /{entity}/{id}/sharing`."""
    now = here()
    now.entity(entity)
    actor, workspace = now.actor, current.workspace()
    typed = {name: text(name) for name in _FIELDS}
    values = _values(typed, actor.timezone)
    current.end_reading()
    try:
        workspace.write(lambda work: work.sharing.add(actor, entity, id, values))
    except (BadInput, Conflict) as wrong:
        errors = Errors.of(wrong if isinstance(wrong, BadInput) else BadInput(wrong.problems, wrong.title), _FIELDS)
        return _show(entity, id, typed, errors, 422)
    notify(_m("Shared."))
    return go(f"/{entity}/{id}/sharing")


def change(entity: str, id: int, share: int) -> Response:
    """`POST /{entity}/{id}/sharing/{share}`: another level or end."""
    now = here()
    now.entity(entity)
    actor, workspace = now.actor, current.workspace()
    typed = {name: text(name) for name in ("access", "until")}
    values: dict[str, Any] = {"access": typed["access"]}
    if typed["until"] != text("until.was"):  # which knows no seconds
        values["until"] = _moment(typed["until"], actor.timezone) if typed["until"] else None
    current.end_reading()
    try:
        workspace.write(lambda work: work.sharing.change(actor, entity, id, share, values))
        notify(_m("Saved."))
    except (BadInput, Forbidden) as refused:
        sentences = [problem.message for problem in refused.problems] if isinstance(refused, BadInput) else [refused.title]
        for sentence in sentences:
            notify(sentence, "danger")
    return go(f"/{entity}/{id}/sharing")


def unshare(entity: str, id: int, share: int) -> Response:
    """`POST /{entity}/{id}/sharing/{share}/remove`."""
    now = here()
    now.entity(entity)
    actor, workspace = now.actor, current.workspace()
    current.end_reading()
    try:
        workspace.write(lambda work: work.sharing.remove(actor, entity, id, share))
        notify(_m("It is shared with them no more."))
    except Forbidden as refused:
        notify(refused.title, "danger")
    return go(f"/{entity}/{id}/sharing")


def take(entity: str, id: int) -> Response:
    """`POST /{entity}/{id}/take`: out of the queue that owns it."""
    now = here()
    found = now.entity(entity)
    actor, workspace = now.actor, current.workspace()
    current.end_reading()
    try:
        workspace.write(lambda work: work.queues.take(actor, entity, id))
        notify(_m("This {entity} is yours now.", entity=found.label))
    except Conflict as refused:
        notify(refused.title, "warning")
    except BadInput as wrong:
        for problem in wrong.problems:
            notify(problem.message, "danger")
    return go(f"/{entity}/{id}")


def _values(typed: Mapping[str, str], zone: str) -> dict[str, Any]:
    """What the form says, as the service takes it; moments are the reader's own."""
    out: dict[str, Any] = {"access": typed["access"] or "read", "reason": typed["reason"]}
    for kind in ("user", "team"):
        if typed[kind] or request.form.get(f"{kind}.typed"):
            said = typed[kind] or text(f"{kind}.typed")
            out[kind] = whole_number(said) or said
    if typed["role"]:
        out["role"] = typed["role"]
    if typed["until"]:
        out["until"] = _moment(typed["until"], zone)
    return out


def _moment(said: str, zone: str) -> str:
    """A moment of the reader's clock as the service takes it; what is none as it is, to be refused there."""
    try:
        return datetime.fromisoformat(said).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
    except (ValueError, OverflowError):
        return said


def _on_the_clock(moment: datetime, zone: str) -> str:
    """What `_moment` takes."""
    return moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M")


def _show(entity: str, id: int, typed: Mapping[str, str], errors: Errors, status: int = 200) -> Response:
    now = here()
    found = now.entity(entity)
    record = now.work.records.get(now.actor, entity, id)
    may_edit = now.may("update", entity) and bool(now.work.queries.reaches(now.actor, "update", entity, [id]))
    shares = [_line(now, item, may_edit) for item in now.work.sharing.of(now.actor, entity, id)]
    roles = [(role.name, role.label.render(now.words)) for role in now.work.model.roles.values() if role.portal is None and not role.administrator]
    pickers = {kind: _picked(now, kind, typed.get(kind, "")) for kind in ("user", "team") if now.work.queries.readable(now.actor, kind)}
    context = {"entity": found, "name": name_of(found, record.values, id), "path": f"/{entity}/{id}", "shares": shares, "roles": roles}
    return render("record_sharing.html", status=status, values=typed, errors=errors, pickers=pickers, may_edit=may_edit, **context)


def _picked(now: Here, kind: str, value: str) -> tuple[str, str] | None:
    """What was chosen in a picker, to be shown again."""
    id = whole_number(value)
    name = now.work.queries.label(now.actor, kind, id) if id else None
    return (value, name) if name else None


def _line(now: Here, share: Share, may_edit: bool) -> Line:
    if share.kind == "role":
        role = now.work.model.roles.get(share.role or "")
        name, href = (role.label.render(now.words) if role else share.role or ""), ""
    else:
        name, href = share.label or f"#{share.grantee}", f"/{share.kind}/{share.grantee}" if share.label else ""
    icon = {"user": "user", "team": "users-group", "role": "shield"}[share.kind]
    show = now.keep(("share until",), lambda: cell(now.paint(), system_fields("")["created_at"]))
    until, ends = (show(share.until), _on_the_clock(share.until, now.actor.timezone)) if share.until else ("", "")
    mine = share.by is not None and share.by[0] == now.actor.id
    return Line(share.id, icon, name, href, share.access == "edit", share.reason, until, ends, may_edit or mine)
