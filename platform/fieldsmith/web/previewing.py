"""A draft on the normal screens: for one browser of who shapes it, by a signed cookie, for reading only.

`auth.resolve` calls `begin` once it knows who calls; `current.work` then opens the draft in place of what is published. The
studio itself stays as it is. Requests without the cookie pay nothing.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flask import Request

from fieldsmith.base.errors import BadInput, Conflict, Forbidden, NotFound
from fieldsmith.base.text import Message, _m
from fieldsmith.identity.secrecy import keyed, same
from fieldsmith.web import current
from fieldsmith.web.current import Previewed, Visit

if TYPE_CHECKING:
    from fieldsmith.meta.model import Model

PREVIEW_COOKIE = "fieldsmith_preview"
_STUDIO = "/studio/"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
READING_POSTS = frozenset({"live_new", "live_edit", "api.check_expression", "api.evaluate_expression", "api.complete_expression"})
"""Endpoints that take POST and change nothing."""
_HARMLESS = READING_POSTS | {"studio_start_preview", "studio_leave_preview", "logout"}
"""Those, and the ways out."""


def begin(visit: Visit, incoming: Request) -> None:
    """Have the rest of the request see the draft the cookie names, where the browser of somebody sent it who may look at it.

    Raises `Forbidden` for everything that would write. A draft that can no longer be previewed ends the preview, with a notice.
    """
    from fieldsmith.web import page

    asked = _asked(visit, incoming.cookies[PREVIEW_COOKIE])
    if asked is None or not _may_look(visit, asked[1]):
        visit.cookies[PREVIEW_COOKIE] = None
        return
    if incoming.method not in SAFE and incoming.endpoint not in _HARMLESS:
        raise Forbidden(_m("This is a preview of a draft: nothing can be saved. Leave the preview first; the button is at the top."))
    draft, role = asked
    current.end_reading()
    try:
        found = current.workspace().previews.ready(visit.actor, draft)
    except (BadInput, Conflict, Forbidden, NotFound) as gone:
        visit.cookies[PREVIEW_COOKIE] = None
        page.notify(_m("The preview has ended. {why}", why=gone.title), "warning")
        return
    if role and role not in found.runtime.model.roles:
        visit.cookies[PREVIEW_COOKIE] = None
        page.notify(_m("The preview has ended: the draft has no role “{role}” any more.", role=role), "warning")
        return
    screens = not incoming.path.startswith(_STUDIO)
    visit.preview = Previewed(draft, found.title, role_label(found.runtime.model, role), visit.actor, screens, f"{draft} {found.changed_at} {role}")
    if screens and role:
        visit.actor = replace(visit.actor, roles=(role,))


def start(draft: int, role: str) -> None:
    """From the next request on this browser sees the draft, as `role` or ("") as the administrator."""
    visit = current.visit()
    visit.cookies[PREVIEW_COOKIE] = f"{draft}.{role}.{_signature(visit, draft, role)}"


def leave() -> int | None:
    """End the preview; the draft that was looked at."""
    visit = current.visit()
    visit.cookies[PREVIEW_COOKIE] = None
    return visit.preview.draft if visit.preview is not None else None


def role_label(model: Model, role: str) -> Message:
    """As whom one looks, in words."""
    return _m("{role}", role=model.roles[role].label) if role else _m("myself")


def _may_look(visit: Visit, role: str) -> bool:
    """Administrators may, as any role; who shapes some entities only as themselves."""
    policy = current.work().runtime.policy
    return policy.is_administrator(visit.actor) or (not role and bool(policy.shapes(visit.actor) - policy.sight(visit.actor).hidden))


def _asked(visit: Visit, cookie: str) -> tuple[int, str] | None:
    draft, _, rest = cookie.partition(".")
    role, _, signature = rest.partition(".")
    if not (draft.isascii() and draft.isdigit() and len(draft) < 19):
        return None
    return (int(draft), role) if same(signature, _signature(visit, int(draft), role)) else None


def _signature(visit: Visit, draft: int, role: str) -> str:
    return keyed(current.workspace().settings.secret, "preview", str(visit.actor.id), str(draft), role)
