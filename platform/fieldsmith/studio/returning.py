"""Fields on their way back to the type they had: what a rollback, or undoing a change of type, does with the values.

The former column is still there. Values nobody touched since are taken from it; what was entered meanwhile is turned back, and
what cannot be stays in the column that is left, which is told.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa

from fieldsmith.base.text import Message, _m
from fieldsmith.db.retype import Carry, Tally
from fieldsmith.db.system import fs_retype
from fieldsmith.db.tables import Schema
from fieldsmith.fields.base import Field
from fieldsmith.fields.conversion import Manner
from fieldsmith.meta.model import Model

DONE = "done"
_TOLD = 5  # values named in a summary


def returns(connection: sa.Connection, before: Schema, after: Schema, restored: frozenset[int]) -> Mapping[int, Carry]:
    """By uid the fields of `after` that come back for one that had taken their values over (or had given them)."""
    if not restored:
        return {}
    done = fs_retype.c.state == DONE
    involved = sa.or_(fs_retype.c.source.in_(restored), fs_retype.c.target.in_(restored))
    rows = connection.execute(sa.select(fs_retype.c.source, fs_retype.c.target, fs_retype.c.wish).where(done, involved).order_by(fs_retype.c.id)).all()
    out: dict[int, Carry] = {}
    for source, target, wish in rows:
        said = json.loads(wish)
        for coming, going, again in ((source, target, False), (target, source, True)):
            now, was = _field(after.model, coming), _field(before.model, going)
            if coming in restored and now is not None and was is not None and _field(after.model, going) is None:
                out[coming] = Carry(before, was, after, now, manner_of(said), said.get("match"), back=True, again=again)
    return out


def manner_of(wish: Mapping[str, Any]) -> Manner:
    """How values were to be read, from what `fs_retype` keeps."""
    keys = ("leave_blank", "instead", "date_format", "locale", "currency")
    return Manner(mapping=wish.get("map") or {}, **{key: wish[key] for key in keys if wish.get(key) is not None})


def left_behind(carry: Carry, tally: Tally) -> Iterator[Message]:
    """What a summary says of values that could not be turned back."""
    if carry.back and tally.failed:
        shown = ", ".join(f"#{item.record} “{item.value[:40]}”" for item in tally.failing[:_TOLD])
        names = {"count": tally.failed, "field": carry.target.label, "entity": carry.entity.label, "values": shown}
        yield _m("{count} values of {field} of {entity} entered since do not fit; they are kept in the retired column: {values}", **names)


def _field(model: Model, uid: int) -> Field | None:
    return next((field for entity in model.entities.values() for field in entity.own_fields() if field.uid == uid), None)
