"""Everybody who may sign in, for the administrators' pages: one page of logins by name, with what the list shows of each.

Directory(work.connection, work.model, work.schema, work.runtime.policy).page(actor, "ana", after=None)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from fieldsmith.access.policy import Policy
from fieldsmith.base.context import Actor
from fieldsmith.base.errors import Forbidden
from fieldsmith.base.text import _m
from fieldsmith.db import system
from fieldsmith.db.folding import fold
from fieldsmith.db.tables import Schema
from fieldsmith.identity.people import acting
from fieldsmith.identity.signed import PERSON, kind_column
from fieldsmith.meta.model import Model

PAGE = 50


@dataclass(frozen=True, slots=True)
class Listed:
    """One login. `shown` is the name in the user's record; `may_act` is false while the login is suspended, or the record recycled or not active."""

    user_id: int
    login: str
    shown: str
    kind: str
    active: bool
    may_act: bool
    roles: tuple[str, ...]
    second_factor: bool
    last_sign_in: datetime | None


@dataclass(frozen=True, slots=True)
class Page:
    """`after` asks for the page after this one, None at the end."""

    items: tuple[Listed, ...]
    after: str | None


class Directory:
    """One transaction's view. Raises `Forbidden` for all but administrators."""

    def __init__(self, connection: sa.Connection, model: Model, schema: Schema, policy: Policy) -> None:
        self._connection = connection
        self._model = model
        self._schema = schema
        self._policy = policy

    def page(self, actor: Actor, text: str = "", after: str | None = None) -> Page:
        """Logins whose name, or whose person's name, contains `text`; by login name, behind the folded name `after`."""
        self._require_administrator(actor)
        login, people = system.fs_login, self._schema.table("user")
        user = self._model.entities["user"]
        shown, factor = self._schema.columns(user.fields[user.name_field])[0], system.fs_second_factor
        joined = login.join(people, people.c.id == login.c.user_id).outerjoin(
            factor, sa.and_(factor.c.user_id == login.c.user_id, factor.c.confirmed_at.is_not(None))
        )
        query = sa.select(
            login.c.user_id,
            login.c.name,
            login.c.name_fold,
            shown.label("shown"),
            kind_column(self._schema).label("kind"),
            login.c.active,
            sa.and_(login.c.active, acting(self._schema)).label("may_act"),
            factor.c.user_id.label("factor"),
            login.c.last_sign_in,
        ).select_from(joined)
        if text:
            query = query.where(sa.or_(login.c.name_fold.contains(fold(text), autoescape=True), sa.func.lower(shown).contains(text.lower(), autoescape=True)))
        if after is not None:
            query = query.where(login.c.name_fold > after)
        rows = self._connection.execute(query.order_by(login.c.name_fold).limit(PAGE + 1)).mappings().all()
        roles = self._roles([row["user_id"] for row in rows[:PAGE]])
        items = tuple(
            Listed(
                user_id=row["user_id"],
                login=row["name"],
                shown=str(row["shown"] or ""),
                kind=row["kind"] or PERSON,
                active=row["active"],
                may_act=bool(row["may_act"]),
                roles=tuple(roles.get(row["user_id"], ())),
                second_factor=row["factor"] is not None,
                last_sign_in=row["last_sign_in"],
            )
            for row in rows[:PAGE]
        )
        return Page(items, rows[PAGE - 1]["name_fold"] if len(rows) > PAGE else None)

    def has_login(self, actor: Actor, user_id: int) -> bool:
        self._require_administrator(actor)
        return self._connection.execute(sa.select(system.fs_login.c.user_id).where(system.fs_login.c.user_id == user_id)).first() is not None

    def _roles(self, ids: Sequence[int]) -> dict[int, list[str]]:
        held, out = system.fs_user_role, dict[int, list[str]]()
        for row in self._connection.execute(sa.select(held.c.user_id, held.c.role).where(held.c.user_id.in_(ids)).order_by(held.c.role)):
            out.setdefault(row.user_id, []).append(row.role)
        return out

    def _require_administrator(self, actor: Actor) -> None:
        if not self._policy.is_administrator(actor):
            raise Forbidden(_m("Only administrators may see who signs in. Ask one."))
