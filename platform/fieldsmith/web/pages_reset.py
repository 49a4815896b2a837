"""Forgotten passwords: `/login/forgot` says whom to ask, `/login/reset` is behind the link an administrator made. `pages_start` registers them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flask import Flask, Response, request
from flask_babel import refresh

from fieldsmith.base.context import SYSTEM
from fieldsmith.base.errors import BadInput, Forbidden
from fieldsmith.base.problems import Problem
from fieldsmith.base.text import _m
from fieldsmith.identity import resets
from fieldsmith.web import auth, current, page
from fieldsmith.web.plain_forms import Errors

if TYPE_CHECKING:
    from fieldsmith.workspace import Work


def register(app: Flask) -> None:
    app.add_url_rule("/login/forgot", "login_forgot", forgot_page)
    app.add_url_rule("/login/reset", "login_reset", reset_page)
    app.add_url_rule("/login/reset", "login_reset_done", reset_done, methods=["POST"])


def forgot_page() -> Response:
    """`GET /login/forgot`: asks for no name, so it can tell none."""
    speak()
    return page.render("login_forgot.html", layout="plain.html")


def reset_page() -> Response:
    """`GET /login/reset?token=…`."""
    speak()
    token = request.args.get("token", "")
    return _reset(token, _required(token), Errors())


def reset_done() -> Response:
    """`POST /login/reset`: the link is used up; whoever has a second factor is still asked for it at the next sign-in."""
    speak()
    token, new = request.form.get("token", ""), request.form.get("password", "")
    name = _required(token)
    try:
        if new != request.form.get("again", ""):
            raise BadInput([Problem("passwords_differ", _m("The two new passwords differ. Type the same one twice."), "/again")])
        current.end_reading()
        current.workspace().write(lambda work: _use(work, token, new))
    except BadInput as error:
        return _reset(token, name, Errors.of(error, ("password", "again")), 422)
    if current.visit().session is not None:
        auth.sign_out()
    page.notify(_m("Your password was changed. Sign in with the new one."))
    return page.go("/login")


def speak() -> None:
    """Speak the language the address asks for."""
    wanted = request.args.get("lang")
    visit = current.visit()
    if wanted in current.LANGUAGES and visit.actor.kind == "anonymous":
        visit.actor = replace(visit.actor, language=wanted)
        refresh()


def _required(token: str) -> str:
    """The login name the link is for. Raises `Forbidden` when it is not good, or when somebody else is signed in here."""
    work, actor = current.work(), current.actor()
    users = auth.users(work)
    user_id = resets.user_of(work.connection, work.now, users, token)
    if actor.kind != "anonymous" and actor.id != user_id:
        raise Forbidden(_m("This link is for somebody else. Sign out first if it was meant for you."))
    return users.login(user_id).name


def _use(work: Work, token: str, new: str) -> None:
    users = auth.users(work)
    user_id = resets.user_of(work.connection, work.now, users, token)
    email = work.records.get(SYSTEM, "user", user_id).values.get("email")
    resets.use(work.connection, work.now, users, token, new, str(email or ""))


def _reset(token: str, name: str, errors: Errors, status: int = 200) -> Response:
    answer = page.render("login_reset.html", status, layout="plain.html", token=token, name=name, errors=errors)
    answer.headers["Cache-Control"] = "no-store"
    return answer
