"""`/studio/entity/<entity>/sharing/`: how far rights go by default, and the rules that share more, with what each matches and costs.

GET  …/sharing/                 default and rules; POST …/sharing/default (sharing) sets the default
GET  …/sharing/new              a new rule; POST saves it
GET  …/sharing/<rule>           one rule; POST saves it
POST …/sharing/<rule>/switch    in force, or not; …/sharing/<rule>/delete takes one's own away
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from flask import Flask, Response, request

from fieldsmith.base.errors import BadInput
from fieldsmith.base.problems import Problem
from fieldsmith.base.text import _m
from fieldsmith.meta.labels import label_from_name
from fieldsmith.meta.layers import Effective
from fieldsmith.meta.roles import SharingRule
from fieldsmith.studio.workbench import Said
from fieldsmith.web import page
from fieldsmith.web.plain_forms import Errors
from fieldsmith.web.studio import condition_rows, sharing_form
from fieldsmith.web.studio.desk import Desk, desk, render
from fieldsmith.web.studio.entity_head import head_of
from fieldsmith.web.studio.origins import Origins
from fieldsmith.web.studio.roles_head import role_label, roles_of
from fieldsmith.web.studio.sharing_form import KINDS, Measured, SharingForm, measured

DEFAULTS = MappingProxyType(
    {
        "private": (_m("Private"), _m("Only the owner, unless something shares a record.")),
        "team": (_m("Own team"), _m("The owner's team and the teams above it.")),
        "hierarchy": (_m("Hierarchy"), _m("The owner's team and everybody the owner reports to.")),
        "read": (_m("All may read"), _m("Everybody reads, only the owner changes.")),
        "all": (_m("All"), _m("Everybody reads and changes.")),
    }
)


@dataclass(frozen=True, slots=True)
class SharingLine:
    """One rule in the list. `measured` is None while it is not in force."""

    name: str
    label: str
    condition: str
    owners: str
    to: str
    access: str
    on: bool
    own: bool
    origin: Any
    measured: Measured | None


def register(app: Flask) -> None:
    base = "/studio/entity/<entity>/sharing/"
    app.add_url_rule(base, "studio_sharing", sharing_page)
    app.add_url_rule(f"{base}default", "studio_set_sharing", set_default, methods=["POST"])
    app.add_url_rule(f"{base}new", "studio_new_sharing", new_page)
    app.add_url_rule(f"{base}new", "studio_make_sharing", make, methods=["POST"])
    app.add_url_rule(f"{base}<rule>", "studio_sharing_rule", rule_page)
    app.add_url_rule(f"{base}<rule>", "studio_save_sharing", save, methods=["POST"])
    app.add_url_rule(f"{base}<rule>/switch", "studio_switch_sharing", switch, methods=["POST"])
    app.add_url_rule(f"{base}<rule>/delete", "studio_delete_sharing", delete, methods=["POST"])


def sharing_page(entity: str) -> Response:
    """`GET …/sharing/`."""
    now = desk()
    head, origins = head_of(now, entity), Origins(now)
    lines = [_line(now, entity, item, origins) for item in now.bench.of_kind("sharing_rule", entity)]
    sharing = str(now.document("entity", entity).body.get("sharing", "all"))
    mark = origins.of("entity", entity, "/sharing")
    return render("studio/sharing.html", now, entity=head, rules=lines, sharing=sharing, defaults=DEFAULTS, mark=mark, next=_base(entity))


def set_default(entity: str) -> Response:
    """`POST …/sharing/default`."""
    now = desk()
    body, wanted = now.document("entity", entity).body, request.form.get("sharing", "")
    if wanted not in DEFAULTS:
        raise BadInput([Problem("unknown_choice", _m("Choose one from the list."), "/sharing")])
    if wanted != body.get("sharing", "all"):
        now.say([Said("entity", entity, [{"op": "change", "path": "/sharing", "value": wanted}])])
        page.notify(_m("Saved in the draft."))
    return page.go(_base(entity))


def new_page(entity: str) -> Response:
    """`GET …/sharing/new`."""
    return _page(desk(), entity, None, sharing_form.empty())


def make(entity: str) -> Response:
    """`POST …/sharing/new`."""
    now = desk()
    head_of(now, entity)
    form = sharing_form.sent()
    try:
        said = sharing_form.said_new(now, entity, form)
        now.say([said])
    except BadInput as wrong:
        return _page(now, entity, None, form, Errors.of(wrong, sharing_form.INPUTS), 422)
    return _saved(entity, said.name, form)


def rule_page(entity: str, rule: str) -> Response:
    """`GET …/sharing/<rule>`."""
    now = desk()
    found = now.document("sharing_rule", f"{entity}.{rule}")
    return _page(now, entity, found, sharing_form.form_of(_label(now, found), found.body))


def save(entity: str, rule: str) -> Response:
    """`POST …/sharing/<rule>`."""
    now = desk()
    found = now.document("sharing_rule", f"{entity}.{rule}")
    form = sharing_form.sent()
    try:
        said = sharing_form.said_changed(now, found, _label(now, found), form)
        if said:
            now.say(said)
    except BadInput as wrong:
        return _page(now, entity, found, form, Errors.of(wrong, sharing_form.INPUTS), 422)
    return _saved(entity, found.name, form)


def switch(entity: str, rule: str) -> Response:
    """`POST …/switch`: in force with `on`, else out of force."""
    now = desk()
    found = now.document("sharing_rule", f"{entity}.{rule}")
    hidden = request.form.get("on") != "yes"
    if bool(found.body.get("hidden")) != hidden:
        now.say([Said("sharing_rule", found.name, [{"op": "change", "path": "/hidden", "value": hidden}])])
    page.notify(_m("Out of force once published.") if hidden else _m("In force once published."))
    return page.go(_base(entity))


def delete(entity: str, rule: str) -> Response:
    """`POST …/delete`."""
    now = desk()
    found = now.document("sharing_rule", f"{entity}.{rule}")
    try:
        now.say([Said("sharing_rule", found.name, retire=True)])
    except BadInput as wrong:
        page.notify(wrong.problems[0].message if wrong.problems else wrong.title, "danger")
    else:
        page.notify(_m("“{rule}” goes when the draft is published.", rule=_label(now, found)))
    return page.go(_base(entity))


def _base(entity: str) -> str:
    return f"/studio/entity/{entity}/sharing/"


def _saved(entity: str, name: str, form: SharingForm) -> Response:
    """Names a rule that no index helps, with its cost on today's rows."""
    now = desk()
    page.notify(_m("“{rule}” is in the draft.", rule=form.label))
    rule = now.model.sharing_rules.get(name)
    warning = measured(now, entity, rule).warning if rule is not None else None
    if warning is not None:
        page.notify(_m("“{rule}”: {warning}", rule=form.label, warning=warning), "warning")
    return page.go(_base(entity))


