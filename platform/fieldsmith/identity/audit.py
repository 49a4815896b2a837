"""The audit trail: sign-ins, refusals, changes of users and tokens. Rows are only ever appended. Not for record history."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from fieldsmith.base.context import Actor
from fieldsmith.db import system


def note(connection: sa.Connection, now: datetime, actor: Actor, event: str, subject: str = "", **detail: Any) -> None:
    """Append one row. `event` is a dotted name (`sign_in.refused`), `detail` JSON-like and never a secret."""
    row = {
        "at": now,
        "actor_kind": actor.kind,
        "actor_id": actor.id,
        "actor_name": actor.name,
        "via": actor.via,
        "event": event,
        "subject": subject.replace("\0", "�"),  # PostgreSQL keeps no NUL
        "detail": json.dumps(detail, ensure_ascii=False, default=str, sort_keys=True),
    }
    connection.execute(sa.insert(system.fs_audit), row)
