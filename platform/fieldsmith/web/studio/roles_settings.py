"""`/studio/roles/<role>/settings`: what a role is called and is: administrator, second factor, start tab, actions, studio rights, people from outside.

GET, POST …/settings     label, label.<language>, administrator, second_factor, start, studio, portal, account, path.<entity>,
                         limited with named and action.<entity>
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, Response, request

from fieldsmith.base.errors import BadInput
from fieldsmith.base.problems import Problem
from fieldsmith.base.text import _m
from fieldsmith.meta.layers import Effective
from fieldsmith.meta.system_fields import USER
from fieldsmith.studio.workbench import Said
from fieldsmith.web import page, plain_forms
from fieldsmith.web.plain_forms import Errors
from fieldsmith.web.studio import lists, roles_actions, translated
from fieldsmith.web.studio.desk import Desk, desk, render
from fieldsmith.web.studio.entity_head import field_label, fields_of
from fieldsmith.web.studio.navigation_forms import tab_label
from fieldsmith.web.studio.roles_head import below_of, entities_of, head_of_role, role_label
from fieldsmith.web.studio.roles_rights import Operation

_INPUTS = ("label", "administrator", "start", "studio", "portal", "account")
_TICKS = ("administrator", "second_factor")
_IS_ACCOUNT = "."
"""What the form sends for the path of the account itself, which documents say as ""."""


@dataclass(frozen=True, slots=True)
class RoleForm:
    """`actions` by entity, None where all are allowed. `paths` by entity, where `portal`."""

    label: str
    administrator: bool
    second_factor: bool
    start: str
    studio: Sequence[str]
    actions: roles_actions.Actions | None
    portal: bool
    account: str
    paths: Mapping[str, str]
    spoken: Mapping[str, str] = field(default_factory=dict)


def register(app: Flask) -> None:
    address = "/studio/roles/<role>/settings"
    app.add_url_rule(address, "studio_role_settings", settings_page)
    app.add_url_rule(address, "studio_save_role", save, methods=["POST"])


def settings_page(role: str) -> Response:
    """`GET …/settings`."""
    now = desk()
    found = now.document("role", role)
    return _page(now, found, _form_of(now, found))


def save(role: str) -> Response:
    """`POST …/settings`: only what differs goes into the draft."""
    now = desk()
    found = now.document("role", role)
    form = _sent()
    try:
        said = _said(now, found, form)
        if said:
            now.say(said)
    except BadInput as wrong:
        return _page(now, found, form, Errors.of(wrong, _INPUTS), 422)
    page.notify(_m("Saved in the draft.") if said else _m("Nothing was changed."), "success" if said else "info")
    return page.go(f"/studio/roles/{role}/settings")


def _page(now: Desk, role: Effective, form: RoleForm, errors: Errors | None = None, status: int = 200) -> Response:
    tabs = sorted(((item.name, tab_label(now, item)) for item in now.bench.of_kind("tab")), key=lambda item: item[1].casefold())
    context = {
        "role": head_of_role(now, role),
        "form": form,
        "errors": errors or Errors(),
        "tabs": tabs,
        "actions": roles_actions.rows(now, form.actions or {}),
        "entities": [(name, label) for name, label, _ in entities_of(now)],
        "accounts": _accounts(now),
        "paths": list(_paths(now, form.account)),
        "others": translated.OTHERS,
        "is_account": _IS_ACCOUNT,
        "uses": now.uses_of(f"role/{role.name}"),
    }
    return render("studio/roles_settings.html", now, status, **context)


def _form_of(now: Desk, role: Effective) -> RoleForm:
    body = role.body
    portal = body.get("portal")
    outside = portal if isinstance(portal, Mapping) else {}
    path = f"role/{role.name}/label"
    return RoleForm(
        str(body.get("label") or role_label(now, role)),
        body.get("administrator") is True,
        body.get("second_factor") is True,
        str(body.get("start", "")),
        lists.members(role, "studio"),
        roles_actions.of_document(body),
        bool(outside),
        str(outside.get("account", "")),
        {str(name): str(found) or _IS_ACCOUNT for name, found in outside.get("paths", {}).items()},
        {f"label.{language}": translated.words_in(now, language).get(path, "") for language, _ in translated.OTHERS},
    )


def _sent() -> RoleForm:
    form = request.form
    paths = {name.removeprefix("path."): value for name, value in form.items() if name.startswith("path.") and value}
    spoken = {f"label.{language}": plain_forms.text(f"label.{language}") for language, _ in translated.OTHERS if f"label.{language}" in form}
    portal = "portal" in form
    return RoleForm(
        plain_forms.text("label"),
        "administrator" in form,
        "second_factor" in form,
        form.get("start", ""),
        form.getlist("studio"),
        roles_actions.of_form(form),
        portal,
        form.get("account", ""),
        paths,
        spoken,
    )


def _said(now: Desk, role: Effective, form: RoleForm) -> list[Said]:
    """The edits that make the role what was typed. Raises `BadInput`."""
    problems = plain_forms.one_line(form.label, "/label", 255)
    if form.portal and not form.account:
        problems.append(Problem("required", _m("Choose the lookup that leads from a person to their account."), "/account"))
    if problems:
        raise BadInput(problems)
    below = below_of(now, role) or {}
    wanted: dict[str, Any] = {
        "label": None if form.label == role_label(now, role) else form.label,
        "administrator": form.administrator or None,
        "second_factor": form.second_factor or None,
        "start": form.start or None,
        "actions": None if form.actions is None else {name: list(listed) for name, listed in form.actions.items()},
        "portal": {"account": form.account, "paths": {name: "" if path == _IS_ACCOUNT else path for name, path in form.paths.items()}} if form.portal else None,
    }
    operations: list[Operation] = []
    for key, value in wanted.items():
        if key == "label" and value is None:
            continue
        operations += _scalar(role.body, below, key, value)
    operations += lists.exactly(now, role, "studio", list(dict.fromkeys(form.studio)))
    words = {(name.partition(".")[2], f"role/{role.name}/label"): text for name, text in form.spoken.items()}
    return [*([Said("role", role.name, operations)] if operations else ()), *translated.said(now, words)]


def _scalar(body: Mapping[str, Any], below: Mapping[str, Any], key: str, value: Any) -> list[Operation]:
    if value == body.get(key) or (value is None and not body.get(key) and key in _TICKS):
        return []
    if value is not None:
        return [{"op": "change", "path": f"/{key}", "value": value}]
    if key in _TICKS and key in below:
        return [{"op": "change", "path": f"/{key}", "value": False}]  # what a package says cannot be taken away
    return [{"op": "remove", "path": f"/{key}"}]


def _accounts(now: Desk) -> list[tuple[str, str]]:
    """The lookups of a person that could name their account."""
    if ("entity", USER) not in now.documents:
        return []
    return [(str(item["name"]), field_label(now, USER, item)) for item in fields_of(now, USER) if item.get("type") == "lookup"]


def _paths(now: Desk, account: str) -> Iterator[tuple[str, str, list[tuple[str, str]]]]:
    """Entity, label and the ways of at most two lookups that lead from its records to the account."""
    user = now.model.entities.get(USER)
    lookup = user.fields.get(account) if user is not None else None
    if lookup is None or lookup.type != "lookup":
        return
    target = str(lookup.options["to"])
    for name, label, _ in entities_of(now):
        known = now.model.entities.get(name)
        if known is None:
            continue
        ways = [(_IS_ACCOUNT, page.say(_m("Is the account")))] if name == target else []
        for first in known.fields.values():
            to = first.options.get("to") if first.type == "lookup" and not first.system else None
            if to == target:
                ways.append((first.name, first.label.render(now.words)))
            elif to in now.model.entities:
                seconds = now.model.entities[str(to)].own_fields()
                there = [second for second in seconds if second.type == "lookup" and second.options.get("to") == target]
                ways += [(f"{first.name}.{second.name}", f"{first.label.render(now.words)} · {second.label.render(now.words)}") for second in there]
        if ways:
            yield name, label, ways
