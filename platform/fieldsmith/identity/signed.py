"""Who a session or API token belongs to: one query that gives user, roles, language and zone together.

Built once per revision (`SignedQuery(model, schema)`), used by `sessions` and `tokens`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from fieldsmith.db import system
from fieldsmith.db.tables import Schema
from fieldsmith.identity.people import acting
from fieldsmith.meta.model import Model

PERSON, SERVICE, PORTAL, QUEUE = "person", "service", "portal", "queue"
"""Kinds of users, as their records say. Services hold tokens only, and nobody is a queue."""


def kind_column(schema: Schema) -> sa.ColumnElement[Any]:
    """What kind a user is, as a column of the table of users; null where the workspace's users have no kinds."""
    field = schema.model.entities["user"].fields.get("kind")
    return schema.columns(field)[0] if field is not None and field.type == "choice" else sa.null()


@dataclass(frozen=True, slots=True)
class Person:
    """A user who may act. Language and time zone are None where the user left the choice to browser and company; `kind` as in their record."""

    id: int
    name: str
    roles: tuple[str, ...]
    language: str | None
    timezone: str | None
    kind: str = PERSON


class SignedQuery:
    """`select(...)` gives the columns asked for, then what `person` needs; one row per role held."""

    def __init__(self, model: Model, schema: Schema) -> None:
        user = model.entities["user"]
        self._people = schema.table("user")
        parts: list[sa.ColumnElement[Any]] = []
        for name in (user.name_field, "language", "time_zone"):
            field = user.fields.get(name)
            parts.append(schema.columns(field)[0] if field is not None else sa.null())
        self._parts = (*parts, kind_column(schema))
        self._may_act = acting(schema)

    def select(self, source: sa.Table, *columns: sa.ColumnElement[Any]) -> sa.Select[Any]:
        """Rows of `source` (with a `user_id`) whose user may act, joined with login, record and roles."""
        login, held = system.fs_login, system.fs_user_role
        joined = (
            source.join(login, login.c.user_id == source.c.user_id)
            .join(self._people, self._people.c.id == source.c.user_id)
            .outerjoin(held, held.c.user_id == source.c.user_id)
        )
        wanted = (*columns, source.c.user_id, login.c.name, held.c.role, *self._parts)
        return sa.select(*wanted).select_from(joined).where(login.c.active, self._may_act)

    def person(self, rows: Sequence[Sequence[Any]]) -> Person:
        """The last columns of `rows` (at least one) as `select` gave them."""
        user_id, login, _, name, language, zone, kind = rows[0][-7:]
        roles = tuple(sorted(row[-5] for row in rows if row[-5] is not None))
        return Person(user_id, name or login, roles, language, zone, kind or PERSON)
