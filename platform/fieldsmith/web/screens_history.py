"""History on screens: “changed Stage from X to Y”, newest first; and what others changed since a version, for conflicts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from flask import Response, request
from markupsafe import Markup

from fieldsmith.base.text import Message, _m
from fieldsmith.fields.base import Field, Invalid
from fieldsmith.fields.values import Link
from fieldsmith.meta.model import Entity
from fieldsmith.records.history import Event, FieldChange
from fieldsmith.web.cells import Cell, Paint, cell, safe
from fieldsmith.web.page import render
from fieldsmith.web.screens_here import Here, here, piece

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


@dataclass(frozen=True, slots=True)
class Before:
    """The canonical value a field had before others changed it (None when blank)."""

    value: Any


def history_part(now: Here, entity: Entity, id: int, after: str | None, limit: int = FIRST_EVENTS) -> Markup:
    """The timeline of a record the actor has read."""
    page = now.work.records.history(now.actor, entity.name, id, after, limit)
    show = now.keep(("history",), lambda: _Shown(now.paint()))
    when = now.keep(("history when",), lambda: cell(now.paint(), entity.fields["created_at"]))
    entries = [
        {
            "by": event.by,
            "did": _DID[event.operation].render(now.words),
            "at": event.at.isoformat() + "Z",
            "when": Markup(when(event.at)),
            "changes": show.changes(event) if event.operation == "update" else [],
        }
        for event in page.items
    ]
    more = f"/{entity.name}/{id}/history?after={page.next}" if page.next else None
    return piece("record_history.html", entries=entries, more=more)


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
    page = now.work.records.history(now.actor, entity.name, id, None, _SINCE_LIMIT)
    out: dict[str, Before] = {}
    for event in page.items:
        if event.version <= version:
            return out
        for change in event.changes:
            out[change.field.name] = Before(canonical(now.paint(), change.field, change.old))
    return out if page.next is None else None


class _Shown:
    """Sentences of changes for one reader; closures per field are made on first use."""

    def __init__(self, paint: Paint) -> None:
        self._paint = paint
        self._cells: dict[tuple[str, str], Cell] = {}

    def changes(self, event: Event) -> list[Markup]:
        """One line per changed field."""
        return [self._line(change) for change in event.changes]

    def _line(self, change: FieldChange) -> Markup:
        paint = self._paint
        old, new = self._value(change.field, change.old), self._value(change.field, change.new)
        if change.new is None:
            sentence = _m("{field} from {old} to blank", field="\x00", old="\x01")
        elif change.old is None:
            sentence = _m("{field} to {new}", field="\x00", new="\x02")
        else:
            sentence = _m("{field} from {old} to {new}", field="\x00", old="\x01", new="\x02")
        said = safe(sentence.render(paint.words))
        label = f"<strong>{safe(change.field.label.render(paint.words))}</strong>"
        return Markup(said.replace("\x00", label).replace("\x01", old).replace("\x02", new))

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
