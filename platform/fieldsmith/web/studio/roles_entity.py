"""`/studio/roles/<role>/entity/<entity>`: one role on one entity: its rights, its fields, and what it takes away.

GET  …                 the page; with `part=fields` only the fields, as the matrix unfolds them
POST …/rights          r.<right>: the scopes of the row
POST …/fields          f.<field>: the rights on fields; `all` sets every field at once; `part=fields` answers with the piece
POST …/restrict        records, rights, c.<field>: what is taken away whatever other roles grant
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, request

from fieldsmith.base.errors import BadInput
from fieldsmith.base.problems import pointer
from fieldsmith.base.text import _m
from fieldsmith.meta.layers import Effective
from fieldsmith.meta.roles import AS_SHARED, EVERY_ENTITY, FIELD_RIGHTS, RIGHTS, Right
from fieldsmith.studio.workbench import Said
from fieldsmith.web import page
from fieldsmith.web.page import say
from fieldsmith.web.plain_forms import Errors
from fieldsmith.web.studio.desk import Desk, bar_of, desk, render, shown
from fieldsmith.web.studio.entity_head import field_label, fields_of
from fieldsmith.web.studio.roles_head import below_of, entities_of, head_of_role, sharing_of
from fieldsmith.web.studio.roles_matrix import known_entity, one_of, say_of
from fieldsmith.web.studio.roles_rights import (
    CELLS,
    FIELD_WORDS,
    RIGHT_WORDS,
    SCOPE_HINTS,
    SCOPE_WORDS,
    WHOLE,
    Operation,
    caps_of,
    field_rights_of,
    resolved,
    restriction_of,
    rights_of,
    set_field_rights,
    set_rights,
)

_BASE = "/studio/roles/<role>/entity/<entity>"
_ALWAYS = frozenset({"id", "version"})
"""Part of every answer: no right on them can be taken away."""


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One field: what the role grants, and the most it lets anybody do ("" for no such limit)."""

    name: str
    label: str
    right: str
    cap: str
    system: bool


@dataclass(frozen=True, slots=True)
class Restricted:
    """What stands in the form of what is taken away."""

    records: str
    rights: Sequence[str]
    caps: Mapping[str, str]

    @property
    def value(self) -> dict[str, Any]:
        """As documents have it."""
        said = {"records": self.records, "rights": list(self.rights), "fields": dict(self.caps)}
        return {key: value for key, value in said.items() if value}


def register(app: Flask) -> None:
    app.add_url_rule(_BASE, "studio_role_entity", entity_page)
    app.add_url_rule(f"{_BASE}/rights", "studio_role_rights", set_row, methods=["POST"])
    app.add_url_rule(f"{_BASE}/fields", "studio_role_fields", set_fields, methods=["POST"])
    app.add_url_rule(f"{_BASE}/restrict", "studio_role_restrict", restrict, methods=["POST"])


def entity_page(role: str, entity: str) -> Response:
    """`GET …`."""
    now = desk()
    found = now.document("role", role)
    known_entity(now, entity)
    if request.args.get("part") == "fields":
        return page.part("studio/roles_fields_part.html", swap=False, **_context(now, found, entity))
    return _page(now, found, entity)


def set_row(role: str, entity: str) -> Response:
    """`POST …/rights`."""
    now = desk()
    found = now.document("role", role)
    known_entity(now, entity)
    wanted: dict[Right, str] = {right: one_of(request.form[f"r.{right}"], CELLS, f"/r.{right}") for right in RIGHTS if f"r.{right}" in request.form}
    say_of(now, role, set_rights(found.body, entity, wanted))
    return page.go(_address(role, entity))


def set_fields(role: str, entity: str) -> Response:
    """`POST …/fields`."""
    now = desk()
    found = now.document("role", role)
    known_entity(now, entity)
    rows = _fields(now, found, entity)
    if request.form.get("all"):
        right = one_of(request.form["all"], FIELD_RIGHTS, "/all")
        wanted = {row.name: right for row in rows if not row.system}
    else:
        wanted = {row.name: one_of(request.form[f"f.{row.name}"], FIELD_RIGHTS, f"/f.{row.name}") for row in rows if f"f.{row.name}" in request.form}
    say_of(now, role, set_field_rights(found.body, below_of(now, found), entity, wanted))
    if not request.headers.get("HX-Request"):
        return page.go(_address(role, entity))
    now = desk()
    return page.part("studio/roles_fields_part.html", bar=bar_of(now), swap=True, **_context(now, now.document("role", role), entity))


