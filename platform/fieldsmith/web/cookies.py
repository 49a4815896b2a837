"""Names of cookies on the wire: under https each of ours is called `__Host-…`, so that browsers take it from this host alone, by https, for all its paths.

A cookie without the prefix, which a name below ours or a plain http answer could have planted, is not seen under https.
The rest of `web` uses the plain names: it reads `request.cookies` and writes `visit.cookies`.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

from flask import Request
from werkzeug.datastructures import ImmutableMultiDict

PREFIX = "__Host-"


def wire_name(name: str, secure: bool) -> str:
    """What the cookie `name` is called in answers to a request that was `secure`."""
    return PREFIX + name if secure else name


class OurRequest(Request):
    """A request whose `cookies` have our plain names."""

    @cached_property
    def cookies(self) -> ImmutableMultiDict[str, str]:
        sent: Any = super().cookies
        if not self.is_secure:
            return ImmutableMultiDict(sent)
        return ImmutableMultiDict([(name.removeprefix(PREFIX), value) for name, value in sent.items(multi=True) if name.startswith(PREFIX)])
