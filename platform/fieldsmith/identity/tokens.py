"""API tokens `fs_…`: shown once, stored as SHA-256, with scopes, revocable. Programs use them; browsers use sessions."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from fieldsmith.base.context import Actor
from fieldsmith.base.errors import BadInput, NotFound
from fieldsmith.base.problems import Problem, did_you_mean
from fieldsmith.base.text import _m
from fieldsmith.db import system
from fieldsmith.identity import audit
from fieldsmith.identity.people import bump_access
from fieldsmith.identity.secrecy import new_token, stored_form
from fieldsmith.identity.signed import Person, SignedQuery

PREFIX = "fs_"
SCOPES = ("read", "write", "all")
TOUCH = timedelta(minutes=1)
_WRITTEN = re.compile(PREFIX + r"[A-Za-z0-9_-]{43}").fullmatch


@dataclass(frozen=True, slots=True)
class Token:
    """A valid token as a request carries it."""

    id: int
    person: Person
    scopes: frozenset[str]
    expires_at: datetime | None
    last_used: datetime | None

    def allows(self, scope: str) -> bool:
        """`write` includes reading; `all` includes everything."""
        return "all" in self.scopes or scope in self.scopes or (scope == "read" and "write" in self.scopes)


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A token as its owner sees it in a list."""

    id: int
    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    last_used: datetime | None
    expires_at: datetime | None
    revoked_at: datetime | None


def looks_like_one(text: str) -> bool:
    """Is `text` written as our tokens are? Wherever one turns up that is not the Authorization header, it has leaked."""
    return _WRITTEN(text) is not None


def create(
    connection: sa.Connection, now: datetime, actor: Actor, user_id: int, name: str, scopes: tuple[str, ...] = ("all",), expires_at: datetime | None = None
) -> str:
    """A new token for `user_id`; the only time it can be read. Raises `BadInput` for a bad name or unknown scopes."""
    name = unicodedata.normalize("NFC", name).strip()
    problems = [_unknown(scope) for scope in scopes if scope not in SCOPES]
    if not name or len(name) > 120 or not name.isprintable():
        problems.append(Problem("token_name", _m("The token needs a name of 1 to 120 characters, so that you can tell it from others."), "/name"))
    if problems or not scopes:
        raise BadInput(problems or [_unknown("")])
    token = new_token(PREFIX)
    row = {
        "user_id": user_id,
        "name": name,
        "token_hash": stored_form(token),
        "scopes": " ".join(sorted(set(scopes))),
        "created_at": now,
        "last_used": None,
        "expires_at": expires_at,
        "revoked_at": None,
    }
    connection.execute(sa.insert(system.fs_token), row)
    audit.note(connection, now, actor, "token.created", str(user_id), name=name, scopes=sorted(set(scopes)))
    return token


def find(connection: sa.Connection, signed: SignedQuery, now: datetime, token_hash: str) -> Token | None:
    """The valid token behind `token_hash`; None when unknown, revoked, expired or its user may not act."""
    table = system.fs_token
    query = signed.select(table, table.c.id, table.c.scopes, table.c.expires_at, table.c.last_used)
    live = sa.and_(table.c.revoked_at.is_(None), sa.or_(table.c.expires_at.is_(None), table.c.expires_at > now))
    rows = connection.execute(query.where(table.c.token_hash == token_hash, live)).all()
    if not rows:
        return None
    token_id, scopes, expires_at, last_used = rows[0][:4]
    return Token(token_id, signed.person(rows), frozenset(scopes.split()), expires_at, last_used)


def touch(connection: sa.Connection, now: datetime, token: Token) -> None:
    """Note that the token is in use (callers do so at most once a minute: `TOUCH`)."""
    connection.execute(sa.update(system.fs_token).where(system.fs_token.c.id == token.id).values(last_used=now))


def list_of(connection: sa.Connection, user_id: int) -> list[TokenRow]:
    """Tokens of one user, newest first."""
    table = system.fs_token
    rows = connection.execute(sa.select(table).where(table.c.user_id == user_id).order_by(table.c.id.desc())).mappings()
    return [
        TokenRow(row["id"], row["name"], tuple(row["scopes"].split()), row["created_at"], row["last_used"], row["expires_at"], row["revoked_at"])
        for row in rows
    ]


def revoke(connection: sa.Connection, now: datetime, actor: Actor, user_id: int, token_id: int) -> None:
    """Raises `NotFound` unless `user_id` owns a live token `token_id`."""
    table = system.fs_token
    mine = sa.and_(table.c.id == token_id, table.c.user_id == user_id, table.c.revoked_at.is_(None))
    if not connection.execute(sa.update(table).where(mine).values(revoked_at=now)).rowcount:
        raise NotFound(_m("There is no such token."))
    audit.note(connection, now, actor, "token.revoked", str(token_id))
    bump_access(connection)


def revoke_all(connection: sa.Connection, now: datetime, actor: Actor, user_id: int) -> int:
    """Revoke every token of `user_id`; how many."""
    table = system.fs_token
    found = connection.execute(sa.update(table).where(table.c.user_id == user_id, table.c.revoked_at.is_(None)).values(revoked_at=now)).rowcount
    audit.note(connection, now, actor, "token.revoked_all", str(user_id), count=found)
    bump_access(connection)
    return found


def _unknown(scope: str) -> Problem:
    message = _m("There is no scope “{name}”; there are {known}.", name=scope, known=", ".join(SCOPES))
    return Problem("unknown_scope", message, "/scopes", did_you_mean(scope, SCOPES))
