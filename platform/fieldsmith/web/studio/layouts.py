"""`/studio/entity/<entity>/layouts/`: the layouts of an entity in the order they are asked, a new one, out of use, back to the base."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, request

from fieldsmith.base.errors import BadInput, NotFound
from fieldsmith.base.problems import Problem
from fieldsmith.base.text import _m
from fieldsmith.meta.layers import Effective
from fieldsmith.studio.workbench import Said
from fieldsmith.web import page
from fieldsmith.web.plain_forms import Errors
from fieldsmith.web.studio.desk import Desk, desk, render
from fieldsmith.web.studio.entity_head import head_of
from fieldsmith.web.studio.layout_canvas import DEFAULT, arrangement_of, layout_documents, layout_label
from fieldsmith.web.studio.mentions import mentions_of
from fieldsmith.web.studio.naming import proposed_name
from fieldsmith.web.studio.origins import Origin, Origins


@dataclass(frozen=True, slots=True)
class LayoutRow:
    """`for_types` and `for_roles` in words; `own`: the workspace made it; `changed`: it can go back to what its package says."""

    name: str
    label: str
    for_types: Sequence[str]
    for_roles: Sequence[str]
    active: bool
    own: bool
    changed: bool
    origin: Origin


def register(app: Flask) -> None:
    base = "/studio/entity/<entity>/layouts/"
    app.add_url_rule(base, "studio_layouts", layouts_page)
    app.add_url_rule(base, "studio_make_layout", make, methods=["POST"])
    app.add_url_rule(f"{base}<layout>/remove", "studio_ask_layout", remove_page)
    app.add_url_rule(f"{base}<layout>/remove", "studio_remove_layout", remove, methods=["POST"])
    app.add_url_rule(f"{base}<layout>/active", "studio_layout_active", activate, methods=["POST"])
    app.add_url_rule(f"{base}<layout>/reset", "studio_reset_layout", reset, methods=["POST"])


def layouts_page(entity: str) -> Response:
    """`GET …/layouts/`."""
    return _page(desk(), entity)


def make(entity: str) -> Response:
    """`POST …/layouts/`: a new layout as a copy of another, for some roles or record types."""
    now = desk()
    source = request.form.get("copy", DEFAULT)
    label = request.form.get("label", "").strip()
    try:
        if not label:
            raise BadInput([Problem("missing_value", _m("Say what people shall call the layout."), "/label")])
        name = proposed_name(label, {item.body["name"] for item in layout_documents(now, entity)} | {DEFAULT}, "layout")
        body = {**copy.deepcopy(dict(arrangement_of(now, entity, source).body)), "name": name, "label": label}
        for key in ("roles", "record_types"):
            body.pop(key, None)
            if request.form.getlist(key):
                body[key] = request.form.getlist(key)
        body["sections"] = [item for item in body["sections"] if not item.get("hidden")] or body["sections"][:1]
        now.say([Said("layout", f"{entity}.{name}", document={key: value for key, value in body.items() if key not in ("active", "hidden", "$schema")})])
    except BadInput as wrong:
        return _page(now, entity, Errors.of(wrong, ("label", "roles", "record_types")), 422)
    return page.go(f"/studio/entity/{entity}/layouts/{name}")


def remove_page(entity: str, layout: str) -> Response:
    """`GET …/layouts/<layout>/remove`: asks, and tells where it is mentioned."""
    now = desk()
    return _ask(now, entity, _found(now, entity, layout), ())


def remove(entity: str, layout: str) -> Response:
    """`POST …/layouts/<layout>/remove`: only what the workspace made; others are put out of use."""
    now = desk()
    found = _found(now, entity, layout)
    try:
        now.say([Said("layout", found.name, retire=True)])
    except BadInput as wrong:
        return _ask(now, entity, found, [problem.message.render(now.words) for problem in wrong.problems], 422)
    page.notify(_m("The layout “{layout}” goes with the next publishing.", layout=layout_label(now, found.body)))
    return page.go(f"/studio/entity/{entity}/layouts/")


def activate(entity: str, layout: str) -> Response:
    """`POST …/layouts/<layout>/active`: in use (`active`) or not."""
    now = desk()
    wanted = bool(request.form.get("active"))
    said = arrangement_of(now, entity, layout).say("/active", wanted)
    if said and wanted != _found(now, entity, layout).body.get("active", True):
        _say(now, entity, layout, said)
    return page.go(f"/studio/entity/{entity}/layouts/")


def reset(entity: str, layout: str) -> Response:
    """`POST …/layouts/<layout>/reset`: all of it as its package has it."""
    now = desk()
    if ("layout", f"{entity}.{layout}") in now.bench.below:
        _say(now, entity, layout, [{"op": "remove", "path": ""}])
        page.notify(_m("The layout is as its package has it."))
    return page.go(f"/studio/entity/{entity}/layouts/")


def _say(now: Desk, entity: str, layout: str, operations: Sequence[Mapping[str, Any]]) -> None:
    try:
        now.say([Said("layout", f"{entity}.{layout}", operations)])
    except BadInput as wrong:
        for problem in wrong.problems:
            page.notify(problem.message, "danger")


def _found(now: Desk, entity: str, layout: str) -> Effective:
    """Raises `NotFound`."""
    found = now.document("layout", f"{entity}.{layout}")
    if layout == DEFAULT:
        raise NotFound(_m("The default layout stays: it is what is shown when no other fits."))
    return found


def _page(now: Desk, entity: str, errors: Errors | None = None, status: int = 200) -> Response:
    head, rows = head_of(now, entity), _rows(now, entity)
    roles = [(role.name, role.label.render(now.words)) for role in now.model.roles.values()]
    types = [(item.name, item.label.render(now.words)) for item in now.model.record_types_of.get(entity, ())]
    context = {"roles": roles, "types": types, "errors": errors or Errors(), "given": request.form, "copied": request.args.get("copy", DEFAULT)}
    return render("studio/layouts_list.html", now, status, entity=head, rows=rows, **context)


def _rows(now: Desk, entity: str) -> list[LayoutRow]:
    """In the order they are asked: the first that fits is taken."""
    origins = Origins(now)
    bodies = [item.body for item in layout_documents(now, entity)]
    if all(body["name"] != DEFAULT for body in bodies):
        bodies.append(arrangement_of(now, entity, DEFAULT).body)
    bodies.sort(key=lambda body: (not body.get("record_types"), not body.get("roles"), body["name"] == DEFAULT))
    return [_row(now, origins, entity, body) for body in bodies]


def _row(now: Desk, origins: Origins, entity: str, body: Mapping[str, Any]) -> LayoutRow:
    name = body["name"]
    below = now.bench.below.get(("layout", f"{entity}.{name}"))
    types = {item.name: item.label.render(now.words) for item in now.model.record_types_of.get(entity, ())}
    roles = {role.name: role.label.render(now.words) for role in now.model.roles.values()}
    return LayoutRow(
        name,
        layout_label(now, body),
        [types.get(item, item) for item in body.get("record_types", ())],
        [roles.get(item, item) for item in body.get("roles", ())],
        body.get("active", True),
        below is None and ("layout", f"{entity}.{name}") in now.documents,
        below is not None and below.body != body,
        origins.of("layout", f"{entity}.{name}"),
    )


def _ask(now: Desk, entity: str, found: Effective, refusals: Sequence[str], status: int = 200) -> Response:
    own = ("layout", found.name) not in now.bench.below
    title = layout_label(now, found.body)
    uses = mentions_of(now, f"layout/{found.name}")
    return render(
        "studio/layouts_remove.html", now, status, entity=head_of(now, entity), name=found.body["name"], title=title, own=own, uses=uses, refusals=refusals
    )
