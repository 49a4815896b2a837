"""`/studio/people/{id}`: one login: roles, suspension, sessions, second factor, tokens, a reset link. For administrators; `people` registers it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from flask import Flask, Response, request

from fieldsmith.base.errors import BadInput, Conflict, NotFound
from fieldsmith.base.problems import Problem
from fieldsmith.base.text import Message, _m
from fieldsmith.identity import audit, resets, sessions, tokens
from fieldsmith.identity.signed import SERVICE
from fieldsmith.web import auth, current, page, plain_forms, reauth, second_step
from fieldsmith.web.browsers import Browser
from fieldsmith.web.me_view import LIVES_DAYS, SCOPES, lives
from fieldsmith.web.studio.desk import Desk, desk, render, shown

if TYPE_CHECKING:
    from fieldsmith.workspace import Work

T = TypeVar("T")
BASE = "/studio/people/"


def register(app: Flask) -> None:
    one = f"{BASE}<int(max=9223372036854775806):id>"
    app.add_url_rule(one, "studio_person", person_page)
    for name, endpoint, view in (
        ("roles", "studio_person_roles", set_roles),
        ("suspend", "studio_person_suspend", suspend),
        ("resume", "studio_person_resume", resume),
        ("sign-out", "studio_person_sign_out", sign_out),
        ("reset-link", "studio_person_reset", reset_link),
        ("second-factor-off", "studio_person_second_off", second_off),
        ("tokens", "studio_person_token", new_token),
        ("tokens/revoke", "studio_person_tokens_off", revoke_tokens),
    ):
        app.add_url_rule(f"{one}/{name}", endpoint, view, methods=["POST"])


def person_page(id: int) -> Response:
    """`GET /studio/people/{id}`."""
    return _person(desk(), id)


def set_roles(id: int) -> Response:
    """`POST …/roles`: exactly those ticked."""
    wanted = tuple(request.form.getlist("roles"))
    return _done(id, lambda work, now: auth.users(work).set_roles(now.actor, id, wanted), _m("The roles hold from the next click on."))


def suspend(id: int) -> Response:
    """`POST …/suspend`: stops at the next request; what the person owns stays."""
    return _done(id, lambda work, now: auth.users(work).set_active(now.actor, id, False), _m("Suspended: signed out everywhere, and API tokens are refused."))


def resume(id: int) -> Response:
    """`POST …/resume`."""
    return _done(id, lambda work, now: auth.users(work).set_active(now.actor, id, True), _m("Let in again."))


def sign_out(id: int) -> Response:
    """`POST …/sign-out`: every session ends."""

    def end(work: Work, now: Desk) -> None:
        auth.users(work).login(id)
        count = sessions.end_all(work.connection, id)
        audit.note(work.connection, work.now, now.actor, "session.ended_all", str(id), count=count)

    return _done(id, end, _m("Signed out everywhere."))


def second_off(id: int) -> Response:
    """`POST …/second-factor-off`: for somebody whose phone and recovery codes are gone."""
    return _done(id, lambda work, now: second_step.factor(work).remove(now.actor, id), _m("The second factor was taken off."))


def revoke_tokens(id: int) -> Response:
    """`POST …/tokens/revoke`: all of them."""
    return _done(id, lambda work, now: tokens.revoke_all(work.connection, work.now, now.actor, id), _m("All API tokens were revoked."))


def reset_link(id: int) -> Response:
    """`POST …/reset-link`: the answer is the only page that shows it."""
    now = desk()
    reauth.require_fresh()
    try:
        token = _write(lambda work: resets.make(work.connection, work.now, now.actor, auth.users(work), id))
    except Conflict as refused:
        return _person(now, id, 409, why=refused.title)
    return _person(now, id, link=f"{request.host_url}login/reset?token={token}")


def new_token(id: int) -> Response:
    """`POST …/tokens`: for a service only; people make their own. The answer is the only page that shows it."""
    now = desk()
    reauth.require_fresh()
    name, scope, until = plain_forms.text("token_name"), request.form.get("scope", ""), lives(request.form.get("days", ""))

    def make(work: Work) -> str:
        if auth.users(work).login(id).kind != SERVICE:
            raise Conflict(_m("People make their API tokens themselves."))
        return tokens.create(work.connection, work.now, now.actor, id, name, (scope,), work.now + until if until else None)

    try:
        return _person(now, id, secret=_write(make))
    except Conflict as refused:
        return _person(now, id, 409, why=refused.title)
    except BadInput as refused:
        return _person(now, id, 422, why=refused.problems[0].message)


def role_ticks(now: Desk) -> list[tuple[str, str, bool]]:
    """(name, label, administers) of every role published."""
    roles = current.work().model.roles.values()
    return sorted(((role.name, shown(role.label, role.name, now.words), role.administrator) for role in roles), key=lambda item: item[1].casefold())


def with_pointer(error: BadInput, old: str, new: str, code: str) -> BadInput:
    """`error` with its problems of `code…` that point to `old` pointing to `new`: login and record both have a name."""
    problems = [
        Problem(item.code, item.message, new if item.pointer == old and item.code.startswith(code) else item.pointer, item.hint) for item in error.problems
    ]
    return BadInput(problems, error.title)


def _done(id: int, change: Callable[[Work, Desk], object], said: Message) -> Response:
    now = desk()
    reauth.require_fresh()
    try:
        _write(lambda work: change(work, now))
    except Conflict as refused:
        return _person(desk(), id, 409, why=refused.title)
    except BadInput as refused:
        return _person(desk(), id, 422, why=refused.problems[0].message)
    page.notify(said)
    return page.go(f"{BASE}{id}")


def _record(work: Work, now: Desk, id: int) -> Mapping[str, Any]:
    """The person's record, from the recycle bin too: its login is still there."""
    try:
        return work.records.get(now.actor, "user", id).values
    except NotFound:
        return work.records.get(now.actor, "user", id, deleted=True).values


def _write(change: Callable[[Work], T]) -> T:
    current.end_reading()
    return current.workspace().write(change)


def _person(now: Desk, id: int, status: int = 200, why: Message | None = None, link: str | None = None, secret: str | None = None) -> Response:
    current.end_reading()
    work = current.work()
    login = auth.users(work).login(id)
    record = _record(work, now, id)
    answer = render(
        "studio/person.html",
        now,
        status,
        login=login,
        shown_name=str(record.get("name") or login.name),
        email=str(record.get("email") or ""),
        is_service=login.kind == SERVICE,
        is_me=id == now.actor.id,
        roles=role_ticks(now),
        sessions=[(row, Browser.of(row.agent)) for row in sessions.list_of(work.connection, work.now, id)],
        second=second_step.factor(work).state(id),
        tokens=[row for row in tokens.list_of(work.connection, id) if row.revoked_at is None],
        scope_names={scope: page.say(name) for scope, name in SCOPES},
        life_names=[(str(days), page.say(_m("In {days} days", days=days))) for days in LIVES_DAYS],
        why=why,
        link=link,
        secret=secret,
    )
    if link or secret:
        answer.headers["Cache-Control"] = "no-store"
    return answer
