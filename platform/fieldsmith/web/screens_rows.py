"""Rows of list tables: one compiled renderer per view, revision, language and time zone.

`RowPlan` knows the column heads; its `render` turns raw result rows into `<tr>` text, column by column: values that repeat
(choices, amounts, days, owners) are looked up by their raw form, before anything is decoded, and one template string is filled
per row. No Jinja per row: that costs more than the query. Kept by `screens_list` with `runtime.keep`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import Any

from fieldsmith.base.text import Label, _m
from fieldsmith.fields.computed import shown_as
from fieldsmith.meta.model import Entity
from fieldsmith.query.rows import QueryColumn, Row
from fieldsmith.web.cells import REMEMBERED, RISKY, Paint, cell, safe

_HAS_LINKS = frozenset({"lookup", "polymorphic_lookup", "many_to_many", "email", "phone", "url", "file", "image"})
_PLAIN = frozenset({"text", "auto_number", "external_id"})
_SEPARATOR = "\n"

Strip = Callable[[Sequence[Row]], Sequence[str]]
"""The cells of one column, for all rows."""


@dataclass(frozen=True, slots=True)
class Head:
    """A column head: `path` is what a sort names, `end` says numbers stand at the end of the cell."""

    path: str
    label: str
    end: bool
    sortable: bool


@dataclass(frozen=True, slots=True)
class RowPlan:
    """Heads and the renderer; `width` counts all columns of a row."""

    heads: Sequence[Head]
    render: Callable[[Sequence[Row]], str]
    width: int


def row_plan(paint: Paint, entity: Entity, columns: Sequence[QueryColumn], restorable: bool = False) -> RowPlan:
    """How `columns` of `entity` are shown. `restorable` rows are in the recycle bin: a button instead of a link."""
    heads = [_head(paint, column) for column in columns]
    linked = None if restorable else _linked(entity, columns)
    parts: list[str] = ["<tr>"]
    strips: list[Strip] = []
    if linked is None and not restorable:
        parts.append(f'<td><a href="/{entity.name}/%s">#%s</a></td>')
        strips += [_ids, _ids]
    for at, (column, head) in enumerate(zip(columns, heads, strict=True)):
        opened = f'<td class="num" data-label="{_literal(head.label)}">' if head.end else f'<td data-label="{_literal(head.label)}">'
        if at == linked:
            parts.append(f'{opened}<a class="row-link" href="/{entity.name}/%s">%s</a></td>')
            strips += [_ids, _or_number(_strip(paint, column))]
        else:
            parts.append(opened + "%s</td>")
            strips.append(_strip(paint, column))
    if restorable:
        said = _literal(_m("Restore").render(paint.words))
        parts.append(f'<td class="num"><button class="btn btn-sm" form="restore" formaction="/{entity.name}/%s/restore">{said}</button></td>')
        strips.append(_ids)
    template = "".join([*parts, "</tr>"])

    def render(rows: Sequence[Row]) -> str:
        return "".join([template % cells for cells in zip(*[strip(rows) for strip in strips], strict=True)])

    return RowPlan(heads, render, len(heads) + (linked is None))


def labelled(paint: Paint, entity: Entity, columns: Sequence[QueryColumn]) -> list[QueryColumn]:
    """Columns through lookups, named by the way to them: “Account · Owner”."""
    return [replace(column, label=_way(paint, entity, column)) if "." in column.path else column for column in columns]


def _way(paint: Paint, entity: Entity, column: QueryColumn) -> Label:
    names = column.path.split(".")
    here_now = entity
    words: list[str] = []
    for name in names[:-1]:
        hop = here_now.fields[name]
        words.append(hop.label.render(paint.words))
        here_now = paint.model.entities[hop.options["to"]]
    if column.field.name != here_now.name_field:
        words.append(column.label.render(paint.words))
    return Label(" · ".join(words))


def _literal(text: str) -> str:
    return safe(text).replace("%", "%%")


def _ids(rows: Sequence[Row]) -> Sequence[str]:
    return [str(row[0]) for row in rows]


def _head(paint: Paint, column: QueryColumn) -> Head:
    kind = paint.model.type_of(column.field)
    return Head(column.path, column.label.render(paint.words), kind.align_end, kind.sortable)


def _linked(entity: Entity, columns: Sequence[QueryColumn]) -> int | None:
    """Which column carries the link to the record: its name, else the first that holds no link of its own."""
    paths = [column.path for column in columns]
    if entity.name_field in paths:
        return paths.index(entity.name_field)
    return next((at for at, column in enumerate(columns) if column.field.type not in _HAS_LINKS), None)


def _strip(paint: Paint, column: QueryColumn) -> Strip:
    if shown_as(column.field) in _PLAIN and column.width == 1:
        return _texts(column.start)
    if column.width:
        return _remembered(paint, column)
    read, show = column.read, cell(paint, column.field)
    return lambda rows: ["" if (value := read(row)) is None else show(value) for row in rows]


def _texts(at: int) -> Strip:
    """Plain text: looked through for markup in one go, and escaped only where there is any."""
    pick = itemgetter(at)

    def strip(rows: Sequence[Row]) -> Sequence[str]:
        texts = [pick(row) or "" for row in rows]
        return [safe(text) for text in texts] if RISKY(_SEPARATOR.join(texts)) else texts

    return strip


def _remembered(paint: Paint, column: QueryColumn) -> Strip:
    """HTML by raw value: what was shown before is not decoded again. The memory is bounded and starts anew when full."""
    read, show = column.read, cell(paint, column.field)
    pick: Any = itemgetter(column.start) if column.width == 1 else itemgetter(slice(column.start, column.start + column.width))
    known: dict[Any, str] = {}

    def learn(row: Row) -> str:
        if len(known) >= REMEMBERED:
            known.clear()
        value = read(row)
        known[pick(row)] = html = "" if value is None else show(value)
        return html

    def strip(rows: Sequence[Row]) -> Sequence[str]:
        get = known.get
        return [html if (html := get(pick(row))) is not None else learn(row) for row in rows]

    return strip


def _or_number(strip: Strip) -> Strip:
    """A link must have words: the record's number where its name is blank."""
    return lambda rows: [text or f"#{row[0]}" for text, row in zip(strip(rows), rows, strict=True)]
