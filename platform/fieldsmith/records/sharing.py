"""Single records shared by hand: with a user, a team (and those below it) or a role, to read or to edit, until a moment or for good.

A team around a record is the same: shares whose `reason` says what each does there (“Pre-sales”). Sharing needs the action right
`share` and never gives more than who shares may do. What a share gives counts only where the role grants the right on the entity at
all (`access.rows`), and it follows the owner: details have none of their own. Screens and API come through here; see `query.guard`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NoReturn

import sqlalchemy as sa

from fieldsmith.access.rows import master_of
from fieldsmith.base.context import Actor
from fieldsmith.base.errors import BadInput, Conflict, Forbidden, NotFound
from fieldsmith.base.problems import Problem, did_you_mean, pointer
from fieldsmith.base.text import Message, _m
from fieldsmith.db.system_sharing import fs_share
from fieldsmith.fields.base import Invalid
from fieldsmith.identity.audit import note
from fieldsmith.meta.model import Entity
from fieldsmith.query.run import Queries
from fieldsmith.records.service import Revision

Kind = Literal["user", "team", "role"]
KINDS: tuple[Kind, ...] = ("user", "team", "role")
ACCESS = ("read", "edit")
MOST = 200  # shares of one record
_LONGEST_REASON = 120
_SENT = (*KINDS, "access", "reason", "until")


@dataclass(frozen=True, slots=True)
class Share:
    """`grantee` is the id of a user or team, `role` the name of a role; `label` what the reader may see them called, else None.

    `until` is the moment it ends (naive UTC), None where it lasts. `by` is (id, name or None) of who shared, None for the platform.
    """

    id: int
    kind: Kind
    grantee: int | None
    role: str | None
    label: str | None
    access: str
    reason: str
    until: datetime | None
    at: datetime
    by: tuple[int, str | None] | None


class Sharing:
    """The shares of records, within one transaction."""

    def __init__(self, runtime: Revision, connection: sa.Connection, queries: Queries, now: datetime) -> None:
        self._runtime = runtime
        self._connection = connection
        self._queries = queries
        self._now = now

    def may(self, actor: Actor, entity: str) -> bool:
        """May the actor share records of `entity` at all? People from outside never do; details follow their master."""
        policy = self._runtime.policy
        found = self._runtime.schema.model.entities[entity]
        return policy.sight(actor).portal is None and policy.may_act(actor, "share", entity) and master_of(found) is None

    def of(self, actor: Actor, entity: str, id: int) -> Sequence[Share]:
        """Shares of the record that are in force, oldest first. Raises `NotFound`, `Forbidden`."""
        found = self._require(actor, entity, id)
        mine = sa.and_(fs_share.c.entity == found.uid, fs_share.c.record == id, sa.or_(fs_share.c.until.is_(None), fs_share.c.until > self._now))
        rows = self._connection.execute(sa.select(fs_share).where(mine).order_by(fs_share.c.id)).mappings()
        return self._told(actor, [dict(row) for row in rows])

    def add(self, actor: Actor, entity: str, id: int, values: Mapping[str, Any]) -> Share:
        """Share the record. `values`: one of `user`, `team` (ids), `role` (name); `access`, `reason`, `until`.

        Raises `NotFound`, `BadInput`, `Forbidden` where it would give more than the actor has, `Conflict` where it is shared already.
        """
        found = self._require(actor, entity, id)
        kind, grantee, role = self._to_whom(actor, values)
        given = self._given(values, {"access": "read", "reason": "", "until": None}, kind)
        self._within_own(actor, found, id, given["access"])
        self._connection.execute(self._ended(found, id))
        present = self._connection.execute(
            sa.select(fs_share.c.kind, fs_share.c.grantee, fs_share.c.role).where(fs_share.c.entity == found.uid, fs_share.c.record == id)
        ).all()
        if (kind, grantee, role) in {tuple(row) for row in present}:
            raise _shared_already(kind)
        if len(present) >= MOST:
            raise Conflict(_m("A record is shared with at most {limit} people, teams and roles. Share it with a team instead.", limit=MOST))
        row = {"entity": found.uid, "record": id, "kind": kind, "grantee": grantee, "role": role, **given, "at": self._now, "by": actor.id}
        try:
            with self._connection.begin_nested():
                made = self._connection.execute(sa.insert(fs_share).values(row).returning(fs_share.c.id)).scalar_one()
        except sa.exc.IntegrityError:  # somebody did so at the same moment
            raise _shared_already(kind) from None
        self._note(actor, "record.shared", entity, id, row)
        return self._told(actor, [{"id": made, **row}])[0]

    def change(self, actor: Actor, entity: str, id: int, share: int, values: Mapping[str, Any]) -> Share:
        """Another `access`, `reason` or `until`. Raises as `add`."""
        found = self._require(actor, entity, id)
        row = self._row(actor, found, id, share)
        kind: Kind = row["kind"]
        if any(name in values for name in KINDS):
            self._refuse("read_only", _m("Whom it is shared with stays."), next(name for name in KINDS if name in values), _m("Share it anew instead."))
        given = self._given(values, {name: row[name] for name in ("access", "reason", "until")}, kind)
        self._within_own(actor, found, id, given["access"])
        self._connection.execute(sa.update(fs_share).where(fs_share.c.id == share).values(given))
        self._note(actor, "record.shared", entity, id, {**row, **given})
        return self._told(actor, [{**row, **given}])[0]

    def remove(self, actor: Actor, entity: str, id: int, share: int) -> None:
        """Take the share back. Raises `NotFound`, `Forbidden`."""
        found = self._require(actor, entity, id)
        row = self._row(actor, found, id, share)
        self._connection.execute(sa.delete(fs_share).where(fs_share.c.id == share))
        self._note(actor, "record.unshared", entity, id, row)

    def _require(self, actor: Actor, entity: str, id: int) -> Entity:
        """The entity, when the actor may see the record and share it."""
        found = self._queries.entity(actor, entity)
        self._queries.one(actor, entity, id)
        if master_of(found) is not None:
            raise Conflict(_m("{plural} are shared with the record they belong to. Share that one.", plural=found.plural))
        if not self.may(actor, entity):
            raise Forbidden(_m("You may not share {plural}. Ask an administrator.", plural=found.plural))
        return found

    def _within_own(self, actor: Actor, entity: Entity, id: int, access: str) -> None:
        if access == "edit" and not self._may_change(actor, entity, id):
            raise Forbidden(_m("You may see this {entity}, but not change it; so share it to be read only.", entity=entity.label))

    def _may_change(self, actor: Actor, entity: Entity, id: int) -> bool:
        return self._runtime.policy.allows(actor, "update", entity.name) and bool(self._queries.reaches(actor, "update", entity.name, [id]))

    def _row(self, actor: Actor, entity: Entity, id: int, share: int) -> dict[str, Any]:
        """A share of the record that the actor may change: their own, or any of a record they may change."""
        which = sa.and_(fs_share.c.id == share, fs_share.c.entity == entity.uid, fs_share.c.record == id)
        row = self._connection.execute(sa.select(fs_share).where(which).with_for_update()).mappings().first() if 0 < share < 2**63 else None
        if row is None:
            raise NotFound(_m("There is no such share. Perhaps it was taken back meanwhile."))
        if (row["by"] is None or row["by"] != actor.id) and not self._may_change(actor, entity, id):
            raise Forbidden(_m("Somebody else shared it. Only they, and those who may change the record, can change that."))
        return dict(row)

    def _to_whom(self, actor: Actor, values: Mapping[str, Any]) -> tuple[Kind, int | None, str | None]:
        named: list[Kind] = [kind for kind in KINDS if values.get(kind) is not None]
        if len(named) != 1:
            where = named[1] if named else "user"
            self._refuse("required", _m("Say with whom: one user, team or role."), where, _m("Share again for each further one."))
        [kind] = named
        value = values[kind]
        if kind == "role":
            roles = self._runtime.schema.model.roles
            if not isinstance(value, str) or value not in roles or roles[value].portal is not None:
                known = [role.name for role in roles.values() if role.portal is None]
                self._refuse("not_found", _m("There is no role “{name}” to share with.", name=str(value)[:100]), kind, did_you_mean(str(value)[:100], known))
            return kind, None, value
        there = type(value) is int and 0 < value < 2**63 and kind in self._runtime.schema.model.entities and self._queries.readable(actor, kind)
        if not there or value not in self._queries.labels(actor, kind, [value]):
            label = self._runtime.schema.model.entities[kind].label if there else kind
            self._refuse("not_found", _m("There is no {entity} {id}.", entity=label, id=str(value)[:40]), kind, _m("Choose another."))
        return kind, value, None

    def _given(self, values: Mapping[str, Any], present: Mapping[str, Any], kind: Kind) -> dict[str, Any]:
        """`present` with what was sent: access, reason and until."""
        problems = [Problem("unknown_field", _m("There is no field “{name}”.", name=name[:100]), pointer(name[:100])) for name in values if name not in _SENT]
        out = dict(present)
        if "access" in values:
            out["access"] = values["access"]
        if out["access"] not in ACCESS:
            message = _m("Access is “read” or “edit”.")
            problems.append(Problem("unknown_choice", message, "/access", did_you_mean(str(values.get("access"))[:20], ACCESS)))
        reason = values.get("reason", out["reason"])
        if reason is not None and (not isinstance(reason, str) or len(reason) > _LONGEST_REASON or "\0" in reason):
            problems.append(Problem("too_long", _m("What they do here is a text of at most {limit} characters.", limit=_LONGEST_REASON), "/reason"))
        out["reason"] = (reason or "").strip() if isinstance(reason, str) or reason is None else ""
        if "until" in values:
            out["until"] = self._moment(values["until"], problems)
        if problems:
            raise BadInput(problems)
        return out

    def _moment(self, raw: Any, problems: list[Problem]) -> datetime | None:
        try:
            until: datetime | None = self._runtime.shape("user").coercers["created_at"](raw)
        except Invalid as invalid:
            problems.append(Problem(invalid.code, invalid.message, "/until", invalid.hint))
            return None
        if until is not None and until <= self._now:
            problems.append(Problem("in_the_past", _m("This moment is past already."), "/until", _m("Choose a later one, or leave it blank.")))
        return until

    def _ended(self, entity: Entity, id: int) -> sa.Delete:
        """Shares of the record that are over: they are in the way of new ones."""
        return sa.delete(fs_share).where(fs_share.c.entity == entity.uid, fs_share.c.record == id, fs_share.c.until <= self._now)

    def _told(self, actor: Actor, rows: Sequence[Mapping[str, Any]]) -> list[Share]:
        users = {id for row in rows for id in (row["grantee"] if row["kind"] == "user" else None, row["by"]) if id is not None}
        names = {
            "user": self._labels(actor, "user", users),
            "team": self._labels(actor, "team", {row["grantee"] for row in rows if row["kind"] == "team"}),
        }
        return [self._share(row, names) for row in rows]

    def _share(self, row: Mapping[str, Any], names: Mapping[str, Mapping[int, str | None]]) -> Share:
        label = None if row["kind"] == "role" else names[row["kind"]].get(row["grantee"])
        by = None if row["by"] is None else (row["by"], names["user"].get(row["by"]))
        return Share(row["id"], row["kind"], row["grantee"], row["role"], label, row["access"], row["reason"], row["until"], row["at"], by)

    def _labels(self, actor: Actor, entity: str, ids: set[int]) -> Mapping[int, str | None]:
        there = entity in self._runtime.schema.model.entities and self._queries.readable(actor, entity)
        return self._queries.labels(actor, entity, ids) if ids and there else {}

    def _note(self, actor: Actor, event: str, entity: str, id: int, row: Mapping[str, Any]) -> None:
        whom = row["role"] if row["kind"] == "role" else row["grantee"]
        told = {"kind": row["kind"], "whom": whom, "access": row["access"], "reason": row["reason"], "until": row["until"]}
        note(self._connection, self._now, actor, event, f"{entity}/{id}", entity=entity, record=id, **told)

    @staticmethod
    def _refuse(code: str, message: Message, field: str, hint: Message | None) -> NoReturn:
        raise BadInput([Problem(code, message, pointer(field), hint)])


def _shared_already(kind: Kind) -> Conflict:
    message = _m("It is shared with them already.")
    return Conflict(message, [Problem("shared_already", message, pointer(kind), _m("Change that share, or take it back first."))])
