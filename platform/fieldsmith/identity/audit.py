"""Noting in the audit log: sign-ins, refusals, changes of rights and metadata, data leaving or coming in. Not for record history.

    audit.note(work.connection, work.now, actor, "masked.revealed", entity="contact", record=7, field="salary")

Rows are only ever appended: they are chained by hashes (`db.audit_chain`) and the database refuses to change them. The names of
events stand in `audit_events`; `audit_log` reads the log.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from fieldsmith.base.context import Actor
from fieldsmith.db import audit_chain
from fieldsmith.identity.audit_events import EVENTS

_USER = "user"
_LONGEST = 2000  # characters of one text; what a visitor typed as a name must not fill the disk


def note(
    connection: sa.Connection, now: datetime, actor: Actor, event: str, subject: str = "", *, entity: str = "", record: int | None = None, **detail: Any
) -> None:
    """Append one row when the transaction of `connection` is committed.

    `event` is a name of `audit_events`, `entity` and `record` what it is about, `detail` JSON-like and never a secret. Events about a
    user give the user's record id as `subject`; entity and record then follow from it.
    """
    known = EVENTS.get(event)
    if known is not None and known.about == "user" and not entity and subject.isascii() and subject.isdigit() and len(subject) < 19:
        entity, record = _USER, int(subject)
    row = {
        "at": now,
        "actor_kind": actor.kind,
        "actor_id": actor.id,
        "actor_name": _stored(actor.name),
        "on_behalf": _stored(actor.on_behalf),
        "via": actor.via,
        "event": event,
        "subject": _stored(subject),
        "entity": _stored(entity),
        "record": record,
        "detail": json.dumps(_short(detail), ensure_ascii=False, default=str, sort_keys=True).encode("utf-8", "replace").decode(),
    }
    audit_chain.put(connection, row)


def _short(value: Any) -> Any:
    """`value` with its texts as they can be stored."""
    if isinstance(value, str):
        return _stored(value)
    if isinstance(value, dict):
        return {str(name): _short(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_short(item) for item in value]
    return value


def _stored(text: str) -> str:
    """PostgreSQL keeps no NUL, and neither database half a surrogate pair."""
    return text[:_LONGEST].replace("\0", "\ufffd").encode("utf-8", "replace").decode()
