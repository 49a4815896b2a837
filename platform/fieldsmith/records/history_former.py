"""Fields as they were before their type was changed, so that history goes on telling of them under the name they have."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from fieldsmith.db.system import fs_retype
from fieldsmith.fields.base import Field
from fieldsmith.meta.members import COMMON_KEYS
from fieldsmith.meta.model import Entity, Model
from fieldsmith.query.run import Kept


def former_fields(runtime: Kept, connection: sa.Connection, entity: Entity) -> Mapping[int, Field]:
    """By uid, the fields whose values went over into one `entity` has, or came back from one, with the type their values had.

    Asked once per revision: a change of type is done by publishing one.
    """
    return runtime.keep(("former fields", entity.name), lambda: _read(connection, runtime.schema.model, entity))


def _read(connection: sa.Connection, model: Model, entity: Entity) -> dict[int, Field]:
    done = sa.and_(fs_retype.c.entity == entity.uid, fs_retype.c.state == "done", fs_retype.c.source != fs_retype.c.target)
    rows = connection.execute(sa.select(fs_retype.c.source, fs_retype.c.target, fs_retype.c.former, fs_retype.c.wish).where(done)).all()
    present = {field.uid: field for field in entity.own_fields()}
    out: dict[int, Field] = {}
    for source, target, former, wish in reversed(rows):
        for uid, other, said in ((source, target, json.loads(former)), (target, source, _said(json.loads(wish)))):
            known = present.get(other) or out.get(other)
            if uid not in present and uid not in out and known is not None:
                out[uid] = _as_it_was(model, known, uid, said)
    return out


def _said(wish: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"type": wish["type"], **wish.get("options", {})}


def _as_it_was(model: Model, field: Field, uid: int, said: Mapping[str, Any]) -> Field:
    """Shown as plain text where the pick list or entity it spoke of is gone."""
    options = {key: value for key, value in said.items() if key not in COMMON_KEYS}
    gone = options.get("choices", "") not in {"", *model.choices} or options.get("to", field.entity) not in model.entities
    return replace(field, type="text" if gone else said["type"], options={} if gone else options, uid=uid)