def _page(now: Desk, entity: str, rule: Effective | None, form: SharingForm, errors: Errors | None = None, status: int = 200) -> Response:
    name = None if rule is None else rule.name.partition(".")[2]
    context: dict[str, Any] = {
        "entity": head_of(now, entity),
        "form": form,
        "errors": errors or Errors(),
        "name": name,
        "label": None if rule is None else _label(now, rule),
        "action": _base(entity) + (name or "new"),
        "known_roles": [(item.name, role_label(now, item)) for item in roles_of(now)],
        "own": rule is None or ("sharing_rule", rule.name) not in now.bench.below,
    }
    return render("studio/sharing_rule.html", now, status, **context)


def _line(now: Desk, entity: str, item: Effective, origins: Origins) -> SharingLine:
    body = item.body
    rule: SharingRule | None = now.model.sharing_rules.get(item.name)
    form = sharing_form.form_of("", body)
    when = condition_rows.said(now, entity, form.when) if form.when else ""
    on, own = not body.get("hidden"), ("sharing_rule", item.name) not in now.bench.below
    cost = measured(now, entity, rule) if rule is not None and now.bench.sound else None
    name = item.name.partition(".")[2]
    origin = origins.of("sharing_rule", item.name)
    return SharingLine(name, _label(now, item), when, _people(now, form.owners), _people(now, form.to), form.access, on, own, origin, cost)


def _people(now: Desk, group: sharing_form.Group) -> str:
    labels = {item.name: role_label(now, item) for item in roles_of(now)}
    return ", ".join(labels.get(name, name) if kind == "roles" else name for kind in KINDS for name in group[kind])


def _label(now: Desk, rule: Effective) -> str:
    said = str(rule.body.get("label") or label_from_name(rule.name.partition(".")[2]))
    known = now.model.sharing_rules.get(rule.name)
    return known.label.render(now.words) if known is not None and known.label.text == said else said
