"""The product as one person sees it: for one browser of an administrator, by a signed cookie, for reading only and for half an hour.

`auth.resolve` calls `begin` once it knows who calls; from there on the request has that person's rights, and `Actor.on_behalf` the
administrator's name. What is a secret of that person stays closed. Beginning and ending are in the audit log.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from flask import Request, current_app
from markupsafe import Markup

from fieldsmith.base.context import Actor
from fieldsmith.base.errors import BadInput, Forbidden, NotFound
from fieldsmith.base.problems import Problem
from fieldsmith.base.text import _m
from fieldsmith.identity import audit
from fieldsmith.identity.secrecy import keyed, same
from fieldsmith.records.explaining import subject_of
from fieldsmith.web import current
from fieldsmith.web.current import Viewing, Visit
from fieldsmith.web.previewing import READING_POSTS, SAFE

VIEW_COOKIE = "fieldsmith_view_as"
LASTS = timedelta(minutes=30)
_LEAVING = "studio_leave_view_as"
_SIGN_OUT = "logout"
_SECRETS = ("/me", "/api/v1/me", "/api/v1/tokens", "/api/v1/sessions")
"""Tokens, sessions, second factors and settings: a person's own, whoever looks."""


def begin(visit: Visit, incoming: Request) -> None:
    """Have the rest of the request see what the person in the cookie sees, where an administrator's browser sent it.

    Raises `Forbidden` for everything that would write, and for the person's secrets. What can no longer be viewed ends, with a notice.
    """
    asked = _asked(visit, incoming.cookies[VIEW_COOKIE])
    if asked is None or visit.preview is not None or not current.work().runtime.policy.is_administrator(visit.actor):
        visit.cookies[VIEW_COOKIE] = None
        return
    user, until = asked
    work = current.work()
    try:
        subject = subject_of(work, user)
    except NotFound:
        subject = None
    if subject is None or not subject.active or work.now >= until or incoming.endpoint == _SIGN_OUT:
        _end(visit, visit.actor, user, "time" if work.now >= until else "sign-out" if incoming.endpoint == _SIGN_OUT else "suspended")
        return
    visit.viewing = Viewing(user, subject.actor.name, visit.actor, until)
    visit.actor = replace(subject.actor, language=visit.actor.language, via=visit.actor.via, on_behalf=visit.actor.name)
    _require_harmless(incoming)


def start(user: int) -> None:
    """From the next request on this browser sees what `user` sees. Raises `BadInput`, `Forbidden` and `NotFound`."""
    visit = current.visit()
    admin = current.signed_in()
    work = current.work()
    if visit.session is None or not work.runtime.policy.is_administrator(admin):
        raise Forbidden(_m("Only administrators may view the product as somebody else."))
    subject = subject_of(work, user)
    if user == admin.id or not subject.active:
        message = (
            _m("That is yourself. Choose somebody else.")
            if user == admin.id
            else _m("{name} may not sign in, so there is nothing to see.", name=subject.actor.name)
        )
        raise BadInput([Problem("cannot_view_as", message, "/user")], message)
    until = int((work.now + LASTS).replace(tzinfo=UTC).timestamp())
    current.end_reading()
    current.workspace().write(lambda writing: audit.note(writing.connection, writing.now, admin, "view_as.began", str(user)))
    visit.cookies[VIEW_COOKIE] = f"{user}.{until}.{_signature(visit, admin, user, until)}"


def leave() -> int | None:
    """End it; whom the administrator looked as."""
    visit = current.visit()
    viewing = visit.viewing
    if viewing is None:
        return None
    visit.viewing, visit.actor = None, viewing.by
    _end(visit, viewing.by, viewing.user, "")
    return viewing.user


def bar(token: str) -> Markup:
    """Says as whom one looks, and how to leave; empty otherwise."""
    viewing = current.visit().viewing
    if viewing is None:
        return Markup("")
    left = max(1, -(-int((viewing.until - current.work().now).total_seconds()) // 60))
    return Markup(current_app.jinja_env.get_template("parts/view_as_bar.html").render(name=viewing.name, minutes=left, csrf_token=token))


def _require_harmless(incoming: Request) -> None:
    if incoming.endpoint == _LEAVING:
        return
    if incoming.path in _SECRETS or incoming.path.startswith(tuple(f"{path}/" for path in _SECRETS)):
        raise Forbidden(_m("Settings, sessions, tokens and second factors of somebody else stay closed. Stop viewing first; the button is at the top."))
    if incoming.method not in SAFE and incoming.endpoint not in READING_POSTS:
        raise Forbidden(_m("You view the product as somebody else: nothing can be changed. Stop viewing first; the button is at the top."))


def _end(visit: Visit, admin: Actor, user: int, why: str) -> None:
    from fieldsmith.web import page

    visit.cookies[VIEW_COOKIE] = None
    current.end_reading()
    visit.served.workspace.write(lambda work: audit.note(work.connection, work.now, admin, "view_as.ended", str(user), reason=why or "left"))
    if why in ("time", "suspended"):
        page.notify(_m("You see your own product again: viewing as somebody else has ended."), "info")


def _asked(visit: Visit, cookie: str) -> tuple[int, datetime] | None:
    user, _, rest = cookie.partition(".")
    until, _, signature = rest.partition(".")
    if not all(part.isascii() and part.isdigit() and len(part) < 12 for part in (user, until)):
        return None
    if not same(signature, _signature(visit, visit.actor, int(user), int(until))):
        return None
    return int(user), datetime.fromtimestamp(int(until), UTC).replace(tzinfo=None)


def _signature(visit: Visit, admin: Actor, user: int, until: int) -> str:
    """Good in this session of this administrator only."""
    session = visit.session.token_hash if visit.session is not None else ""
    return keyed(current.workspace().settings.secret, "view as", str(admin.id), str(session), str(user), str(until))
