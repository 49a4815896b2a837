"""`/studio/drafts/{id}/preview`: choose as whom to look at a draft on the normal screens; `web.previewing` does the rest."""

from __future__ import annotations

from flask import Flask, Response, request

from fieldsmith.base.errors import NotFound
from fieldsmith.base.text import _m
from fieldsmith.web import current, page, previewing
from fieldsmith.web.studio.desk import desk, render
from fieldsmith.web.studio.drafts import BASE, changesets
from fieldsmith.web.studio.review import faults


def register(app: Flask) -> None:
    app.add_url_rule(f"{BASE}<int:id>/preview", "studio_preview", preview_page)
    app.add_url_rule(f"{BASE}<int:id>/preview", "studio_start_preview", start, methods=["POST"])
    app.add_url_rule("/studio/preview/leave", "studio_leave_preview", leave, methods=["POST"])


def preview_page(id: int) -> Response:
    """`GET /studio/drafts/{id}/preview`: as whom, where that can be chosen; a faulty draft says what keeps it from being looked at."""
    now = desk()
    bench = changesets().look(now.actor, id)
    roles = [(role.name, role.label.render(now.words)) for role in bench.model.roles.values() if not role.administrator]
    return render("studio/preview.html", now, draft=bench.draft, roles=roles, faults=faults(bench, now.words))


def start(id: int) -> Response:
    """`POST /studio/drafts/{id}/preview`: `role` by name, "" for myself."""
    now = desk()
    role = request.form.get("role", "")
    bench = changesets().look(now.actor, id)
    if role and role not in bench.model.roles:
        raise NotFound(_m("There is no role “{role}” in this draft.", role=role[:100]))
    if not bench.sound:
        return page.go(f"{BASE}{id}/preview")
    previewing.start(id, role)
    return page.go("/")


def leave() -> Response:
    """`POST /studio/preview/leave`: back to the draft."""
    current.signed_in()
    draft = previewing.leave()
    return page.go(BASE if draft is None else f"{BASE}{draft}")
