"""`/me`: one's own name, language, time zone, theme, password and API tokens. Plain forms; each is its own small POST.

A user may change these of oneself without a right on users, so the record is written by the system in the user's name.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, request

from fieldsmith.base.context import Actor
from fieldsmith.base.errors import BadInput, Throttled
from fieldsmith.base.problems import Problem
from fieldsmith.base.text import _m
from fieldsmith.identity import sessions, throttle, tokens
from fieldsmith.identity.people import bump_access
from fieldsmith.web import auth, current, page, plain_forms
from fieldsmith.web.plain_forms import Errors
from fieldsmith.web.preferences import THEMES, choose
from fieldsmith.web.regions import zones

if TYPE_CHECKING:
    from fieldsmith.workspace import Work

_PROFILE = ("name", "language", "time_zone")
_PASSWORD = ("current", "password", "again")
_LIVES_DAYS = (30, 90, 365)
_SCOPES = (("read", _m("Read")), ("write", _m("Read and change")), ("all", _m("Everything I may")))


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page shows beside what is stored: what was typed, what was wrong with it, a token just made."""

    values: dict[str, str] = field(default_factory=dict)
    errors: Errors = field(default_factory=Errors)
    secret: str | None = None


def register(app: Flask) -> None:
    app.add_url_rule("/me", "me", me_page)
    app.add_url_rule("/me", "me_profile", save_profile, methods=["POST"])
    app.add_url_rule("/me/preferences", "me_preferences", save_preferences, methods=["POST"])
    app.add_url_rule("/me/password", "me_password", change_password, methods=["POST"])
    app.add_url_rule("/me/tokens", "me_tokens", new_token, methods=["POST"])
    app.add_url_rule("/me/tokens/<int(max=9223372036854775807):token_id>/revoke", "me_token_revoke", revoke_token, methods=["POST"])


def me_page() -> Response:
    """`GET /me`."""
    return _me(Shown())


def save_profile() -> Response:
    """`POST /me`: name, language, time zone."""
    me = _my_id()
    values = {name: plain_forms.text(name) for name in _PROFILE}
    problems = plain_forms.one_line(values["name"], "/name", 120)
    problems += plain_forms.one_of(values["language"], frozenset(("", *current.LANGUAGES)), "/language")
    problems += plain_forms.one_of(values["time_zone"], frozenset(("", *zones())), "/time_zone")
    try:
        if problems:
            raise BadInput(problems)
        _save_own_record(me, {name: value or None for name, value in {**values, "language": values["language"].lower()}.items()})
    except BadInput as error:
        return _me(Shown(values, Errors.of(error, _PROFILE)), 422)
    page.notify(_m("Your settings were saved."))
    return page.go("/me")


def save_preferences() -> Response:
    """`POST /me/preferences`: theme, app or language from the menus; htmx needs no answer, a plain form goes back."""
    me = _my_id()
    theme, app, language = (request.form.get(name) for name in ("theme", "app", "language"))
    if theme in THEMES:
        choose("theme", theme)
    if app is not None and app in current.model().apps:
        choose("app", app)
    if language in current.LANGUAGES:
        _save_own_record(me, {"language": language.lower()})
    if request.headers.get("HX-Request"):
        return Response("", 204)
    return page.go(auth.local_target(request.form.get("next")))


def change_password() -> Response:
    """`POST /me/password`: asks for the present one; other browsers and, if wished, API tokens are signed out."""
    me = _my_id()
    try:
        _check_present_password(me, request.form.get("current", ""))
        new = request.form.get("password", "")
        if new != request.form.get("again", ""):
            raise BadInput([Problem("passwords_differ", _m("The two new passwords differ. Type the same one twice."), "/again")])
        session = current.visit().session
        kept = session.token_hash if session else None
        current.end_reading()
        current.workspace().write(lambda work: _change_password(work, current.actor(), me, new, kept))
    except BadInput as error:
        return _me(Shown(errors=Errors.of(error, _PASSWORD)), 422)
    except Throttled as error:
        return _me(Shown(errors=Errors({"current": [page.say(error.title)]})), 429)
    page.notify(_m("Your password was changed. Other browsers were signed out."))
    return page.go("/me")


