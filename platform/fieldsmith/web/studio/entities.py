"""`/studio/entities/new`: a new entity with its name field, first fields, list and place in the navigation, made in one edit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Flask, Response, jsonify, redirect, request

from fieldsmith.base.errors import BadInput
from fieldsmith.base.problems import Problem
from fieldsmith.base.text import _m
from fieldsmith.meta.check import RESERVED_ENTITIES, RESERVED_FIELDS
from fieldsmith.studio.workbench import Said
from fieldsmith.web import assets, page, plain_forms
from fieldsmith.web.page import say
from fieldsmith.web.plain_forms import Errors
from fieldsmith.web.preferences import chosen
from fieldsmith.web.studio.desk import Desk, desk, render, shown
from fieldsmith.web.studio.field_types import simple_types, types
from fieldsmith.web.studio.home import entity_cards
from fieldsmith.web.studio.naming import proposed_name, proposed_plural
from fieldsmith.web.studio.quick_fields import NewFields

FEATURES = (("activities", _m("Tasks and calls")), ("comments", _m("Comments")), ("files", _m("Files")), ("history", _m("History of changes")))
_DEFAULT_FEATURES = ("comments", "files", "history")
_INPUTS = ("label", "plural", "name", "icon", "name_label", "lines", "new_app")
_NOT_LISTED = frozenset({"textarea", "rich_text", "json", "file", "image", "many_to_many", "address"})
_LISTED_COLUMNS = 6
_NEW_APP = "+"
_DEFAULT_ICON = "box"


def register(app: Flask) -> None:
    app.add_url_rule("/studio/entities/", "studio_entities", lambda: redirect("/studio/"))
    app.add_url_rule("/studio/entities/new", "studio_new_entity", new_page)
    app.add_url_rule("/studio/entities/new", "studio_make_entity", make, methods=["POST"])
    app.add_url_rule("/studio/propose", "studio_propose", propose)


def new_page() -> Response:
    """`GET /studio/entities/new`."""
    now = desk()
    apps = [name for name, _ in _apps(now)]
    values = {"name_label": say(_m("Name")), "icon": _DEFAULT_ICON, "name_type": "text", "tab": "yes", "app": apps[0] if apps else _NEW_APP}
    return _page(now, values, _DEFAULT_FEATURES)


def make() -> Response:
    """`POST /studio/entities/new`: everything in one edit, then its fields; or back with what is wrong."""
    now = desk()
    values = {name: plain_forms.text(name) for name in (*_INPUTS, "app", "name_type", "tab", "quick_label", "quick_type", "quick_detail")}
    values["lines"] = request.form.get("lines", "")
    features = [name for name, _ in FEATURES if name in request.form.getlist("features")]
    try:
        name, said = _said(now, values, features)
        now.say(said)
    except BadInput as wrong:
        return _page(now, values, features, Errors.of(wrong, _INPUTS), 422)
    page.notify(_m("{entity} is in the draft. Add the rest, then publish.", entity=values["label"]))
    return page.go(f"/studio/entity/{name}/")


def propose() -> Response:
    """`GET /studio/propose?label=…&entity=…`: technical name and plural for what is being typed; `entity` given: of a field of it."""
    now = desk()
    label, entity = request.args.get("label", "")[:255], request.args.get("entity", "")
    found = now.documents.get(("entity", entity))
    fields = {str(item.get("name")) for item in found.body.get("fields", ()) if isinstance(item, dict)} | RESERVED_FIELDS if found is not None else None
    name = proposed_name(label, _entity_names(now), "entity") if fields is None else proposed_name(label, fields, "field")
    answer = jsonify(name=name if label.strip() else "", plural=proposed_plural(label, now.words))
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _said(now: Desk, values: Mapping[str, str], features: Sequence[str]) -> tuple[str, list[Said]]:
    problems = plain_forms.one_line(values["label"], "/label", 255)
    if values["app"] == _NEW_APP and values["tab"]:
        problems += plain_forms.one_line(values["new_app"], "/new_app", 255)
    if problems:
        raise BadInput(problems)
    name = values["name"] or proposed_name(values["label"], _entity_names(now), "entity")
    if ("entity", name) in now.documents:
        raise BadInput([Problem("already_there", _m("There is an entity “{name}” already. Choose another name.", name=name), "/name")])
    head: dict[str, Any] = {"name": "name", "type": values["name_type"] or "text", "label": values["name_label"] or say(_m("Name"))}
    kind = types().get(head["type"])
    if kind is not None and kind.writable:
        head["required"] = True
    plural = values["plural"] or proposed_plural(values["label"], now.words)
    fields = NewFields(now, name, plural, ["name"])
    fields.lines(values["lines"])
    if values["quick_label"]:
        fields.add(values["quick_label"], values["quick_type"], values["quick_detail"])
    body: dict[str, Any] = {"name": name, "label": values["label"], "plural": plural, "icon": values["icon"] or _DEFAULT_ICON}
    body |= {"features": list(features)} if features else {}
    body["fields"] = [head, *fields.bodies]
    said = [*fields.said, Said("entity", name, document=body), _list_of(name, plural, body["fields"])]
    return name, [*said, *_navigation(now, name, values)] if values["tab"] else said


def _list_of(name: str, plural: str, fields: Sequence[Mapping[str, Any]]) -> Said:
    columns = [item["name"] for item in fields if item["type"] not in types() or types()[item["type"]].widget not in _NOT_LISTED][:_LISTED_COLUMNS]
    view = {"name": "all", "entity": name, "label": say(_m("All {plural}", plural=plural)), "default": True, "columns": columns, "sort": ["-created_at"]}
    return Said("view", f"{name}.all", document=view)


def _navigation(now: Desk, name: str, values: Mapping[str, str]) -> list[Said]:
    tabs = [tab for kind, tab in now.documents if kind == "tab"]
    tab = proposed_name(name, tabs, "tab")
    made = Said("tab", tab, document={"name": tab, "entity": name})
    if values["app"] == _NEW_APP:
        app = proposed_name(values["new_app"], [item for kind, item in now.documents if kind == "app"], "app")
        return [made, Said("app", app, document={"name": app, "label": values["new_app"], "icon": values["icon"] or _DEFAULT_ICON, "tabs": [tab]})]
    return [made, Said("app", values["app"], [{"op": "add", "path": f"/tabs/{tab}", "value": tab}])]


def _page(now: Desk, values: Mapping[str, str], features: Sequence[str], errors: Errors | None = None, status: int = 200) -> Response:
    return render(
        "studio/entity_new.html",
        now,
        status,
        values=values,
        chosen=features,
        errors=errors or Errors(),
        features=FEATURES,
        icons=sorted(assets.assets().icons),
        name_types=[(kind.name, kind.title) for kind in types().values() if kind.can_be_name],
        apps=[*_apps(now), (_NEW_APP, say(_m("A new app …")))],
        types=simple_types(),
        entities=entity_cards(now),
        lists=choice_lists(now),
    )


def choice_lists(now: Desk) -> list[tuple[str, str]]:
    """Name and label of every pick list, by label."""
    known = now.model.choices
    named = [(item.name, known[item.name].label if item.name in known else item.body.get("label")) for item in now.bench.of_kind("choices")]
    found = [(name, shown(label, name, now.words)) for name, label in named]
    return sorted(found, key=lambda pair: pair[1].casefold())


def _apps(now: Desk) -> list[tuple[str, str]]:
    """Name and label of every app, the one the reader works in first, then as the switcher has them."""
    known, mine = now.model.apps, chosen().app
    listed = [item for item in now.bench.of_kind("app") if not item.body.get("hidden")]
    order = {name: at for at, name in enumerate(known)}
    listed.sort(key=lambda item: (item.name != mine, order.get(item.name, len(order))))
    return [(item.name, shown(known[item.name].label if item.name in known else item.body.get("label"), item.name, now.words)) for item in listed]


def _entity_names(now: Desk) -> set[str]:
    return {name for kind, name in now.documents if kind == "entity"} | RESERVED_ENTITIES
