"""What a form asks while one types: `POST /{entity}/form`, `POST /{entity}/{id}/form`. Answers as JSON, changes nothing.

`fields` says how fields with rules stand, `outputs` holds computed values as HTML, `values` the texts of inputs that follow by
themselves: those nobody touched, and locked ones; `choices` what can be chosen now, of choices that hang on others.
ui/js/live.js puts them into the page.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from flask import Response, jsonify, request

from fieldsmith.fields.base import Field
from fieldsmith.meta.model import RECORD_TYPE
from fieldsmith.records.live import Draft
from fieldsmith.web.form_options import choice_options
from fieldsmith.web.forms import PICKERS, FormPlan, posted_texts, texts_of, widget_of
from fieldsmith.web.screens_drafts import changed_draft, judged, new_draft, self_filling, settled_texts
from fieldsmith.web.screens_form import plan_of
from fieldsmith.web.screens_here import Here, here
from fieldsmith.web.screens_labels import Labels


def new_form(entity: str) -> Response:
    """`POST /{entity}/form`: a record that is not there yet."""
    now = here()
    found = now.entity(entity)
    now.work.runtime.policy.require(now.actor, "create", entity)
    plan = plan_of(now, found, request.form.get(RECORD_TYPE))
    untouched = self_filling(plan).intersection(request.form.get("form.untouched", "").split())
    return _answer(now, plan, new_draft(now, plan, posted_texts(plan, request.form), untouched), untouched, ())


def edit_form(entity: str, id: int) -> Response:
    """`POST /{entity}/{id}/form`."""
    now = here()
    found = now.entity(entity)
    now.work.runtime.policy.require(now.actor, "update", entity)
    stored = now.work.records.get(now.actor, entity, id)
    plan = plan_of(now, found, stored.values.get(RECORD_TYPE))
    return _answer(now, plan, changed_draft(now, plan, id, posted_texts(plan, request.form), texts_of(plan, stored.values)), (), plan.fixed)


def _answer(now: Here, plan: FormPlan, draft: Draft, untouched: Iterable[str], fixed: Sequence[Field]) -> Response:
    """`fixed` are the fields the form shows as texts."""
    shown = judged(now, plan, draft)
    said = {"fields": _fields(now, (*plan.fields, *plan.computed, *fixed), draft), "values": _values(now, plan, draft, untouched), "parts": _parts(plan, draft)}
    answer = jsonify(outputs=shown.outputs, choices=_choices(plan, draft), **said)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _fields(now: Here, shown: Sequence[Field], draft: Draft) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for item in shown:
        state = draft.states.get(item.name)
        if state is not None:
            note = "" if state.locked_by is None else state.locked_by.render(now.words)
            out[item.name] = {"visible": state.visible, "required": item.required or state.required, "locked": state.locked_by is not None, "note": note}
    return out


def _parts(plan: FormPlan, draft: Draft) -> dict[str, bool]:
    """Which texts of the layout are shown; what becomes of its sections, their fields say."""
    places = (f"components/{item.name}" for item in plan.layout.components if item.visible)
    return {place: place not in draft.hidden for place in places}


def _choices(plan: FormPlan, draft: Draft) -> dict[str, Any]:
    items = [item for item in plan.fields if item.name in draft.offered]
    return {item.name: [{"value": option.value, "text": option.label} for option in choice_options(plan, item, {}, draft.offered[item.name])] for item in items}


def _values(now: Here, plan: FormPlan, draft: Draft, untouched: Iterable[str]) -> dict[str, Any]:
    """Texts by part, and the words for what a picker then holds."""
    labels, items = Labels(now, {}), {item.name: item for item in plan.fields}
    out: dict[str, Any] = {}
    for name, texts in settled_texts(plan, draft, untouched).items():
        if items[name].type in ("file", "image"):
            continue  # a browser lets nobody fill these
        options = labels.of(items[name], texts) if widget_of(plan.model, items[name]) in PICKERS else ()
        out[name] = {"texts": texts, "options": [{"value": option.value, "text": option.label} for option in options]}
    return out
