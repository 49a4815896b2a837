"""Passwords: what a good one is, and argon2id hashes of them. Called by `identity.users` only."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import cached_property

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from fieldsmith.base.problems import Problem
from fieldsmith.base.settings import Settings
from fieldsmith.base.text import _m
from fieldsmith.db.folding import fold
from fieldsmith.identity.strength import Strength

SHORTEST = 10
LONGEST = 1024  # argon2 reads every byte: without a cap a request could buy minutes of work
_LEAST_BESIDE_NAMES = 5
_SHORTEST_PART = 4


class Passwords:
    """Hashes with the parameters of the settings; a hash made with others is renewed at the next sign-in."""

    def __init__(self, settings: Settings) -> None:
        self._hasher = PasswordHasher(time_cost=settings.password_rounds, memory_cost=settings.password_memory_kib, parallelism=1, type=Type.ID)
        self._strength = Strength()

    @cached_property
    def _decoy(self) -> str:
        return self._hasher.hash("a password nobody has")

    def problems(self, password: str, names: Iterable[str]) -> list[Problem]:
        """Why `password` may not be chosen by somebody who is called `names`: login, e-mail, the person's name, the company's."""
        text = _normal(password)
        if len(text) < SHORTEST:
            message = _m("The password has {count} characters; it needs at least {least}.", count=len(text), least=SHORTEST)
            return [Problem("password_short", message, "/password")]
        if len(text) > LONGEST:
            return [Problem("password_long", _m("The password is longer than {most} characters.", most=LONGEST), "/password")]
        if _says(text, names):
            message = _m("The password may not be the name, the e-mail address or the company, nor little more than that. Choose another.")
            return [Problem("password_is_name", message, "/password")]
        weakness = self._strength.weakness(text)
        if weakness == "breached":
            message = _m("This password is on the list of those known from breaches: it is tried first. Choose another; a short sentence is best.")
            return [Problem("password_breached", message, "/password")]
        if weakness is not None:
            message = _m("This password is guessed too easily: a common word, a row of keys or a pattern. Choose another; a short sentence is best.")
            return [Problem("password_guessable", message, "/password")]
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


def _says(password: str, names: Iterable[str]) -> bool:
    """Is `password` one of `names`, or do names and their parts leave little of it?"""
    rest = fold(password)
    known = {fold(_normal(name)).strip() for name in names} - {""}
    if rest in known:
        return True
    parts = known | {part for name in known for part in "".join(sign if sign.isalnum() else " " for sign in name).split()}
    for part in sorted(parts, key=len, reverse=True):
        if len(part) >= _SHORTEST_PART:
            rest = rest.replace(part, "")
    return sum(sign.isalnum() for sign in rest) < _LEAST_BESIDE_NAMES and len(rest) < len(fold(password))


def _normal(password: str) -> str:
    """The same keys on two keyboards can give composed or decomposed letters: both must open the door."""
    return unicodedata.normalize("NFKC", password)


def _octets(password: str) -> bytes:
    return _normal(password).encode("utf-8", "surrogatepass")
