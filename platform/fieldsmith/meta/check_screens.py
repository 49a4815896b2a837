"""Cross-checks of layouts, views, tabs, apps and roles: every name they mention resolves."""

from __future__ import annotations

from collections.abc import Iterable

from fieldsmith.base.problems import pointer
from fieldsmith.base.text import _m
from fieldsmith.fields.computed import shown_as
from fieldsmith.meta.check_layouts import check_layout
from fieldsmith.meta.findings import Findings
from fieldsmith.meta.layers import Key
from fieldsmith.meta.model import SUMMED, App, Entity, Layout, Tab, View


def check_screens(findings: Findings) -> None:
    model = findings.model
    for (kind, name), document in model.documents.items():
        key = (kind, name)
        if kind == "layout":
            _layout(findings, key, model.layouts[name], tuple(document.body.get("hidden", ())))
        elif kind == "view" and name in model.views:
            view = model.views[name]
            entity = findings.entity(key, "/entity", view.entity)
            if entity is not None:
                _paths(findings, key, "columns", entity, view.columns)
                _sort(findings, key, "sort", entity, view.sort)
                _board(findings, key, entity, view)
        elif kind == "tab" and name in model.tabs:
            _tab(findings, key, model.tabs[name])
        elif kind == "app" and name in model.apps:
            _app(findings, key, model.apps[name])
    _one_default(findings)


def _layout(findings: Findings, key: Key, layout: Layout, hidden: tuple[str, ...]) -> None:
    entity = findings.entity(key, "/entity", layout.entity)
    if entity is None:
        return
    seen: set[str] = set()
    for section in layout.sections:
        for name in section.fields:
            place = pointer("sections", section.name, "fields", name)
            if findings.field(key, place, entity, name) is not None and name in seen:
                findings.add(key, place, "placed_twice", _m("The field “{name}” stands in the layout twice. Keep one.", name=name))
            seen.add(name)
    for name in layout.highlights:
        findings.field(key, pointer("highlights", name), entity, name)
    for name in hidden:
        findings.field(key, pointer("hidden", name), entity, name)
    if layout.path is not None:
        field = findings.field(key, "/path", entity, layout.path)
        if field is not None and field.type != "choice":
            findings.add(key, "/path", "not_a_choice", _m("The path bar needs a choice field; “{name}” is none.", name=layout.path))
    _related(findings, key, entity, layout)
    check_layout(findings, key, entity, layout)


def _related(findings: Findings, key: Key, entity: Entity, layout: Layout) -> None:
    for related in layout.related:
        place = pointer("related", related.name)
        other = findings.entity(key, f"{place}/entity", related.entity)
        if other is None:
            continue
        field = findings.field(key, f"{place}/field", other, related.field)
        to = field.options.get("to", ()) if field is not None else entity.name
        if entity.name not in ((to,) if isinstance(to, str) else to):
            message = _m("“{field}” of {other} does not point at {entity}.", field=related.field, other=other.label, entity=entity.label)
            findings.add(key, f"{place}/field", "wrong_target", message)
        _paths(findings, key, f"related/{related.name}/columns", other, related.columns)
        _sort(findings, key, f"related/{related.name}/sort", other, related.sort)


def _paths(findings: Findings, key: Key, place: str, entity: Entity, paths: Iterable[str]) -> None:
    for path in paths:
        findings.path(key, f"/{place}{pointer(path)}", entity, path)


def _sort(findings: Findings, key: Key, place: str, entity: Entity, paths: Iterable[str]) -> None:
    for path in paths:
        where = f"/{place}{pointer(path)}"
        field = findings.path(key, where, entity, path.removeprefix("-"))
        if field is not None and not findings.model.type_of(field).sortable:
            message = _m("Lists cannot be sorted by a field of type {type}.", type=findings.model.types[field.type].title)
            findings.add(key, where, "not_sortable", message)


def _board(findings: Findings, key: Key, entity: Entity, view: View) -> None:
    if view.show == "board" and not view.group:
        hint = _m("Say “group”: the choice field whose values are the columns.")
        findings.add(key, "/group", "missing_key", _m("A board needs a choice field to group by."), hint)
    group = findings.field(key, "/group", entity, view.group) if view.group else None
    if group is not None and group.type != "choice":
        findings.add(key, "/group", "not_a_choice", _m("The columns of a board are the values of a choice field; “{name}” is none.", name=view.group))
    summed = findings.field(key, "/sum", entity, view.sum) if view.sum else None
    if summed is not None and shown_as(summed) not in SUMMED:
        findings.add(key, "/sum", "not_a_number", _m("Only numbers and amounts can be added up; “{name}” is neither.", name=view.sum))


def _tab(findings: Findings, key: Key, tab: Tab) -> None:
    entity = findings.entity(key, "/entity", tab.entity)
    if entity is None or tab.view is None:
        return
    known = [view.name for view in findings.model.views.values() if view.entity == entity.name]
    if tab.view not in known and ("view", f"{entity.name}.{tab.view}") not in findings.refused:
        findings.unknown(key, "/view", "unknown_view", _m("{entity} has no view “{name}”.", entity=entity.label, name=tab.view), tab.view, known)


def _app(findings: Findings, key: Key, app: App) -> None:
    model = findings.model
    for name in app.tabs:
        if name not in model.tabs and ("tab", name) not in findings.refused and ("entity", name) not in findings.refused:
            findings.unknown(key, pointer("tabs", name), "unknown_tab", _m("There is no tab “{name}”.", name=name), name, model.tabs)
    for name in app.roles:
        if name not in model.roles and ("role", name) not in findings.refused:
            findings.unknown(key, pointer("roles", name), "unknown_role", _m("There is no role “{name}”.", name=name), name, model.roles)


def _one_default(findings: Findings) -> None:
    first: dict[str, str] = {}
    for view in findings.model.views.values():
        if not view.default:
            continue
        other = first.setdefault(view.entity, view.name)
        if other != view.name:
            message = _m("{entity} already has the default view “{other}”. Only one view can be the default.", entity=view.entity, other=other)
            findings.add(("view", f"{view.entity}.{view.name}"), "/default", "two_defaults", message)
