"""Who sees a record: the people who reach it, counted by the way that leads them there. For administrators; bounded work."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from fieldsmith.base.context import Actor
from fieldsmith.base.errors import Forbidden
from fieldsmith.base.text import Message, _m
from fieldsmith.db import system
from fieldsmith.meta.system_fields import USER
from fieldsmith.records.evaluate import Transaction
from fieldsmith.records.explaining_rows import Rows

MOST_ASKED = 1_000
"""People with a login that are looked at, the first by number."""
MOST_NAMED = 50

WAYS: Mapping[str, Message] = {
    "administrator": _m("administers"),
    "all": _m("role reaches every record"),
    "owner": _m("own record, team or people who report"),
    "rule": _m("sharing rule"),
    "share": _m("share of this record"),
    "master": _m("by the record it belongs to"),
    "path": _m("from outside, by their account"),
}


@dataclass(frozen=True, slots=True)
class Seer:
    user: int
    name: str
    way: Message
    changes: bool


@dataclass(frozen=True, slots=True)
class Seers:
    """`counts` by way; `more`: not everybody was looked at. `people` are the first, by number."""

    counts: Sequence[tuple[Message, int]]
    people: Sequence[Seer]
    total: int
    more: bool


def who_sees(work: Transaction, reader: Actor, entity: str, id: int) -> Seers:
    """Raises `Forbidden` for all but administrators, `NotFound`."""
    if not work.runtime.policy.is_administrator(reader):
        raise Forbidden(_m("Only administrators may ask what others may do."))
    found = work.queries.entity(reader, entity)
    work.queries.one(reader, entity, id)
    actors = _actors(work)
    counts: Counter[str] = Counter()
    seeing: list[tuple[Actor, str]] = []
    for actor in actors[:MOST_ASKED]:
        way = Rows(work, reader, actor).way(found, "read", id)
        if way:
            counts[way] += 1
            seeing.append((actor, way))
    shown = seeing[:MOST_NAMED]
    names = work.queries.labels(reader, USER, [actor.id for actor, _ in shown if actor.id is not None])
    people = [_seer(work, actor, way, names, entity, id) for actor, way in shown]
    return Seers([(WAYS[way], counts[way]) for way in WAYS if counts[way]], people, len(seeing), len(actors) > MOST_ASKED)


def _seer(work: Transaction, actor: Actor, way: str, names: Mapping[int, str | None], entity: str, id: int) -> Seer:
    assert actor.id is not None
    changes = work.runtime.policy.allows(actor, "update", entity) and id in work.queries.reaches(actor, "update", entity, [id])
    return Seer(actor.id, names.get(actor.id) or actor.name, WAYS[way], changes)


def _actors(work: Transaction) -> list[Actor]:
    """Everybody who may sign in, and one more than are looked at."""
    login, held = system.fs_login, system.fs_user_role
    asked = sa.select(login.c.user_id, login.c.name).where(login.c.active).order_by(login.c.user_id).limit(MOST_ASKED + 1)
    rows = work.connection.execute(asked).all()
    roles: dict[int, list[str]] = {}
    for user, role in work.connection.execute(sa.select(held.c.user_id, held.c.role).order_by(held.c.role)):
        roles.setdefault(user, []).append(role)
    zone = work.runtime.schema.model.company.timezone
    return [Actor("user", row.user_id, row.name, tuple(roles.get(row.user_id, ())), timezone=zone) for row in rows]
