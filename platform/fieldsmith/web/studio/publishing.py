"""`/studio/drafts/{id}/publish`: the plan of a draft in words; publishing it bound to what was shown; what then."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, Response, request

from fieldsmith.base.errors import BadInput, Conflict
from fieldsmith.base.problems import Problem
from fieldsmith.base.text import Message, _m
from fieldsmith.meta.documents import OWNED_KINDS
from fieldsmith.studio.drafts import Draft
from fieldsmith.web import current, page, reauth
from fieldsmith.web.studio.desk import changes_of, choose_draft, desk, render
from fieldsmith.web.studio.drafts import BASE, changesets
from fieldsmith.web.studio.plans import lines_of
from fieldsmith.web.studio.simulating import may_matter

_MOST_SEEN = 8


@dataclass(frozen=True, slots=True)
class Seen:
    """An entity the draft touched: the page where one sees what became of it."""

    path: str
    icon: str
    label: str


def register(app: Flask) -> None:
    one = f"{BASE}<int:id>"
    app.add_url_rule(f"{one}/publish", "studio_plan", plan_page)
    app.add_url_rule(f"{one}/publish", "studio_publish", publish, methods=["POST"])
    app.add_url_rule(f"{one}/published", "studio_published", published_page)


def plan_page(id: int, status: int = 200, why: Message | None = None, problems: tuple[Problem, ...] = (), reason: str | None = None) -> Response:
    """`GET /studio/drafts/{id}/publish`: what publishing would do. Drafts with problems go to their review, those with conflicts to the choice."""
    now = desk()
    asked = changesets().get(now.actor, id)
    if asked.revision is not None:
        return page.go(f"{BASE}{id}/published")
    _confirmed(asked)
    bench = changesets().look(now.actor, id)
    draft = bench.draft
    assert draft is not None
    if not bench.sound:
        page.notify(_m("Solve these problems first; then the draft can be published."), "warning")
        return page.go(f"{BASE}{id}")
    context = {
        "draft": draft,
        "why": why,
        "problems": problems,
        "reason": draft.title if reason is None else reason,
        "asks_access": may_matter(draft) and not now.delegated,
    }
    if not changes_of(draft):
        return render("studio/publish.html", now, status, lines=[], hash="", base=bench.revision, **context)
    try:
        planned = changesets().plan(now.actor, id)
    except BadInput as refused:
        return render("studio/publish.html", now, 422, lines=[], hash="", base=bench.revision, **{**context, "problems": refused.problems})
    if planned.conflicts:
        return page.go(f"{BASE}{id}/conflicts")
    lines = lines_of(planned.operations, bench, now.words, now.shapes)
    return render("studio/publish.html", now, status, lines=lines, hash=planned.hash, base=planned.base, **context)


def publish(id: int) -> Response:
    """`POST /studio/drafts/{id}/publish`: `hash` is of the plan that was shown, `lost` says that what it loses was understood."""
    from fieldsmith.studio.conflicts import Stale  # brings Alembic, which a server that publishes nothing need not load

    now = desk()
    _confirmed(changesets().get(now.actor, id))
    hash, reason = request.form.get("hash", ""), request.form.get("reason", "").strip()
    try:
        changesets().publish(now.actor, id, hash, reason, "lost" in request.form)
    except Stale as stale:
        if stale.conflicts:
            page.notify(stale.title, "warning")
            return page.go(f"{BASE}{id}/conflicts")
        return plan_page(id, 409, stale.title, reason=reason)
    except BadInput as refused:
        return plan_page(id, 422, refused.title, refused.problems, reason)
    except Conflict as nothing:
        return plan_page(id, 409, nothing.title, reason=reason)
    choose_draft(None)
    return page.go(f"{BASE}{id}/published")


def _confirmed(draft: Draft) -> None:
    """A draft that changes what people may do asks for the password again, where it was not given lately."""
    reauth.require_fresh_for(kind for kind, _ in draft.edits or {})


def published_page(id: int) -> Response:
    """`GET /studio/drafts/{id}/published`: it is live; where to see it, and the way back."""
    now = desk()
    draft = changesets().get(now.actor, id)
    if draft.revision is None:
        return page.go(f"{BASE}{id}")
    return render("studio/published.html", now, draft=draft, seen=_seen(draft))


def _seen(draft: Draft) -> list[Seen]:
    """The entities the draft touched, as far as the reader may see them."""
    work, actor = current.work(), current.actor()
    named = (edit.name.partition(".")[0] if edit.kind in OWNED_KINDS else edit.name for edit in (draft.edits or {}).values() if _of_entity(edit.kind))
    entities = [work.model.entities[name] for name in dict.fromkeys(named) if name in work.model.entities]
    readable = [entity for entity in entities if work.runtime.policy.allows(actor, "read", entity.name)]
    return [Seen(f"/{entity.name}/", entity.icon, entity.plural.render(current.words())) for entity in readable[:_MOST_SEEN]]


def _of_entity(kind: str) -> bool:
    return kind == "entity" or kind in OWNED_KINDS
