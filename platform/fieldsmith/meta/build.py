"""Effective documents → the frozen `Model`. Nothing else makes one.

Expects schema-sound documents (`meta.compile` sees to it) and is total over those: references that point nowhere are kept and
reported by `meta.check`. Fast enough for the start of every process: it touches each field once.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from fieldsmith.base.text import Label
from fieldsmith.fields.base import FieldType
from fieldsmith.meta.build_entities import build_entities, wanted_names
from fieldsmith.meta.build_rules import build_rules
from fieldsmith.meta.build_screens import build_apps, build_layouts, build_tabs, build_views
from fieldsmith.meta.company import Company, Rate
from fieldsmith.meta.former import former_names
from fieldsmith.meta.labels import Labels, label_from_name
from fieldsmith.meta.layers import Effective, Key
from fieldsmith.meta.model import ChoiceList, ChoiceValue, Model, Package
from fieldsmith.meta.names import Names
from fieldsmith.meta.record_types import build_record_types, record_type_choices, record_type_names
from fieldsmith.meta.roles import build_role, build_sharing_rules
from fieldsmith.meta.unchanged import unchanged_entities

Body = Mapping[str, Any]


def build_model(
    documents: Mapping[Key, Effective], names: Names, types: Mapping[str, FieldType], revision: int, previous: Model | None = None
) -> tuple[Model, Names]:
    """The model and `names` extended by what is new. What `previous` has the same is shared with it."""
    bodies: dict[str, list[Body]] = {}
    for document in documents.values():
        bodies.setdefault(document.kind, []).append(document.body)
    labels = Labels(bodies.get("translation", ()))
    entity_bodies = bodies.get("entity", [])
    record_types = build_record_types(bodies.get("record_type", ()), labels)
    names = names.extended((*wanted_names(entity_bodies), *record_type_names(record_types.values(), entity_bodies)))
    entities = build_entities(entity_bodies, names, types, labels, record_types, unchanged_entities(previous, documents, names, types))
    hidden = {body["name"]: frozenset(item["name"] for item in body["fields"] if item.get("hidden")) for body in entity_bodies}
    hidden_views = frozenset(f"{body['entity']}.{body['name']}" for body in bodies.get("view", ()) if body.get("hidden"))
    hidden_tabs = frozenset(body["name"] for body in bodies.get("tab", ()) if body.get("hidden"))
    tabs = build_tabs(bodies.get("tab", ()), entities, hidden_views, labels)
    model = Model(
        revision=revision,
        packages={body["name"]: _package(body, labels) for body in bodies.get("package", ())},
        types=types,
        entities=entities,
        choices={body["name"]: _choices(body, labels) for body in bodies.get("choices", ())} | record_type_choices(record_types),
        layouts=build_layouts(bodies.get("layout", ()), entities, hidden, labels),
        views=build_views(bodies.get("view", ()), entities, hidden, labels),
        tabs=tabs,
        apps=build_apps(bodies.get("app", ()), tabs, hidden_tabs, labels),
        roles={body["name"]: build_role(body, labels) for body in bodies.get("role", ())},
        company=_company(next(iter(bodies.get("company", ())), {}), labels),
        documents=documents,
        rules=build_rules(bodies.get("rule", ()), labels),
        former=former_names(entity_bodies, "entity/", names.retired),
        record_types=record_types,
        sharing_rules=build_sharing_rules(bodies.get("sharing_rule", ()), labels),
    )
    return model, names


def _package(body: Body, labels: Labels) -> Package:
    base = f"package/{body['name']}"
    label = labels.label(f"{base}/label", body.get("label") or label_from_name(body["name"]))
    return Package(body["name"], body["version"], label, tuple(body.get("requires", ())), labels.optional(f"{base}/description", body.get("description")))


def _choices(body: Body, labels: Labels) -> ChoiceList:
    base = f"choices/{body['name']}"
    values = {}
    for item in body["values"]:
        name = item["name"]
        label = labels.label(f"{base}/values/{name}/label", item.get("label") or label_from_name(name))
        for_ = tuple(item["for"]) if "for" in item else None
        values[name] = ChoiceValue(name, label, item.get("colour"), item.get("active", True), tuple(item.get("was", ())), for_)
    label = labels.label(f"{base}/label", body.get("label") or label_from_name(body["name"]))
    return ChoiceList(body["name"], label, values, body.get("depends_on"))


def _company(body: Body, labels: Labels) -> Company:
    usual = Company("My company")
    calendar = body.get("calendar", {})
    return Company(
        name=body.get("label", usual.name),
        language=body.get("language", usual.language),
        timezone=body.get("time_zone", usual.timezone),
        currency=body.get("currency", usual.currency),
        country=body.get("country", usual.country),
        rates=tuple(Rate(item["currency"], day, Decimal(item["rate"])) for item in body.get("rates", ()) if (day := _day(item["from"]))),
        fiscal_year_start=body.get("fiscal_year_start", usual.fiscal_year_start),
        workdays=tuple(calendar.get("workdays", usual.workdays)),
        holidays={day: _holiday(item, labels) for item in calendar.get("holidays", ()) if (day := _day(item["date"]))},
        accent=body.get("accent", usual.accent),
    )


def _holiday(item: Body, labels: Labels) -> Label:
    return labels.label(f"company/company/calendar/holidays/{item['date']}/label", item["label"])


def _day(text: str) -> date | None:
    """None for a day no calendar has: `meta.check` reports it."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
