"""History on screens: “changed Stage from X to Y”, newest first; and what others changed since a version, for conflicts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from flask import Response, request
from markupsafe import Markup, escape

from fieldsmith.base.errors import Forbidden
from fieldsmith.base.text import Message, _m
from fieldsmith.fields.base import Field, Invalid
from fieldsmith.fields.values import Link
from fieldsmith.meta.model import Entity
from fieldsmith.meta.system_fields import system_fields
from fieldsmith.records.history import Event, FieldChange
from fieldsmith.web.cells import Cell, Paint, cell, safe
from fieldsmith.web.kept_shell import mark
from fieldsmith.web.page import render
from fieldsmith.web.screens_here import Here, here

FIRST_EVENTS = 10
PAGE_EVENTS = 50
_SINCE_LIMIT = 50
_DID: Mapping[str, Message] = MappingProxyType(
    {
        "create": _m("created the record"),
        "update": _m("made changes"),
        "delete": _m("moved it to the recycle bin"),
        "restore": _m("restored it"),
    }
)
_DOORS: Mapping[str, Message] = MappingProxyType(
    {"api": _m("by the API"), "cli": _m("on the command line"), "import": _m("by an import"), "system": _m("by the system")}
)


@dataclass(frozen=True, slots=True)
class Before:
    """The canonical value a field had before others changed it (None when blank)."""

    value: Any


def history_part(now: Here, entity: Entity, id: int, after: str | None, limit: int = FIRST_EVENTS) -> Markup:
    """The timeline of a record the actor has read; a sentence where the actor may not see it."""
    try:
        page = now.work.records.history(now.actor, entity.name, id, after, limit)
    except Forbidden as refused:
        return Markup('<p class="muted">{}</p>').format(refused.title.render(now.words))
    show = now.keep(("history",), lambda: _Shown(now.paint()))
    frame = now.kept(("history frame", page.next is not None), "record_history.html", lambda: {"items": mark("items"), "more": page.next and mark("more")})
    items = Markup("".join([show.item(event) for event in page.items]))
    return frame.filled({"items": items, "more": f"/{entity.name}/{id}/history?after={page.next}"})


def history_page(entity: str, id: int) -> Response:
    """`GET /{entity}/{id}/history`: further history, as a page of its own without scripts."""
    now = here()
    found = now.entity(entity)
    record = now.work.records.get(now.actor, entity, id)
    timeline = history_part(now, found, id, request.args.get("after") or None, PAGE_EVENTS)
    value = record.values.get(found.name_field)
    name = str(getattr(value, "full", value) or f"#{id}")
    return render("record_history_page.html", entity=found, name=name, path=f"/{entity}/{id}", timeline=timeline)


def changed_since(now: Here, entity: Entity, id: int, version: int | None) -> Mapping[str, Before] | None:
    """The fields others changed after `version`, with what they held at that version; None when that cannot be told."""
    if version is None:
        return None
    try:
        page = now.work.records.history(now.actor, entity.name, id, None, _SINCE_LIMIT)
    except Forbidden:
        return None
    out: dict[str, Before] = {}
    for event in page.items:
        if event.version <= version:
            return out
        for change in event.changes:
            out[change.field.name] = Before(canonical(now.paint(), change.field, change.old))
    return out if page.next is None else None


class _Shown:
    """Events and their sentences for one reader; closures per field are made on first use."""

    def __init__(self, paint: Paint) -> None:
        self._paint = paint
        self._when = cell(paint, system_fields("")["created_at"])
        self._did = {operation: did.render(paint.words) for operation, did in _DID.items()}
        self._cells: dict[tuple[str, str], Cell] = {}

    def item(self, event: Event) -> str:
        """One save as a list item."""
        lines = [f"<li>{self._line(change)}</li>" for change in event.changes] if event.operation == "update" else []
        changes = f"<ul>{''.join(lines)}</ul>" if lines else ""
        moment = event.at.isoformat(timespec="microseconds")
        time = f'<time class="muted" datetime="{moment}Z" title="{moment.replace("T", " ")} UTC · #{event.seq}">{self._when(event.at)}</time>'
        return f"<li><p><strong>{safe(event.by)}</strong> <span>{safe(self._did[event.operation])}</span> {time}{self._how(event)}</p>{changes}</li>"

    def _how(self, event: Event) -> str:
        """By what door, and who really acted, where that is not the person at a screen."""
        said = []
        if event.run:
            said.append(_m("by the import of {file}", file=event.run))
        elif event.via in _DOORS:
            said.append(_DOORS[event.via])
        if event.on_behalf:
            said.append(_m("{name} acted in their place", name=event.on_behalf))
        return f' <span class="muted small">{safe(" · ".join(item.render(self._paint.words) for item in said))}</span>' if said else ""

    def _line(self, change: FieldChange) -> Markup:
        paint = self._paint
        old, new = self._value(change.field, change.old), self._value(change.field, change.new)
        said = {"field": Markup("<strong>{}</strong>").format(change.field.label.render(paint.words)), "old": Markup(old), "new": Markup(new)}
        if change.new is None:
            sentence = _m("{field} from {old} to blank", field=said["field"], old=said["old"])
        elif change.old is None:
            sentence = _m("{field} to {new}", field=said["field"], new=said["new"])
        else:
            sentence = _m("{field} from {old} to {new}", field=said["field"], old=said["old"], new=said["new"])
        return escape(paint.words.gettext(sentence.id)).format(**sentence.params)

    def _value(self, item: Field, raw: Any) -> str:
        value = canonical(self._paint, item, raw)
        if value is None:
            return ""
        show = self._cells.get((item.entity, item.name))
        if show is None:
            show = self._cells[item.entity, item.name] = cell(self._paint, item)
        return show(value)


def canonical(paint: Paint, item: Field, raw: Any) -> Any:
    """A JSON value of history → the canonical value cells and inputs show; None when it can no longer be read."""
    if raw is None:
        return None
    special = _SPECIAL.get(item.type)
    if special is not None:
        return special(raw)
    try:
        return paint.model.type_of(item).coercer(item, paint.scope)(raw)
    except Invalid:
        return None


def _link(raw: Any) -> Link:
    return Link(raw["id"], raw["label"])


_SPECIAL: Mapping[str, Callable[[Any], Any]] = MappingProxyType(
    {
        "lookup": _link,
        "many_to_many": lambda raw: tuple(_link(item) for item in raw),
        "polymorphic_lookup": lambda raw: Link(raw["id"], raw["label"], raw["entity"]),
    }
)
