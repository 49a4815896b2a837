"""What `/me` shows: the page with everything on it, after whatever was asked of it. Called by `pages_me` and `pages_me_doors`."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from flask import Response

from fieldsmith.base.context import Actor
from fieldsmith.base.text import _m
from fieldsmith.identity import sessions, tokens
from fieldsmith.web import auth, current, page, second_step
from fieldsmith.web.browsers import Browser
from fieldsmith.web.plain_forms import Errors
from fieldsmith.web.regions import zones

if TYPE_CHECKING:
    from fieldsmith.workspace import Work

PROFILE = ("name", "language", "time_zone")
LIVES_DAYS = (30, 90, 365)
SCOPES = (("read", _m("Read")), ("write", _m("Read and change")), ("all", _m("Everything I may")))


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page shows beside what is stored: what was typed, what was wrong with it, a token just made."""

    values: dict[str, str] = field(default_factory=dict)
    errors: Errors = field(default_factory=Errors)
    secret: str | None = None


def show(shown: Shown, status: int = 200) -> Response:
    """The page."""
    me, work, session = my_id(), current.work(), current.visit().session
    own, login = own_values(work, me), auth.users(work).login(me)
    answer = page.render(
        "me.html",
        status,
        values={"login": login.name, **own, **shown.values},
        errors=shown.errors,
        login=login,
        has_email="email" in work.model.entities["user"].fields,
        second=second_step.factor(work).state(me),
        sessions=[(row, Browser.of(row.agent)) for row in sessions.list_of(work.connection, work.now, me)],
        this_session=session.token_hash if session else "",
        tokens=[row for row in tokens.list_of(work.connection, me) if row.revoked_at is None],
        now=work.now,
        scope_names={scope: page.say(name) for scope, name in SCOPES},
        life_names=[(str(days), page.say(_m("In {days} days", days=days))) for days in LIVES_DAYS],
        zones=zones(),
        secret=shown.secret,
    )
    if shown.secret:
        answer.headers["Cache-Control"] = "no-store"
    return answer


def own_values(work: Work, me: int) -> dict[str, str]:
    """One's own record as the form has it."""
    record = work.records.get(system_as_me(), "user", me).values
    texts = {name: str(record.get(name) or "") for name in (*PROFILE, "email")}
    return {**texts, "language": current.language_of(texts["language"]) or ""}


def lives(days: str) -> timedelta | None:
    """How long a new token lives, as chosen from the list; None for ever."""
    return timedelta(days=int(days)) if days in {str(item) for item in LIVES_DAYS} else None


def my_id() -> int:
    """The record of who is signed in. Raises `NotSignedIn`."""
    found = current.signed_in().id
    assert found is not None, "a signed-in actor has a record"
    return found


def system_as_me() -> Actor:
    """Users may change some things of themselves without a right on users: the system does it in their name."""
    me = current.signed_in()
    return Actor("system", me.id, me.name, me.roles, me.language, me.timezone, "screen")
