"""`/studio/revisions/`: every revision with author, reason and differences; the way back to one, or without one."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, request

from fieldsmith.base.errors import BadInput, Conflict
from fieldsmith.base.problems import Problem
from fieldsmith.base.text import Message, _m
from fieldsmith.meta.diff import Difference
from fieldsmith.web import current, page
from fieldsmith.web.api_changesets import page_number
from fieldsmith.web.studio.desk import Desk, choose_draft, desk, render
from fieldsmith.web.studio.drafts import BASE as DRAFTS
from fieldsmith.web.studio.drafts import changesets
from fieldsmith.web.studio.places import path_in
from fieldsmith.web.studio.plans import lines_of
from fieldsmith.web.studio.review import bodies_of
from fieldsmith.web.studio.wording import path_words

if TYPE_CHECKING:
    from fieldsmith.studio.rollback import ChangedDocument, Revisions

BASE = "/studio/revisions/"
_PAGE = 50
_MOST_LINES = 2000  # of a document's JSON


@dataclass(frozen=True, slots=True)
class Told:
    """One difference and the page of what it is about."""

    message: Message
    path: str | None


@dataclass(frozen=True, slots=True)
class Text:
    """A document's JSON before and after, as the lines that differ with those around them: (sign, text)."""

    words: str
    layer: str
    lines: tuple[tuple[str, str], ...]


def register(app: Flask) -> None:
    one = f"{BASE}<int(max=9223372036854775806):number>"
    app.add_url_rule(BASE, "studio_revisions", revisions_page)
    app.add_url_rule(one, "studio_revision", revision_page)
    app.add_url_rule(f"{one}/roll-back", "studio_plan_back", plan_back_page)
    app.add_url_rule(f"{one}/roll-back", "studio_roll_back", roll_back, methods=["POST"])
    app.add_url_rule(f"{one}/undo", "studio_undo_revision", undo, methods=["POST"])


def revisions_page() -> Response:
    """`GET /studio/revisions/`: newest first, by pages (`?before=`)."""
    now = desk()
    found = revisions().listed(now.actor, page_number(request.args.get("before")), _PAGE)
    more = found[-1].number if len(found) == _PAGE and found[-1].number > 1 else None
    return render("studio/revisions.html", now, revisions=found, newest=now.bench.revision, more=more)


def revision_page(number: int, status: int = 200, why: Message | None = None) -> Response:
    """`GET /studio/revisions/{number}`: what it changed, in words and as JSON."""
    now = desk()
    revision, differences = revisions().get(now.actor, number)
    texts = []
    for item in revisions().documents(now.actor, number):
        bodies = bodies_of(now.bench, item.kind, item.name)
        texts.append(Text(path_words(f"{item.kind}/{item.name}", (*bodies, item.after, item.before), now.words), item.layer, tuple(_lines(item))))
    return render(
        "studio/revision.html",
        now,
        status,
        revision=revision,
        newest=now.bench.revision,
        differences=[_told(now, item) for item in differences],
        texts=texts,
        why=why,
    )


def plan_back_page(number: int, status: int = 200, why: Message | None = None, problems: tuple[Problem, ...] = ()) -> Response:
    """`GET /studio/revisions/{number}/roll-back`: what going back to it would do."""
    now = desk()
    try:
        planned = revisions().plan_back(now.actor, number)
    except Conflict as same:
        page.notify(same.title, "info")
        return page.go(f"{BASE}{number}")
    except BadInput as refused:
        return render("studio/revision_back.html", now, 422, number=number, why=why or refused.title, lines=[], purged=(), hash="", problems=refused.problems)
    lines = lines_of(planned.operations, now.bench, now.words)
    return render("studio/revision_back.html", now, status, number=number, why=why, lines=lines, purged=planned.purged, hash=planned.hash, problems=problems)


def roll_back(number: int) -> Response:
    """`POST /studio/revisions/{number}/roll-back`: bound to the plan shown; `purged` says it is understood what comes back empty."""
    from fieldsmith.studio.conflicts import Stale

    now, form = desk(), request.form
    reason = form.get("reason", "").strip()[:200]
    try:
        if "lost" not in form and any(item.risk == "loses data" for item in revisions().plan_back(now.actor, number).operations):
            return plan_back_page(number, 422, _m("Tick that you understand what is lost, or leave it as it is."))
        made = revisions().roll_back(now.actor, number, "purged" in form, form.get("hash", ""), reason)
    except Stale as stale:
        return plan_back_page(number, 409, stale.title)
    except Conflict as same:
        page.notify(same.title, "info")
        return page.go(f"{BASE}{number}")
    except BadInput as refused:
        return plan_back_page(number, 422, refused.title, refused.problems)
    page.notify(_m("Everything is as it was at revision {number}. This is revision {made}.", number=number, made=made))
    return page.go(f"{BASE}{made}")


def undo(number: int) -> Response:
    """`POST /studio/revisions/{number}/undo`: a draft that takes this revision alone back, to be reviewed and published."""
    now = desk()
    try:
        id = changesets().open_undo(now.actor, number)
    except Conflict as cannot:
        return revision_page(number, 409, cannot.title)
    choose_draft(id)
    page.notify(_m("This draft takes revision {number} back. Look it through, then publish it.", number=number))
    return page.go(f"{DRAFTS}{id}")


def revisions() -> Revisions:
    current.end_reading()
    return current.workspace().revisions


def _told(now: Desk, item: Difference) -> Told:
    return Told(item.message, path_in(now.documents, item.document + item.pointer))


def _lines(item: ChangedDocument) -> list[tuple[str, str]]:
    found = difflib.unified_diff(_json(item.before), _json(item.after), lineterm="", n=3)
    kept = [line for line in list(found)[2 : _MOST_LINES + 2] if not line.startswith("@@")]
    return [(line[:1], line[1:]) for line in kept]


def _json(body: Mapping[str, Any] | None) -> list[str]:
    return [] if body is None else json.dumps(body, ensure_ascii=False, indent=2).splitlines()
