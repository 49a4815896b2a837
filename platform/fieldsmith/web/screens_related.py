"""Related lists: the first rows on the record page and the page with all of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response, request
from markupsafe import Markup

from fieldsmith.base.errors import NotFound
from fieldsmith.base.text import _m
from fieldsmith.meta.model import RECORD_TYPE, Entity, Layout, RelatedList
from fieldsmith.query.rows import Page
from fieldsmith.query.run import Query
from fieldsmith.web.kept_shell import mark
from fieldsmith.web.page import part, render
from fieldsmith.web.screens_here import Here, here, layout_of, piece
from fieldsmith.web.screens_rows import RowPlan, labelled, row_plan
from fieldsmith.web.screens_url import PAGE_SIZE

FIRST_ROWS = 10


def related_lists(now: Here, entity: Entity, layout: Layout, id: int, items: Sequence[RelatedList]) -> Markup:
    """Some of the layout's related lists of one record, those of entities the actor may not read left out."""
    return Markup("".join([_first(now, entity, layout, item, id) for item in items if item.entity not in now.unreadable()]))


def related_page(entity: str, id: int, name: str) -> Response:
    """`GET /{entity}/{id}/related/{name}`: all rows of one related list."""
    now = here()
    found = now.entity(entity)
    record = now.work.records.get(now.actor, entity, id)
    layout = layout_of(now.model, found, now.actor, record.values.get(RECORD_TYPE))
    item = next((item for item in layout.related if item.name == name and item.entity not in now.unreadable()), None)
    if item is None:
        raise NotFound(_m("{entity} has no related list “{name}”.", entity=found.label, name=name[:100]))
    page = _page(now, found, item, id, PAGE_SIZE, request.args.get("after") or None)
    plan = _plan(now, item, page)
    here_path = f"/{entity}/{id}"
    more = f"{here_path}/related/{name}?after={page.next}" if page.next else None
    rows = Markup(plan.render(page.rows))
    if request.args.get("after") and request.headers.get("HX-Target") == "more":
        return part("list_rows.html", rows=rows, more=more, width=plan.width)
    value = record.values.get(found.name_field)
    return render(
        "record_related.html",
        entity=now.model.entities[item.entity],
        heading=item.label.render(now.words),
        name=str(getattr(value, "full", value) or f"#{id}"),
        path=here_path,
        rows=rows,
        more=more,
        width=plan.width,
        head=_head(now, item, plan),
        new=_new(now, found, item, id),
    )


def _first(now: Here, entity: Entity, layout: Layout, item: RelatedList, id: int) -> Markup:
    page = _page(now, entity, item, id, FIRST_ROWS, None)
    plan = _plan(now, item, page)
    new, more = _new(now, entity, item, id), page.next is not None

    def context() -> dict[str, Any]:
        links = {"new": new and mark("new"), "all": more and mark("all")}
        filled = {"count": mark("count"), "rows": page.rows and mark("rows")}
        return {"name": item.name, "label": item.label.render(now.words), "head": _head(now, item, plan), **links, **filled}

    key = ("related list", entity.name, layout.name, item.name, bool(new), more, bool(page.rows), now.unreadable())
    rows = Markup(plan.render(page.rows))
    count = f"{len(page.rows)}+" if more else str(len(page.rows) or "")
    values: dict[str, Any] = {"new": new, "all": f"/{entity.name}/{id}/related/{item.name}", "rows": rows, "count": count}
    return now.kept(key, "record_related_list.html", context).filled(values)


def _page(now: Here, entity: Entity, item: RelatedList, id: int, limit: int, after: str | None) -> Page:
    target = now.model.entities[item.entity]
    polymorphic = target.fields[item.field].type == "polymorphic_lookup"
    parent = (item.field, id, entity.name) if polymorphic else (item.field, id)
    return now.work.queries.page(now.actor, Query(item.entity, item.columns or (target.name_field,), item.sort, limit, after, parent=parent))


def _plan(now: Here, item: RelatedList, page: Page) -> RowPlan:
    target = now.model.entities[item.entity]
    key = ("related", item.entity, item.columns, now.unreadable())
    return now.keep(key, lambda: row_plan(now.paint(), target, labelled(now.paint(), target, page.columns)))


def _head(now: Here, item: RelatedList, plan: RowPlan) -> Markup:
    def build() -> Markup:
        columns = [(head, None, None) for head in plan.heads]
        return piece("list_head.html", columns=columns, extra_first=plan.width > len(plan.heads), extra_last=False)

    return now.keep(("related head", item.entity, item.columns, now.unreadable()), build)


def _new(now: Here, entity: Entity, item: RelatedList, id: int) -> str | None:
    """The address of a form for a further row, its lookup filled in."""
    if not now.may("create", item.entity):
        return None
    field = now.model.entities[item.entity].fields[item.field]
    value = f"{entity.name}:{id}" if field.type == "polymorphic_lookup" else str(id)
    return f"/{item.entity}/new?{item.field}={value}"
