"""`…/layouts/<layout>/preview`: the layout as record page or form, as wide as a desk or a phone, with a real record where there is one.

The draft's layout over published data: a field that is only in the draft is blank. Shown in a frame of its own, since width decides
about columns; nothing in it can be sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask, Response, request
from markupsafe import Markup

from fieldsmith.base.text import Label
from fieldsmith.fields.base import Field, Reader
from fieldsmith.meta.model import RECORD_TYPE, Entity, Layout
from fieldsmith.query.run import Query
from fieldsmith.web import current, page
from fieldsmith.web.cells import Paint
from fieldsmith.web.content_policy import FRAMED, FRAMING
from fieldsmith.web.forms import draw, form_plan, texts_of
from fieldsmith.web.screens_details import details, highlights
from fieldsmith.web.screens_drafts import Follow
from fieldsmith.web.screens_here import piece
from fieldsmith.web.screens_record import Stage, name_of
from fieldsmith.web.screens_rows import Head
from fieldsmith.web.screens_tabs import beside
from fieldsmith.web.studio.desk import Desk, desk, render
from fieldsmith.web.studio.entity_head import head_of
from fieldsmith.web.studio.layout_canvas import DEFAULT, arrangement_of, entity_of, heads_of, layout_label

_WIDTHS = ("wide", "phone")
_KINDS = ("record", "form")


def register(app: Flask) -> None:
    base = "/studio/entity/<entity>/layouts/<layout>/"
    app.add_url_rule(f"{base}preview", "studio_layout_preview", preview)
    app.add_url_rule(f"{base}frame", "studio_layout_frame", frame)


def preview(entity: str, layout: str) -> Response:
    """`GET …/preview?as=form&width=phone`."""
    now = desk()
    found = arrangement_of(now, entity, layout)
    shown, width = _asked("as", _KINDS), _asked("width", _WIDTHS)
    action = f"/studio/entity/{entity}/layouts/{layout}"
    label = layout_label(now, found.body)
    answer = render("studio/layout_preview.html", now, entity=head_of(now, entity), action=action, label=label, shown=shown, width=width)
    answer.headers["Content-Security-Policy"] = FRAMING
    return answer


def frame(entity: str, layout: str) -> Response:
    """`GET …/frame?as=form`: what stands in the frame."""
    now = desk()
    arrangement_of(now, entity, layout)
    built = now.model.layouts.get(f"{entity}.{layout}") or now.model.layouts[f"{entity}.{DEFAULT}"]
    about = entity_of(now, entity)
    id, version, values = _sample(now, about, built)
    make = _form if _asked("as", _KINDS) == "form" else _record
    answer = make(now, about, built, id, version, values)
    answer.headers["Content-Security-Policy"], answer.headers["X-Frame-Options"] = FRAMED, "SAMEORIGIN"
    return answer


def _asked(name: str, known: tuple[str, ...]) -> str:
    given = request.args.get(name, "")
    return given if given in known else known[0]


def _sample(now: Desk, entity: Entity, layout: Layout) -> tuple[int, int, Mapping[str, Any]]:
    """The newest record the layout is for, as far as it is published; nothing where there is none."""
    work = current.work()
    if entity.name not in work.model.entities:
        return 0, 1, {}
    listed = work.queries.page(now.actor, Query(entity.name, ("id",), ("-id",), 20)).rows
    for row in listed:
        record = work.records.get(now.actor, entity.name, row[0])
        if not layout.record_types or record.values.get(RECORD_TYPE) in layout.record_types:
            return record.id, record.version, record.values
    return 0, 1, {}


def _reader(now: Desk) -> Reader:
    return Reader(now.actor.language, now.actor.language, now.actor.timezone, now.words.gettext)


def _record(now: Desk, entity: Entity, layout: Layout, id: int, version: int, values: Mapping[str, Any]) -> Response:
    paint = Paint(now.model, current.work().runtime.scope, _reader(now), now.words, True)
    named: list[str | None] = [tab.name for tab in layout.tabs] or [None]
    panels = {name or "": _panel(now, paint, entity, layout, name, values) for name in named}
    labels = {tab.name: tab.label.render(now.words) for tab in layout.tabs}
    main = panels.get("", Markup(""))
    if layout.tabs:
        tabs = [{"name": name, "label": labels[name], "now": at == 0, "panel": panels[name]} for at, name in enumerate(labels)]
        main = piece("record_tabs.html", tabs=tabs)
    return page.render(
        "record.html",
        layout="studio/layout_frame.html",
        entity=entity,
        plural=entity.plural.render(now.words),
        deleted=False,
        may_update=True,
        may_delete=False,
        may_shape=False,
        may_share=False,
        may_take=False,
        may_reveal=False,
        beside=beside(layout),
        name=name_of(entity, values, id) if values else entity.label.render(now.words),
        path="#",
        record_type="",
        path_bar=_path_bar(now, entity, layout, version, values),
        highlights=highlights(paint, entity, layout).fill(values, "#"),
        main=main,
        history=Markup(""),
    )


def _path_bar(now: Desk, entity: Entity, layout: Layout, version: int, values: Mapping[str, Any]) -> Markup:
    """The stages, at the one the record is in."""
    field = entity.fields.get(layout.path or "")
    listed = now.model.choices.get(field.options.get("choices", "")) if field is not None else None
    if field is None or listed is None:
        return Markup("")
    at = listed.active.index(values[field.name]) if values.get(field.name) in listed.active else -1
    states = ["done" if place < at else "now" if place == at else "ahead" for place in range(len(listed.active))]
    stages = [Stage(name, listed.values[name].label.render(now.words), state) for name, state in zip(listed.active, states, strict=True)]
    label = field.label.render(now.words)
    return piece("record_path.html", stages=stages, path_label=label, may_update=False, csrf_token="", path="#", version=version)


def _panel(now: Desk, paint: Paint, entity: Entity, layout: Layout, tab: str | None, values: Mapping[str, Any]) -> Markup:
    """As `web.screens_tabs` arranges it; related lists show their columns only."""
    first = tab is None or tab == layout.tabs[0].name

    def here(items: Any) -> list[Any]:
        return [item for item in items if tab is None or item.tab == tab or (item.tab is None and first)]

    def say(label: Label | None) -> str:
        return label.render(now.words) if label is not None else ""

    texts = [item for item in here(layout.components) if item.component == "text"]
    out = [piece("record_text.html", name=item.name, label=say(item.label), text=say(item.text)) for item in texts]
    filled = details(paint, entity, here(layout.sections), frozenset(), first).fill(values, "#")
    out.append(Markup('<div class="card"><div class="card-body">{}</div></div>').format(filled) if here(layout.sections) else Markup(""))
    for item in here(layout.related):
        columns = [(Head("", label, False, False), None, None) for label in heads_of(now, item.entity, item.columns)]
        head = piece("list_head.html", columns=columns, extra_first=False, extra_last=False)
        out.append(piece("record_related_list.html", name=item.name, label=say(item.label), head=head, new="#", all="", count="", rows=""))
    return Markup("").join(out)


def _form(now: Desk, entity: Entity, layout: Layout, id: int, version: int, values: Mapping[str, Any]) -> Response:
    plan = form_plan(now.model, layout, current.work().runtime.scope, _reader(now), now.words, ())

    def nothing(field: Field, texts: Any) -> list[Any]:
        return []

    form = draw(plan, texts_of(plan, values), nothing)
    heading = name_of(entity, values, id) if values else entity.label.render(now.words)
    return page.render(
        "form.html", layout="studio/layout_frame.html", entity=entity, form=form, heading=heading, action="#", back="#", version=version, follow=Follow()
    )
