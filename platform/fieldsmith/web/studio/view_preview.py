"""The first rows of a view that is being edited, over the published records; says so where these cannot tell yet."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from fieldsmith.base.errors import BadQuery, FieldsmithError
from fieldsmith.base.text import Message, _m
from fieldsmith.fields.computed import shown_as
from fieldsmith.meta.model import SUMMED, Entity, View
from fieldsmith.query.run import Query
from fieldsmith.web.screens_board import Column, card_query, columns_of
from fieldsmith.web.screens_here import Here, here
from fieldsmith.web.screens_rows import labelled, row_plan
from fieldsmith.web.screens_url import ListAddress
from fieldsmith.web.studio.view_form import ViewForm

_ROWS = 5


def preview_of(entity: str, form: ViewForm) -> dict[str, Any]:
    """What `views_preview.html` needs."""
    return {"preview_address": f"/studio/entity/{entity}/views/preview", **_read(entity, form)}


def _read(entity: str, form: ViewForm) -> dict[str, Any]:
    now = here()
    found = now.model.entities.get(entity)
    if found is None:
        return _none(_m("Records can be shown here once the entity is published."))
    if not form.columns:
        return _none(_m("Choose columns to see how the view looks."))
    try:
        query = Query(entity, form.columns, form.sort, _ROWS, filters=(form.filter,) if form.filter else ())
        read = now.work.queries.page(now.actor, query)
        total = now.work.queries.count(now.actor, query)
        columns = _columns(now, found, form)
    except BadQuery as wrong:
        if any(problem.pointer == "/filter" for problem in wrong.problems):
            return _none(_m("Put the filter right to see the records."))
        return _none(_m("The view uses fields that are not published yet, so its records cannot be shown here."))
    except FieldsmithError as wrong:
        return _none(wrong.title)
    plan = row_plan(now.paint(), found, labelled(now.paint(), found, read.columns))
    return {
        "preview_rows": Markup(plan.render(read.rows)),
        "preview_heads": [(head.label, head.end) for head in plan.heads],
        "preview_wide": plan.width > len(plan.heads),
        "preview_columns": columns,
        "preview_count": total,
        "preview_said": None,
    }


def _columns(now: Here, entity: Entity, form: ViewForm) -> list[Column]:
    """Of a board: what each would hold."""
    group, summed = entity.fields.get(form.group), entity.fields.get(form.sum)
    if form.show != "board" or group is None or group.type != "choice":
        return []
    known = summed is not None and shown_as(summed) in SUMMED
    view = View("preview", entity.name, entity.plural, form.columns, form.sort, False, form.filter, "board", form.group, form.sum if known else "")
    at = ListAddress(entity.name, view, group=form.group)
    return columns_of(now, entity, at, now.work.queries.totals(now.actor, card_query(entity, at), at.group, view.sum or None))


def _none(said: Message) -> dict[str, Any]:
    return {"preview_rows": Markup(""), "preview_heads": (), "preview_wide": False, "preview_columns": (), "preview_count": None, "preview_said": said}
