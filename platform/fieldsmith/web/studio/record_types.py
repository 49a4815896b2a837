"""`/studio/entity/<entity>/record-types/`: the kinds of records of an entity, what each offers, and which is the default.

GET  …/record-types/                 all of them
GET  …/record-types/new              a new one; POST makes it
GET  …/record-types/<name>           one; POST saves it
POST …/record-types/<name>/remove    one's own goes, one of a package is no longer offered
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, Response

from fieldsmith.base.errors import BadInput
from fieldsmith.base.text import _m
from fieldsmith.meta.labels import label_from_name
from fieldsmith.meta.layers import Effective
from fieldsmith.studio.workbench import Said
from fieldsmith.web import page
from fieldsmith.web.plain_forms import Errors
from fieldsmith.web.studio import record_type_form, translated
from fieldsmith.web.studio.desk import Desk, desk, render, shown
from fieldsmith.web.studio.entity_head import head_of
from fieldsmith.web.studio.mentions import mentions_of
from fieldsmith.web.studio.origins import Origin, Origins
from fieldsmith.web.studio.record_type_form import INPUTS, RecordTypeForm


@dataclass(frozen=True, slots=True)
class TypeLine:
    """One record type in the list; `narrowed` says which fields it narrows: “Stage (3)”."""

    name: str
    label: str
    help: str
    default: bool
    active: bool
    narrowed: str
    origin: Origin


def register(app: Flask) -> None:
    base = "/studio/entity/<entity>/record-types/"
    app.add_url_rule(base, "studio_record_types", list_page)
    app.add_url_rule(f"{base}new", "studio_new_record_type", new_page)
    app.add_url_rule(f"{base}new", "studio_make_record_type", make, methods=["POST"])
    app.add_url_rule(f"{base}<name>", "studio_record_type", type_page)
    app.add_url_rule(f"{base}<name>", "studio_save_record_type", save, methods=["POST"])
    app.add_url_rule(f"{base}<name>/remove", "studio_remove_record_type", remove, methods=["POST"])


def list_page(entity: str) -> Response:
    """`GET …/record-types/`."""
    now = desk()
    head, origins = head_of(now, entity), Origins(now)
    lines = [_line(now, entity, item, origins) for item in now.bench.of_kind("record_type", entity)]
    return render("studio/record_types.html", now, entity=head, types=lines)


def new_page(entity: str) -> Response:
    """`GET …/record-types/new`."""
    now = desk()
    return _page(now, entity, None, record_type_form.form_of(now, entity, None))


def make(entity: str) -> Response:
    """`POST …/record-types/new`."""
    now = desk()
    head_of(now, entity)
    form = record_type_form.sent(now, entity)
    try:
        now.say(record_type_form.said_new(now, entity, form))
    except BadInput as wrong:
        return _page(now, entity, None, form, _errors(wrong, form), 422)
    page.notify(_m("{name} was added.", name=form.values["label"]))
    return page.go(_path(entity))


def type_page(entity: str, name: str) -> Response:
    """`GET …/record-types/<name>`."""
    now = desk()
    found = now.document("record_type", f"{entity}.{name}")
    return _page(now, entity, found, record_type_form.form_of(now, entity, found))


def save(entity: str, name: str) -> Response:
    """`POST …/record-types/<name>`."""
    now = desk()
    found = now.document("record_type", f"{entity}.{name}")
    form = record_type_form.sent(now, entity)
    try:
        edits = record_type_form.said_changed(now, entity, found, form)
        if edits:
            now.say(edits)
    except BadInput as wrong:
        return _page(now, entity, found, form, _errors(wrong, form), 422)
    page.notify(_m("Saved in the draft.") if edits else _m("Nothing was changed."))
    return page.go(_path(entity))


def remove(entity: str, name: str) -> Response:
    """`POST …/record-types/<name>/remove`."""
    now = desk()
    key = f"{entity}.{name}"
    found = now.document("record_type", key)
    own = ("record_type", key) not in now.bench.below
    off = [{"op": "change", "path": f"/{flag}", "value": False} for flag in ("default", "active") if found.body.get(flag, flag == "active")]
    try:
        now.say([Said("record_type", key, retire=True) if own else Said("record_type", key, off)])
    except BadInput as wrong:
        page.notify(wrong.problems[0].message if wrong.problems else wrong.title, "danger")
        return page.go(_path(entity, name))
    page.notify(_m("Taken away in the draft.") if own else _m("It is no longer offered."))
    return page.go(_path(entity))


def _page(now: Desk, entity: str, found: Effective | None, form: RecordTypeForm, errors: Errors | None = None, status: int = 200) -> Response:
    name = found.body["name"] if found is not None else ""
    return render(
        "studio/record_type.html",
        now,
        status,
        entity=head_of(now, entity),
        name=name,
        own=found is None or ("record_type", found.name) not in now.bench.below,
        origin=None if found is None else Origins(now).of("record_type", found.name),
        form=form,
        errors=errors or Errors(),
        others=translated.others(now),
        uses=mentions_of(now, f"record_type/{found.name}") if found is not None else [],
        action=_path(entity, name or "new"),
    )


def _errors(wrong: BadInput, form: RecordTypeForm) -> Errors:
    return Errors.of(wrong, (*INPUTS, *(f"choices.{item.field}" for item in form.narrowings)))


def _line(now: Desk, entity: str, item: Effective, origins: Origins) -> TypeLine:
    form = record_type_form.form_of(now, entity, item)
    narrowed = ", ".join(f"{part.label} ({len(part.chosen)})" for part in form.narrowings if part.narrows)
    known = now.model.record_types.get(item.name)
    said = str(item.body.get("label") or label_from_name(item.body["name"]))
    label = shown(known.label, item.name, now.words) if known is not None and known.label.text == said else said
    return TypeLine(item.body["name"], label, form.values["help"], form.flags["default"], form.flags["active"], narrowed, origins.of("record_type", item.name))


def _path(entity: str, name: str = "") -> str:
    return f"/studio/entity/{entity}/record-types/{name}"
