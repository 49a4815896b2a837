"""`/search?q=`: records of every entity the actor may read, grouped by entity, each with the text around the match."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Response, request

from fieldsmith.meta.model import Entity
from fieldsmith.web.page import render
from fieldsmith.web.screens_here import Here, here

PER_ENTITY = 5


@dataclass(frozen=True, slots=True)
class Found:
    """One hit: its page, its name, the text around the match."""

    path: str
    label: str
    snippet: str


@dataclass(frozen=True, slots=True)
class Group:
    """The first hits of one entity; `more` is the address of all of them, or None."""

    icon: str
    label: str
    hits: Sequence[Found]
    more: str | None


def search_page() -> Response:
    """`GET /search`."""
    now = here()
    words = request.args.get("q", "").strip()
    hidden = now.unreadable()
    groups = [_group(now, entity, words) for entity in now.model.entities.values() if entity.name not in hidden] if words else []
    return render("search.html", words=words, groups=[group for group in groups if group.hits])


def _group(now: Here, entity: Entity, words: str) -> Group:
    hits = now.work.queries.search(now.actor, words, [entity], PER_ENTITY + 1)
    found = [
        Found(f"/{entity.name}/{hit.record_id}", hit.label or f"#{hit.record_id}", hit.snippet.removeprefix(hit.label).strip()) for hit in hits[:PER_ENTITY]
    ]
    more = f"/{entity.name}/?{urlencode({'q': words})}" if len(hits) > PER_ENTITY else None
    return Group(entity.icon, entity.plural.render(now.words), found, more)
