"""What is refused again and again goes into the audit log once a minute: access (403) of people who are signed in, and sign-ins past the throttle.

Called by `web.errors` and `web.auth`. Visitors' other refusals are not noted: nobody could be named.
"""

from __future__ import annotations

import logging
from typing import Any

from flask import request

from fieldsmith.base.errors import Forbidden, Unavailable
from fieldsmith.identity import audit
from fieldsmith.web import current

_LOG = logging.getLogger("fieldsmith.audit")
_GREATEST = 2**63


def note(error: Forbidden) -> None:
    """Write one row, unless the same person was refused at the same route within the minute, or the database cannot take it now."""
    visit = current.visit()
    actor, route = visit.actor, request.endpoint or ""
    if actor.kind == "anonymous":
        return
    current.end_reading()
    served = visit.served
    now = served.workspace.clock.now()
    left_out = served.refusals.admit(actor.kind, actor.id, route, now)
    if left_out is None:
        return
    seen = request.view_args or {}
    entity, id = seen.get("entity"), seen.get("id")
    record = id if isinstance(entity, str) and isinstance(id, int) and id < _GREATEST else None
    said = {name: str(value)[:200] for name, value in error.title.params.items()}  # told in any reader's language later
    more: dict[str, Any] = {"route": f"{request.method} {route}", "path": request.path[:500], "reason": error.title.id}
    more |= ({"with": said} if said else {}) | ({"left_out": left_out} if left_out else {})
    try:
        served.workspace.write(
            lambda work: audit.note(work.connection, work.now, actor, "access.refused", entity=entity if isinstance(entity, str) else "", record=record, **more)
        )
    except Unavailable:
        _LOG.warning("a refusal could not be noted", extra={"fields": {"request": visit.request_id, "path": request.path}})


def note_throttled(name: str, address: str) -> None:
    """A sign-in that was not looked at any more, unless one from the same address was noted within the minute."""
    visit = current.visit()
    workspace = visit.served.workspace
    left_out = visit.served.refusals.admit("address", None, address, workspace.clock.now())
    if left_out is None:
        return
    more: dict[str, Any] = {"left_out": left_out} if left_out else {}
    workspace.write(lambda work: audit.note(work.connection, work.now, visit.actor, "sign_in.throttled", name[:200], address=address, **more))
