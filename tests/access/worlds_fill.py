"""A world put into a workspace: published, its people made with tokens, its records, bin and shares. Gives rows and people their ids."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from fieldsmith.base.context import OPERATOR, SYSTEM
from fieldsmith.db.system_sharing import fs_share
from fieldsmith.identity import tokens
from fieldsmith.identity.passwords import Passwords
from fieldsmith.identity.users import Users
from fieldsmith.meta.layers import Layer
from fieldsmith.records import files
from fieldsmith.workspace import Work, Workspace
from tests.access.worlds import Row, Soul, Team, World
from tests.access.worlds_metadata import Documents, structure_of
from tests.meta.samples import package


def structure_layer(number: int) -> Layer:
    """What worlds of one structure have in common: all that makes tables."""
    return _layer(Documents(structure_of(number)), f"world{number}")


def fill(workspace: Workspace, world: World, structure: int) -> None:
    """The workspace has the structure's layer published."""
    workspace.publish(SYSTEM, [_layer(world.made, f"world{structure}")], "a world")
    contents = {row.entity + str(at): workspace.files.put(io.BytesIO(str(_file(row)).encode())) for at, row in enumerate(world.rows) if _file(row)}
    workspace.write(lambda work: _fill(work, world, Passwords(workspace.settings), contents))


def _layer(made: Documents, name: str) -> Layer:
    return package(name, made.bodies(), requires=["core"])


def _file(row: Row) -> str | None:
    found: str | None = row.values.get("qfirm_file")
    return found


def _fill(work: Work, world: World, passwords: Passwords, contents: dict[str, tuple[str, int, str]]) -> None:
    for team in world.teams:
        values = {"name": team.name, "parent_team": team.parent.id if team.parent else None}
        team.id = work.records.create(OPERATOR, "team", values).id
    users = Users(work.connection, work.model, work.schema, passwords, work.now)
    for soul in world.souls:
        _person(work, users, soul)
    for at, row in enumerate(world.rows):
        values = _stored(row) | {"owner": row.owner.id if row.owner else None}
        if _file(row):
            row.file = files.describe(work.connection, OPERATOR, work.now, f"{_file(row)}.txt", contents[row.entity + str(at)]).id
            values["qfirm_file"] = row.file
        [row.id] = work.records.create_many(OPERATOR, row.entity, [values])
    for soul in world.souls:
        if soul.firm is not None:
            work.records.update(OPERATOR, "user", soul.id, {"zaccount": soul.firm.id})
    for row in world.gone:
        work.records.delete(OPERATOR, row.entity, row.id)
    for soul in world.souls:
        if not soul.active and soul.kind != "queue":
            users.set_active(OPERATOR, soul.id, False)
    for share in world.shares:
        share.id = _share(work, share.row, share.to, share.access, share.until)


def _person(work: Work, users: Users, soul: Soul) -> None:
    values: dict[str, Any] = {"name": soul.name, "team": soul.team.id if soul.team else None, "manager": soul.manager.id if soul.manager else None}
    if soul.kind == "queue":
        values["kind"] = "queue"
    soul.id = work.records.create(OPERATOR, "user", values).id
    if soul.kind == "queue":
        return  # nobody signs in as a queue
    users.add(OPERATOR, soul.id, soul.name.lower(), soul.roles, None)
    soul.token = tokens.create(work.connection, work.now, OPERATOR, soul.id, "test")


def _stored(row: Row) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for name, value in row.values.items():
        if isinstance(value, list):
            out[name] = [other.id for other in value]
        elif isinstance(value, Row):
            out[name] = {"entity": value.entity, "id": value.id} if name == "qslip_about" else value.id
        elif name != "qfirm_file":
            out[name] = value
    return out


def _share(work: Work, row: Row, to: Soul | Team | str, access: str, until: str) -> int:
    kind = "role" if isinstance(to, str) else "user" if isinstance(to, Soul) else "team"
    end = {"none": None, "over": work.now - timedelta(seconds=1), "lasting": work.now + timedelta(days=36_500)}[until]
    values = {
        "entity": work.model.entities[row.entity].uid,
        "record": row.id,
        "kind": kind,
        "grantee": None if isinstance(to, str) else to.id,
        "role": to if isinstance(to, str) else None,
        "access": access,
        "reason": "test",
        "until": end,
        "at": work.now,
        "by": None,
    }
    made: int = work.connection.execute(sa.insert(fs_share).values(values).returning(fs_share.c.id)).scalar_one()
    return made
