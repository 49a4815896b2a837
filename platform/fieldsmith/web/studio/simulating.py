"""`/studio/drafts/{id}/access`: who gains and who loses by a draft, in numbers of records; the plan's page fetches it when it is open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Flask, Response

from fieldsmith.base.errors import BadInput
from fieldsmith.base.text import Message, Words, _m
from fieldsmith.rollout.simulated import PersonShift, Simulation
from fieldsmith.rollout.simulating import APART, LONGEST, simulate
from fieldsmith.studio.drafts import Draft
from fieldsmith.web import current, page
from fieldsmith.web.studio.desk import desk, render
from fieldsmith.web.studio.drafts import BASE, changesets
from fieldsmith.web.studio.roles_rights import FIELD_WORDS, RIGHT_WORDS, SCOPE_WORDS

_OPEN = 3
_MOST_ENTITIES = 40
_SPEAKING = frozenset({"role", "sharing_rule"})


@dataclass(frozen=True, slots=True)
class Told:
    """One person: `open` shows the details at once, `more` entities are not shown."""

    shift: PersonShift
    roles: str
    shapes: tuple[str, str] | None
    open: bool
    more: int


def register(app: Flask) -> None:
    app.add_url_rule(f"{BASE}<int:id>/access", "studio_draft_access", access_part)


def may_matter(draft: Draft) -> bool:
    """May the draft change what anybody sees or does?"""
    return any(kind not in APART for kind, _ in draft.edits or {})


def access_part(id: int) -> Response:
    """`GET /studio/drafts/{id}/access`: a piece of the plan's page for htmx, else a page of its own."""
    now = desk()
    draft = changesets().get(now.actor, id)
    faulty: Message | None = None
    found = Simulation()
    try:
        found = simulate(current.workspace(), now.actor, id)
    except BadInput as refused:
        faulty = refused.title
    context = {
        "draft": draft,
        "found": found,
        "faulty": faulty,
        "said": _speaks(draft),
        "people": _told(found, now.words),
        "words": {"rights": RIGHT_WORDS, "scopes": SCOPE_WORDS, "fields": FIELD_WORDS},
        "most_entities": _MOST_ENTITIES,
        "newest": found.newest,
        "seconds": round(LONGEST),
    }
    status = 200 if faulty is None else 422
    if page.htmx() and page.htmx().target == "plan-access":
        return page.part("studio/plan_access.html", status, **context)
    return render("studio/plan_access_page.html", now, status, **context)


def _speaks(draft: Draft) -> bool:
    """Is the draft plainly about access, so that it is worth saying that nobody gains or loses?"""
    edits = (draft.edits or {}).values()
    return any(edit.kind in _SPEAKING or any(operation.path == "/sharing" for operation in edit.operations) for edit in edits)


def _told(found: Simulation, words: Words) -> Sequence[Told]:
    model = current.model()

    def roles(person: PersonShift) -> str:
        labels = (model.roles[name].label.render(words) if name in model.roles else name for name in person.actor.roles)
        return ", ".join(labels) or _m("no role").render(words)

    def shapes(person: PersonShift) -> tuple[str, str] | None:
        if person.shapes is None:
            return None
        before, after = (", ".join(sorted(_entity_label(name, words) for name in names)) or "–" for names in person.shapes)
        return before, after

    some = len(found.people) <= _OPEN
    return [Told(person, roles(person), shapes(person), some, max(len(person.entities) - _MOST_ENTITIES, 0)) for person in found.people]


def _entity_label(name: str, words: Words) -> str:
    known = current.model().entities.get(name)
    return known.label.render(words) if known is not None else name
