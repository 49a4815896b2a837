"""The conflict page: a form was saved over a newer version. Shows field by field what each side says and lets the person choose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Response
from markupsafe import Markup

from fieldsmith.base.text import _m
from fieldsmith.fields.values import Link
from fieldsmith.query.rows import Record
from fieldsmith.web.cells import cell
from fieldsmith.web.forms import PICKERS, FormPlan, Input, draw, same, texts_of
from fieldsmith.web.page import render
from fieldsmith.web.screens_here import Here
from fieldsmith.web.screens_history import changed_since
from fieldsmith.web.screens_inputs import Texts
from fieldsmith.web.screens_labels import Labels
from fieldsmith.web.screens_record import name_of


@dataclass(frozen=True, slots=True)
class Difference:
    """One field both sides may have changed. `sent` are the texts to post again, `asked` is False where only you changed it."""

    name: str
    label: str
    mine: str
    theirs: Markup
    sent: tuple[tuple[str, str], ...]
    asked: bool


def conflict_page(now: Here, plan: FormPlan, record: Record, version: int | None, texts: Mapping[str, Texts]) -> Response:
    """409: yours against theirs. What only you changed is kept without asking; what only they changed is theirs already."""
    values = record.values
    stored = texts_of(plan, values)
    since = changed_since(now, plan.entity, record.id, version)
    form = draw(plan, {**stored, **texts}, Labels(now, values).of)
    paint = now.paint()
    differences = []
    for item in plan.fields:
        text = texts.get(item.name)
        if text is None or same(text, stored[item.name]):
            continue
        before = None if since is None else since.get(item.name)
        if before is not None and same(text, texts_of(plan, {item.name: before.value})[item.name]):
            continue
        value = values.get(item.name)
        theirs = Markup("–" if value is None else cell(paint, item)(value))
        drawn = next(one for one in form.inputs if one.name == item.name)
        differences.append(Difference(item.name, drawn.label, said(drawn), theirs, _posted(item.name, text), since is None or before is not None))
    path = f"/{plan.entity.name}/{record.id}"
    heading = _m("{name} was changed meanwhile", name=name_of(plan.entity, values, record.id)).render(now.words)
    return render(
        "form_conflict.html",
        status=409,
        entity=plan.entity,
        heading=heading,
        by=by if isinstance(by := values.get("modified_by"), Link) else None,  # a mask names nobody
        action=path + "/edit",
        back=path,
        version=record.version,
        differences=differences,
    )


def said(item: Input) -> str:
    """What an input holds, in words."""
    chosen = [option.label for option in (*item.options, *item.picked) if item.has(option.value)]
    if item.widget in ("select", "multi_select") or item.widget in PICKERS:
        return ", ".join(chosen) or "–"
    parts = [text if isinstance(text, str) else ", ".join(text) for text in item.texts.values()]
    return " ".join(part for part in parts if part) or "–"


def _posted(name: str, texts: Texts) -> tuple[tuple[str, str], ...]:
    out: list[tuple[str, str]] = []
    for part, text in texts.items():
        key = name + ("." + part if part else "")
        out += [(key, text)] if isinstance(text, str) else [(key, ""), *[(key, one) for one in text]]
    return tuple(out)
