"""Passwords: what a good one is, and argon2id hashes of them. Called by `identity.users` only."""

from __future__ import annotations

import unicodedata
from functools import cached_property

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from fieldsmith.base.problems import Problem
from fieldsmith.base.settings import Settings
from fieldsmith.base.text import _m
from fieldsmith.db.folding import fold

SHORTEST = 10
LONGEST = 1024  # argon2 reads every byte: without a cap a request could buy minutes of work


class Passwords:
    """Hashes with the parameters of the settings; a hash made with others is renewed at the next sign-in."""

    def __init__(self, settings: Settings) -> None:
        self._hasher = PasswordHasher(time_cost=settings.password_rounds, memory_cost=settings.password_memory_kib, parallelism=1, type=Type.ID)

    @cached_property
    def _decoy(self) -> str:
        return self._hasher.hash("a password nobody has")

    def problems(self, password: str, names: tuple[str, ...]) -> list[Problem]:
        """Why `password` may not be chosen by somebody called `names` (login name, e-mail)."""
        text = _normal(password)
        if len(text) < SHORTEST:
            message = _m("The password has {count} characters; it needs at least {least}.", count=len(text), least=SHORTEST)
            return [Problem("password_short", message, "/password")]
        if len(text) > LONGEST:
            return [Problem("password_long", _m("The password is longer than {most} characters.", most=LONGEST), "/password")]
        if fold(text) in {fold(name) for name in names if name}:
            return [Problem("password_is_name", _m("The password may not be the name or the e-mail address. Choose another."), "/password")]
        return []

    def hash(self, password: str) -> str:
        return self._hasher.hash(_octets(password))

    def matches(self, stored: str | None, password: str) -> bool:
        """True when `password` is the one of `stored`. Takes as long when there is nothing stored, so that names cannot be guessed by time."""
        if len(password) > LONGEST:
            return False
        try:
            self._hasher.verify(stored or self._decoy, _octets(password))
        except (VerificationError, InvalidHashError):
            return False
        return stored is not None

    def is_outdated(self, stored: str) -> bool:
        return self._hasher.check_needs_rehash(stored)


def _normal(password: str) -> str:
    """The same keys on two keyboards can give composed or decomposed letters: both must open the door."""
    return unicodedata.normalize("NFKC", password)


def _octets(password: str) -> bytes:
    return _normal(password).encode("utf-8", "surrogatepass")