def restrict(role: str, entity: str) -> Response:
    """`POST …/restrict`."""
    now = desk()
    found = now.document("role", role)
    known_entity(now, entity)
    form = _sent(_fields(now, found, entity))
    operations = _restricting(now, found, entity, form)
    try:
        if operations:
            now.say([Said("role", role, operations)])
    except BadInput as wrong:
        return _page(now, found, entity, form, _errors(wrong), 422)
    page.notify(_m("Saved in the draft.") if operations else _m("Nothing was changed."), "success" if operations else "info")
    return page.go(_address(role, entity))


def _address(role: str, entity: str) -> str:
    return f"/studio/roles/{role}/entity/{entity}"


def _page(now: Desk, role: Effective, entity: str, form: Restricted | None = None, errors: Errors | None = None, status: int = 200) -> Response:
    return render("studio/roles_entity.html", now, status, **_context(now, role, entity, form), errors=errors or Errors())


def _context(now: Desk, role: Effective, entity: str, form: Restricted | None = None) -> dict[str, Any]:
    rights, sharing = rights_of(role.body, entity), sharing_of(now, entity)
    known = {name: (label, icon) for name, label, icon in entities_of(now)}
    label, icon = known.get(entity, (say(_m("Every other entity")), "asterisk"))
    taken = restriction_of(role.body, entity)
    stored = Restricted(str(taken.get("records", "")), tuple(taken.get("rights", ())), caps_of(role.body, entity))
    return {
        "role": head_of_role(now, role),
        "entity": entity,
        "label": label,
        "icon_name": icon,
        "is_every": entity == EVERY_ENTITY,
        "cells": rights.cells,
        "inherits": rights.inherits,
        "goes": {right: resolved(cell, right, sharing) for right, cell in rights.cells.items()},
        "fields": _fields(now, role, entity),
        "form": form or stored,
        "rights": RIGHT_WORDS,
        "scopes": SCOPE_WORDS,
        "hints": SCOPE_HINTS,
        "shared_scope": AS_SHARED,
        "field_words": FIELD_WORDS,
    }


def _fields(now: Desk, role: Effective, entity: str) -> list[FieldRow]:
    """Own fields in their order, then those every entity has."""
    if entity == EVERY_ENTITY:
        return []
    granted, caps = field_rights_of(role.body, entity), caps_of(role.body, entity)
    known = now.model.entities.get(entity)
    named = {str(item["name"]): field_label(now, entity, item) for item in fields_of(now, entity)}
    own = list(named)
    if known is not None:
        named |= {name: shown(item.label, name, now.words) for name, item in known.fields.items() if item.system and name not in named and name not in _ALWAYS}
    return [FieldRow(name, label, granted.get(name, WHOLE), caps.get(name, ""), name not in own) for name, label in named.items()]


def _sent(rows: Sequence[FieldRow]) -> Restricted:
    form = request.form
    caps = {row.name: one_of(form[f"c.{row.name}"], FIELD_RIGHTS, f"/c.{row.name}") for row in rows if form.get(f"c.{row.name}")}
    rights = tuple(one_of(name, RIGHTS, "/rights") for name in dict.fromkeys(form.getlist("rights")))
    return Restricted(form.get("records", "").replace("\r\n", "\n").strip(), rights, caps)


def _restricting(now: Desk, role: Effective, entity: str, form: Restricted) -> list[Operation]:
    present, place = dict(restriction_of(role.body, entity)), pointer("restrict", entity)
    if form.value == {key: value for key, value in present.items() if value}:
        return []
    below = below_of(now, role)
    if not form.value and not (below and entity in below.get("restrict", {})):
        return [{"op": "remove", "path": place}]
    return [{"op": "change", "path": place, "value": form.value}]


def _errors(wrong: BadInput) -> Errors:
    """Beside the expression what is about it, the rest above."""
    beside = [problem for problem in wrong.problems if problem.pointer.endswith("/records")]
    fields = {"records": [" ".join(filter(None, (say(problem.message), say(problem.hint)))) for problem in beside]} if beside else {}
    others = tuple(say(problem.message) for problem in wrong.problems if problem not in beside)
    return Errors(fields, others or (() if fields else (say(wrong.title),)))
