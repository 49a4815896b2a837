"""Record screens: `/{entity}/{id}`, its path bar, delete and restore. Forms are in `screens_form`, history in `screens_history`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response, request
from markupsafe import Markup

from fieldsmith.access.seen import LABELLED_BY_ID
from fieldsmith.base.errors import BadInput, Conflict, NotFound, VersionMismatch
from fieldsmith.base.text import Message, _m
from fieldsmith.fields.base import Field
from fieldsmith.meta.model import RECORD_TYPE, Entity, Layout
from fieldsmith.query.rows import Record
from fieldsmith.web import current
from fieldsmith.web.kept_shell import mark
from fieldsmith.web.page import go, notify, render, render_kept
from fieldsmith.web.screens_details import DetailPlan, highlights
from fieldsmith.web.screens_here import Here, here, layout_of
from fieldsmith.web.screens_history import history_part
from fieldsmith.web.screens_tabs import Shown, beside, record_main
from fieldsmith.web.screens_types import type_chip


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of the path bar; `state` is done, now or ahead."""

    value: str
    label: str
    state: str


def record_page(entity: str, id: int) -> Response:
    """`GET /{entity}/{id}`; a record in the recycle bin is shown to who may restore it."""
    now = here()
    found = now.entity(entity)
    record, deleted = _read(now, entity, id)
    values = record.values
    layout = layout_of(now.model, found, now.actor, values.get(RECORD_TYPE))
    path = f"/{entity}/{id}"
    rights = now.may("update", entity) and not deleted, now.may("delete", entity), now.work.runtime.policy.is_administrator(now.actor)
    handing = (not deleted and now.work.sharing.may(now.actor, entity), not deleted and now.work.queues.may_take(now.actor, entity, id, values))
    unmask = frozenset(() if deleted or current.visit().viewing else now.work.records.revealing.fields(now.actor, entity, id))
    hidden = now.work.live.hidden(now.actor, entity, id, layout.name)
    holes = {
        "name": name_of(found, values, id),
        "path": path,
        "record_type": type_chip(now, found, values),
        "path_bar": "" if layout.path in hidden else _path_bar(now, found, layout, record, values, rights[0]),
        "highlights": _highlights(now, found, layout, hidden).fill(values, path),
        "main": record_main(now, Shown(found, layout, id, values, hidden, deleted, unmask)),
        "history": history_part(now, found, id, None) if beside(layout) else "",
    }

    def context() -> dict[str, Any]:
        plural = found.plural.render(now.words)
        may = {
            "may_update": rights[0],
            "may_delete": rights[1],
            "may_shape": rights[2],
            "may_share": handing[0],
            "may_take": handing[1],
            "may_reveal": bool(unmask),
        }
        return {"entity": found, "plural": plural, "deleted": deleted, "beside": beside(layout), **may}

    return render_kept("record.html", (entity, deleted, rights, handing, bool(unmask), beside(layout)), holes, context)


def advance(entity: str, id: int) -> Response:
    """`POST /{entity}/{id}/path`: set the stage that was clicked."""
    now = here()
    found = now.entity(entity)
    layout = layout_of(now.model, found, now.actor, now.work.records.get(now.actor, entity, id).values.get(RECORD_TYPE))
    if layout.path is None:
        raise NotFound(_m("{plural} have no path.", plural=found.plural))
    sent = {layout.path: request.form.get("value", "")}
    version = whole_number(request.form.get("version"))
    actor, workspace = now.actor, current.workspace()
    current.end_reading()
    try:
        workspace.write(lambda work: work.records.update(actor, entity, id, sent, version))
    except VersionMismatch:
        notify(_m("Somebody changed this record meanwhile. This is how it stands now; choose the stage again."), "warning")
    except BadInput as wrong:
        for problem in wrong.problems:
            notify(problem.message, "danger")
    return go(f"/{entity}/{id}")


def delete_page(entity: str, id: int) -> Response:
    """`GET /{entity}/{id}/delete`: asks first."""
    now = here()
    found = now.entity(entity)
    now.work.runtime.policy.require(now.actor, "delete", entity)
    return _ask(now, found, id, ())


