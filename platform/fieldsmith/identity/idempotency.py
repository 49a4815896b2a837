"""Idempotency keys: a retried request gets the first answer, per user and route, for 24 hours.

`reserve` (own write) → the work and `finish` in one write → or `release` after a refusal. Used by the API's POST routes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from fieldsmith.base.context import Actor
from fieldsmith.base.errors import BadInput, Conflict
from fieldsmith.base.problems import Problem
from fieldsmith.base.text import _m
from fieldsmith.db import system

KEPT = timedelta(hours=24)
ABANDONED = timedelta(minutes=10)  # longer than any request lives: who reserved it is gone


@dataclass(frozen=True, slots=True)
class Reservation:
    """A key this request holds. `at` tells it from a later holder of the same key."""

    actor: str
    route: str
    key: str
    at: datetime


@dataclass(frozen=True, slots=True)
class FirstAnswer:
    """What the first request was answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def reserve(connection: sa.Connection, now: datetime, actor: Actor, route: str, key: str, body: bytes) -> Reservation | FirstAnswer:
    """Hold `key`, or the first answer given under it.

    Raises `Conflict` while the first request is in flight and `BadInput` when it had another body.
    """
    table = system.fs_idempotency
    connection.execute(sa.delete(table).where(sa.or_(table.c.at <= now - KEPT, sa.and_(table.c.status.is_(None), table.c.at <= now - ABANDONED))))
    held = Reservation(f"{actor.kind}:{actor.id}", route, key, now)
    digest = hashlib.sha256(body).hexdigest()
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    row = {"actor": held.actor, "route": route, "key": key, "body_hash": digest, "status": None, "headers": None, "body": None, "at": now}
    if connection.execute(insert(table).values(row).on_conflict_do_nothing().returning(table.c.key)).first() is not None:
        return held
    first = connection.execute(sa.select(table).where(table.c.actor == held.actor, table.c.route == route, table.c.key == key)).mappings().one()
    if first["body_hash"] != digest:
        message = _m("This Idempotency-Key was used with another body. Use a new key for a new request.")
        raise BadInput([Problem("idempotency_key_reused", message, "/Idempotency-Key")], message)
    if first["status"] is None:
        raise Conflict(_m("The first request with this Idempotency-Key is still being answered. Try again in a moment."))
    return FirstAnswer(first["status"], json.loads(first["headers"]), first["body"].encode())


def finish(connection: sa.Connection, held: Reservation, answer: FirstAnswer) -> None:
    """Keep `answer`; commits or fails together with the work itself."""
    values = {"status": answer.status, "headers": json.dumps(dict(answer.headers)), "body": answer.body.decode()}
    if connection.execute(sa.update(system.fs_idempotency).where(_mine(held)).values(values)).rowcount != 1:
        raise Conflict(_m("This request took too long and its Idempotency-Key was given up. Send it again."))


def release(connection: sa.Connection, held: Reservation) -> None:
    """Nothing was done: the key may be used again."""
    connection.execute(sa.delete(system.fs_idempotency).where(_mine(held)))


def _mine(held: Reservation) -> sa.ColumnElement[bool]:
    table = system.fs_idempotency
    return sa.and_(table.c.actor == held.actor, table.c.route == held.route, table.c.key == held.key, table.c.at == held.at, table.c.status.is_(None))
