"""The doors into one's own account, on `/me`: sessions, second factor, API tokens, and giving the password again. `pages_me` registers them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import segno
from flask import Flask, Response, request

from fieldsmith.base.errors import BadInput, Throttled
from fieldsmith.base.problems import Problem
from fieldsmith.base.text import Message, _m
from fieldsmith.identity import audit, sessions, tokens
from fieldsmith.web import auth, current, demanded, page, plain_forms, reauth, second_step
from fieldsmith.web.me_view import Shown, lives, my_id, show
from fieldsmith.web.plain_forms import Errors

if TYPE_CHECKING:
    from fieldsmith.workspace import Work

T = TypeVar("T")
_SECOND = "/me/second-factor"


def register(app: Flask) -> None:
    app.add_url_rule("/me/confirm", "me_confirm", confirm_page)
    app.add_url_rule("/me/confirm", "me_confirmed", confirm, methods=["POST"])
    app.add_url_rule("/me/sessions/<token_hash>/end", "me_session_end", end_session, methods=["POST"])
    app.add_url_rule("/me/sessions/end-others", "me_sessions_end", end_other_sessions, methods=["POST"])
    app.add_url_rule(_SECOND, "me_second", second_page)
    app.add_url_rule(_SECOND, "me_second_confirm", confirm_second, methods=["POST"])
    app.add_url_rule(f"{_SECOND}/codes", "me_second_codes", new_codes, methods=["POST"])
    app.add_url_rule(f"{_SECOND}/begin", "me_second_begin", begin_second, methods=["POST"])
    app.add_url_rule(f"{_SECOND}/off", "me_second_off", second_off, methods=["POST"])
    app.add_url_rule("/me/tokens", "me_tokens", new_token, methods=["POST"])
    app.add_url_rule("/me/tokens/<int(max=9223372036854775807):token_id>/revoke", "me_token_revoke", revoke_token, methods=["POST"])


def confirm_page() -> Response:
    """`GET /me/confirm?next=…`: the password again, before something dangerous."""
    return _confirm(auth.local_target(request.args.get("next")))


def confirm() -> Response:
    """`POST /me/confirm`."""
    target, me, actor = auth.local_target(request.form.get("next")), my_id(), current.actor()
    try:
        reauth.check_password(me, request.form.get("password", ""), "password")
        _write(lambda work: reauth.prove(work, actor, me))
    except BadInput as error:
        return _confirm(target, Errors.of(error, ("password",)), 422)
    except Throttled as error:
        answer = _confirm(target, Errors({}, (page.say(error.title),)), 429)
        answer.headers["Retry-After"] = str(error.retry_after)
        return answer
    return page.go(target)


def end_session(token_hash: str) -> Response:
    """`POST /me/sessions/{hash}/end`: another browser of mine is signed out."""
    me, actor = my_id(), current.actor()
    _write(lambda work: sessions.end_own(work.connection, work.now, actor, me, token_hash))
    page.notify(_m("That browser was signed out."))
    return page.go("/me#sessions")


def end_other_sessions() -> Response:
    """`POST /me/sessions/end-others`: all but this one."""
    me, actor, session = my_id(), current.actor(), current.visit().session

    def end(work: Work) -> int:
        count = sessions.end_all(work.connection, me, session.token_hash if session else None)
        audit.note(work.connection, work.now, actor, "session.ended_all", str(me), count=count)
        return count

    _write(end)
    page.notify(_m("All other browsers were signed out."))
    return page.go("/me#sessions")


def second_page() -> Response:
    """`GET /me/second-factor`: the secret that waits to be confirmed, as a QR code and in letters."""
    reauth.require_fresh()
    return _second(Errors())


def begin_second() -> Response:
    """`POST /me/second-factor/begin`: a fresh secret."""
    reauth.require_fresh()
    me = my_id()
    _write(lambda work: second_step.factor(work).begin(me))
    return page.go(_SECOND)


def confirm_second() -> Response:
    """`POST /me/second-factor`: the first code puts it in force; the answer is the only page that ever shows the recovery codes."""
    reauth.require_fresh()
    me, actor, code = my_id(), current.actor(), request.form.get("code", "")[:100]
    codes = _write(lambda work: second_step.factor(work).confirm(actor, me, code))
    if codes is None:
        message = _m("This code does not fit. Wait for the next one, and see that the clock of your phone is right.")
        return _second(Errors.of(BadInput([Problem("code_refused", message, "/code")]), ("code",)), 422)
    return _codes(codes, _m("The second factor is on. From now on you are asked for a code when you sign in."))


def new_codes() -> Response:
    """`POST /me/second-factor/codes`: fresh recovery codes; those before are void."""
    reauth.require_fresh()
    me = my_id()
    return _codes(_write(lambda work: second_step.factor(work).renew_codes(me)), _m("The recovery codes you had before are void."))


def second_off() -> Response:
    """`POST /me/second-factor/off`."""
    reauth.require_fresh()
    me, actor = my_id(), current.actor()
    _write(lambda work: second_step.factor(work).remove(actor, me))
    page.notify(_m("The second factor was taken off. The password alone opens the door now."), "warning")
    return page.go("/me#second-factor")


def new_token() -> Response:
    """`POST /me/tokens`: the answer is the only page that ever shows the token."""
    reauth.require_fresh()
    me, actor = my_id(), current.actor()
    name, scope, until = plain_forms.text("token_name"), request.form.get("scope", ""), lives(request.form.get("days", ""))
    try:
        secret = _write(lambda work: tokens.create(work.connection, work.now, actor, me, name, (scope,), work.now + until if until else None))
    except BadInput as error:
        renamed = BadInput([Problem(item.code, item.message, "/token_name", item.hint) for item in error.problems])
        return show(Shown({"token_name": name}, Errors.of(renamed, ("token_name",))), 422)
    return show(Shown(secret=secret))


def revoke_token(token_id: int) -> Response:
    """`POST /me/tokens/{id}/revoke`."""
    me, actor = my_id(), current.actor()
    _write(lambda work: tokens.revoke(work.connection, work.now, actor, me, token_id))
    page.notify(_m("The token was revoked. Programs that used it are refused from now on."))
    return page.go("/me#tokens")


def _write(change: Callable[[Work], T]) -> T:
    current.end_reading()
    return current.workspace().write(change)


def _confirm(target: str, errors: Errors | None = None, status: int = 200) -> Response:
    login = auth.users(current.work()).login(my_id())
    return page.render("me_confirm.html", status, next=target, login=login, errors=errors or Errors())


def _second(errors: Errors, status: int = 200) -> Response:
    me, work = my_id(), current.work()
    login, company = auth.users(work).login(me), work.model.company.name
    waiting = second_step.factor(work).pending(me, login.name, company)
    needed = demanded.is_demanded(current.visit())
    layout: dict[str, Any] = {"layout": "plain.html"} if needed else {}
    if waiting is None:
        return page.render("me_second_demanded.html", **layout) if needed else page.go("/me#second-factor")
    picture = segno.make(waiting.address, error="m").svg_data_uri(scale=4, border=3, svgclass=None, lineclass=None)
    spaced = " ".join(waiting.secret[at : at + 4] for at in range(0, len(waiting.secret), 4))
    answer = page.render("me_second.html", status, picture=picture, secret=spaced, address=waiting.address, errors=errors, needed=needed, **layout)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _codes(codes: tuple[str, ...], said: Message) -> Response:
    answer = page.render("me_codes.html", codes=codes, said=said)
    answer.headers["Cache-Control"] = "no-store"
    return answer
