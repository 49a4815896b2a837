"""What the records of today have against a field that becomes required or unique: said beside the tick, long before publishing refuses it.

Asked of what is stored and published, with a bound, so that the answer comes in a moment however many records there are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import Flask, Response, request

from fieldsmith.base.errors import BadQuery
from fieldsmith.base.text import Message, _m
from fieldsmith.meta.model import Entity
from fieldsmith.query.run import MAX_LIMIT, Query
from fieldsmith.web import current, page
from fieldsmith.web.studio.desk import Desk, desk
from fieldsmith.web.studio.entity_head import fields_of

LOOKED_AT = 5_000
"""Values of the newest records are compared with each other; publishing compares all."""


def register(app: Flask) -> None:
    app.add_url_rule("/studio/entity/<entity>/field-records", "studio_field_records", told, methods=["POST"])


def told(entity: str) -> Response:
    """`POST …/field-records` with the field's form and `about` = required or unique: the sentence for below that tick, nothing while it is not ticked."""
    now, form, about = desk(), request.form, request.form.get("about", "")
    if about not in ABOUT or form.get(about) != "1":
        return page.part("studio/field_records.html", said=None)
    default = bool(form.get("default", "").strip() or form.get("default_expression", "").strip())
    return page.part("studio/field_records.html", said=against(now, entity, form.get("name", ""), about, default))


def against(now: Desk, entity: str, field: str, about: str, default: bool) -> Message | None:
    """What records have against `field` being `about`; None where nothing, where it is so already, and for what is not published."""
    published = current.model().entities.get(entity)
    if published is None:
        return None
    unspoken = current.work().runtime.policy.sight(now.actor).unspoken
    said: Mapping[str, Any] = next((item for item in fields_of(now, entity) if item["name"] == field), {})
    known = next((name for name in (field, *said.get("was", ())) if name in published.fields and (entity, name) not in unspoken), None)
    if known is not None and bool(getattr(published.fields[known], about)):
        return None
    try:
        return ABOUT[about](now, published, known, default)
    except BadQuery:  # of a type that cannot be asked for blanks or compared
        return None


def _required(now: Desk, entity: Entity, field: str | None, default: bool) -> Message | None:
    if default:
        return None
    filters = (f"ISBLANK({field})",) if field is not None else ()
    found = current.work().queries.count(now.actor, Query(entity.name, (), filters=filters))
    if not found.value:
        return None
    names = {"entity": entity.label, "count": found.value}
    if not found.exact:
        return _m("More than {count} records of {entity} would be left without it. Give it a default, which they get.", **names)
    return _m("Blank in {count} records of {entity}. Give it a default, which they get, or fill them in first.", **names)


def _unique(now: Desk, entity: Entity, field: str | None, default: bool) -> Message | None:
    if field is None:
        return None
    seen: Counter[Any] = Counter()
    after, left = None, LOOKED_AT
    while left > 0:
        part = current.work().queries.page(now.actor, Query(entity.name, (field,), limit=min(left, MAX_LIMIT), after=after))
        values = (part.columns[0].read(row) for row in part.rows)
        seen.update(value for value in values if value is not None)
        after, left = part.next, left - len(part.rows)
        if after is None:
            break
    twins = [value for value, count in seen.most_common(4) if count > 1]
    if not twins:
        return None
    names = {"count": sum(count for count in seen.values() if count > 1), "entity": entity.label, "values": _listed(twins)}
    return _m("{count} records of {entity} share a value with another, such as {values}. Change or merge them first.", **names)


def _listed(values: Sequence[Any]) -> str:
    return ", ".join(f"“{str(value)[:60]}”" for value in values[:3]) + (", …" if len(values) > 3 else "")


ABOUT: Mapping[str, Callable[[Desk, Entity, str | None, bool], Message | None]] = {"required": _required, "unique": _unique}
