"""Boards: the records of a list as cards, one column per value of a choice field. `GET /{entity}/` shows one where the view or
the address says so, `GET /{entity}/cards` gives further cards of a column.

Counts and sums of all columns come from one statement; the cards of each column from a short one that stops after `PAGE_SIZE`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from babel.numbers import format_decimal
from flask import Response, request
from markupsafe import Markup

from fieldsmith.base.errors import BadQuery
from fieldsmith.base.problems import Problem
from fieldsmith.base.text import _m
from fieldsmith.fields.values import Money
from fieldsmith.meta.model import ChoiceValue, Entity
from fieldsmith.query.board import Total
from fieldsmith.query.rows import Page, QueryColumn, Row
from fieldsmith.query.run import Query
from fieldsmith.web.cells import TINTS, Paint, cell, safe
from fieldsmith.web.page import icon, part
from fieldsmith.web.screens_here import Here, here
from fieldsmith.web.screens_refusals import require_view
from fieldsmith.web.screens_rows import labelled
from fieldsmith.web.screens_url import PAGE_SIZE, ListAddress, read_address

Draw = Callable[[Sequence[Row], str, str], str]
"""(rows, value of their column, what to add to their addresses) → the cards."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column as the template draws it. `value` "" is the one of blank records; into a `closed` one nothing is moved."""

    value: str
    label: str
    tint: str
    count: str
    total: str
    closed: bool
    cards: str = ""
    more: str | None = None
    all: str = ""


def board_parts(now: Here, entity: Entity, at: ListAddress) -> dict[str, Any]:
    """What `board.html` needs. `cards` is whether there are any."""
    totals = now.work.queries.totals(now.actor, card_query(entity, at), at.group, at.view.sum or None)
    columns = []
    for column in columns_of(now, entity, at, totals):
        page = _page(now, entity, at, column.value) if totals.get(column.value or None) else None
        more = None if page is None or page.next is None else _more(at, column.value, page.next)
        cards = Markup("") if page is None else draw_cards(now, entity, at, page, column.value)
        columns.append(replace(column, cards=cards, more=more, all=at.url(show="table", filter=_narrowed(at, column.value))))
    return {
        "cards": bool(totals),
        "board_columns": columns,
        "group_label": entity.fields[at.group].label.render(now.words),
        "movable": movable(now, entity, at),
        "count_text": count_text(now, sum(total.count for total in totals.values())),
    }


def cards_page(entity: str) -> Response:
    """`GET /{entity}/cards?…&column=won&after=…`: the next cards of one column, for htmx."""
    now = here()
    found = now.entity(entity)
    at = read_address(now.model, found, request.args, now.roles)
    if not at.group:
        raise BadQuery([Problem("not_allowed", _m("{plural} have no pick list to make columns of.", plural=found.plural), "/show")])
    require_view(now, replace(at, show="board"))
    value = request.args.get("column", "")
    if value and value not in now.model.choices[found.fields[at.group].options["choices"]].values:
        raise BadQuery([Problem("unknown_choice", _m("The board has no column “{value}”.", value=value[:100]), "/column")])
    page = _page(now, found, at, value)
    more = None if page.next is None else _more(at, value, page.next)
    column = {"value": value, "more": more, "all": at.url(show="table", filter=_narrowed(at, value))}
    return part("board_cards.html", cards=draw_cards(now, found, at, page, value), column=column)


def columns_of(now: Here, entity: Entity, at: ListAddress, totals: Mapping[str | None, Total], kept: Sequence[str] = ()) -> list[Column]:
    """Blank first where there is any, the values of the pick list in their order, those no longer in use while records hold them.

    `kept` are columns a board in a browser still shows, whatever became of their records.
    """
    field = entity.fields[at.group]
    values = list(now.model.choices[field.options["choices"]].values.values())
    shown = [*(value for value in values if value.active), *(value for value in values if not value.active and (value.name in totals or value.name in kept))]
    show_sum = _summed(now, entity, at)

    def column(value: ChoiceValue | None) -> Column:
        name = "" if value is None else value.name
        total = totals.get(name or None, Total(0))
        label = _m("None") if value is None else value.label
        tint = value.colour if value is not None and value.colour in TINTS else "grey"
        return Column(name, label.render(now.words), tint, count_text(now, total.count), show_sum(total.sum), value is not None and not value.active)

    blank = [column(None)] if None in totals or "" in kept else []
    return blank + [column(value) for value in shown]


