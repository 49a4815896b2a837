"""The forms of an app and of a tab: what they show of a document, and the edits that make it what was typed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import request

from fieldsmith.base.errors import BadInput
from fieldsmith.base.problems import Problem
from fieldsmith.base.text import _m
from fieldsmith.meta.labels import label_from_name
from fieldsmith.meta.layers import Effective
from fieldsmith.studio.workbench import Said
from fieldsmith.web import assets, plain_forms
from fieldsmith.web.studio import lists, translated
from fieldsmith.web.studio.desk import Desk, shown
from fieldsmith.web.studio.naming import proposed_name

APP, TAB = "app", "tab"
_KEYS: Mapping[str, tuple[str, ...]] = {APP: ("label", "icon", "order"), TAB: ("label", "icon", "view")}
_ICON: Mapping[str, str] = {APP: "layout-grid", TAB: "table"}


@dataclass(frozen=True, slots=True)
class NavigationForm:
    """`values` as texts; `opens` of a tab is `entity.view`, with nothing behind the point for the default view. `app`: where a new tab goes."""

    kind: str
    values: Mapping[str, str]
    roles: Sequence[str] = ()
    spoken: Mapping[str, str] = field(default_factory=dict)

    @property
    def inputs(self) -> tuple[str, ...]:
        """The names problems may stand beside."""
        return ("label", "icon", "order", "roles") if self.kind == APP else ("label", "icon", "opens", "roles")


def empty(kind: str) -> NavigationForm:
    """Of a new app or tab."""
    values = {"label": "", "icon": _ICON[APP], "order": "100"} if kind == APP else {"label": "", "icon": "", "opens": "", "app": request.args.get("app", "")}
    return NavigationForm(kind, values, (), {f"label.{language}": "" for language, _ in translated.OTHERS})


def form_of(now: Desk, item: Effective) -> NavigationForm:
    """What the draft says of an app or tab."""
    body = item.body
    path = f"{item.kind}/{item.name}/label"
    spoken = {f"label.{language}": translated.words_in(now, language).get(path, "") for language, _ in translated.OTHERS}
    values = {"label": str(body.get("label", "")), "icon": str(body.get("icon", ""))}
    if item.kind == APP:
        return NavigationForm(APP, {**values, "order": str(body.get("order", 100))}, lists.members(item, "roles"), spoken)
    return NavigationForm(TAB, {**values, "opens": f"{body.get('entity')}.{body.get('view', '')}"}, lists.members(item, "roles"), spoken)


def sent(kind: str) -> NavigationForm:
    """What was typed."""
    names = ("label", "icon", "order") if kind == APP else ("label", "icon", "opens", "app")
    spoken = [f"label.{language}" for language, _ in translated.OTHERS]
    return NavigationForm(
        kind,
        {name: plain_forms.text(name) for name in names},
        request.form.getlist("roles"),
        {name: plain_forms.text(name) for name in spoken if name in request.form},
    )


def said_new(now: Desk, form: NavigationForm) -> list[Said]:
    """The edits that make a new app or tab. Raises `BadInput` for what is missing."""
    values = _values(form, new=True)
    taken = {name for kind, name in now.documents if kind == form.kind}
    if form.kind == APP:
        name = proposed_name(form.values["label"], taken, APP)
        body: dict[str, Any] = {"name": name, **values, "tabs": []}
        if form.roles:
            body["roles"] = list(form.roles)
        return [Said(APP, name, document=body), *_said_words(now, form, name)]
    entity, _, view = form.values["opens"].partition(".")
    name = proposed_name(form.values["label"] or (f"{entity}_{view}" if view else entity), taken, TAB)
    body = {"name": name, **values, "entity": entity, **({"view": view} if view else {}), **({"roles": list(form.roles)} if form.roles else {})}
    said = [Said(TAB, name, document=body), *_said_words(now, form, name)]
    if form.values["app"]:
        app = now.document(APP, form.values["app"])
        said.append(Said(APP, app.name, lists.put_in(now, app, "tabs", name)))
    return said


def said_changed(now: Desk, item: Effective, form: NavigationForm) -> list[Said]:
    """The edits that make an app or tab what was typed. Raises `BadInput` for what is missing."""
    values = _values(form, new=False)
    if item.kind == TAB:
        view = form.values["opens"].partition(".")[2]
        values = {**values, **({"view": view} if view else {})}
    operations: list[dict[str, Any]] = []
    for key in _KEYS[item.kind]:
        if key in values and values[key] != item.body.get(key, 100 if key == "order" else None):
            operations.append({"op": "change", "path": f"/{key}", "value": values[key]})
        elif key not in values and key in item.body:
            operations.append({"op": "remove", "path": f"/{key}"})
    operations += lists.exactly(now, item, "roles", form.roles)
    edits = [Said(item.kind, item.name, operations)] if operations else []
    return [*edits, *_said_words(now, form, item.name)]


def choices(now: Desk, found: Effective | None, form: NavigationForm) -> dict[str, Any]:
    """What there is to choose from: icons, roles, apps, and what a tab may open."""
    entity = str(found.body.get("entity")) if found is not None and form.kind == TAB else None
    return {
        "icons": sorted(assets.assets().icons),
        "known_roles": [(item.name, role_label(now, item.name)) for item in now.bench.of_kind("role")],
        "known_apps": [(item.name, app_label(now, item)) for item in now.bench.of_kind(APP)],
        "targets": _targets(now, entity) if form.kind == TAB else (),
        "others": translated.OTHERS,
    }


def app_label(now: Desk, app: Effective) -> str:
    """What the reader calls an app."""
    return _label(now, app, now.model.apps.get(app.name), lambda: label_from_name(app.name))


def tab_label(now: Desk, tab: Effective) -> str:
    """What the reader calls a tab; without a label of its own it is that of many records of its entity."""
    known = now.model.tabs.get(tab.name)
    return _label(now, tab, known, lambda: shown(known.label, tab.name, now.words) if known is not None else label_from_name(str(tab.body.get("entity"))))


def role_label(now: Desk, role: str) -> str:
    """What the reader calls a role."""
    known = now.model.roles.get(role)
    return shown(None if known is None else known.label, label_from_name(role), now.words)


def icon_of(now: Desk, item: Effective) -> str:
    """The icon of an app or tab."""
    known = now.model.apps.get(item.name) if item.kind == APP else now.model.tabs.get(item.name)
    return str(item.body.get("icon") or (known.icon if known is not None else _ICON[item.kind]))


def _label(now: Desk, item: Effective, known: Any, otherwise: Callable[[], str]) -> str:
    said = item.body.get("label")
    if not said:
        return otherwise()
    return shown(known.label, item.name, now.words) if known is not None and known.label.text == said else str(said)


def _targets(now: Desk, entity: str | None) -> list[tuple[str, list[tuple[str, str]]]]:
    """By entity: its list as it opens by itself, then its other views; value and label."""
    groups = []
    for found in now.model.entities.values():
        if entity in (None, found.name):
            label = found.plural.render(now.words)
            views = [view for view in now.model.views.values() if view.entity == found.name]
            options = [(f"{found.name}.", _m("{entity} (default view)", entity=label).render(now.words))]
            options += [(f"{found.name}.{view.name}", view.label.render(now.words)) for view in views]
            groups.append((label, options))
    return sorted(groups, key=lambda group: group[0].casefold())


def _values(form: NavigationForm, *, new: bool) -> dict[str, Any]:
    """The document's keys that were filled in. Raises `BadInput` with everything that cannot be."""
    values: dict[str, Any] = {key: form.values[key] for key in ("label", "icon") if form.values[key]}
    problems: list[Problem] = []
    if form.kind == APP:
        problems += plain_forms.one_line(form.values["label"], "/label", 255) if new or form.values["label"] else []
        order = form.values["order"] or "100"
        if order.isascii() and order.isdigit() and len(order) < 5:
            values["order"] = int(order)
        else:
            problems.append(Problem("bad_number", _m("Write a whole number from 0 to 9999."), "/order"))
    elif not form.values["opens"].partition(".")[0]:
        problems.append(Problem("required", _m("Choose what the tab opens."), "/opens"))
    if form.values["icon"] and form.values["icon"] not in assets.assets().icons:
        problems.append(Problem("unknown_choice", _m("Choose one from the list."), "/icon"))
    if problems:
        raise BadInput(problems)
    return values


def _said_words(now: Desk, form: NavigationForm, name: str) -> list[Said]:
    return translated.said(now, {(key.partition(".")[2], f"{form.kind}/{name}/label"): text for key, text in form.spoken.items()})
