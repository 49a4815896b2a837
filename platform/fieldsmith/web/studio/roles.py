"""`/studio/roles/`: which roles there are and what each may do on every entity; new ones, copies, who holds one.

GET  /studio/roles/                    every entity by every role, in short
GET  /studio/roles/new                 a new role, or with `copy=` one like another; POST makes it
GET  /studio/roles/compare?one=&other= what differs between two
GET  /studio/roles/<role>/holders      who holds it
POST /studio/roles/<role>/retire       one's own role goes

The rights of one role: `roles_matrix`, `roles_entity`, `roles_settings`.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, request

from fieldsmith.base.errors import BadInput
from fieldsmith.base.text import _m
from fieldsmith.identity.holders import holders_of, holders_of_all
from fieldsmith.meta.layers import Effective
from fieldsmith.meta.roles import EVERY_ENTITY
from fieldsmith.studio.workbench import Said
from fieldsmith.web import current, page, plain_forms
from fieldsmith.web.plain_forms import Errors
from fieldsmith.web.studio import roles_compare
from fieldsmith.web.studio.desk import Desk, desk, render
from fieldsmith.web.studio.naming import proposed_name
from fieldsmith.web.studio.roles_head import RoleHead, entities_of, head_of_role, role_label, roles_of, sharing_of
from fieldsmith.web.studio.roles_rights import RIGHT_WORDS, SCOPE_WORDS, resolved, rights_of

_BASE = "/studio/roles/"
_MOST_HOLDERS = 500
_SHOWN = ("read", "update")
"""What a cell of the overview tells; its title tells the rest."""


@dataclass(frozen=True, slots=True)
class OverviewCell:
    """`read` and `update` are scopes; `title` says every right."""

    read: str
    update: str
    title: str


@dataclass(frozen=True, slots=True)
class OverviewRow:
    """One entity; `name` is `*` for all that a role does not name."""

    name: str
    label: str
    icon: str
    cells: Sequence[OverviewCell]


def register(app: Flask) -> None:
    app.add_url_rule(_BASE, "studio_roles", overview_page)
    app.add_url_rule(f"{_BASE}new", "studio_new_role", new_page)
    app.add_url_rule(f"{_BASE}new", "studio_make_role", make, methods=["POST"])
    app.add_url_rule(f"{_BASE}compare", "studio_compare_roles", compare_page)
    app.add_url_rule(f"{_BASE}<role>/holders", "studio_role_holders", holders_page)
    app.add_url_rule(f"{_BASE}<role>/retire", "studio_retire_role", retire, methods=["POST"])


def overview_page() -> Response:
    """`GET /studio/roles/`."""
    now = desk()
    heads = [head_of_role(now, item) for item in roles_of(now)]
    held = holders_of_all(current.work().connection)
    return render("studio/roles.html", now, roles=heads, rows=_rows(now, heads), held=held, scopes=SCOPE_WORDS)


def new_page() -> Response:
    """`GET /studio/roles/new`, `?copy=<role>`."""
    now = desk()
    source = request.args.get("copy", "")
    label = "" if not source else page.say(_m("Copy of {role}", role=role_label(now, now.document("role", source))))
    return _new(now, {"label": label, "copy": source}, Errors())


def make() -> Response:
    """`POST /studio/roles/new`."""
    now = desk()
    values = {"label": plain_forms.text("label"), "copy": request.form.get("copy", "")}
    source = now.document("role", values["copy"]) if values["copy"] else None
    try:
        problems = plain_forms.one_line(values["label"], "/label", 255)
        if problems:
            raise BadInput(problems)
        taken = {name for kind, name in now.documents if kind == "role"} | {"new", "compare"}
        name = proposed_name(values["label"], taken, "role")
        now.say([Said("role", name, document=_body(source, name, values["label"]))])
    except BadInput as wrong:
        return _new(now, values, Errors.of(wrong, ("label", "copy")), 422)
    page.notify(_m("“{role}” is in the draft.", role=values["label"]))
    return page.go(f"{_BASE}{name}")


def compare_page() -> Response:
    """`GET /studio/roles/compare`: nothing but what differs."""
    now = desk()
    options = [(item.name, role_label(now, item)) for item in roles_of(now)]
    names = [request.args.get(key, "") for key in ("one", "other")]
    documents = [now.document("role", name) if name else None for name in names]
    one, other = documents
    groups = roles_compare.differences(now, one, other) if one is not None and other is not None else None
    labels = ["" if item is None else role_label(now, item) for item in documents]
    return render("studio/roles_compare.html", now, options=options, values=dict(zip(("one", "other"), names, strict=True)), labels=labels, groups=groups)


def holders_page(role: str) -> Response:
    """`GET …/holders`."""
    now = desk()
    head = head_of_role(now, now.document("role", role))
    work = current.work()
    ids = holders_of(work.connection, role, _MOST_HOLDERS)
    labels = work.queries.labels(now.actor, "user", ids)
    people = sorted(((labels[id] or f"#{id}", f"/user/{id}") for id in ids if id in labels), key=lambda item: item[0].casefold())
    return render("studio/roles_holders.html", now, role=head, people=people, more=len(ids) == _MOST_HOLDERS)


def retire(role: str) -> Response:
    """`POST …/retire`."""
    now = desk()
    found = now.document("role", role)
    try:
        now.say([Said("role", role, retire=True)])
    except BadInput as wrong:
        page.notify(wrong.problems[0].message if wrong.problems else wrong.title, "danger")
        return page.go(f"{_BASE}{role}/settings")
    page.notify(_m("“{role}” goes when the draft is published. Who holds it keeps only their other roles.", role=role_label(now, found)))
    return page.go(_BASE)


def _new(now: Desk, values: Mapping[str, str], errors: Errors, status: int = 200) -> Response:
    options = [(item.name, role_label(now, item)) for item in roles_of(now)]
    return render("studio/roles_new.html", now, status, values=values, errors=errors, options=options)


def _body(source: Effective | None, name: str, label: str) -> dict[str, Any]:
    if source is None:
        return {"name": name, "label": label}
    kept = copy.deepcopy({key: value for key, value in source.body.items() if key not in ("$schema", "name", "label")})
    return {"name": name, "label": label, **kept}


def _rows(now: Desk, heads: Sequence[RoleHead]) -> list[OverviewRow]:
    bodies = [now.document("role", head.name).body for head in heads]
    rows = []
    for name, label, icon in ((EVERY_ENTITY, page.say(_m("Every other entity")), "asterisk"), *entities_of(now)):
        sharing = sharing_of(now, name)
        cells = []
        for head, body in zip(heads, bodies, strict=True):
            rights = rights_of(body, name).cells
            far = {right: "all" if head.administrator else resolved(cell, right, sharing) for right, cell in rights.items()}
            title = ", ".join(f"{page.say(RIGHT_WORDS[right])}: {page.say(SCOPE_WORDS[scope])}" for right, scope in far.items() if scope != "none")
            cells.append(OverviewCell(far["read"], far["update"], title))
        rows.append(OverviewRow(name, label, icon, cells))
    return rows
