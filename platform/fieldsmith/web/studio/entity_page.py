"""`/studio/entity/<entity>/`: the fields of an entity, in order: add, move, hide; the way to edit, retire and restore them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, request

from fieldsmith.base.errors import BadInput
from fieldsmith.base.problems import pointer
from fieldsmith.base.text import Message, _m
from fieldsmith.studio.workbench import Said
from fieldsmith.web import current, page, plain_forms
from fieldsmith.web.plain_forms import Errors
from fieldsmith.web.studio.desk import Desk, bar_of, desk, render
from fieldsmith.web.studio.entities import choice_lists
from fieldsmith.web.studio.entity_head import field_label, fields_of, head_of, is_own_field
from fieldsmith.web.studio.field_types import icon_of, simple_types, types
from fieldsmith.web.studio.home import entity_cards
from fieldsmith.web.studio.origins import Origin, Origins
from fieldsmith.web.studio.quick_fields import NewFields

_INPUTS = ("label", "type", "detail", "lines")
_FLAGS = (("required", _m("required")), ("unique", _m("unique")), ("indexed", _m("indexed")), ("read_only", _m("read-only")))


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One field in the list."""

    name: str
    label: str
    icon: str
    type: Message | str
    detail: str
    flags: tuple[Message, ...]
    hidden: bool
    own: bool
    origin: Origin


def register(app: Flask) -> None:
    base = "/studio/entity/<entity>/"
    app.add_url_rule(base, "studio_fields", fields_page)
    app.add_url_rule(f"{base}fields/", "studio_add_fields", add_fields, methods=["POST"])
    app.add_url_rule(f"{base}fields/move", "studio_move_field", move_field, methods=["POST"])
    app.add_url_rule(f"{base}fields/<field>/hide", "studio_hide_field", hide_field, methods=["POST"])


def fields_page(entity: str) -> Response:
    """`GET /studio/entity/<entity>/`."""
    return _page(desk(), entity, {})


def add_fields(entity: str) -> Response:
    """`POST /studio/entity/<entity>/fields/`: the quick row, or pasted lines."""
    now = desk()
    values = {name: plain_forms.text(name) for name in _INPUTS}
    values["lines"] = request.form.get("lines", "")
    new = NewFields(now, entity, head_of(now, entity).plural, [item["name"] for item in fields_of(now, entity)])
    try:
        if values["lines"].strip():
            new.lines(values["lines"])
        if values["label"] or not new.bodies:
            new.add(values["label"], values["type"], values["detail"], "required" in request.form)
        now.say([*new.said, Said("entity", entity, new.operations())])
    except BadInput as wrong:
        return _page(now, entity, values, Errors.of(wrong, _INPUTS), 422)
    if len(new.bodies) == 1:
        page.notify(_m("{field} was added.", field=new.bodies[0]["label"]))
    else:
        page.notify(_m("{count} fields were added.", count=len(new.bodies)))
    return page.go(f"/studio/entity/{entity}/?added={new.bodies[-1]['type']}")


def move_field(entity: str) -> Response:
    """`POST …/fields/move` with item and after ("" for the first place); answers with the draft bar."""
    now = desk()
    item, after = request.form.get("item", ""), request.form.get("after", "")
    now.say([Said("entity", entity, [{"op": "move", "path": pointer("fields", item), "after": after or None}])])
    return page.part("studio/draft_bar.html", bar=bar_of(desk()))


def hide_field(entity: str, field: str) -> Response:
    """`POST …/fields/<field>/hide`: out of sight, or back with `hidden` empty."""
    now = desk()
    hide = bool(request.form.get("hidden"))
    try:
        now.say([Said("entity", entity, [{"op": "change", "path": pointer("fields", field, "hidden"), "value": hide}])])
    except BadInput as wrong:
        page.notify(wrong.problems[0].message if wrong.problems else wrong.title, "danger")
    return page.go(f"/studio/entity/{entity}/")


def _page(now: Desk, entity: str, values: Mapping[str, str], errors: Errors | None = None, status: int = 200) -> Response:
    head = head_of(now, entity)
    origins = Origins(now)
    lists = choice_lists(now)
    rows = [_row(now, origins, entity, item, dict(lists)) for item in fields_of(now, entity)]
    current.end_reading()
    kept = [] if now.delegated else current.workspace().attic.listed(now.actor, entity)
    present = {row.name for row in rows}
    added = request.args.get("added", "")
    return render(
        "studio/entity_fields.html",
        now,
        status,
        entity=head,
        rows=rows,
        retired=[item for item in kept if item.field not in present],
        values={"type": added, **values},
        errors=errors or Errors(),
        focus_quick=bool(added) or errors is not None,
        types=simple_types(),
        entities=entity_cards(now),
        lists=lists,
        records=f"/{entity}/" if entity in current.model().entities else None,
    )


def _row(now: Desk, origins: Origins, entity: str, item: Mapping[str, Any], lists: Mapping[str, str]) -> FieldRow:
    kind = types().get(str(item.get("type")))
    place = pointer("fields", item["name"])
    flags = tuple(said for key, said in _FLAGS if item.get(key))
    return FieldRow(
        item["name"],
        field_label(now, entity, item),
        icon_of(kind) if kind is not None else "forms",
        kind.title if kind is not None else str(item.get("type")),
        _detail(now, item, lists),
        flags,
        bool(item.get("hidden")),
        not now.delegated and is_own_field(now, entity, item["name"]),
        origins.of("entity", entity, place),
    )


def _detail(now: Desk, item: Mapping[str, Any], lists: Mapping[str, str]) -> str:
    """What it points at or chooses from."""
    to = item.get("to")
    if to:
        return ", ".join(head_of(now, name).label if ("entity", name) in now.documents else name for name in ([to] if isinstance(to, str) else to))
    listed = item.get("choices")
    return lists.get(listed, listed) if isinstance(listed, str) else ""
