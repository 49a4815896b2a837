"""The seam for ways of signing in: passwords today; OIDC, LDAP and passkeys can be added without touching the pages.

A provider says who somebody is. What follows is the same for all: second factor, session, audit, suspension. Providers are handed to
`web.current.Served`; the sign-in page shows the fields of those that ask something and a button for those that begin elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from fieldsmith.base.text import Message, _m
from fieldsmith.identity.users import Users


class Provider(Protocol):
    """One way of signing in.

    `name` is a short word of letters, `title` what its button says. `begins_at` is the local address where it begins (one that redirects to an
    identity provider, or a page with a script for passkeys), None for one that only needs `fields` of the sign-in form.
    """

    @property
    def name(self) -> str: ...

    @property
    def title(self) -> Message: ...

    @property
    def fields(self) -> tuple[str, ...]: ...

    @property
    def begins_at(self) -> str | None: ...

    @property
    def proves_twice(self) -> bool:
        """True when it has asked for a second factor itself, as a passkey or a company's identity provider does: then no code is asked for."""
        ...

    def identify(self, users: Users, given: Mapping[str, str]) -> int | None:
        """The record id of the user whom `given` (the fields; for others what came back) proves; None for everything else, in the same time."""
        ...


class PasswordProvider:
    """Name and password, as kept by `Users`."""

    name = "password"
    title = _m("Name and password")
    fields = ("name", "password")
    begins_at = None
    proves_twice = False

    def identify(self, users: Users, given: Mapping[str, str]) -> int | None:
        return users.authenticate(given.get("name", ""), given.get("password", ""))