def card_query(entity: Entity, at: ListAddress) -> Query:
    """The records of the board. Within a column its own value sorts nothing."""
    lines = [path for path in at.shown if path not in (entity.name_field, at.group)]
    order = tuple(path for path in at.order if path.removeprefix("-") != at.group)
    return Query(at.entity, (entity.name_field, *lines), order, PAGE_SIZE, None, at.search or None, filters=at.filters)


def draw_cards(now: Here, entity: Entity, at: ListAddress, page: Page, value: str) -> Markup:
    may = movable(now, entity, at)
    key = ("cards", entity.name, tuple(column.path for column in page.columns), may, now.unreadable())
    draw: Draw = now.keep_some(key, lambda: _drawer(now.paint(), entity, labelled(now.paint(), entity, page.columns), may))
    return Markup(draw(page.rows, value, safe(at.url().partition("?")[2])))


def movable(now: Here, entity: Entity, at: ListAddress) -> bool:
    """May the reader change the field the board groups by?"""
    return now.may("update", entity.name) and not entity.fields[at.group].read_only


def count_text(now: Here, count: int) -> str:
    return str(format_decimal(count, locale=now.actor.language))


def _page(now: Here, entity: Entity, at: ListAddress, value: str) -> Page:
    query = replace(card_query(entity, at), after=at.after, holding=(at.group, value or None))
    return now.work.queries.page(now.actor, query)


def _more(at: ListAddress, value: str, after: str) -> str:
    address = at.beside("cards", after=after)
    return f"{address}&column={value}"


def _narrowed(at: ListAddress, value: str) -> str:
    """The filter of the list with only the records of one column."""
    held = f'{at.group} = "{value}"' if value else f"ISBLANK({at.group})"
    return f"({at.filter}) and {held}" if at.filter else held


def _summed(now: Here, entity: Entity, at: ListAddress) -> Callable[[Decimal | int | None], str]:
    """How the sum of a column is written: amounts of money in company currency."""
    if not at.view.sum:
        return lambda value: ""
    field, home = entity.fields[at.view.sum], now.model.company.currency
    show: Callable[[Any], str] = now.model.type_of(field).displayer(field, now.work.runtime.scope, now.reader())
    return lambda value: "" if value is None else show(Money(Decimal(value), home, Decimal(value)) if field.type == "currency" else value)


def _drawer(paint: Paint, entity: Entity, columns: Sequence[QueryColumn], may_move: bool) -> Draw:
    name, *lines = columns
    shown = [(safe(column.label.render(paint.words)), column.read, cell(paint, column.field)) for column in lines]
    tools = _tools(paint, entity) if may_move else None
    path = f"/{entity.name}/"

    def draw(rows: Sequence[Row], value: str, query: str) -> str:
        return "".join([card(row, value, query) for row in rows])

    def card(row: Row, value: str, query: str) -> str:
        id, said = row[0], name.read(row)
        label = f"#{id}" if said is None else safe(str(getattr(said, "full", said)))
        parts = [f'<li class="board-card" id="card-{id}" data-item="{id}" data-version="{row[1]}" data-column="{value}" data-label="{label}">']
        parts.append(f'<div class="board-card-head"><a class="row-link" href="{path}{id}">{label}</a>')
        if tools is not None:
            parts.append(tools.replace("\x00id", str(id)).replace("\x00query", query).replace("\x00label", label))
        parts.append("</div>")
        told = [f"<div><dt>{title}</dt><dd>{show(found)}</dd></div>" for title, read, show in shown if (found := read(row)) is not None]
        if told:
            parts.append(f"<dl>{''.join(told)}</dl>")
        return "".join([*parts, "</li>"])

    return draw


def _tools(paint: Paint, entity: Entity) -> str:
    """The way to another column without dragging, and the handle; with places for id, query and label."""
    said = safe(_m("Move {record}", record="\x00label").render(paint.words))
    link = f'<a class="board-move" href="/{entity.name}/\x00id/move?\x00query" aria-label="{said}" rel="nofollow">{icon("switch-horizontal", "icon-sm")}</a>'
    grip = f'<button type="button" class="sort-handle" data-handle aria-label="{said}">{icon("grip-vertical", "icon-sm")}</button>'
    return link + grip
