"""Views a reader may not use: what a view filters, sorts or groups by must be there for them.

Without its filter a view would show more than it should, so it is refused and never widened. Its sort and its group tell the order of
hidden values, so they are refused too; only the default list of an entity leaves them out, since it must open (`access.seen`).
"""

from __future__ import annotations

from fieldsmith.access.seen import is_spoken
from fieldsmith.base.errors import BadQuery, Forbidden
from fieldsmith.base.text import Message, _m
from fieldsmith.meta.model import View
from fieldsmith.query.filters import condition
from fieldsmith.web.screens_here import Here
from fieldsmith.web.screens_url import ListAddress


def require_view(now: Here, at: ListAddress) -> None:
    """Raise `Forbidden` where the view of the address is not for this reader. The recycle bin is of no view."""
    if at.deleted or now.unreadable().everything:
        return
    said = _filtered(now, at.view) or (None if at.sort else _sorted(now, at.view)) or (_grouped(now, at) if at.board else None)
    if said is not None:
        raise Forbidden(said)


def _filtered(now: Here, view: View) -> Message | None:
    def speaks() -> bool:
        try:
            condition(now.work.model, view.entity, view.filter, now.unreadable())
        except BadQuery:
            return False
        return True

    if not view.filter or now.keep_some(("view filter", view.entity, view.filter), lambda: "yes" if speaks() else "no") == "yes":
        return None
    return _m("The view “{name}” filters by something you may not see. Choose another view.", name=view.label)


def _sorted(now: Here, view: View) -> Message | None:
    if all(is_spoken(now.work.model, now.unreadable(), view.entity, path) for path in view.sort):
        return None
    return _m("The view “{name}” is sorted by something you may not see. Choose another view.", name=view.label)


def _grouped(now: Here, at: ListAddress) -> Message | None:
    if is_spoken(now.work.model, now.unreadable(), at.entity, at.group):
        return None
    return _m("The view “{name}” groups by something you may not see. Choose another view.", name=at.view.label)
