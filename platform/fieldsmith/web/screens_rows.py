"""Rows of list tables: one compiled renderer per view, revision, language and time zone.

`RowPlan` knows the column heads; its `render` turns raw result rows into `<tr>` text by calling one closure per column and
filling one template string. No Jinja per row: that costs more than the query. Kept by `screens_list` with `runtime.keep`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fieldsmith.base.text import _m
from fieldsmith.meta.model import Entity
from fieldsmith.query.rows import QueryColumn, Row
from fieldsmith.web.cells import Paint, cell, safe

_HAS_LINKS = frozenset({"lookup", "polymorphic_lookup", "many_to_many", "email", "phone", "url", "file", "image"})


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
    slots: list[Callable[[Row], str]] = []
    if linked is None and not restorable:
        parts.append(f'<td><a href="/{entity.name}/%s">#%s</a></td>')
        slots += [_id, _id]
    for at, (column, head) in enumerate(zip(columns, heads, strict=True)):
        opened = f'<td class="num" data-label="{_literal(head.label)}">' if head.end else f'<td data-label="{_literal(head.label)}">'
        if at == linked:
            parts.append(f'{opened}<a class="row-link" href="/{entity.name}/%s">%s</a></td>')
            slots += [_id, _or_number(_shown(paint, column))]
        else:
            parts.append(opened + "%s</td>")
            slots.append(_shown(paint, column))
    if restorable:
        said = _literal(_m("Restore").render(paint.words))
        parts.append(f'<td class="num"><button class="btn btn-sm" form="restore" formaction="/{entity.name}/%s/restore">{said}</button></td>')
        slots.append(_id)
    template = "".join([*parts, "</tr>"])
    width = len(heads) + (linked is None)
    return RowPlan(heads, lambda rows: "".join([template % tuple([slot(row) for slot in slots]) for row in rows]), width)


def _literal(text: str) -> str:
    return safe(text).replace("%", "%%")


def _id(row: Row) -> str:
    return str(row[0])


def _head(paint: Paint, column: QueryColumn) -> Head:
    kind = paint.model.type_of(column.field)
    return Head(column.path, column.label.render(paint.words), kind.align_end, kind.sortable)


def _linked(entity: Entity, columns: Sequence[QueryColumn]) -> int | None:
    """Which column carries the link to the record: its name, else the first that holds no link of its own."""
    paths = [column.path for column in columns]
    if entity.name_field in paths:
        return paths.index(entity.name_field)
    return next((at for at, column in enumerate(columns) if column.field.type not in _HAS_LINKS), None)


def _shown(paint: Paint, column: QueryColumn) -> Callable[[Row], str]:
    read = column.read
    show = cell(paint, column.field)

    def shown(row: Row) -> str:
        value = read(row)
        return "" if value is None else show(value)

    return shown


def _or_number(shown: Callable[[Row], str]) -> Callable[[Row], str]:
    """A link must have words: the record's number where its name is blank."""
    return lambda row: shown(row) or f"#{row[0]}"
