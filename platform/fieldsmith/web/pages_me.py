"""`/me`: one's own name, language, time zone, theme, login and password. Plain forms; each is its own small POST.

A user may change these of oneself without a right on users, so the record is written by the system in the user's name.
The other doors (sessions, second factor, API tokens) are in `pages_me_doors`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, request

from fieldsmith.base.context import Actor
from fieldsmith.base.errors import BadInput, Throttled
from fieldsmith.base.problems import Problem
from fieldsmith.base.text import _m
from fieldsmith.identity import sessions, tokens
from fieldsmith.identity.people import bump_access
from fieldsmith.web import auth, current, page, pages_me_doors, plain_forms, reauth
from fieldsmith.web.me_view import PROFILE, Shown, my_id, own_values, show, system_as_me
from fieldsmith.web.plain_forms import Errors
from fieldsmith.web.preferences import THEMES, choose
from fieldsmith.web.regions import zones

if TYPE_CHECKING:
    from fieldsmith.workspace import Work

_PASSWORD = ("current", "password", "again")
_LOGIN = ("login", "email", "proof")


def register(app: Flask) -> None:
    app.add_url_rule("/me", "me", me_page)
    app.add_url_rule("/me", "me_profile", save_profile, methods=["POST"])
    app.add_url_rule("/me/preferences", "me_preferences", save_preferences, methods=["POST"])
    app.add_url_rule("/me/login", "me_login", change_login, methods=["POST"])
    app.add_url_rule("/me/password", "me_password", change_password, methods=["POST"])
    pages_me_doors.register(app)


def me_page() -> Response:
    """`GET /me`."""
    return show(Shown())


def save_profile() -> Response:
    """`POST /me`: name, language, time zone."""
    me = my_id()
    values = {name: plain_forms.text(name) for name in PROFILE}
    problems = plain_forms.one_line(values["name"], "/name", 120)
    problems += plain_forms.one_of(values["language"], frozenset(("", *current.LANGUAGES)), "/language")
    problems += plain_forms.one_of(values["time_zone"], frozenset(("", *zones())), "/time_zone")
    try:
        if problems:
            raise BadInput(problems)
        _save_own_record(me, {name: value or None for name, value in {**values, "language": values["language"].lower()}.items()})
    except BadInput as error:
        return show(Shown(values, Errors.of(error, PROFILE)), 422)
    page.notify(_m("Your settings were saved."))
    return page.go("/me")


def save_preferences() -> Response:
    """`POST /me/preferences`: theme, app or language from the menus; htmx needs no answer, a plain form goes back."""
    me = my_id()
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
    me = my_id()
    try:
        reauth.check_password(me, request.form.get("current", ""), "current")
        new = request.form.get("password", "")
        if new != request.form.get("again", ""):
            raise BadInput([Problem("passwords_differ", _m("The two new passwords differ. Type the same one twice."), "/again")])
        session = current.visit().session
        kept = session.token_hash if session else None
        current.end_reading()
        current.workspace().write(lambda work: _change_password(work, current.actor(), me, new, kept))
    except BadInput as error:
        return show(Shown(errors=Errors.of(error, _PASSWORD)), 422)
    except Throttled as error:
        return show(Shown(errors=Errors({"current": [page.say(error.title)]})), 429)
    page.notify(_m("Your password was changed. Other browsers were signed out."))
    return page.go("/me")


def change_login() -> Response:
    """`POST /me/login`: how I sign in, by name and e-mail address. Asks for the password; other browsers are signed out."""
    me = my_id()
    values = {"login": plain_forms.text("login"), "email": plain_forms.text("email")}
    session, actor, system = current.visit().session, current.actor(), system_as_me()
    try:
        reauth.check_password(me, request.form.get("proof", ""), "proof")
        current.end_reading()
        current.workspace().write(lambda work: _change_login(work, actor, system, me, values, session.token_hash if session else None))
    except BadInput as error:
        renamed = BadInput([replace(item, pointer="/login") if item.pointer == "/name" else item for item in error.problems])
        return show(Shown(values, Errors.of(renamed, _LOGIN)), 422)
    except Throttled as error:
        return show(Shown(values, Errors({"proof": [page.say(error.title)]})), 429)
    page.notify(_m("Your sign-in was changed. Other browsers were signed out."))
    return page.go("/me")


def _change_login(work: Work, actor: Actor, system: Actor, me: int, values: dict[str, str], session: str | None) -> None:
    has_email = "email" in work.model.entities["user"].fields
    email = values["email"] if has_email and values["email"] != own_values(work, me)["email"] else None
    auth.users(work).rename(actor, me, values["login"], email)
    if email is not None:
        work.records.update(system, "user", me, {"email": email or None})
    reauth.prove(work, actor, me)
    sessions.end_all(work.connection, me, session)


def _save_own_record(me: int, values: dict[str, Any]) -> None:
    actor = system_as_me()
    current.end_reading()

    def save(work: Work) -> None:
        fields = work.model.entities["user"].fields
        work.records.update(actor, "user", me, {name: value for name, value in values.items() if name in fields})
        bump_access(work.connection)  # who remembers this person reads the new language and zone

    current.workspace().write(save)


def _change_password(work: Work, actor: Actor, me: int, password: str, session: str | None) -> None:
    auth.users(work).set_password(actor, me, password, own_values(work, me)["email"])
    reauth.prove(work, actor, me)
    sessions.end_all(work.connection, me, session)
    if request.form.get("revoke") == "yes":
        tokens.revoke_all(work.connection, work.now, actor, me)
