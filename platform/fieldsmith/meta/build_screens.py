"""Layouts, views, tabs and apps from effective documents, with a default of each where none exists.

Total over schema-sound documents: what points nowhere is kept as it is and reported by `meta.check`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from fieldsmith.base.text import Label
from fieldsmith.fields.base import Field
from fieldsmith.meta.labels import Labels, label_from_name
from fieldsmith.meta.model import RECORD_TYPE, App, Component, Entity, Layout, LayoutTab, RelatedList, Section, Tab, View

Body = Mapping[str, Any]
DEFAULT = "default"
DEFAULT_VIEW = "all"
MAIN_SECTION = "main"
DEFAULT_COLUMNS = 6
APP_ORDER = 100
DEFAULT_ICON = "database"
_LONG = frozenset({"long_text", "rich_text", "json", "file", "image", "many_to_many"})
_STANDARD = Label("Standard layout", {"zh_Hans": "标准布局", "zh_Hant": "標準版面"})
_DETAILS = Label("Details", {"zh_Hans": "详细信息", "zh_Hant": "詳細資料"})
_EVERYTHING = Label("Everything", {"zh_Hans": "全部", "zh_Hant": "全部"})


def build_layouts(bodies: Iterable[Body], entities: Mapping[str, Entity], hidden: Mapping[str, frozenset[str]], labels: Labels) -> dict[str, Layout]:
    """Keys are `entity.name`. Every entity has a `default`; it shows every field that no section of it shows and nothing hides."""
    out: dict[str, Layout] = {}
    left_out: dict[str, set[str]] = {}
    for body in bodies:
        key = f"{body['entity']}.{body['name']}"
        out[key] = _layout(body, entities, hidden.get(body["entity"], frozenset()), labels)
        left_out[key] = set(body.get("hidden", ())).union(*(section["fields"] for section in body["sections"] if section.get("hidden")))
    for name, entity in entities.items():
        key = f"{name}.{DEFAULT}"
        fields = [field.name for field in entity.own_fields() if field.name != RECORD_TYPE and field.name not in hidden.get(name, ())]
        known = out.get(key)
        if known is None:
            out[key] = Layout(DEFAULT, name, _STANDARD, (), (Section(MAIN_SECTION, _DETAILS, 2, tuple(fields)),), _referring(entity, entities, hidden))
            continue
        placed = {field for section in known.sections for field in section.fields} | left_out[key]
        missing = tuple(field for field in fields if field not in placed)
        if missing:
            last = known.sections[-1] if known.sections else Section(MAIN_SECTION, _DETAILS, 2, ())
            out[key] = replace(known, sections=(*known.sections[:-1], replace(last, fields=last.fields + missing)))
    return out


def _layout(body: Body, entities: Mapping[str, Entity], hidden: frozenset[str], labels: Labels) -> Layout:
    base = f"layout/{body['entity']}.{body['name']}"
    sections = tuple(
        Section(
            item["name"],
            labels.label(f"{base}/sections/{item['name']}/label", item.get("label") or label_from_name(item["name"])),
            item.get("columns", 2),
            _without(item["fields"], hidden),
            item.get("tab") or None,
            item.get("visible", ""),
        )
        for item in body["sections"]
        if not item.get("hidden")
    )
    related = tuple(_related(item, base, entities, labels) for item in body.get("related", ()) if not item.get("hidden"))
    label = (
        labels.label(f"{base}/label", body["label"])
        if "label" in body
        else _STANDARD
        if body["name"] == DEFAULT
        else labels.label(f"{base}/label", label_from_name(body["name"]))
    )
    tabs = tuple(
        LayoutTab(item["name"], labels.label(f"{base}/tabs/{item['name']}/label", item.get("label") or label_from_name(item["name"])))
        for item in body.get("tabs", ())
        if not item.get("hidden")
    )
    components = tuple(_component(item, base, labels) for item in body.get("components", ()) if not item.get("hidden"))
    return Layout(
        body["name"],
        body["entity"],
        label,
        _without(body.get("highlights", ()), hidden),
        sections,
        related,
        body.get("path") or None,
        tuple(body.get("roles", ())),
        tuple(body.get("record_types", ())),
        tabs,
        components,
        body.get("active", True),
    )


def _component(item: Body, base: str, labels: Labels) -> Component:
    path = f"{base}/components/{item['name']}"
    label, text = labels.optional(f"{path}/label", item.get("label")), labels.optional(f"{path}/text", item.get("text"))
    return Component(item["name"], item["component"], label, text, item.get("tab") or None, item.get("visible", ""))


def _without(fields: Sequence[str], hidden: frozenset[str]) -> tuple[str, ...]:
    return tuple(name for name in fields if name not in hidden)


def _referring(entity: Entity, entities: Mapping[str, Entity], hidden: Mapping[str, frozenset[str]]) -> tuple[RelatedList, ...]:
    """What a page that nobody arranged lists: the records that look this one up, where the lookup has a name seen from here."""
    out = []
    for reference in entity.references:
        other = entities[reference.entity]
        if reference.inverse and other.fields[reference.field].type == "lookup" and reference.field not in hidden.get(other.name, ()):
            columns = _default_columns(other, frozenset({reference.field}))
            out.append(RelatedList(reference.inverse, other.plural, other.name, reference.field, columns))
    return tuple(out)


def _related(item: Body, base: str, entities: Mapping[str, Entity], labels: Labels) -> RelatedList:
    """Without a label it is called as its entity's plural; without columns it shows what the entity's default view would."""
    entity = entities.get(item["entity"])
    path = f"{base}/related/{item['name']}/label"
    if "label" in item or entity is None:
        label = labels.label(path, item.get("label") or label_from_name(item["name"]))
    else:
        label = labels.label(path, entity.plural.text)
        label = label if label.translations else entity.plural
    columns = tuple(item.get("columns", ())) or (_default_columns(entity, frozenset({item["field"]})) if entity else ())
    tab, visible = item.get("tab") or None, item.get("visible", "")
    return RelatedList(item["name"], label, item["entity"], item["field"], columns, tuple(item.get("sort", ())), tab, visible)


def build_views(bodies: Iterable[Body], entities: Mapping[str, Entity], hidden: Mapping[str, frozenset[str]], labels: Labels) -> dict[str, View]:
    """Keys are `entity.name`. Every entity has a view, and exactly one of them is the default (the first when none says so)."""
    out: dict[str, View] = {}
    for body in bodies:
        if body.get("hidden"):
            continue
        base = f"view/{body['entity']}.{body['name']}"
        label = labels.label(f"{base}/label", body.get("label") or label_from_name(body["name"]))
        columns, sort = tuple(body["columns"]), tuple(body.get("sort", ()))
        board = body.get("show", "table"), body.get("group", ""), body.get("sum", "")
        out[base[5:]] = View(
            body["name"], body["entity"], label, columns, sort, body.get("default", False), body.get("filter", ""), *board, tuple(body.get("roles", ()))
        )
    having = {view.entity: view.default for view in sorted(out.values(), key=lambda view: view.default)}
    for name, entity in entities.items():
        if name not in having:
            columns = _default_columns(entity, hidden.get(name, frozenset()))
            out[f"{name}.{DEFAULT_VIEW}"] = View(DEFAULT_VIEW, name, entity.plural, columns, (entity.name_field,) if entity.name_field else (), True)
    for key, view in list(out.items()):
        if not having.get(view.entity, True):
            out[key] = replace(view, default=True)
            having[view.entity] = True
    return out


def _default_columns(entity: Entity, hidden: frozenset[str]) -> tuple[str, ...]:
    """The name field and the first plain fields after it."""

    def plain(field: Field) -> bool:
        return not field.system and field.name != RECORD_TYPE and field.type not in _LONG and field.name not in hidden and field.name != entity.name_field

    first = [entity.name_field] if entity.name_field else ["id"]
    return tuple(first + [field.name for field in entity.fields.values() if plain(field)])[:DEFAULT_COLUMNS]


def build_tabs(bodies: Iterable[Body], entities: Mapping[str, Entity], hidden_views: frozenset[str], labels: Labels) -> dict[str, Tab]:
    """An entity of which no document makes a tab gets one under its own name, after the others. Hidden views are not opened."""
    out: dict[str, Tab] = {}
    having: set[str] = set()
    for body in bodies:
        having.add(body["entity"])
        if body.get("hidden"):
            continue
        entity = entities.get(body["entity"])
        plural = entity.plural if entity else Label(label_from_name(body["entity"]))
        label = labels.label(f"tab/{body['name']}/label", body["label"]) if "label" in body else plural
        icon = body.get("icon") or (entity.icon if entity else DEFAULT_ICON)
        view = body.get("view")
        out[body["name"]] = Tab(
            body["name"], label, icon, body["entity"], None if f"{body['entity']}.{view}" in hidden_views else view, tuple(body.get("roles", ()))
        )
    for name, entity in entities.items():
        if name not in having:
            out.setdefault(name, Tab(name, entity.plural, entity.icon, name))
    return out


def build_apps(bodies: Iterable[Body], tabs: Mapping[str, Tab], hidden_tabs: frozenset[str], labels: Labels) -> dict[str, App]:
    """By their `order`, then as the documents come. Without any app there is one that holds every tab."""
    out = {
        body["name"]: App(
            body["name"],
            labels.label(f"app/{body['name']}/label", body.get("label") or label_from_name(body["name"])),
            body.get("icon", "apps"),
            tuple(name for name in body["tabs"] if name not in hidden_tabs),
            tuple(body.get("roles", ())),
        )
        for body in sorted(bodies, key=lambda body: body.get("order", APP_ORDER))
        if not body.get("hidden")
    }
    return out or {"everything": App("everything", _EVERYTHING, "apps", tuple(tabs))}
