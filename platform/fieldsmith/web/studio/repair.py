"""`/studio/repair`: a database that is not what its metadata say: what would make it right, done when an administrator says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask, Response, request

from fieldsmith.base.errors import BadInput
from fieldsmith.base.problems import Problem
from fieldsmith.base.text import Message, _m
from fieldsmith.web import current, page
from fieldsmith.web.studio.desk import Desk, desk, render
from fieldsmith.web.studio.plans import lines_of

if TYPE_CHECKING:
    from fieldsmith.studio.repair import PlannedRepair

_PLACE = "/studio/repair"


def register(app: Flask) -> None:
    app.add_url_rule(_PLACE, "studio_repair_plan", plan_page)
    app.add_url_rule(_PLACE, "studio_repair", repair, methods=["POST"])


def plan_page(status: int = 200, why: Message | None = None, problems: tuple[Problem, ...] = ()) -> Response:
    """`GET /studio/repair`."""
    now = desk()
    planned = _planned(now)
    lines = lines_of(planned.operations, now.bench, now.words)
    return render("studio/repair.html", now, status, lines=lines, beyond=planned.beyond, hash=planned.hash, why=why, problems=problems)


def repair() -> Response:
    """`POST /studio/repair`: bound to the plan shown."""
    from fieldsmith.studio.conflicts import Stale

    now = desk()
    try:
        current.workspace().repairing.repair(now.actor, request.form.get("hash", ""))
    except Stale as stale:
        return plan_page(409, stale.title)
    except BadInput as refused:
        return plan_page(422, refused.title, refused.problems)
    page.notify(_m("The database is again what the metadata say."))
    return page.go("/studio/")


def is_damaged() -> bool:
    """Is something missing, or of another type?"""
    current.end_reading()
    return current.workspace().repairing.needed()


def _planned(now: Desk) -> PlannedRepair:
    current.end_reading()
    return current.workspace().repairing.plan(now.actor)