def delete(entity: str, id: int) -> Response:
    """`POST /{entity}/{id}/delete`: into the recycle bin, then back to the list, which offers to undo."""
    now = here()
    now.entity(entity)
    version = whole_number(request.form.get("version"))
    actor, workspace = now.actor, current.workspace()
    current.end_reading()
    try:
        workspace.write(lambda work: work.records.delete(actor, entity, id, version))
    except VersionMismatch:
        notify(_m("Somebody changed this record meanwhile, so it was not deleted. This is how it stands now."), "warning")
        return go(f"/{entity}/{id}")
    except Conflict as refused:
        again = here()
        return _ask(again, again.entity(entity), id, [refused.title, *(problem.message for problem in refused.problems)], 409)
    return go(f"/{entity}/?undo={id}")


def restore(entity: str, id: int) -> Response:
    """`POST /{entity}/{id}/restore`: out of the recycle bin."""
    now = here()
    now.entity(entity)
    actor, workspace = now.actor, current.workspace()
    current.end_reading()
    workspace.write(lambda work: work.records.restore(actor, entity, id))
    notify(_m("Restored."))
    return go(f"/{entity}/{id}")


def name_of(entity: Entity, values: Mapping[str, Any], id: int) -> str:
    """What a page calls the record: its name, or its number where that is blank."""
    value = values.get(entity.name_field)
    return f"#{id}" if value is None or entity.name_field == LABELLED_BY_ID else str(getattr(value, "full", value))


def whole_number(text: str | None) -> int | None:
    """A version or id a form sent; None for anything that is no whole number."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else None


def _ask(now: Here, entity: Entity, id: int, refusals: Sequence[Message], status: int = 200) -> Response:
    record = now.work.records.get(now.actor, entity.name, id)
    said = list(dict.fromkeys(refusal.render(now.words) for refusal in refusals))
    path, name = f"/{entity.name}/{id}", name_of(entity, record.values, id)
    return render("record_delete.html", status=status, entity=entity, name=name, path=path, version=record.version, refusals=said)


def _read(now: Here, entity: str, id: int) -> tuple[Record, bool]:
    try:
        return now.work.records.get(now.actor, entity, id), False
    except NotFound:
        if not now.may("delete", entity):
            raise
        return now.work.records.get(now.actor, entity, id, deleted=True), True


def _highlights(now: Here, entity: Entity, layout: Layout, hidden: frozenset[str]) -> DetailPlan:
    return now.keep_some(("highlights", entity.name, layout.name, hidden), lambda: highlights(now.paint(), entity, layout, hidden))


def _path_bar(now: Here, entity: Entity, layout: Layout, record: Record, values: Mapping[str, Any], may_update: bool) -> Markup:
    """The stages as buttons; kept per stage. Nothing where the layout has no path."""
    if layout.path is None:
        return Markup("")
    field, stage = entity.fields[layout.path], values.get(layout.path)
    may_update = may_update and not field.read_only
    able = _able(now, entity, field, values)

    def context() -> dict[str, Any]:
        holes = {name: mark(name) for name in ("csrf_token", "path", "version")}
        return {"stages": _stages(now, field, stage, able), "path_label": field.label.render(now.words), "may_update": may_update, **holes}

    kept = now.kept(("path", entity.name, field.name, stage, able, may_update), "record_path.html", context)
    return kept.filled({"csrf_token": current.csrf(), "path": f"/{entity.name}/{record.id}", "version": record.version})


def _able(now: Here, entity: Entity, field: Field, values: Mapping[str, Any]) -> Sequence[str]:
    """The stages the record may go to: active ones that fit its type and what controls them."""
    narrowed = next((item for item in now.work.runtime.shape(entity.name).narrowed if item.field.name == field.name), None)
    return now.model.choices[field.options["choices"]].active if narrowed is None else narrowed.offered(None, values)


def _stages(now: Here, field: Field, at: str | None, able: Sequence[str]) -> Sequence[Stage]:
    """Those `able`, and the record's own where it is none of them."""
    listed = now.model.choices[field.options["choices"]].values
    shown = [value for value in listed.values() if value.name in able or value.name == at]
    place = next((index for index, value in enumerate(shown) if value.name == at), -1)
    states = ["done" if index < place else "now" if index == place else "ahead" for index in range(len(shown))]
    return [Stage(value.name, value.label.render(now.words), state) for value, state in zip(shown, states, strict=True)]
