"""Record types on the screens: the page that asks for the type of a new record, and how a record says its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from flask import Response, request
from markupsafe import Markup

from fieldsmith.base.text import _m
from fieldsmith.meta.model import RECORD_TYPE, Entity, Model, RecordType
from fieldsmith.web.page import render
from fieldsmith.web.screens_here import Here


def offered_types(model: Model, entity: Entity) -> Sequence[RecordType]:
    """What a new record can be of, the default first; empty where records have no types."""
    active = [item for item in model.record_types_of[entity.name] if item.active]
    return sorted(active, key=lambda item: not item.default)


def asked_type(now: Here, entity: Entity) -> Response | None:
    """The page that asks which kind of record it is to be; None where the address says it or there is nothing to ask."""
    types = offered_types(now.model, entity) if _chosen(entity) else ()
    if len(types) < 2 or RECORD_TYPE in request.args:
        return None
    given = [(name, value) for name, value in request.args.items(multi=True)]
    choices = [
        {
            "label": item.label.render(now.words),
            "help": item.help.render(now.words) if item.help else "",
            "default": item.default,
            "address": f"/{entity.name}/new?{urlencode([*given, (RECORD_TYPE, item.name)])}",
        }
        for item in types
    ]
    heading = _m("New {entity}", entity=entity.label).render(now.words)
    return render("record_types.html", entity=entity, heading=heading, choices=choices, back=f"/{entity.name}/")


def only_type(now: Here, entity: Entity) -> str | None:
    """The type of a new record where there is only one."""
    types = offered_types(now.model, entity) if _chosen(entity) else ()
    return types[0].name if len(types) == 1 else None


def _chosen(entity: Entity) -> bool:
    """May who makes a record say its type? `entity` is as they see it."""
    kind = entity.fields.get(RECORD_TYPE)
    return kind is not None and not kind.read_only


def type_chip(now: Here, entity: Entity, values: Mapping[str, Any]) -> Markup:
    """What a record page says of the record's type; nothing where it has none."""
    name = values.get(RECORD_TYPE)
    known = now.model.record_types.get(f"{entity.name}.{name}")
    if name is None:
        return Markup("")
    return Markup('<span class="tint tint-grey">{}</span>').format(known.label.render(now.words) if known is not None else name)
