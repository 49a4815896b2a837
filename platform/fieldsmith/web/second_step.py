"""The second step of signing in: the password was right, the code is still to come. Between the two only a signed cookie knows who it is.

`auth.sign_in` begins it, the page `/login/code` ends it with `give`. It lives ten minutes and is void once the password changes.
"""

from __future__ import annotations

from calendar import timegm
from datetime import timedelta
from typing import TYPE_CHECKING

from flask import request

from fieldsmith.base.context import Actor
from fieldsmith.base.errors import BadInput
from fieldsmith.base.problems import Problem
from fieldsmith.base.text import _m
from fieldsmith.identity import audit, throttle
from fieldsmith.identity.second_factor import SecondFactor
from fieldsmith.identity.secrecy import keyed, same
from fieldsmith.web import auth, current

if TYPE_CHECKING:
    from fieldsmith.identity.signed import Person
    from fieldsmith.workspace import Work

COOKIE = "fieldsmith_second"
LIVES = timedelta(minutes=10)


def factor(work: Work) -> SecondFactor:
    """The second factors in `work`'s transaction."""
    return SecondFactor(work.connection, current.workspace().settings.secret, work.now)


def begin(user_id: int) -> bool:
    """Remember in the answer's cookie whose password was right; False, and nothing remembered, where no code is needed."""
    work = current.work()
    needed = factor(work).is_on(user_id)
    if needed:
        until = timegm((work.now + LIVES).timetuple())
        current.visit().cookies[COOKIE] = f"{user_id}.{until}.{_signature(work, user_id, until)}"
    current.end_reading()
    return needed


def waiting() -> int | None:
    """Whose code this browser still owes; None for nobody's, or after too long."""
    user, _, rest = request.cookies.get(COOKIE, "").partition(".")
    until, _, signature = rest.partition(".")
    if not all(part.isascii() and part.isdigit() and len(part) < 19 for part in (user, until)):
        return None
    work = current.work()
    good = same(signature, _signature(work, int(user), int(until))) and timegm(work.now.timetuple()) < int(until)
    return int(user) if good else None


def give(user_id: int, code: str) -> Person:
    """The code of `user_id` (`waiting`) begins the session. Raises `BadInput` for a wrong one and `Throttled` from the 11th on, from wherever they come."""
    workspace, address, key = (
        current.workspace(),
        request.remote_addr or "",
        f"second factor of {user_id}",
    )  # it is no address: tries count wherever they come from
    current.end_reading()
    wait = workspace.write(lambda work: throttle.attempt(work.connection, work.now, key, key))
    if wait:
        workspace.write(lambda work: audit.note(work.connection, work.now, current.actor(), "sign_in.throttled", key, address=address))
        raise throttle.refusal(wait)
    if not workspace.write(lambda work: _accepts(work, user_id, code, address)):
        message = _m("This code does not fit, or was used before. Wait for the next one, and see that the clock of your phone is right.")
        raise BadInput([Problem("code_refused", message, "/code")])
    workspace.write(lambda work: throttle.forgive(work.connection, key, key))
    return auth.start_session(user_id)


def _accepts(work: Work, user_id: int, code: str, address: str) -> bool:
    actor = Actor("user", user_id, auth.users(work).login(user_id).name, via="screen")
    if factor(work).accepts(actor, user_id, code):
        return True
    audit.note(work.connection, work.now, current.actor(), "sign_in.second_refused", str(user_id), address=address)
    return False


def _signature(work: Work, user_id: int, until: int) -> str:
    mark = auth.users(work).password_mark(user_id)
    return keyed(current.workspace().settings.secret, "second step", str(user_id), str(until), mark)
