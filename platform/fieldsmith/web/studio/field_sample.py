"""A field as a form draws it, before it exists: the live preview of the wizard, and the input for its default."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from markupsafe import Markup, escape

from fieldsmith.base.errors import BadInput
from fieldsmith.base.problems import Problem
from fieldsmith.base.text import Label
from fieldsmith.fields.base import Field, Invalid, Json
from fieldsmith.fields.computed import RETURNS
from fieldsmith.meta.labels import label_from_name
from fieldsmith.meta.members import COMMON_KEYS
from fieldsmith.meta.model import Entity, Layout, Section
from fieldsmith.meta.scope import scope_of
from fieldsmith.web import current
from fieldsmith.web.form_options import Option
from fieldsmith.web.forms import FormPlan, Input, Output, Posted, draw, posted_texts, read, widget_of
from fieldsmith.web.screens_here import here
from fieldsmith.web.screens_inputs import Texts, codec
from fieldsmith.web.screens_labels import countries
from fieldsmith.web.studio.desk import Desk
from fieldsmith.web.studio.field_options import has_default, is_computed
from fieldsmith.web.studio.field_types import types

DEFAULT = "default"
_SAMPLE = "sample"


def sample(now: Desk, entity: str, body: Mapping[str, Any], values: Sequence[str]) -> Input | Output | None:
    """The field as its form will show it, with its default in it; `values` are those of a pick list about to be made. None without a known type."""
    kind = types().get(str(body.get("type")))
    if kind is None:
        return None
    label = str(body.get("label") or label_from_name(str(body.get("name", ""))) or kind.title.render(now.words))
    said = str(body.get("help", ""))
    if is_computed(kind):
        returned = RETURNS.get(str(body.get("returns")))
        shown = Markup("<em>{}</em>").format(escape((returned or type(kind)).title.render(now.words)))
        return Output(_SAMPLE, label, said, shown, returned().align_end if returned is not None else False)
    item = _field(entity, {**body, "label": label}, _SAMPLE)
    plan = _plan(now, entity, item)
    drawn = draw(plan, {_SAMPLE: _texts(plan, item)}, lambda *_: ()).sections[0].items[0]
    assert isinstance(drawn, Input)
    drawn = replace(drawn, focus=False, required=bool(body.get("required")))
    return replace(drawn, options=[Option(value, value) for value in values]) if values else drawn


def default_input(now: Desk, entity: str, body: Mapping[str, Any], label: str, form: Posted | None = None, errors: Sequence[str] = ()) -> Input | None:
    """The input for the default value, as `form` has it if given; None for types without one."""
    kind = types()[body["type"]]
    if not has_default(kind) or (kind.widget in ("select", "multi_select") and body.get("choices") not in now.model.choices and kind.required_options):
        return None
    item = _field(entity, {**body, "label": label, "help": ""}, DEFAULT)
    plan = _plan(now, entity, item)
    texts = _texts(plan, item) if form is None else posted_texts(plan, form).get(DEFAULT, {})
    drawn = draw(plan, {DEFAULT: texts}, lambda *_: ()).sections[0].items[0]
    assert isinstance(drawn, Input)
    return replace(drawn, focus=False, required=False, errors=[(error, "") for error in errors])


def read_default(now: Desk, entity: str, body: Mapping[str, Any], form: Posted) -> Json:
    """What was typed as the default, as documents have it; None for nothing. Raises `BadInput` with pointer /default."""
    kind = types()[body["type"]]
    if not has_default(kind):
        return None
    item = _field(entity, {**body, "label": DEFAULT}, DEFAULT)
    plan = _plan(now, entity, item)
    values, problems = read(plan, posted_texts(plan, form))
    value = values.get(DEFAULT)
    if problems:
        raise BadInput(problems)
    if value in (None, "", [], {}) or value is False:
        return None
    try:
        found = kind.coercer(item, plan.scope)(value)
    except Invalid as wrong:
        raise BadInput([Problem(wrong.code, wrong.message, f"/{DEFAULT}", wrong.hint)]) from None
    encode = kind.encoder(item)
    return found if found is None or encode is None else encode(found)


def same_default(now: Desk, entity: str, body: Mapping[str, Any], new: Json) -> bool:
    """Is `new` the default that `body` has, written in another way perhaps (`2.5`, `2.50`)?"""
    old = body.get("default")
    if old is None or new is None:
        return old is None and new is None
    item = _field(entity, {"label": DEFAULT, **body}, DEFAULT)
    coerce = types()[item.type].coercer(item, _plan(now, entity, item).scope)
    try:
        return bool(coerce(old) == coerce(new))
    except Invalid:
        return False


def _field(entity: str, body: Mapping[str, Any], name: str) -> Field:
    options = {key: value for key, value in body.items() if key not in COMMON_KEYS}
    if "to" in types()[body["type"]].option_properties:
        options.setdefault("to", entity)
    said = Label(str(body["help"])) if body.get("help") else None
    return Field(entity, name, body["type"], 0, name, Label(str(body["label"])), said, default=body.get("default"), options=options)


def _plan(now: Desk, entity: str, item: Field) -> FormPlan:
    made = here()
    day = current.work().now.date()
    label = Label(entity)
    holder = now.model.entities.get(entity) or Entity(entity, 0, "", label, label, "", "", {})
    section = Section("main", label, 1, (item.name,))
    layout = Layout("default", entity, label, (), (section,))
    return FormPlan(holder, [(section, [item])], now.model, scope_of(now.model, lambda: day), made.reader(), now.words, countries(made), layout)


def _texts(plan: FormPlan, item: Field) -> Texts:
    """The default in the input; nothing where it is not (yet) one."""
    try:
        value = types()[item.type].default_value(item, plan.scope)
    except Invalid:
        return {}
    except (TypeError, ValueError, KeyError, AttributeError):  # a default of another shape in a faulty draft
        return {}
    return {} if value is None else codec(widget_of(plan.model, item)).show(value, plan.reader)
