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
    """A share as the page shows it; `until` is HTML, "" where it lasts."""

    id: int
    icon: str
    name: str
    href: str
    edits: bool
    reason: str
    until: str


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
        try:
            local = datetime.fromisoformat(typed["until"]).replace(tzinfo=ZoneInfo(zone))
            out["until"] = local.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
        except (ValueError, OverflowError):
            out["until"] = typed["until"]
    return out


def _show(entity: str, id: int, typed: Mapping[str, str], errors: Errors, status: int = 200) -> Response:
    now = here()
    found = now.entity(entity)
    record = now.work.records.get(now.actor, entity, id)
    shares = [_line(now, item) for item in now.work.sharing.of(now.actor, entity, id)]
    roles = [(role.name, role.label.render(now.words)) for role in now.work.model.roles.values() if role.portal is None and not role.administrator]
    pickers = {kind: _picked(now, kind, typed.get(kind, "")) for kind in ("user", "team") if now.work.queries.readable(now.actor, kind)}
    context = {"entity": found, "name": name_of(found, record.values, id), "path": f"/{entity}/{id}", "shares": shares, "roles": roles}
    may_edit = now.may("update", entity) and bool(now.work.queries.reaches(now.actor, "update", entity, [id]))
    return render("record_sharing.html", status=status, values=typed, errors=errors, pickers=pickers, may_edit=may_edit, **context)


def _picked(now: Here, kind: str, value: str) -> tuple[str, str] | None:
    """What was chosen in a picker, to be shown again."""
    id = whole_number(value)
    name = now.work.queries.label(now.actor, kind, id) if id else None
    return (value, name) if name else None


def _line(now: Here, share: Share) -> Line:
    if share.kind == "role":
        role = now.work.model.roles.get(share.role or "")
        name, href = (role.label.render(now.words) if role else share.role or ""), ""
    else:
        name, href = share.label or f"#{share.grantee}", f"/{share.kind}/{share.grantee}" if share.label else ""
    icon = {"user": "user", "team": "users-group", "role": "shield"}[share.kind]
    show = now.keep(("share until",), lambda: cell(now.paint(), system_fields("")["created_at"]))
    return Line(share.id, icon, name, href, share.access == "edit", share.reason, show(share.until) if share.until else "")
