"""A second factor that a role demands: who has none is led from the password to setting it up, and reaches nothing else by a session until then.

`auth.resolve` asks for every request of a session. API tokens are not touched: programs have no phone. A lost phone is an administrator's
`fieldsmith user reset-totp` (or a recovery code); then it is set up anew at the next sign-in.
"""

from __future__ import annotations

from flask import Request, Response, abort, redirect

from fieldsmith.base.errors import Forbidden
from fieldsmith.base.text import _m
from fieldsmith.web import current
from fieldsmith.web.current import Visit

SET_UP = "/me/second-factor"
_OPEN = frozenset({"me_second", "me_second_begin", "me_second_confirm", "me_confirm", "me_confirmed", "logout"})


def is_demanded(visit: Visit) -> bool:
    """Does a role of who calls by this session demand a second factor that is not there?"""
    if visit.session is None or visit.session.second_factor:
        return False
    known = current.work().model.roles
    return any(known[name].second_factor for name in visit.session.person.roles if name in known)


def require_second_factor(visit: Visit, incoming: Request) -> None:
    """Go on only to what sets one up. Raises `Forbidden` for programs that come with a cookie; browsers are sent to the page."""
    if incoming.endpoint in _OPEN or not is_demanded(visit):
        return
    if visit.api:
        raise Forbidden(_m("Your role demands a second factor. Set it up on the screen first."))
    if incoming.headers.get("HX-Request"):
        abort(Response("", 200, {"HX-Redirect": SET_UP}))
    abort(redirect(SET_UP, 303))
