"""`/studio/entity/<entity>/views/`: the views of an entity: which there are, a new one, what one shows, hiding and taking away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, request

from fieldsmith.base.errors import BadInput, NotFound
from fieldsmith.base.text import Message, _m
from fieldsmith.meta.labels import label_from_name
from fieldsmith.meta.layers import Effective
from fieldsmith.meta.references import Use
from fieldsmith.studio.workbench import Said
from fieldsmith.web import page
from fieldsmith.web.plain_forms import Errors
from fieldsmith.web.studio.desk import Desk, desk, render
from fieldsmith.web.studio.entity_head import head_of
from fieldsmith.web.studio.naming import proposed_name
from fieldsmith.web.studio.origins import Origin, Origins
from fieldsmith.web.studio.places import place_of
from fieldsmith.web.studio.roles_head import role_label, roles_of
from fieldsmith.web.studio.view_form import INPUTS, ViewForm
from fieldsmith.web.studio.view_operations import view_operations
from fieldsmith.web.studio.view_paths import ViewPaths, options
from fieldsmith.web.studio.view_preview import preview_of

_FIRST_COLUMNS = 4
_SHOWN_COLUMNS = 6


@dataclass(frozen=True, slots=True)
class ViewRow:
    """One view in the list. `opened` is the address of its records, None while it is not published."""

    name: str
    label: str
    show: str
    columns: Sequence[str]
    default: bool
    hidden: bool
    own: bool
    origin: Origin
    opened: str | None


def register(app: Flask) -> None:
    base = "/studio/entity/<entity>/views/"
    app.add_url_rule(base, "studio_views", views_page)
    app.add_url_rule(f"{base}new", "studio_new_view", new_page)
    app.add_url_rule(f"{base}new", "studio_make_view", make, methods=["POST"])
    app.add_url_rule(f"{base}preview", "studio_preview_view", preview, methods=["POST"])
    app.add_url_rule(f"{base}<view>", "studio_view", view_page)
    app.add_url_rule(f"{base}<view>", "studio_change_view", change, methods=["POST"])
    app.add_url_rule(f"{base}<view>/hide", "studio_hide_view", hide, methods=["POST"])
    app.add_url_rule(f"{base}<view>/default", "studio_default_view", make_default, methods=["POST"])
    app.add_url_rule(f"{base}<view>/reset", "studio_reset_view", reset, methods=["POST"])
    app.add_url_rule(f"{base}<view>/remove", "studio_ask_view", remove_page)
    app.add_url_rule(f"{base}<view>/remove", "studio_remove_view", remove, methods=["POST"])


def views_page(entity: str) -> Response:
    """`GET /studio/entity/<entity>/views/`."""
    now = desk()
    head, paths, origins = head_of(now, entity), ViewPaths(now, entity), Origins(now)
    rows = [_row(now, paths, origins, item) for item in now.bench.of_kind("view", entity)]
    said = any(row.default for row in rows)
    return render("studio/views_list.html", now, entity=head, rows=rows, said=said)


def new_page(entity: str) -> Response:
    """`GET …/views/new`; `show=board` begins with a board."""
    now = desk()
    paths = ViewPaths(now, entity)
    known = now.model.entities.get(entity)
    plain = [choice.path for choice in paths.groups[0].choices if known is None or (choice.path in known.fields and not known.fields[choice.path].system)]
    group = paths.boards[0].path if request.args.get("show") == "board" and paths.boards else ""
    form = ViewForm(columns=tuple(plain[:_FIRST_COLUMNS]), show="board" if group else "table", group=group)
    return _page(now, entity, None, form)


def make(entity: str) -> Response:
    """`POST …/views/new`."""
    now = desk()
    form = ViewForm.sent()
    if request.form.get("do") == "add":
        return _page(now, entity, None, form)
    taken = {str(item.body.get("name")) for item in now.bench.of_kind("view", entity)}
    name = proposed_name(form.label, taken, "view")
    try:
        _require(form)
        now.say([*_undefaulted(now, entity, name, form), Said("view", f"{entity}.{name}", document=form.document(entity, name))])
    except BadInput as wrong:
        return _page(now, entity, None, form, Errors.of(wrong, INPUTS), 422)
    page.notify(_m("The view “{view}” is in the draft.", view=form.label))
    return page.go(f"/studio/entity/{entity}/views/")


def view_page(entity: str, view: str) -> Response:
    """`GET …/views/<view>`."""
    now = desk()
    found = _found(now, entity, view)
    return _page(now, entity, found, ViewForm.of(found.body, _label(now, found)))


def change(entity: str, view: str) -> Response:
    """`POST …/views/<view>`: what differs becomes operations of the draft."""
    now = desk()
    found, form = _found(now, entity, view), ViewForm.sent()
    if request.form.get("do") == "add":
        return _page(now, entity, found, form)
    wanted = form.body
    if form.label == _label(now, found):
        del wanted["label"]
    try:
        _require(form)
        said = _undefaulted(now, entity, view, form)
        operations = view_operations(found.body, _base(now, found), wanted)
        if said or operations:
            now.say([*said, *([Said("view", found.name, operations)] if operations else ())])
    except BadInput as wrong:
        return _page(now, entity, found, form, Errors.of(wrong, INPUTS), 422)
    page.notify(_m("The view “{view}” is in the draft.", view=form.label) if said or operations else _m("Nothing was changed."), "success")
    return page.go(f"/studio/entity/{entity}/views/")


def hide(entity: str, view: str) -> Response:
    """`POST …/views/<view>/hide`: out of sight, or back with `hidden` empty."""
    now = desk()
    found = _found(now, entity, view)
    hidden = bool(request.form.get("hidden"))
    _say(now, [Said("view", found.name, [{"op": "change", "path": "/hidden", "value": hidden}])])
    return page.go(f"/studio/entity/{entity}/views/")


def make_default(entity: str, view: str) -> Response:
    """`POST …/views/<view>/default`: the one people see first."""
    now = desk()
    found = _found(now, entity, view)
    said = _undefaulted(now, entity, view, ViewForm(default=True))
    _say(now, [*said, Said("view", found.name, [{"op": "change", "path": "/default", "value": True}])])
    return page.go(f"/studio/entity/{entity}/views/")


def reset(entity: str, view: str) -> Response:
    """`POST …/views/<view>/reset`: again as its package says."""
    now = desk()
    found = _found(now, entity, view)
    base = _base(now, found)
    if base is None:
        raise NotFound(_m("No package says anything of this view."))
    operations = view_operations(found.body, base, {**ViewForm.of(base, "").body, "label": base.get("label")})
    if operations and _say(now, [Said("view", found.name, operations)]):
        page.notify(_m("Reset to what the package says."))
    return page.go(f"/studio/entity/{entity}/views/{view}")


def remove_page(entity: str, view: str) -> Response:
    """`GET …/views/<view>/remove`: asks, and tells where it is used."""
    now = desk()
    found = _found(now, entity, view)
    return _ask(now, entity, found, ())


def remove(entity: str, view: str) -> Response:
    """`POST …/views/<view>/remove`."""
    now = desk()
    found = _found(now, entity, view)
    try:
        now.say([Said("view", found.name, retire=True)])
    except BadInput as wrong:
        return _ask(now, entity, found, [problem.message for problem in wrong.problems] or [wrong.title], 422)
    page.notify(_m("The view “{view}” goes with the next publishing.", view=_label(now, found)))
    return page.go(f"/studio/entity/{entity}/views/")


def preview(entity: str) -> Response:
    """`POST …/views/preview`: the first rows of what the form says, over the published records."""
    desk()
    return page.part("studio/views_preview.html", **preview_of(entity, ViewForm.sent()))


def _page(now: Desk, entity: str, found: Effective | None, form: ViewForm, errors: Errors | None = None, status: int = 200) -> Response:
    paths = ViewPaths(now, entity)
    base = None if found is None else _base(now, found)
    origins = Origins(now)
    marks = {} if found is None else {key: origins.of("view", found.name, f"/{key}") for key in INPUTS}
    return render(
        "studio/views_form.html",
        now,
        status,
        entity=head_of(now, entity),
        view=None if found is None else found.body["name"],
        title=_m("New view") if found is None else _label(now, found),
        form=form,
        errors=errors or Errors(),
        marks=marks,
        groups=paths.groups,
        offered=paths.offered,
        columns=[(path, paths.label(path)) for path in form.columns],
        known_roles=[(item.name, role_label(now, item)) for item in roles_of(now)],
        boards=options(paths.boards),
        sums=options(paths.sums),
        changed=base is not None and found is not None and dict(base) != dict(found.body),
        **preview_of(entity, form),
    )


def _ask(now: Desk, entity: str, found: Effective, refusals: Sequence[Message], status: int = 200) -> Response:
    uses = dict.fromkeys((use.kind, now.label(use.kind, use.name), _link(now, use)) for use in now.uses_of(f"view/{found.name}"))
    context = {"view": found.body["name"], "title": _label(now, found), "uses": list(uses), "refusals": refusals}
    return render("studio/views_remove.html", now, status, entity=head_of(now, entity), own=_base(now, found) is None, **context)


def _link(now: Desk, use: Use) -> str:
    return place_of(use.kind, use.name, use.pointer) if now.may_open(use.kind, use.name) else ""


def _row(now: Desk, paths: ViewPaths, origins: Origins, item: Effective) -> ViewRow:
    body = item.body
    columns = [paths.label(path) for path in body.get("columns", ())[:_SHOWN_COLUMNS]]
    name, entity = str(body.get("name")), str(body.get("entity"))
    opened = f"/{entity}/?view={name}" if ("view", item.name) in now.bench.published and not body.get("hidden") else None
    return ViewRow(
        name,
        _label(now, item),
        str(body.get("show", "table")),
        columns,
        bool(body.get("default")),
        bool(body.get("hidden")),
        _base(now, item) is None,
        origins.of("view", item.name),
        opened,
    )


def _found(now: Desk, entity: str, view: str) -> Effective:
    return now.document("view", f"{entity}.{view}")


def _label(now: Desk, found: Effective) -> str:
    """What the reader calls it; the text of the document where the reader's language has no other."""
    said = str(found.body.get("label") or label_from_name(str(found.body.get("name"))))
    known = now.model.views.get(found.name)
    return known.label.render(now.words) if known is not None and known.label.text == said else said


def _base(now: Desk, found: Effective) -> Mapping[str, Any] | None:
    below = now.bench.below.get(("view", found.name))
    return None if below is None else below.body


def _require(form: ViewForm) -> None:
    if problems := form.problems():
        raise BadInput(problems)


def _undefaulted(now: Desk, entity: str, view: str, form: ViewForm) -> list[Said]:
    """Only one view is the default: the others are it no more."""
    if not form.default:
        return []
    others = [item for item in now.bench.of_kind("view", entity) if item.body.get("default") and item.body.get("name") != view]
    return [Said("view", item.name, view_operations(item.body, _base(now, item), {"default": False})) for item in others]


def _say(now: Desk, said: Sequence[Said]) -> bool:
    try:
        now.say(said)
    except BadInput as wrong:
        page.notify(wrong.problems[0].message if wrong.problems else wrong.title, "danger")
        return False
    return True
