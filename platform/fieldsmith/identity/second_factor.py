"""The second factor: codes of an authenticator app (TOTP, RFC 6238) and recovery codes, each good for once. Called by `web` and `cli`.

No secret is stored. That of the app is derived from the workspace's secret and a random salt, and recovery codes are kept as signatures under
the workspace's secret: a copy of the database alone opens nothing. A new workspace secret makes all of them void (`reset` lets people in again).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from calendar import timegm
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyotp
import sqlalchemy as sa

from fieldsmith.base.context import Actor
from fieldsmith.base.errors import Conflict, NotFound
from fieldsmith.base.text import _m
from fieldsmith.db import system
from fieldsmith.db.tables import Schema
from fieldsmith.identity import audit
from fieldsmith.identity.people import ENTITY, acting, bump_access
from fieldsmith.identity.secrecy import keyed, new_token, same

STEP = 30  # seconds that one code lives
CODES = 10
_AROUND = (0, -1, 1)  # clocks differ: the step before and the one after are taken too
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # without what reads alike
_CODE_LENGTH = 10


@dataclass(frozen=True, slots=True)
class State:
    """`since` is when it was confirmed, None while it is not in force; `codes` how many recovery codes are left."""

    since: datetime | None = None
    codes: int = 0


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an app needs: the secret in base32, and the same as an otpauth address (for a QR code)."""

    secret: str
    address: str


