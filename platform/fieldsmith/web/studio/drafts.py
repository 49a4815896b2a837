"""`/studio/drafts/`: all open drafts and those published; one draft reviewed, its changes taken back one by one, renamed or discarded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Flask, Response, request

from fieldsmith.base.errors import BadInput, Conflict, Forbidden, NotFound
from fieldsmith.base.text import _m
from fieldsmith.web import current, page
from fieldsmith.web.studio.desk import Desk, changes_of, choose_draft, desk, render
from fieldsmith.web.studio.origins import studio_path
from fieldsmith.web.studio.review import changed, faults
from fieldsmith.web.studio.wording import path_words

if TYPE_CHECKING:
    from fieldsmith.studio.changesets import ChangeSets
    from fieldsmith.studio.workbench import Workbench

BASE = "/studio/drafts/"
_SHOWN = 50
_PUBLISHED = 10
_CHECKED = 4


@dataclass(frozen=True, slots=True)
class DraftLine:
    """One draft in the list of all. `problems` is None where nobody has looked: each draft is compiled for it."""

    id: int
    title: str
    author: str
    mine: bool
    at: datetime
    changes: int
    problems: int | None


def register(app: Flask) -> None:
    one = f"{BASE}<int:id>"
    app.add_url_rule(BASE, "studio_drafts", drafts_page)
    app.add_url_rule(BASE, "studio_open_draft", open_draft, methods=["POST"])
    app.add_url_rule(one, "studio_draft", draft_page)
    app.add_url_rule(f"{one}/rename", "studio_rename_draft", rename, methods=["POST"])
    app.add_url_rule(f"{one}/choose", "studio_choose_draft", choose, methods=["POST"])
    app.add_url_rule(f"{one}/undo", "studio_undo_change", undo, methods=["POST"])
    app.add_url_rule(f"{one}/take-back", "studio_take_back", take_back, methods=["POST"])
    app.add_url_rule(f"{one}/discard", "studio_discard", discard_page)
    app.add_url_rule(f"{one}/discard", "studio_discard_draft", discard, methods=["POST"])


def drafts_page(status: int = 200, problem: str = "", title: str = "") -> Response:
    """`GET /studio/drafts/`: mine first."""
    now = desk()
    service = changesets()
    listed = sorted(service.listed(now.actor, limit=_SHOWN), key=lambda draft: draft.author_id != now.actor.id)
    lines = [line for at, draft in enumerate(listed) if (line := _line(now, service, draft.id, at < _CHECKED)) is not None]
    published = service.listed(now.actor, "published", limit=_PUBLISHED)
    return render("studio/drafts.html", now, status, drafts=lines, published=published, problem=problem, given=title)


def open_draft() -> Response:
    """`POST /studio/drafts/`: a new draft, to be worked on at once."""
    now = desk()
    title = request.form.get("title", "")
    try:
        id = changesets().open(now.actor, title)
    except BadInput as wrong:
        return drafts_page(422, page.say(wrong.problems[0].message), title)
    choose_draft(id)
    page.notify(_m("You are now working on “{title}”.", title=title.strip()))
    return page.go("/studio/")


def draft_page(id: int, status: int = 200, problem: str = "") -> Response:
    """`GET /studio/drafts/{id}`: review. A published draft shows the revision it became."""
    now = desk()
    draft = changesets().get(now.actor, id)
    if draft.revision is not None:
        return page.go(f"{BASE}{id}/published" if now.delegated else f"/studio/revisions/{draft.revision}")
    bench = changesets().look(now.actor, id)
    also = [(item, path_words(item.path, (), now.words)) for item in changesets().check(now.actor, id).also_changed_in]
    return render(
        "studio/draft.html",
        now,
        status,
        draft=bench.draft,
        mine=now.draft is not None and now.draft.id == id,
        documents=changed(bench, now.words),
        faults=faults(bench, now.words),
        also=also,
        problem=problem,
        sound=bench.sound,
    )


def rename(id: int) -> Response:
    """`POST /studio/drafts/{id}/rename`."""
    now = desk()
    try:
        changesets().rename(now.actor, id, request.form.get("title", ""))
    except BadInput as wrong:
        return draft_page(id, 422, page.say(wrong.problems[0].message))
    return page.go(f"{BASE}{id}")


def choose(id: int) -> Response:
    """`POST /studio/drafts/{id}/choose`: what is changed from now on goes into this one."""
    now = desk()
    draft = changesets().get(now.actor, id)
    choose_draft(id)
    page.notify(_m("You are now working on “{title}”.", title=draft.title))
    return page.go(studio_path(request.form.get("next", f"{BASE}{id}")))


def undo(id: int) -> Response:
    """`POST /studio/drafts/{id}/undo`: take the last change back; again to the page it was asked on."""
    now = desk()
    try:
        changesets().undo(now.actor, id)
    except Conflict as nothing:
        page.notify(nothing.title, "info")
    else:
        page.notify(_m("The last change was taken back."))
    asked = urlsplit(request.referrer or "")
    return page.go(studio_path(f"{asked.path}?{asked.query}" if asked.query else asked.path))


def take_back(id: int) -> Response:
    """`POST /studio/drafts/{id}/take-back`: one operation (`turn`) of a document, or all the draft says of it."""
    now = desk()
    form = request.form
    kind, name, turn = form.get("kind", ""), form.get("name", ""), form.get("turn", "")
    try:
        if turn:
            checked = changesets().take_back_turn(now.actor, id, kind, name, int(turn) if turn.isascii() and turn.isdigit() and len(turn) < 10 else -1)
        else:
            checked = changesets().take_back(now.actor, id, kind, name)
    except NotFound as gone:
        page.notify(gone.title, "info")
        return page.go(f"{BASE}{id}")
    if checked.problems:
        page.notify(_m("Taken back. The rest of the draft now has problems."), "warning")
    else:
        page.notify(_m("Taken back."))
    return page.go(f"{BASE}{id}")


def discard_page(id: int) -> Response:
    """`GET /studio/drafts/{id}/discard`: asks."""
    now = desk()
    draft = changesets().get(now.actor, id)
    return render("studio/draft_discard.html", now, draft=draft, changes=changes_of(draft))


def discard(id: int) -> Response:
    """`POST /studio/drafts/{id}/discard`."""
    now = desk()
    title = changesets().get(now.actor, id).title
    changesets().discard(now.actor, id)
    if now.draft is not None and now.draft.id == id:
        choose_draft(None)
    page.notify(_m("“{title}” was discarded. Nothing of it was published.", title=title))
    return page.go(BASE)


def changesets() -> ChangeSets:
    """The service, with no read transaction open beside its own."""
    current.end_reading()
    return current.workspace().changesets


def bench_of(now: Desk, id: int) -> Workbench:
    """The open draft `id`, whether it is the one worked on or not. Raises `NotFound`, or `Conflict` when it was published."""
    return changesets().look(now.actor, id)


def _line(now: Desk, service: ChangeSets, id: int, checked: bool) -> DraftLine | None:
    """None for a draft of one's own with what one may not say any more."""
    try:
        draft = service.get(now.actor, id)
    except Forbidden:
        return None
    problems = len(service.look(now.actor, id).problems) if checked else None
    return DraftLine(draft.id, draft.title, draft.author_name, draft.author_id == now.actor.id, draft.modified_at, changes_of(draft), problems)
