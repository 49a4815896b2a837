"""Logins: who may sign in as which record of entity `user`, with which roles.

People are records (`records` writes them); this module holds what opens the door. What takes rights away bumps the access counter, so that
every process drops what it remembered of sessions at once.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from fieldsmith.base.context import Actor
from fieldsmith.base.errors import BadInput, NotFound
from fieldsmith.base.problems import Problem, did_you_mean
from fieldsmith.base.text import _m
from fieldsmith.db import system
from fieldsmith.db.folding import fold
from fieldsmith.db.tables import Schema
from fieldsmith.identity import audit
from fieldsmith.identity.passwords import Passwords
from fieldsmith.identity.people import bump_access, has_administrator, nobody_left
from fieldsmith.identity.secrecy import stored_form
from fieldsmith.identity.sessions import end_all
from fieldsmith.identity.signed import PERSON, QUEUE, SERVICE, kind_column
from fieldsmith.meta.model import Model

LONGEST_NAME = 120
_TOKENS_ONLY = frozenset({SERVICE, QUEUE})


@dataclass(frozen=True, slots=True)
class Login:
    """`user_id` is the record id in entity `user`; `kind` what that record says: services have no password and only hold tokens."""

    user_id: int
    name: str
    active: bool
    roles: tuple[str, ...]
    has_password: bool
    kind: str = PERSON
    last_sign_in: datetime | None = None


class Users:
    """Logins in one transaction. Built per unit of work: `Users(connection, model, schema, passwords, now)`."""

    def __init__(self, connection: sa.Connection, model: Model, schema: Schema, passwords: Passwords, now: datetime) -> None:
        self._connection = connection
        self._model = model
        self._schema = schema
        self._passwords = passwords
        self._now = now

    def add(self, actor: Actor, user_id: int, name: str, roles: tuple[str, ...], password: str | None = None, email: str | None = None) -> Login:
        """Let record `user_id` sign in as `name`. Without a password only API tokens open the door, and for a service nothing else ever does.

        Raises `BadInput` with every problem of name, roles and password.
        """
        name = unicodedata.normalize("NFC", name).strip()
        problems = self._name_problems(name) + self._role_problems(roles)
        kind, _ = self._record(user_id)
        if kind == QUEUE:
            problems.append(Problem("queue_login", _m("A queue cannot sign in: the members of its team do.")))
        if password is not None:
            problems += self._password_problems(user_id, password, (name, email or ""))
        if problems:
            raise BadInput(problems)
        row = {
            "user_id": user_id,
            "name": name,
            "name_fold": fold(name),
            "password_hash": self._passwords.hash(password) if password is not None else None,
            "active": True,
            "created_at": self._now,
            "last_sign_in": None,
        }
        self._connection.execute(sa.insert(system.fs_login), row)
        self._put_roles(user_id, roles)
        audit.note(self._connection, self._now, actor, "login.added", str(user_id), name=name, roles=roles, kind=kind)
        return self.login(user_id)

    def authenticate(self, name: str, password: str) -> int | None:
        """The user's record id, or None: unknown, wrong, suspended and without password all look and take the same.

        `name` is the login name or the e-mail address, in any case.
        """
        found = self._by_name(unicodedata.normalize("NFC", name).strip())
        kind, _ = self._record(found["user_id"] if found is not None else 0)  # asked for unknown names too: they must not answer sooner
        stored = found["password_hash"] if found is not None and found["active"] and kind not in _TOKENS_ONLY else None
        if not self._passwords.matches(stored, password):
            return None
        assert found is not None
        return int(found["user_id"])

    def signed_in(self, user_id: int) -> None:
        """Note when this user signed in last."""
        self._connection.execute(sa.update(system.fs_login).where(system.fs_login.c.user_id == user_id).values(last_sign_in=self._now))

    def renew_hash(self, user_id: int, password: str) -> None:
        """After a good sign-in: hash again when the settings ask for more work than the stored hash cost."""
        table = system.fs_login
        mine = table.c.user_id == user_id
        stored = self._connection.execute(sa.select(table.c.password_hash).where(mine)).scalar()
        if stored is not None and self._passwords.is_outdated(stored):
            self._connection.execute(sa.update(table).where(mine).values(password_hash=self._passwords.hash(password)))

    def login(self, user_id: int) -> Login:
        """Raises `NotFound` when that user has no login."""
        table = system.fs_login
        row = self._connection.execute(sa.select(table).where(table.c.user_id == user_id)).mappings().first()
        if row is None:
            raise NotFound(_m("User {id} has no login.", id=user_id))
        return Login(
            user_id, row["name"], row["active"], self._roles_of(user_id), row["password_hash"] is not None, self._record(user_id)[0], row["last_sign_in"]
        )

    def password_mark(self, user_id: int) -> str:
        """Something that changes with the password and tells nothing of it: what is bound to it is void after a change."""
        table = system.fs_login
        stored = self._connection.execute(sa.select(table.c.password_hash).where(table.c.user_id == user_id, table.c.active)).scalar()
        return stored_form(stored or "")

    def find(self, name: str) -> Login:
        """By login name or e-mail address, in any case. Raises `NotFound`."""
        row = self._by_name(unicodedata.normalize("NFC", name).strip())
        if row is None:
            raise NotFound(_m("There is no login “{name}”.", name=name))
        return self.login(row["user_id"])

    def set_password(self, actor: Actor, user_id: int, password: str, email: str | None = None) -> None:
        """Raises `BadInput`. Reset links are void then; ending sessions and tokens is the caller's choice (`sessions.end_all`, `tokens.revoke_all`)."""
        login = self.login(user_id)
        problems = self._password_problems(user_id, password, (login.name, email or ""))
        if problems:
            raise BadInput(problems)
        values = {"password_hash": self._passwords.hash(password)}
        self._connection.execute(sa.update(system.fs_login).where(system.fs_login.c.user_id == user_id).values(values))
        self._connection.execute(sa.delete(system.fs_reset).where(system.fs_reset.c.user_id == user_id))
        audit.note(self._connection, self._now, actor, "password.changed", str(user_id))

    def rename(self, actor: Actor, user_id: int, name: str, email: str | None = None) -> None:
        """Let the user sign in as `name` from now on; `email` is noted where it changes too (the record is the caller's to write, and sessions to end).

        Raises `BadInput` where a name cannot be, or name or address already open somebody else's door. Reset links are void then.
        """
        name = unicodedata.normalize("NFC", name).strip()
        former, problems = self.login(user_id), self._name_problems(name, user_id)
        holder = self._by_name(email) if email else None
        if holder is not None and holder["user_id"] != user_id:
            problems.append(Problem("email_taken", _m("Somebody else signs in with this address."), "/email"))
        if problems:
            raise BadInput(problems)
        self._connection.execute(sa.update(system.fs_login).where(system.fs_login.c.user_id == user_id).values(name=name, name_fold=fold(name)))
        self._connection.execute(sa.delete(system.fs_reset).where(system.fs_reset.c.user_id == user_id))
        more: dict[str, Any] = {} if email is None else {"email": email}
        audit.note(self._connection, self._now, actor, "login.changed", str(user_id), name=name, former=former.name, **more)
        bump_access(self._connection)

    def set_roles(self, actor: Actor, user_id: int, roles: tuple[str, ...]) -> None:
        """Replace the roles. Raises `BadInput` for unknown ones, `Conflict` when nobody would be left to administer."""
        problems = self._role_problems(roles)
        if problems:
            raise BadInput(problems)
        self._put_roles(user_id, roles)
        self._keep_an_administrator()
        audit.note(self._connection, self._now, actor, "roles.changed", str(user_id), roles=roles)
        bump_access(self._connection)

    def set_active(self, actor: Actor, user_id: int, active: bool) -> None:
        """Suspend or let in again. Raises `Conflict` when nobody would be left to administer.

        Sessions and reset links end with a suspension; tokens stay, and are refused as long as it lasts.
        """
        self.login(user_id)
        if not active:
            end_all(self._connection, user_id)
            self._connection.execute(sa.delete(system.fs_reset).where(system.fs_reset.c.user_id == user_id))
        self._connection.execute(sa.update(system.fs_login).where(system.fs_login.c.user_id == user_id).values(active=active))
        self._keep_an_administrator()
        audit.note(self._connection, self._now, actor, "login.resumed" if active else "login.suspended", str(user_id))
        bump_access(self._connection)

    def has_administrator(self) -> bool:
        """True when somebody who may sign in holds a role that administers."""
        return has_administrator(self._connection, self._schema)

    def _keep_an_administrator(self) -> None:
        if not self.has_administrator():
            raise nobody_left()

    def _by_name(self, name: str) -> Any:
        if not name or len(name) > LONGEST_NAME * 4 or "\0" in name:
            return None
        table = system.fs_login
        row = self._connection.execute(sa.select(table).where(table.c.name_fold == fold(name))).mappings().first()
        if row is not None or "@" not in name:
            return row
        user = self._model.entities["user"]
        if "email" not in user.fields:
            return None
        people = self._schema.table("user")
        address = self._schema.columns(user.fields["email"])[0]
        query = sa.select(table).join_from(table, people, people.c.id == table.c.user_id).where(people.c.deleted_at.is_(None))
        rows = self._connection.execute(query.where(sa.func.lower(address) == name.lower()).limit(2)).mappings().all()
        return rows[0] if len(rows) == 1 else None  # an address two logins share names nobody

    def _name_problems(self, name: str, own: int | None = None) -> list[Problem]:
        """Why `name` cannot be a login name, of a new user or of `own`."""
        if not name or len(name) > LONGEST_NAME or any(ord(char) < 32 or ord(char) == 127 for char in name):
            return [Problem("login_name", _m("The login name must have 1 to {most} characters in one line.", most=LONGEST_NAME), "/name")]
        holder = self._by_name(name)
        if holder is not None and holder["user_id"] != own:
            return [Problem("login_taken", _m("Somebody already signs in as “{name}”. Choose another name.", name=name), "/name")]
        return []

    def _password_problems(self, user_id: int, password: str, names: tuple[str, ...]) -> list[Problem]:
        kind, shown = self._record(user_id)
        if kind == SERVICE:
            return [Problem("service_password", _m("A service has no password. It signs in with API tokens."), "/password")]
        return self._passwords.problems(password, (*names, shown, self._model.company.name))

    def _record(self, user_id: int) -> tuple[str, str]:
        """What the user's record says of its kind, and what the user is called."""
        user, people = self._model.entities["user"], self._schema.table("user")
        shown = self._schema.columns(user.fields[user.name_field])[0]
        row = self._connection.execute(sa.select(kind_column(self._schema), shown).where(people.c.id == user_id)).first()
        return (PERSON, "") if row is None else (row[0] or PERSON, str(row[1] or ""))

    def _role_problems(self, roles: tuple[str, ...]) -> list[Problem]:
        known = self._model.roles
        return [
            Problem("unknown_role", _m("There is no role “{name}”.", name=role), "/roles", did_you_mean(role, known)) for role in roles if role not in known
        ]

    def _roles_of(self, user_id: int) -> tuple[str, ...]:
        held = system.fs_user_role
        return tuple(self._connection.execute(sa.select(held.c.role).where(held.c.user_id == user_id).order_by(held.c.role)).scalars())

    def _put_roles(self, user_id: int, roles: tuple[str, ...]) -> None:
        held = system.fs_user_role
        self._connection.execute(sa.delete(held).where(held.c.user_id == user_id))
        for role in dict.fromkeys(roles):
            self._connection.execute(sa.insert(held), {"user_id": user_id, "role": role})
