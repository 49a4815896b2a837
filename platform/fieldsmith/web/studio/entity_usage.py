"""`/studio/entity/<entity>/usage` and `/relations`: where an entity, its fields and their values are used, and how it is linked."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, Response, request

from fieldsmith.base.text import Message, _m
from fieldsmith.meta.documents import OWNED_KINDS
from fieldsmith.meta.references import Use, field_path
from fieldsmith.web.studio.desk import Desk, desk, render
from fieldsmith.web.studio.entity_head import field_label, fields_of, head_of
from fieldsmith.web.studio.field_types import types
from fieldsmith.web.studio.removal import Mention, mentions


@dataclass(frozen=True, slots=True)
class Used:
    """Uses of one thing: the entity, or a field."""

    name: str
    label: str
    mentions: list[Mention]


@dataclass(frozen=True, slots=True)
class Relation:
    """One link: `entity.field` points at `to`; `inverse` is its name seen from there."""

    entity: str
    entity_label: str
    field: str
    field_label: str
    kind: Message
    to: str
    to_label: str
    inverse: str
    on_delete: Message | None


_ON_DELETE = {"restrict": _m("refuses its deletion"), "clear": _m("emptied with it"), "cascade": _m("deleted with it")}


def register(app: Flask) -> None:
    app.add_url_rule("/studio/entity/<entity>/usage", "studio_usage", usage_page)
    app.add_url_rule("/studio/entity/<entity>/relations", "studio_relations", relations_page)


def usage_page(entity: str) -> Response:
    """`GET …/usage`; `field=` for one field alone."""
    now = desk()
    head = head_of(now, entity)
    only = request.args.get("field", "")
    used = [] if only else [Used("", head.label, mentions(now, _by_others(now, entity)))]
    for item in fields_of(now, entity):
        if only in ("", item["name"]):
            found = mentions(now, now.bench.graph.get(field_path(entity, item["name"]), ()))
            used.append(Used(item["name"], field_label(now, entity, item), found))
    return render("studio/entity_usage.html", now, entity=head, used=used, only=only, sound=now.bench.sound)


def relations_page(entity: str) -> Response:
    """`GET …/relations`: links out of it, then into it."""
    now = desk()
    head = head_of(now, entity)
    found = [relation for other in now.bench.of_kind("entity") for relation in _relations(now, other.name)]
    out = [item for item in found if item.entity == entity]
    into = [item for item in found if item.to == entity and item.entity != entity]
    return render("studio/entity_relations.html", now, entity=head, out=out, into=into)


def _by_others(now: Desk, entity: str) -> list[Use]:
    """That its own layouts, views and rules are about it need not be said."""
    return [use for use in now.bench.graph.get(f"entity/{entity}", ()) if use.kind not in OWNED_KINDS or use.pointer != "/entity"]


def _relations(now: Desk, entity: str) -> list[Relation]:
    out = []
    for item in fields_of(now, entity):
        to = item.get("to", ())
        kind = types().get(str(item.get("type")))
        for target in [to] if isinstance(to, str) else to:
            if kind is None or ("entity", target) not in now.documents:
                continue
            known = now.model.entities.get(entity)
            field = known.fields.get(item["name"]) if known is not None else None
            gone = _ON_DELETE.get(str(field.options.get("on_delete") if field is not None else item.get("on_delete", "")))
            out.append(
                Relation(
                    entity,
                    head_of(now, entity).label,
                    item["name"],
                    field_label(now, entity, item),
                    kind.title,
                    target,
                    head_of(now, target).label,
                    str(item.get("inverse", "")),
                    gone,
                )
            )
    return out
