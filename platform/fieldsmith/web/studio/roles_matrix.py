"""`/studio/roles/<role>`: the matrix of one role: entities by rights, a scope in every cell; set one, a row, a column, or some rows.

GET  …/<role>            the matrix
POST …/<role>/cell       entity, right, scope: one cell; answers with its row and the draft bar where htmx asks
POST …/<role>/bulk       entities, rights ("" for all), scope: many; with scope `inherit` they follow “every other entity” again
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask, Response, request

from fieldsmith.base.errors import BadInput, NotFound
from fieldsmith.base.problems import Problem
from fieldsmith.base.text import _m
from fieldsmith.meta.layers import Effective
from fieldsmith.meta.roles import AS_SHARED, EVERY_ENTITY, RIGHTS, Right
from fieldsmith.studio.workbench import Said
from fieldsmith.web import page
from fieldsmith.web.studio.desk import Desk, bar_of, desk, render
from fieldsmith.web.studio.roles_head import below_of, entities_of, head_of_role, sharing_of
from fieldsmith.web.studio.roles_rights import (
    CELLS,
    RIGHT_WORDS,
    SCOPE_HINTS,
    SCOPE_WORDS,
    Operation,
    can_not_inherit,
    caps_of,
    field_rights_of,
    inherit,
    resolved,
    restriction_of,
    rights_of,
    set_rights,
)

T = TypeVar("T", bound=str)
_BASE = "/studio/roles/"
INHERIT = "inherit"
_MOST = 2_000  # entities set at once


@dataclass(frozen=True, slots=True)
class Cell:
    """`scope` is how far it goes; `shared` where the entity's sharing says so."""

    right: Right
    scope: str
    shared: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One entity of the matrix. `fields` counts those not simply editable; `restricted`: something is taken away."""

    name: str
    label: str
    icon: str
    cells: Sequence[Cell]
    inherits: bool
    may_inherit: bool
    fields: int
    restricted: bool


def register(app: Flask) -> None:
    app.add_url_rule(f"{_BASE}<role>", "studio_role", matrix_page)
    app.add_url_rule(f"{_BASE}<role>/cell", "studio_set_right", set_cell, methods=["POST"])
    app.add_url_rule(f"{_BASE}<role>/bulk", "studio_set_rights", set_many, methods=["POST"])


def matrix_page(role: str) -> Response:
    """`GET /studio/roles/<role>`."""
    now = desk()
    return render("studio/roles_matrix.html", now, **_context(now, now.document("role", role)))


def set_cell(role: str) -> Response:
    """`POST …/cell`: saved at once, the page stays."""
    now = desk()
    found = now.document("role", role)
    entity = known_entity(now, request.form.get("entity", ""))
    right, scope = one_of(request.form.get("right", ""), RIGHTS, "/right"), one_of(request.form.get("scope", ""), CELLS, "/scope")
    say_of(now, role, set_rights(found.body, entity, {right: scope}))
    if not request.headers.get("HX-Request"):
        return page.go(f"{_BASE}{role}")
    return row_part(role, entity)


def set_many(role: str) -> Response:
    """`POST …/bulk`."""
    now = desk()
    found = now.document("role", role)
    entities = [known_entity(now, name) for name in dict.fromkeys(request.form.getlist("entities")[:_MOST])]
    rights = [one_of(name, RIGHTS, "/rights") for name in request.form.getlist("rights") if name] or list(RIGHTS)
    scope = one_of(request.form.get("scope", ""), (*CELLS, INHERIT), "/scope")
    if not entities:
        page.notify(_m("Tick the entities first."), "info")
    operations: list[Operation] = []
    for entity in entities:
        operations += inherit(found.body, below_of(now, found), entity) if scope == INHERIT else set_rights(found.body, entity, dict.fromkeys(rights, scope))
    say_of(now, role, operations)
    if not request.headers.get("HX-Request"):
        return page.go(f"{_BASE}{role}")
    now = desk()
    return page.part("studio/roles_table_part.html", bar=bar_of(now), swap=True, **_context(now, now.document("role", role)))


def row_part(role: str, entity: str) -> Response:
    """The row of `entity` as the draft has it now, with the draft bar."""
    now = desk()
    found = now.document("role", role)
    label, icon = next(((label, icon) for name, label, icon in _entities(now) if name == entity), (entity, "table"))
    row = _row(now, found, entity, label, icon)
    return page.part("studio/roles_row_part.html", bar=bar_of(now), swap=True, role=head_of_role(now, found), row=row, **_words())


def _context(now: Desk, role: Effective) -> dict[str, Any]:
    rows = [_row(now, role, *entity) for entity in _entities(now)]
    return {"role": head_of_role(now, role), "rows": rows, **_words()}


def _words() -> dict[str, Any]:
    return {"rights": RIGHT_WORDS, "scopes": SCOPE_WORDS, "hints": SCOPE_HINTS, "shared_scope": AS_SHARED, "every": EVERY_ENTITY}


def _entities(now: Desk) -> list[tuple[str, str, str]]:
    return [(EVERY_ENTITY, page.say(_m("Every other entity")), "asterisk"), *entities_of(now)]


def _row(now: Desk, role: Effective, entity: str, label: str, icon: str) -> Row:
    body, sharing = role.body, sharing_of(now, entity)
    rights = rights_of(body, entity)
    cells = [Cell(right, resolved(rights.cells[right], right, sharing), rights.cells[right] == AS_SHARED) for right in RIGHTS]
    may_inherit = not rights.inherits and entity != EVERY_ENTITY and not can_not_inherit(below_of(now, role), entity)
    named = sum(right != "edit" for right in field_rights_of(body, entity).values()) + len(caps_of(body, entity))
    return Row(entity, label, icon, cells, rights.inherits, may_inherit, named, bool(restriction_of(body, entity)))


def say_of(now: Desk, role: str, operations: Sequence[Operation]) -> None:
    """Put edits of a role into the draft; what they would break becomes a notice."""
    if not operations:
        return
    try:
        now.say([Said("role", role, operations)])
    except BadInput as wrong:
        page.notify(wrong.problems[0].message if wrong.problems else wrong.title, "danger")


def known_entity(now: Desk, entity: str) -> str:
    """`entity`, or `*`. Raises `NotFound` for one the draft does not have."""
    if entity != EVERY_ENTITY and ("entity", entity) not in now.documents:
        raise NotFound(_m("There is no entity “{name}”.", name=entity[:100]))
    return entity


def one_of(value: str, known: Sequence[T], place: str) -> T:
    """`value` as a member of `known`. Raises `BadInput` for another."""
    found = next((each for each in known if each == value), None)
    if found is None:
        raise BadInput([Problem("unknown_choice", _m("Choose one from the list."), place)])
    return found
