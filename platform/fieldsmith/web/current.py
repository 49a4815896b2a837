"""Typed getters for the request at hand. Screens and the API ask here; nothing else reads Flask's `g`.

    current.workspace()  current.actor()  current.work()  current.words()  current.csrf()

Not for services: those get an `Actor` and a `Work` as arguments.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, cast

from flask import current_app, g
from flask_babel import get_translations

from fieldsmith.base.context import ANONYMOUS, Actor
from fieldsmith.base.errors import NotSignedIn
from fieldsmith.base.text import Message, Words, _m
from fieldsmith.identity.audit_refusals import Refusals
from fieldsmith.identity.calls import Calls
from fieldsmith.identity.memory import Memory
from fieldsmith.identity.passwords import Passwords
from fieldsmith.identity.providers import PasswordProvider, Provider
from fieldsmith.identity.secrecy import keyed, new_token
from fieldsmith.identity.sessions import Session
from fieldsmith.identity.tokens import Token
from fieldsmith.meta.model import Model
from fieldsmith.web.metrics import Metrics

if TYPE_CHECKING:
    from fieldsmith.workspace import Work, Workspace

EXTENSION = "fieldsmith"
VISITOR_COOKIE = "fieldsmith_visitor"  # ties a form to the browser that asked for it, before there is a session
LANGUAGES = ("en", "zh_Hans", "zh_Hant")


@dataclass(frozen=True, slots=True)
class Served:
    """What one Flask app keeps: its workspace and what identity needs in this process."""

    workspace: Workspace
    passwords: Passwords
    memory: Memory = field(default_factory=Memory)
    metrics: Metrics = field(default_factory=Metrics)
    providers: tuple[Provider, ...] = (PasswordProvider(),)
    refusals: Refusals = field(default_factory=Refusals)
    calls: Calls = field(default_factory=lambda: Calls(0))


@dataclass(frozen=True, slots=True)
class Previewed:
    """A draft being looked at, `role` says as whom, `by` the administrator; `screens`: this request sees it. `key` changes with what is seen."""

    draft: int
    title: str
    role: Message
    by: Actor
    screens: bool
    key: str


@dataclass(frozen=True, slots=True)
class Viewing:
    """The product seen as `user`, called `name`, by an administrator, at most until then."""

    user: int
    name: str
    by: Actor
    until: datetime


@dataclass(slots=True)
class Visit:
    """One request. `reading` is the open read transaction, ended with the request; `cookies` are set on the answer."""

    served: Served
    request_id: str
    api: bool
    actor: Actor = ANONYMOUS
    session: Session | None = None
    token: Token | None = None
    visitor: str | None = None
    reading: AbstractContextManager[Work] | None = None
    work: Work | None = None
    preview: Previewed | None = None
    viewing: Viewing | None = None
    cookies: dict[str, str | None] = field(default_factory=dict)


def served() -> Served:
    return cast(Served, current_app.extensions[EXTENSION])


def visit() -> Visit:
    return cast(Visit, g.visit)


def workspace() -> Workspace:
    return visit().served.workspace


def actor() -> Actor:
    """Who calls; `ANONYMOUS` kind when nobody signed in."""
    return visit().actor


def signed_in() -> Actor:
    """Who calls. Raises `NotSignedIn` for visitors (screens send them to the sign-in page)."""
    found = visit().actor
    if found.kind == "anonymous":
        raise NotSignedIn(_m("Sign in first."))
    return found


def work() -> Work:
    """The read transaction of this request, opened at first use. Write with `current.workspace().write(...)` after `end_reading()`."""
    now = visit()
    if now.work is None:
        seen, workspace = now.preview, now.served.workspace
        now.reading = workspace.read() if seen is None or not seen.screens else workspace.preview(seen.by, seen.draft)
        now.work = now.reading.__enter__()
    return now.work


def end_reading() -> None:
    """Close the read transaction, if any: before a write, and at the end of the request."""
    now = visit()
    if now.reading is not None:
        reading, now.reading, now.work = now.reading, None, None
        reading.__exit__(None, None, None)


def model() -> Model:
    return work().model


def request_id() -> str:
    return visit().request_id


def language() -> str:
    """`en`, `zh_Hans` or `zh_Hant`: the user's choice, then the browser's, then the company's."""
    return visit().actor.language


def language_of(stored: str | None) -> str | None:
    """The language a user record names (`zh_hans`: values of choices are small letters) as we call it; None for none of ours."""
    return next((name for name in LANGUAGES if name.lower() == (stored or "").lower()), None)


def words() -> Words:
    """How the reader of this request reads."""
    return Words(visit().actor.language, get_translations().ugettext)


def csrf() -> str:
    """The form token: hidden field `csrf_token` of every form, header `X-CSRF-Token` of every HTMX request.

    The session's own; for visitors one signed for a cookie that ties the form to this browser.
    """
    now = visit()
    if now.session is not None:
        return now.session.csrf
    if not now.visitor:
        now.visitor = now.cookies[VISITOR_COOKIE] = new_token()
    return keyed(now.served.workspace.settings.secret, "form", now.visitor)