class SecondFactor:
    """The second factors in one transaction: `SecondFactor(work.connection, settings.secret, work.now)`."""

    def __init__(self, connection: sa.Connection, secret: str, now: datetime) -> None:
        self._connection = connection
        self._secret = secret
        self._now = now

    def state(self, user_id: int) -> State:
        row = self._row(user_id)
        if row is None or row.confirmed_at is None:
            return State()
        table = system.fs_recovery_code
        left = sa.select(sa.func.count()).select_from(table).where(table.c.user_id == user_id, table.c.used_at.is_(None))
        return State(row.confirmed_at, int(self._connection.execute(left).scalar_one()))

    def is_on(self, user_id: int) -> bool:
        """Must this user give a code after the password?"""
        row = self._row(user_id)
        return row is not None and row.confirmed_at is not None

    def begin(self, user_id: int) -> None:
        """A fresh secret, in force only once it is confirmed. Raises `Conflict` while one is in force."""
        if self.is_on(user_id):
            raise Conflict(_m("There is a second factor already. Take it off first."))
        table = system.fs_second_factor
        self._connection.execute(sa.delete(table).where(table.c.user_id == user_id))
        row = {"user_id": user_id, "salt": new_token(), "created_at": self._now, "confirmed_at": None, "last_step": 0}
        self._connection.execute(sa.insert(table), row)

    def pending(self, user_id: int, login: str, issuer: str) -> Enrolment | None:
        """The secret that waits to be confirmed, for an app that will call it `issuer: login`; None where none waits."""
        row = self._row(user_id)
        if row is None or row.confirmed_at is not None:
            return None
        code = self._app(row.salt)
        return Enrolment(code.secret, code.provisioning_uri(name=login, issuer_name=issuer))

    def confirm(self, actor: Actor, user_id: int, code: str) -> tuple[str, ...] | None:
        """Put the secret that waits in force when `code` is right; the recovery codes, readable only now. None for a wrong code."""
        row = self._row(user_id)
        if row is None or row.confirmed_at is not None or not self._take(row, code):
            return None
        table = system.fs_second_factor
        self._connection.execute(sa.update(table).where(table.c.user_id == user_id).values(confirmed_at=self._now))
        audit.note(self._connection, self._now, actor, "second_factor.added", str(user_id))
        bump_access(self._connection)  # sessions remembered as without one are void
        return self._new_codes(user_id)

    def renew_codes(self, user_id: int) -> tuple[str, ...]:
        """Fresh recovery codes in place of those there were. Raises `NotFound` without a second factor."""
        if not self.is_on(user_id):
            raise NotFound(_m("There is no second factor."))
        return self._new_codes(user_id)

    def accepts(self, actor: Actor, user_id: int, given: str) -> bool:
        """Is `given` the app's code, or a recovery code? Each is taken once only, however many ask at the same time."""
        row = self._row(user_id)
        if row is None or row.confirmed_at is None:
            return False
        if self._take(row, given):
            return True
        table = system.fs_recovery_code
        mine = sa.and_(table.c.user_id == user_id, table.c.code_hash == self._kept(user_id, given), table.c.used_at.is_(None))
        if self._connection.execute(sa.select(table.c.user_id).where(mine)).first() is None:
            return False  # a guess writes nothing
        if not self._connection.execute(sa.update(table).where(mine).values(used_at=self._now)).rowcount:
            return False
        audit.note(self._connection, self._now, actor, "second_factor.recovery_used", str(user_id), left=self.state(user_id).codes)
        return True

    def remove(self, actor: Actor, user_id: int) -> bool:
        """Take the second factor off, with its recovery codes; was there one?"""
        was = self.is_on(user_id)
        for table in (system.fs_second_factor, system.fs_recovery_code):
            self._connection.execute(sa.delete(table).where(table.c.user_id == user_id))
        if was:
            audit.note(self._connection, self._now, actor, "second_factor.removed", str(user_id))
            bump_access(self._connection)
        return was

    def _take(self, row: Any, code: str) -> bool:
        """Is `code` that of a step not used yet? Then the step is used up, and those before it."""
        digits = "".join(code.split())
        present, app = timegm(self._now.timetuple()) // STEP, self._app(row.salt)
        steps = [present + offset for offset in _AROUND if same(app.generate_otp(present + offset), digits)]
        table = system.fs_second_factor
        for step in steps:
            unused = sa.and_(table.c.user_id == row.user_id, table.c.salt == row.salt, table.c.last_step < step)
            if step > row.last_step and self._connection.execute(sa.update(table).where(unused).values(last_step=step)).rowcount:
                return True  # the condition is asked again by the database: of two at the same time one gets in
        return False

    def _new_codes(self, user_id: int) -> tuple[str, ...]:
        table = system.fs_recovery_code
        self._connection.execute(sa.delete(table).where(table.c.user_id == user_id))
        made = tuple("".join(secrets.choice(_ALPHABET) for _ in range(_CODE_LENGTH)) for _ in range(CODES))
        self._connection.execute(sa.insert(table), [{"user_id": user_id, "code_hash": self._kept(user_id, code), "used_at": None} for code in made])
        return tuple(f"{code[:5]}-{code[5:]}" for code in made)

    def _row(self, user_id: int) -> Any:
        table = system.fs_second_factor
        return self._connection.execute(sa.select(table).where(table.c.user_id == user_id)).first()

    def _app(self, salt: str) -> pyotp.TOTP:
        made = hmac.new(self._secret.encode(), b"second factor\x1f" + salt.encode(), hashlib.sha256).digest()[:20]
        return pyotp.TOTP(base64.b32encode(made).decode(), interval=STEP)

    def _kept(self, user_id: int, code: str) -> str:
        plain = "".join(sign for sign in code.lower() if sign.isalnum())[:100]
        return keyed(self._secret, "recovery code", str(user_id), plain)


def administrator_has_one(connection: sa.Connection, schema: Schema) -> bool:
    """Does somebody who administers and may sign in have a second factor in force?"""
    factor, logins, held, people = system.fs_second_factor, system.fs_login, system.fs_user_role, schema.table(ENTITY)
    roles = [role.name for role in schema.model.roles.values() if role.administrator]
    joined = factor.join(logins, logins.c.user_id == factor.c.user_id).join(held, held.c.user_id == factor.c.user_id)
    query = sa.select(sa.literal(1)).select_from(joined.join(people, people.c.id == factor.c.user_id)).limit(1)
    return connection.execute(query.where(factor.c.confirmed_at.is_not(None), logins.c.active, held.c.role.in_(roles), acting(schema))).first() is not None