def new_token() -> Response:
    """`POST /me/tokens`: the answer is the only page that ever shows the token."""
    me, actor = _my_id(), current.actor()
    name, scope, days = plain_forms.text("token_name"), request.form.get("scope", ""), request.form.get("days", "")
    lives = timedelta(days=int(days)) if days in {str(item) for item in _LIVES_DAYS} else None
    current.end_reading()
    try:
        secret = current.workspace().write(
            lambda work: tokens.create(work.connection, work.now, actor, me, name, (scope,), work.now + lives if lives else None)
        )
    except BadInput as error:
        renamed = BadInput([Problem(item.code, item.message, "/token_name", item.hint) for item in error.problems])
        return _me(Shown({"token_name": name}, Errors.of(renamed, ("token_name",))), 422)
    answer = _me(Shown(secret=secret))
    answer.headers["Cache-Control"] = "no-store"
    return answer


def revoke_token(token_id: int) -> Response:
    """`POST /me/tokens/{id}/revoke`."""
    me, actor = _my_id(), current.actor()
    current.end_reading()
    current.workspace().write(lambda work: tokens.revoke(work.connection, work.now, actor, me, token_id))
    page.notify(_m("The token was revoked. Programs that used it are refused from now on."))
    return page.go("/me")


def _me(shown: Shown, status: int = 200) -> Response:
    me, work = _my_id(), current.work()
    own = _own_values(work, me)
    return page.render(
        "me.html",
        status,
        values={**own, **shown.values},
        errors=shown.errors,
        login=auth.users(work).login(me),
        email=own["email"],
        tokens=[row for row in tokens.list_of(work.connection, me) if row.revoked_at is None],
        scope_names={scope: page.say(name) for scope, name in _SCOPES},
        life_names=[(str(days), page.say(_m("In {days} days", days=days))) for days in _LIVES_DAYS],
        zones=zones(),
        secret=shown.secret,
    )


def _own_values(work: Work, me: int) -> dict[str, str]:
    record = work.records.get(_system_as_me(), "user", me).values
    texts = {name: str(record.get(name) or "") for name in (*_PROFILE, "email")}
    return {**texts, "language": current.language_of(texts["language"]) or "", "token_name": ""}


def _save_own_record(me: int, values: dict[str, Any]) -> None:
    actor = _system_as_me()
    current.end_reading()

    def save(work: Work) -> None:
        fields = work.model.entities["user"].fields
        work.records.update(actor, "user", me, {name: value for name, value in values.items() if name in fields})
        bump_access(work.connection)  # who remembers this person reads the new language and zone

    current.workspace().write(save)


def _check_present_password(me: int, password: str) -> None:
    workspace, address = current.workspace(), request.remote_addr or ""
    name = auth.users(current.work()).login(me).name
    current.end_reading()
    wait = workspace.write(lambda work: throttle.attempt(work.connection, work.now, name, address))
    if wait:
        raise throttle.refusal(wait)
    if auth.users(current.work()).authenticate(name, password) != me:
        raise BadInput([Problem("password_wrong", _m("This is not your present password."), "/current")])
    current.end_reading()
    workspace.write(lambda work: throttle.forgive(work.connection, name, address))


def _change_password(work: Work, actor: Actor, me: int, password: str, session: str | None) -> None:
    auth.users(work).set_password(actor, me, password, _own_values(work, me)["email"])
    sessions.end_all(work.connection, me, session)
    if request.form.get("revoke") == "yes":
        tokens.revoke_all(work.connection, work.now, actor, me)


def _my_id() -> int:
    found = current.signed_in().id
    assert found is not None, "a signed-in actor has a record"
    return found


def _system_as_me() -> Actor:
    me = current.signed_in()
    return Actor("system", me.id, me.name, me.roles, me.language, me.timezone, "screen")
