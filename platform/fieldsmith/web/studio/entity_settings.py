"""`/studio/entity/<entity>/settings`: what an entity is called, its icon, features and indexes; renaming, hiding and retiring it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask, Response, request

from fieldsmith.base.errors import BadInput
from fieldsmith.base.problems import Problem, pointer
from fieldsmith.base.text import _m
from fieldsmith.meta.labels import label_from_name, plural_of
from fieldsmith.studio.customising import value_at
from fieldsmith.studio.workbench import Said
from fieldsmith.web import assets, page, plain_forms
from fieldsmith.web.plain_forms import Errors
from fieldsmith.web.studio.desk import Desk, desk, render
from fieldsmith.web.studio.entities import FEATURES
from fieldsmith.web.studio.entity_head import field_label, fields_of, head_of
from fieldsmith.web.studio.field_types import types
from fieldsmith.web.studio.naming import proposed_name
from fieldsmith.web.studio.origins import Origins
from fieldsmith.web.studio.removal import mentions, taking_out

_TEXTS = ("label", "plural", "icon", "help", "name_field")


def register(app: Flask) -> None:
    base = "/studio/entity/<entity>/settings"
    app.add_url_rule(base, "studio_entity_settings", settings_page)
    app.add_url_rule(base, "studio_save_settings", save, methods=["POST"])
    app.add_url_rule(f"{base}/index", "studio_add_index", add_index, methods=["POST"])
    app.add_url_rule(f"{base}/index/<name>/remove", "studio_remove_index", remove_index, methods=["POST"])
    app.add_url_rule(f"{base}/rename", "studio_rename_entity", rename, methods=["POST"])
    app.add_url_rule(f"{base}/tabs", "studio_hide_entity", hide, methods=["POST"])
    app.add_url_rule(f"{base}/retire", "studio_retire_entity", retire, methods=["POST"])


def settings_page(entity: str) -> Response:
    """`GET …/settings`."""
    return _page(desk(), entity)


def save(entity: str) -> Response:
    """`POST …/settings`: the properties that differ."""
    now = desk()
    body = now.document("entity", entity).body
    values = {name: plain_forms.text(name) for name in _TEXTS}
    features = [name for name, _ in FEATURES if name in request.form.getlist("features")]
    operations = [*_texts(now, entity, body, values), *_features(body, features)]
    try:
        if operations:
            now.say([Said("entity", entity, operations)])
    except BadInput as wrong:
        return _page(now, entity, values, Errors.of(wrong, _TEXTS), 422)
    page.notify(_m("Saved in the draft.") if operations else _m("Nothing was changed."))
    return page.go(f"/studio/entity/{entity}/settings")


def add_index(entity: str) -> Response:
    """`POST …/settings/index`: fields in order, `unique` for a combination no two records may share."""
    now = desk()
    fields = [name for name in (request.form.get(f"field{number}", "") for number in range(1, 5)) if name]
    known = {item.get("name") for item in now.document("entity", entity).body.get("indexes", ())}
    try:
        if not fields:
            raise BadInput([Problem("required", _m("Choose at least one field."), "/field1")])
        name = proposed_name("by_" + "_".join(fields), known, "index")
        value: dict[str, Any] = {"name": name, "fields": list(dict.fromkeys(fields))}
        if request.form.get("unique"):
            value["unique"] = True
        now.say([Said("entity", entity, [{"op": "add", "path": pointer("indexes", name), "value": value}])])
    except BadInput as wrong:
        return _page(now, entity, {}, Errors.of(wrong, ("field1",)), 422)
    page.notify(_m("The index is in the draft."))
    return page.go(f"/studio/entity/{entity}/settings#indexes")


def remove_index(entity: str, name: str) -> Response:
    """`POST …/settings/index/<name>/remove`."""
    return _said(entity, [Said("entity", entity, [{"op": "remove", "path": pointer("indexes", name)}])], f"/studio/entity/{entity}/settings#indexes")


def rename(entity: str) -> Response:
    """`POST …/settings/rename`: the technical name, in everything that mentions it."""
    name = plain_forms.text("name")
    if name == entity:
        return page.go(f"/studio/entity/{entity}/settings")
    return _said(entity, [Said("entity", entity, [{"op": "rename", "path": "", "value": name}])], f"/studio/entity/{name}/settings", "name")


def hide(entity: str) -> Response:
    """`POST …/settings/tabs`: its tabs out of the navigation, or back with `hidden` empty."""
    now = desk()
    hidden = bool(request.form.get("hidden"))
    said = [Said("tab", tab.name, [{"op": "change", "path": "/hidden", "value": hidden}]) for tab in now.bench.of_kind("tab", entity)]
    return _said(entity, said, f"/studio/entity/{entity}/settings")


def retire(entity: str) -> Response:
    """`POST …/settings/retire`: out of use with its layouts, views, rules and tabs; its records are kept."""
    now = desk()
    found = mentions(now, _outside(now, entity))
    said = taking_out(now, found)
    label = head_of(now, entity).label
    try:
        now.say([*said, Said("entity", entity, retire=True)])
    except BadInput as wrong:
        return _page(now, entity, {}, Errors.of(wrong, ()), 422)
    page.notify(_m("{entity} is retired; its records are kept.", entity=label))
    return page.go("/studio/")


def _said(entity: str, said: list[Said], target: str, known: str = "") -> Response:
    now = desk()
    try:
        now.say(said)
    except BadInput as wrong:
        errors = Errors.of(wrong, ())
        if known:
            errors = Errors({known: list(errors.others)})
        return _page(now, entity, {}, errors, 422)
    return page.go(target)


def _outside(now: Desk, entity: str) -> list[Any]:
    """Uses by others; what the entity owns goes with it."""
    own = {(item.kind, item.name) for item in now.documents.values() if item.kind == "tab" and item.body.get("entity") == entity}
    return [
        use for use in now.uses_of(f"entity/{entity}") if use.name.partition(".")[0] != entity and (use.kind, use.name) not in own and use.pointer != "/entity"
    ] + [use for kind, tab in own for use in now.uses_of(f"{kind}/{tab}")]


def _texts(now: Desk, entity: str, body: Mapping[str, Any], values: Mapping[str, str]) -> list[dict[str, Any]]:
    below = now.bench.below.get(("entity", entity))
    kept = _kept(now, entity, body)
    out: list[dict[str, Any]] = []
    for key, value in values.items():
        if value == kept[key] or (key == "icon" and key not in body and value == head_of(now, entity).icon):
            continue
        if not value and below is not None and value_at(below.body, f"/{key}")[1]:
            continue  # what a package says cannot be left out
        if not value and key not in body:
            continue
        out.append({"op": "change", "path": f"/{key}", "value": value} if value else {"op": "remove", "path": f"/{key}"})
    return out


def _features(body: Mapping[str, Any], wanted: list[str]) -> list[dict[str, Any]]:
    present = list(body.get("features", ()))
    added = [{"op": "add", "path": f"/features/{name}", "value": name} for name in wanted if name not in present]
    return [*added, *({"op": "hide", "path": f"/features/{name}"} for name in present if name not in wanted)]


def _page(now: Desk, entity: str, values: Mapping[str, str] | None = None, errors: Errors | None = None, status: int = 200) -> Response:
    body = now.document("entity", entity).body
    head = head_of(now, entity)
    origins = Origins(now)
    fields = [(item["name"], field_label(now, entity, item)) for item in fields_of(now, entity)]
    naming = [(item["name"], field_label(now, entity, item)) for item in fields_of(now, entity) if _can_be_name(item)]
    tabs = now.bench.of_kind("tab", entity)
    outside = mentions(now, _outside(now, entity)) if head.own else []
    return render(
        "studio/entity_settings.html",
        now,
        status,
        entity=head,
        values={**_kept(now, entity, body), **(values or {})},
        chosen=body.get("features", ()),
        features=FEATURES,
        icons=sorted({*assets.assets().icons, head.icon}),
        fields=fields,
        naming=naming,
        indexes=[item for item in body.get("indexes", ()) if isinstance(item, dict)],
        labels=dict(fields),
        own_indexes={item.get("name") for item in body.get("indexes", ()) if _is_own(now, entity, f"/indexes/{item.get('name')}")},
        marks={key: origins.of("entity", entity, f"/{key}") for key in (*_TEXTS, "features")},
        shown=[tab.name for tab in tabs if not tab.body.get("hidden")],
        tabs=tabs,
        out=[item for item in outside if item.takes_out],
        left=[item for item in outside if not item.takes_out],
        errors=errors or Errors(),
    )


def _kept(now: Desk, entity: str, body: Mapping[str, Any]) -> dict[str, str]:
    """What the document says; where it says nothing, the label and plural it goes by."""
    label = str(body.get("label") or label_from_name(entity))
    return {**{key: str(body.get(key, "")) for key in _TEXTS}, "label": label, "plural": str(body.get("plural") or plural_of(label))}


def _can_be_name(item: Mapping[str, Any]) -> bool:
    kind = types().get(str(item.get("type")))
    return kind is not None and kind.can_be_name


def _is_own(now: Desk, entity: str, place: str) -> bool:
    below = now.bench.below.get(("entity", entity))
    return below is None or not value_at(below.body, place)[1]
