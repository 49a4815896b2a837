"""What pickers ask while one types: `GET /{entity}/lookup?q=`, JSON, at most 20 records the actor may read.

    {"items": [{"value": "7", "text": "Acme", "note": ""}], "next": "…" or null}

With `field=` the entity is the one that owns a polymorphic lookup, and all entities it may point at are asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response, jsonify, request

from fieldsmith.access.seen import LABELLED_BY_ID
from fieldsmith.base.errors import BadQuery
from fieldsmith.base.problems import Problem
from fieldsmith.base.text import _m
from fieldsmith.meta.model import Entity
from fieldsmith.query.run import Query
from fieldsmith.web.screens_here import Here, here
from fieldsmith.web.screens_url import SEARCH_LIMIT

PAGE = 20
_PER_TARGET = 5


def lookup(entity: str) -> Response:
    """Records whose name matches, for a picker."""
    now = here()
    found = now.entity(entity)
    words = request.args.get("q", "").strip()
    if len(words) > SEARCH_LIMIT:
        raise BadQuery([Problem("too_long", _m("A search holds at most {limit} characters.", limit=SEARCH_LIMIT), "/q", _m("Search for fewer words."))])
    field = request.args.get("field")
    if field is not None:
        items = [item for target in _targets(now, found, field) for item in _asked(now, target, words, _PER_TARGET, None, True)[0]]
        return _answer(items[:PAGE], None)
    return _answer(*_asked(now, found, words, PAGE, request.args.get("after") or None, False))


def _targets(now: Here, entity: Entity, field: str) -> Sequence[Entity]:
    item = entity.fields.get(field)
    if item is None or item.type != "polymorphic_lookup":
        raise BadQuery([Problem("unknown_field", _m("{entity} has no lookup “{name}” to several entities.", entity=entity.label, name=field[:100]), "/field")])
    return [now.model.entities[name] for name in item.options["to"] if name not in now.unreadable()]


def _asked(now: Here, entity: Entity, words: str, limit: int, after: str | None, typed: bool) -> tuple[list[dict[str, Any]], str | None]:
    query = Query(entity.name, (entity.name_field,), (entity.name_field,), limit, after, words or None)
    page = now.work.queries.page(now.actor, query)
    read = page.columns[0].read
    note = entity.label.render(now.words) if typed else ""
    items = []
    for row in page.rows:
        value = read(row)
        text = f"#{row[0]}" if value is None or entity.name_field == LABELLED_BY_ID else str(getattr(value, "full", value))
        items.append({"value": f"{entity.name}:{row[0]}" if typed else str(row[0]), "text": text, "note": note})
    return items, page.next


def _answer(items: list[dict[str, Any]], following: str | None) -> Response:
    answer = jsonify(items=items, next=following)
    answer.headers["Cache-Control"] = "no-store"
    return answer
