"""`/palette?q=`: where the command palette can take one: tabs, new records, found records. A list for htmx, never a page."""

from __future__ import annotations

from flask import Flask, Response, request

from fieldsmith.base.text import _m
from fieldsmith.web import page
from fieldsmith.web.screens_here import Here, here
from fieldsmith.web.shell import Place, creatable_of, tabs_of

_FOUND = 8
_LONGEST = 200

Item = tuple[str, str, str, str]
"""Path, icon, label, note."""


def register(app: Flask) -> None:
    app.add_url_rule("/palette", "palette", palette)


def palette() -> Response:
    """`GET /palette`: everything to go to while nothing is typed, then what matches."""
    now = here()
    words = request.args.get("q", "").strip()[:_LONGEST]
    policy = now.work.runtime.policy
    tabs = tabs_of(now.model, policy, now.actor, now.words, tuple(now.model.tabs))
    own = [Place("/", "home", page.say(_m("Home"))), Place("/me", "user-circle", page.say(_m("My settings")))]
    creatable = creatable_of(now.model, policy, now.actor, now.words, tuple(now.model.tabs))
    groups = [
        (page.say(_m("Go to")), _matching([own[0], *tabs, own[1]], words)),
        (page.say(_m("Records")), _found(now, words)),
        (page.say(_m("Create")), _matching(creatable, words) if words else []),
    ]
    return page.part("parts/palette_results.html", groups=groups)


def _matching(places: list[Place], words: str) -> list[Item]:
    wanted = words.casefold()
    unique = {place.path: place for place in places if wanted in place.label.casefold()}
    return [(place.path, place.icon, place.label, "") for place in unique.values()]


def _found(now: Here, words: str) -> list[Item]:
    if not words:
        return []
    entities = {entity.uid: entity for entity in now.model.entities.values() if entity.name not in now.unreadable()}
    hits = now.work.queries.search(now.actor, words, list(entities.values()), _FOUND)
    found = [(entities[hit.entity_uid], hit) for hit in hits]
    return [(f"/{entity.name}/{hit.record_id}", entity.icon, hit.label or f"#{hit.record_id}", entity.label.render(now.words)) for entity, hit in found]
