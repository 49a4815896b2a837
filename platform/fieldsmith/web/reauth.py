"""Asking for the password again before what is dangerous: `require_fresh()` in the page that offers it and in the POST that does it.

    def purge() -> Response:
        reauth.require_fresh()

Sends the browser to `/me/confirm` and back when the password was last given more than 15 minutes ago. API tokens pass: one needs a fresh
password to make them. Not for what must ask every time, like changing the password: that calls `check_password` itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import quote, urlsplit

from flask import Response, abort, request

from fieldsmith.base.context import Actor
from fieldsmith.base.errors import BadInput, Forbidden
from fieldsmith.base.problems import Problem
from fieldsmith.base.text import _m
from fieldsmith.identity import audit, sessions, throttle
from fieldsmith.web import auth, current, page

if TYPE_CHECKING:
    from fieldsmith.workspace import Work

FRESH = timedelta(minutes=15)
REQUIRED = "reauthentication_required"
_RIGHTS = frozenset({"role", "sharing_rule"})


def is_fresh() -> bool:
    """Was the password given in this session within the last 15 minutes?"""
    session = current.visit().session
    return session is not None and session.proven_at is not None and current.workspace().clock.now() - session.proven_at < FRESH


def require_fresh() -> None:
    """Go on only with a fresh password or by API token; else the browser is asked for it, and who calls the API by cookie gets a 403."""
    visit = current.visit()
    current.signed_in()
    if visit.token is None and not is_fresh():
        _ask()


def require_fresh_for(kinds: Iterable[str]) -> None:
    """`require_fresh` where documents of these kinds change what people may do. For publishing, on screens and by API."""
    if not _RIGHTS.isdisjoint(kinds):
        require_fresh()


def check_password(me: int, password: str, field: str) -> None:
    """Is it the present password of `me`, who is signed in? Call `prove` once what it was asked for is done.

    Raises `BadInput` pointing at `field`, and `Throttled` from the 11th wrong try on.
    """
    workspace, address, actor = current.workspace(), request.remote_addr or "", current.actor()
    name = auth.users(current.work()).login(me).name
    current.end_reading()
    wait = workspace.write(lambda work: throttle.attempt(work.connection, work.now, name, address))
    if wait:
        raise throttle.refusal(wait)
    good = auth.users(current.work()).authenticate(name, password) == me
    current.end_reading()
    if not good:
        workspace.write(lambda work: audit.note(work.connection, work.now, actor, "reauthentication.refused", str(me), address=address))
        raise BadInput([Problem("password_wrong", _m("This is not your present password."), f"/{field}")])
    workspace.write(lambda work: throttle.forgive(work.connection, name, address))


def prove(work: Work, actor: Actor, me: int) -> None:
    """This session is fresh from now on: its password was just checked."""
    session = current.visit().session
    if session is not None:
        sessions.prove(work.connection, work.now, session.token_hash)
    audit.note(work.connection, work.now, actor, "reauthenticated", str(me), address=request.remote_addr or "")


def _ask() -> NoReturn:
    if current.visit().api:
        message = _m("This needs a password given within the last minutes.")
        hint = _m("Confirm it at /me/confirm, or use an API token.")
        raise Forbidden(message, [Problem(REQUIRED, message, "", hint)])
    target = "/me/confirm?next=" + quote(_way_back(), safe="/")
    if request.headers.get("HX-Request"):
        abort(Response("", 200, {"HX-Redirect": target}))
    abort(page.go(target))


def _way_back() -> str:
    """The page asked for; for what was sent, the page it was sent from."""
    if request.method == "GET":
        return request.full_path.removesuffix("?")
    parts = urlsplit(request.referrer or "")
    return auth.local_target(parts.path + (f"?{parts.query}" if parts.query else "")) if parts.netloc == request.host else "/"
