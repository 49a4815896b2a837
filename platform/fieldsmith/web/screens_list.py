"""List screens: `/{entity}/`, its further rows, and the recycle bin.

What depends only on the view and the reader (row renderer, table head) is compiled once and kept; a request runs the query, fills
the renderer and puts the result into the page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from babel.numbers import format_decimal
from flask import Response, request
from markupsafe import Markup

from fieldsmith.base.errors import BadQuery
from fieldsmith.base.problems import Problem
from fieldsmith.base.text import _m
from fieldsmith.meta.model import Entity
from fieldsmith.query.rows import Count, Page, QueryColumn
from fieldsmith.query.run import COUNT_BOUND, Query
from fieldsmith.web.page import part, render, render_kept
from fieldsmith.web.screens_board import board_parts
from fieldsmith.web.screens_filter import bar, chips, view_words
from fieldsmith.web.screens_here import Here, here, piece
from fieldsmith.web.screens_refusals import require_view
from fieldsmith.web.screens_rows import RowPlan, labelled, row_plan
from fieldsmith.web.screens_url import PAGE_SIZE, ListAddress, read_address, views_of

_MORE_ID = "more"
_TABLE_ID = "list-table"
_NOTHING: Mapping[str, Any] = MappingProxyType({"rows": Markup(), "more": None, "head": Markup(), "width": 1, "cards": False})
"""A table without rows."""


def list_page(entity: str) -> Response:
    """`GET /{entity}/`: a whole page, or only further rows when the end of the list asks for them."""
    now = here()
    found = now.entity(entity)
    at = read_address(now.model, found, request.args, now.roles)
    if at.deleted:
        now.work.runtime.policy.require(now.actor, "delete", entity)
    query = Query(entity, _columns(found, at), at.order, PAGE_SIZE, at.after, at.search or None, deleted=at.deleted, filters=at.filters)
    require_view(now, at)
    try:
        if at.board:
            return _board(now, found, at)
        page = now.work.queries.page(now.actor, query)
    except BadQuery as wrong:
        if not any(problem.pointer == "/filter" for problem in wrong.problems):
            raise
        return _faulty(now, found, at, wrong.problems)
    plan = _plan(now, found, at, page.columns)
    rows = Markup(plan.render(page.rows))
    more = at.url(after=page.next) if page.next else None
    if at.after and request.headers.get("HX-Target") == _MORE_ID:
        return part("list_rows.html", rows=rows, more=more, width=plan.width)
    return _whole(now, found, at, query, page, plan, rows, more)


def _board(now: Here, entity: Entity, at: ListAddress) -> Response:
    """The list as a board; where it has no card at all, what a table without rows says."""
    parts = board_parts(now, entity, at)
    context = {**_context(now, entity, at), **_NOTHING, **parts, "count_link": None}
    if request.headers.get("HX-Target") == _TABLE_ID:
        return part("board.html" if parts["cards"] else "list_table.html", **{**context, "oob": True})
    return render("list.html", **context)


def _whole(now: Here, entity: Entity, at: ListAddress, query: Query, page: Page, plan: RowPlan, rows: Markup, more: str | None) -> Response:
    count = _count(now, at, query, page)
    holes: dict[str, Any] = {"rows": rows, "more": more, "count_text": _count_text(now, count)}

    def context() -> dict[str, Any]:
        link = None if count.exact else at.url(exact=True)
        return {**_context(now, entity, at), "cards": False, "count_link": link, "head": _head(now, at, plan), "width": plan.width}

    if request.headers.get("HX-Target") == _TABLE_ID:
        return part("list_table.html", **{**context(), **holes, "oob": True})
    if at.usual and page.rows and more:
        key = (entity.name, at.view.name, at.sort, _rights(now, entity), count.exact, now.unreadable(), now.roles)
        return render_kept("list.html", key, holes, context)
    return render("list.html", **context(), **holes)


def _rights(now: Here, entity: Entity) -> tuple[bool, bool, bool]:
    """May the reader create, delete, change views?"""
    return now.may("create", entity.name), now.may("delete", entity.name), now.work.runtime.policy.is_administrator(now.actor)


def _context(now: Here, entity: Entity, at: ListAddress) -> dict[str, Any]:
    """What the frame of a list shows, whatever its rows are."""
    may_create, may_delete, may_shape = _rights(now, entity)
    bin_of = _m("Recycle bin: {plural}", plural=entity.plural)
    return {
        "oob": False,
        "entity": entity,
        "at": at,
        "heading": bin_of.render(now.words) if at.deleted else at.view.label.render(now.words),
        "views": [(view, view.label.render(now.words)) for view in views_of(now.model, entity, now.roles)],
        "choosable": _choosable(now, entity, at),
        "may_create": may_create,
        "may_delete": may_delete,
        "may_shape": may_shape and f"{entity.name}.{at.view.name}" in now.model.views,
        "chips": chips(now, at) if at.filter else None,
        "view_filter": view_words(now, at) if at.view.filter and not at.deleted else None,
        "faulty": False,
    }


def _faulty(now: Here, entity: Entity, at: ListAddress, problems: Sequence[Problem]) -> Response:
    """The list without rows, and the builder open with what was typed and what is wrong with it."""
    context = _context(now, entity, at)
    nothing = {**_NOTHING, "may_delete": False, "count_text": "", "count_link": None, "faulty": True}
    if request.headers.get("HX-Target") == _TABLE_ID:
        return part("list_table.html", 400, **{**context, **nothing, "oob": True})
    return render("list.html", 400, **{**context, **nothing, "chips": None, **bar(now, entity, at, problems=problems)})


def _choosable(now: Here, entity: Entity, at: ListAddress) -> list[tuple[str, str, bool]]:
    """What the column chooser offers: (path, label, is it shown); the shown ones first, in their order."""
    labels = {name: entity.fields[name].label.render(now.words) for name in now.work.queries.columns_of(now.actor, entity.name)}
    rest = sorted((name for name in labels if name not in at.shown), key=lambda name: labels[name])
    return [(path, labels.get(path, path), True) for path in at.shown] + [(name, labels[name], False) for name in rest]


def _columns(entity: Entity, at: ListAddress) -> tuple[str, ...]:
    return tuple(name for name in (entity.name_field, "deleted_at", "modified_by") if name in entity.fields) if at.deleted else at.shown


def _plan(now: Here, entity: Entity, at: ListAddress, columns: Sequence[QueryColumn]) -> RowPlan:
    def build() -> RowPlan:
        return row_plan(now.paint(), entity, labelled(now.paint(), entity, columns), at.deleted)

    if at.columns:
        return build()
    key = ("rows", entity.name, _columns(entity, at), at.deleted, now.unreadable())
    return now.keep(key, build)


def _head(now: Here, at: ListAddress, plan: RowPlan) -> Markup:
    def build() -> Markup:
        columns = [(head, at.sorted_by(head.path) if head.sortable else None, at.direction(head.path)) for head in plan.heads]
        first = plan.width > len(plan.heads) and not at.deleted
        return piece("list_head.html", columns=columns, extra_first=first, extra_last=at.deleted)

    if not at.usual:
        return build()
    return now.keep(("head", at.entity, at.view.name, at.sort, at.deleted, now.unreadable()), build)


def _count(now: Here, at: ListAddress, query: Query, page: Page) -> Count:
    """All rows of the list; a first page that holds them all needs no counting, nor one that knows."""
    if page.next is None and at.after is None:
        return Count(len(page.rows), True)
    if page.total is not None:
        return Count(page.total, True)
    return now.work.queries.count(now.actor, query, None if at.exact else COUNT_BOUND)


def _count_text(now: Here, count: Count) -> str:
    number = format_decimal(count.value, locale=now.actor.language)
    return number if count.exact else _m("{number}+", number=number).render(now.words)
