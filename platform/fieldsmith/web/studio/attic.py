"""`/studio/retired/`: what was taken out of use and is kept: restore it, take its values away as CSV, or purge it for good."""

from __future__ import annotations

import io

from flask import Flask, Response

from fieldsmith.base.errors import BadInput
from fieldsmith.base.text import _m
from fieldsmith.web import current, page, plain_forms, reauth
from fieldsmith.web.plain_forms import Errors
from fieldsmith.web.studio.desk import desk, render


def register(app: Flask) -> None:
    app.add_url_rule("/studio/retired/", "studio_retired", listed)
    app.add_url_rule("/studio/retired/<int:uid>", "studio_retired_one", purge_page)
    app.add_url_rule("/studio/retired/<int:uid>", "studio_purge", purge, methods=["POST"])
    app.add_url_rule("/studio/retired/<int:uid>/restore", "studio_restore", restore, methods=["POST"])
    app.add_url_rule("/studio/retired/<int:uid>/export.csv", "studio_retired_export", export)


def listed() -> Response:
    """`GET /studio/retired/`."""
    now = desk()
    current.end_reading()
    return render("studio/retired.html", now, items=current.workspace().attic.listed(now.actor))


def purge_page(uid: int) -> Response:
    """`GET /studio/retired/<uid>`: what will go, before it goes."""
    desk()
    reauth.require_fresh()
    return _page(uid)


def purge(uid: int) -> Response:
    """`POST /studio/retired/<uid>`: with the name typed. At once, not in a draft: it cannot be undone."""
    now = desk()
    reauth.require_fresh()
    current.end_reading()
    try:
        gone = current.workspace().attic.purge(now.actor, uid, plain_forms.text("confirmation"))
    except BadInput as wrong:
        return _page(uid, Errors.of(wrong, ("confirmation",)), 422)
    page.notify(_m("{name} was purged for good.", name=gone.name))
    return page.go("/studio/retired/")


def restore(uid: int) -> Response:
    """`POST /studio/retired/<uid>/restore`: added again in the draft; publishing brings its values back."""
    now = desk()
    current.end_reading()
    kept = current.workspace().attic.get(now.actor, uid)
    try:
        now.say(current.workspace().attic.comeback(now.actor, uid))
    except BadInput as wrong:
        page.notify(wrong.problems[0].message if wrong.problems else wrong.title, "danger")
        return page.go(f"/studio/entity/{kept.entity}/" if kept.field is not None else "/studio/retired/")
    page.notify(_m("{name} is back in the draft; publishing brings its values back.", name=kept.name))
    return page.go(f"/studio/entity/{kept.entity}/")


def export(uid: int) -> Response:
    """`GET /studio/retired/<uid>/export.csv`."""
    now = desk()
    current.end_reading()
    attic = current.workspace().attic
    out = io.StringIO()
    kept = attic.get(now.actor, uid)
    attic.export(now.actor, uid, out)
    answer = Response("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{kept.name}.csv"'
    return answer


def _page(uid: int, errors: Errors | None = None, status: int = 200) -> Response:
    now = desk()
    current.end_reading()
    kept = current.workspace().attic.get(now.actor, uid)
    return render("studio/retired_purge.html", now, status, item=kept, errors=errors or Errors())
