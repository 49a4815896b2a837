"""Details of a record page: the layout's template, rendered once per revision and reader, with holes for the values.

`DetailPlan.fill(values)` joins the kept text with one closure call per field. Used by `screens_record`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from fieldsmith.base.text import _m
from fieldsmith.fields.base import Field
from fieldsmith.fields.computed import COMPUTED
from fieldsmith.meta.model import Entity, Layout, Section
from fieldsmith.web.cells import RECORD_PATH, Cell, Paint, cell, safe
from fieldsmith.web.screens_here import piece

_HOLE = "\x00"
_STAMPS = ("created_by", "created_at", "modified_by", "modified_at")
_BLANK = '<span class="faint">–</span>'


@dataclass(frozen=True, slots=True)
class DetailPlan:
    """Text between the holes, and which field fills each hole."""

    texts: Sequence[str]
    holes: Sequence[tuple[str, Cell]]

    def fill(self, values: Mapping[str, Any], path: str) -> Markup:
        """The HTML for one record's canonical values; `path` is the record's address."""
        out = [self.texts[0]]
        for text, (name, show) in zip(self.texts[1:], self.holes, strict=True):
            value = values.get(name)
            out.append(_BLANK if value is None else show(value))
            out.append(text)
        return Markup("".join(out).replace(RECORD_PATH, path))


def highlights(paint: Paint, entity: Entity, layout: Layout, hidden: frozenset[str] = frozenset()) -> DetailPlan:
    """The few values at the top of the page, without the fields that rules hide."""
    fields = _shown(entity, layout.highlights, hidden)
    return _plan(paint, "record_highlights.html", fields, [{"fields": _said(paint, entity, fields)}] if fields else [])


def details(
    paint: Paint,
    entity: Entity,
    listed: Sequence[Section],
    hidden: frozenset[str] = frozenset(),
    stamped: bool = True,
    unmask: frozenset[str] = frozenset(),
) -> DetailPlan:
    """The sections that have something to show, and (`stamped`) who made and changed the record last. Beside the masks of `unmask` stands “Show”."""
    sections = []
    stamped = stamped and all(name in entity.fields for name in _STAMPS)
    shown: list[Field] = []
    for section in listed:
        fields = _shown(entity, section.fields, hidden)
        if fields:
            sections.append({"label": section.label.render(paint.words), "columns": section.columns, "fields": _said(paint, entity, fields)})
            shown += fields
    stamps = [entity.fields[name] for name in (_STAMPS if stamped else ())]
    return _plan(paint, "record_details.html" if stamped else "record_details_further.html", [*shown, *stamps], sections, unmask)


def _shown(entity: Entity, names: Sequence[str], hidden: frozenset[str]) -> list[Field]:
    return [entity.fields[name] for name in names if name in entity.fields and name not in hidden]


def _said(paint: Paint, entity: Entity, fields: Sequence[Field]) -> list[dict[str, Any]]:
    return [{"name": item.name, "label": item.label.render(paint.words), "wide": item.type in _WIDE, "why": _why(paint, entity, item)} for item in fields]


def _why(paint: Paint, entity: Entity, item: Field) -> dict[str, Any] | None:
    """How a computed field gets its value: what it is called, its expression, and the labels of the fields it reads."""
    if item.type not in COMPUTED or not item.options["expression"]:
        return None
    found = paint.model.computed.get(entity.name, {}).get(item.name)
    reads = [entity.fields[name].label.render(paint.words) for name in (found.reads if found is not None else ()) if name in entity.fields]
    return {"kind": paint.model.type_of(item).title.render(paint.words), "expression": item.options["expression"], "reads": reads}


_WIDE = frozenset({"long_text", "rich_text", "json"})


def _plan(paint: Paint, template: str, fields: Sequence[Field], sections: Sequence[Mapping[str, Any]], unmask: frozenset[str] = frozenset()) -> DetailPlan:
    text = piece(template, sections=sections, hole=_HOLE)
    makers: list[tuple[str, Callable[[Any], str]]] = [(item.name, _masked(paint, item) if item.name in unmask else cell(paint, item)) for item in fields]
    return DetailPlan(text.split(_HOLE), makers)


def _masked(paint: Paint, item: Field) -> Cell:
    """A mask with the button that shows what is behind it. It belongs to the form `reveal` of the page."""
    show = cell(paint, item)
    said, told = (safe(message.render(paint.words)) for message in (_m("Show"), _m("Show {field}. It is noted that you did.", field=item.label)))
    button = f'type="submit" form="reveal" class="btn btn-sm" name="field" value="{item.name}" title="{told}" aria-label="{told}"'
    htmx = f'hx-post="{RECORD_PATH}/reveal" hx-target="closest .masked-value" hx-swap="outerHTML"'
    return lambda value: f'<span class="masked-value">{show(value)} <button {button} {htmx}>{said}</button></span>'
