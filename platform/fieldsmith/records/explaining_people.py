"""Who owns a record, how owner and reader stand to each other, and whom a record is shared with, in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from fieldsmith.base.context import Actor
from fieldsmith.base.text import Message, _m
from fieldsmith.db.system_sharing import fs_reach, fs_share, fs_team_reach
from fieldsmith.meta.model import Entity
from fieldsmith.meta.roles import Scope
from fieldsmith.meta.system_fields import USER
from fieldsmith.records.evaluate import Transaction
from fieldsmith.records.explaining_words import listed

TEAM = "team"
_MOST_SHARES = 20


def owner_of(work: Transaction, entity: Entity, id: int) -> int | None:
    """The owner of a record; a person's record is theirs."""
    if entity.name == USER:
        return id
    schema = work.runtime.schema
    table = schema.table(entity.name)
    column = table.c[schema.columns(entity.fields["owner"])[0].name]
    found: int | None = work.connection.execute(sa.select(column).where(table.c.id == id)).scalar()
    return found


class People:
    """Facts about people round one person, told to one reader."""

    def __init__(self, work: Transaction, reader: Actor, actor: Actor) -> None:
        self._work = work
        self._reader = reader
        self._actor = actor

    def name(self, user: int | None) -> str | Message:
        return _m("nobody") if user is None else self.record(USER, user)

    def record(self, entity: str, id: int) -> str:
        """What the reader may call a record."""
        queries = self._work.queries
        return (queries.label(self._reader, entity, id) if queries.readable(self._reader, entity) else None) or f"#{id}"

    def account(self, field: str) -> str | Message:
        """The account of somebody from outside."""
        schema = self._work.runtime.schema
        item = schema.model.entities[USER].fields[field]
        table = schema.table(USER)
        key = self._work.connection.execute(sa.select(table.c[schema.columns(item)[0].name]).where(table.c.id == self._actor.id)).scalar()
        return _m("none") if key is None else self.record(str(item.options["to"]), key)

    def owning(self, owner: int | None, scope: Scope, holds: bool) -> Message:
        """The first way: by owner, as far as the scope goes."""
        me, name = self._actor.name, self.name(owner)
        if owner is None:
            return _m("Nobody owns the record.")
        if owner == self._actor.id:
            return _m("{name} owns the record.", name=me)
        mine, theirs = self._place(self._actor.id), self._place(owner)
        if holds and mine is not None and theirs is not None:
            if theirs.queue_of is not None and theirs.queue_of == mine.team_id:
                return _m("The record lies in the queue {queue} of team “{team}”, in which {name} is.", queue=name, team=self._team(mine), name=me)
            if scope != "own" and _inside(theirs.team_at, mine.team_at, mine.team_to):
                words = {"owner": name, "theirs": self._team(theirs), "team": self._team(mine), "name": me}
                return _m("The owner, {owner}, is in team “{theirs}”, which is “{team}”, the team of {name}, or below it.", **words)
            return _m("The owner, {owner}, reports to {name}, directly or through others.", owner=name, name=me)
        if scope == "own":
            return _m("The owner is {owner}, not {name}.", owner=name, name=me)
        words = {"owner": name, "theirs": self._team(theirs), "team": self._team(mine), "name": me}
        if scope == "team":
            return _m("The owner, {owner}, is in team “{theirs}”, which is neither “{team}”, the team of {name}, nor below it.", **words)
        return _m("The owner, {owner}, neither reports to {name} nor is in a team of “{team}” or below.", **words)

    def shared(self, entity: Entity, id: int, needed: str, holds: bool) -> Message:
        """The last way: shares of this record alone."""
        rows = self._shares(entity, id)
        mine = [row for row in rows if self._with_me(row)]
        lasting = [row for row in mine if row.until is None or row.until > self._work.now]
        granting = [row for row in lasting if needed == "read" or row.access == "edit"]
        if holds and granting:
            return self._granted(granting[0])
        if lasting:
            return _m("The record is shared with {who} for reading only.", who=self._grantee(lasting[0]))
        if mine:
            return _m("The record was shared with {who} until {until} (UTC).", who=self._grantee(mine[0]), until=_moment(mine[0].until))
        if rows:
            others = listed(list({str(said): said for said in map(self._grantee, rows)}.values()))
            return _m("The record itself is shared with others, not with {name}: {others}.", name=self._actor.name, others=others)
        return _m("The record itself is shared with nobody.")

    def _granted(self, row: Any) -> Message:
        words = {"who": self._grantee(row), "by": self.name(row.by)}
        if row.until is None:
            return _m("The record is shared with {who}, by {by}.", **words)
        return _m("The record is shared with {who}, by {by}, until {until} (UTC).", until=_moment(row.until), **words)

    def _shares(self, entity: Entity, id: int) -> Sequence[Any]:
        found = sa.select(fs_share).where(fs_share.c.entity == entity.uid, fs_share.c.record == id).order_by(fs_share.c.id)
        return self._work.connection.execute(found.limit(_MOST_SHARES)).all()

    def _with_me(self, row: Any) -> bool:
        if row.kind == "role":
            return row.role in self._work.runtime.policy.sight(self._actor).roles
        return bool(row.grantee == self._actor.id) if row.kind == "user" else row.grantee in self._teams()

    def _teams(self) -> set[int]:
        """The team one is in and those above it."""
        around = sa.and_(fs_team_reach.c.team_at <= fs_reach.c.team_at, fs_team_reach.c.team_to >= fs_reach.c.team_at)
        found = sa.select(fs_team_reach.c.team_id).join_from(fs_reach, fs_team_reach, around).where(fs_reach.c.user_id == self._actor.id)
        return set(self._work.connection.execute(found).scalars())

    def _grantee(self, row: Any) -> Message:
        if row.kind == "role":
            known = self._work.runtime.schema.model.roles.get(row.role)
            return _m("role {role}", role=known.label if known is not None else row.role)
        if row.kind == "team":
            return _m("team “{team}”", team=self.record(TEAM, row.grantee))
        return _m("{name}", name=self.record(USER, row.grantee))

    def _place(self, user: int | None) -> Any:
        return self._work.connection.execute(sa.select(fs_reach).where(fs_reach.c.user_id == user)).first()

    def _team(self, place: Any) -> str | Message:
        return _m("none") if place is None or place.team_id is None else self.record(TEAM, place.team_id)


def _inside(at: int | None, start: int | None, end: int | None) -> bool:
    return at is not None and start is not None and end is not None and start <= at <= end


def _moment(value: Any) -> str:
    return str(value.strftime("%Y-%m-%d %H:%M"))
