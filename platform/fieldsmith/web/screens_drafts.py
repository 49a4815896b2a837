"""Drafts: what a form holds, as rules, formulas and default expressions judge it, for the first paint and for `screens_live`.

Texts that cannot be read yet count as blank; nothing here is refused, that is for the save.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from fieldsmith.fields.base import Field, Json
from fieldsmith.fields.values import Link
from fieldsmith.records.live import Draft
from fieldsmith.web.cells import cell
from fieldsmith.web.forms import BLANK, FormPlan, Judged, read, same, texts_of
from fieldsmith.web.screens_here import Here
from fieldsmith.web.screens_inputs import Texts


@dataclass(frozen=True, slots=True)
class Follow:
    """How a form keeps asking: `path` to ask ("" never), the inputs to `watch`, and names of default expressions' fields.

    Nobody has set `untouched` ones yet; of those, the `unfilled` ones were blank when they were shown, so that a blank one posted
    is still to be filled in.
    """

    path: str = ""
    watch: str = ""
    untouched: str = ""
    unfilled: str = ""


def new_draft(now: Here, plan: FormPlan, texts: Mapping[str, Texts], untouched: Iterable[str]) -> Draft:
    """A new record with these texts; fields nobody touched take what their default expressions give."""
    left = frozenset(untouched)
    sent = _readable(plan, {name: text for name, text in texts.items() if name not in left})
    return now.work.live.new(now.actor, plan.entity.name, sent, [item.name for item in plan.computed], plan.layout.name)


def changed_draft(now: Here, plan: FormPlan, id: int, texts: Mapping[str, Texts], stored: Mapping[str, Texts]) -> Draft:
    """The record with those texts that are not the `stored` ones."""
    sent = _readable(plan, {name: text for name, text in texts.items() if not same(text, stored[name])})
    return now.work.live.changed(now.actor, plan.entity.name, id, sent, [item.name for item in plan.computed], plan.layout.name)


def judged(now: Here, plan: FormPlan, draft: Draft) -> Judged:
    """States of the fields, and computed values as this reader sees them."""
    return Judged(draft.states, shown_texts(now, plan.computed, draft.computed), draft.offered, draft.hidden)


def shown_texts(now: Here, items: Iterable[Field], values: Mapping[str, Any]) -> dict[str, Markup]:
    """What a form shows of fields nobody can type into: computed ones, and those the reader may not change or sees as a mask."""
    paint = now.paint()
    return {item.name: BLANK if (value := values.get(item.name)) is None else Markup(cell(paint, item)(value)) for item in items}


def settled_texts(plan: FormPlan, draft: Draft, untouched: Iterable[str]) -> dict[str, Texts]:
    """The texts of inputs the form does not decide about: untouched ones and locked ones show what would be saved."""
    left = frozenset(untouched)
    found = [item for item in plan.fields if item.name in left or draft.state(item.name).locked_by is not None]
    texts = texts_of(plan, {item.name: _linked(item, draft.values.get(item.name)) for item in found})
    return {item.name: texts[item.name] for item in found}


def self_filling(plan: FormPlan) -> frozenset[str]:
    """The inputs with default expressions."""
    return frozenset(item.name for item in plan.fields if item.default_expression)


def follow(now: Here, plan: FormPlan, path: str, untouched: frozenset[str] | None, texts: Mapping[str, Texts]) -> Follow:
    """How the form goes on asking `path`; `untouched` is None for a record that exists."""
    left = untouched or frozenset()
    unfilled = [name for name in left if same(texts.get(name, {}), {})]
    watch = " ".join(_watched(now, plan, untouched is not None))
    return Follow(path if watch else "", watch, " ".join(sorted(left)), " ".join(sorted(unfilled)))


def _watched(now: Here, plan: FormPlan, new: bool) -> list[str]:
    """The inputs that rules, formulas of the form, other choices and (for a new record) default expressions look at."""
    logic = now.work.runtime.logic(plan.entity.name)
    read_by = set(logic.read_by_rules).union(*(logic.computed[item.name].affected_by for item in plan.computed))
    read_by.update(name for item in now.work.runtime.shape(plan.entity.name).narrowed for name in item.looks_at)
    read_by |= logic.read_by_parts(plan.layout.name)
    if new:
        read_by |= logic.read_by_defaults
    return [item.name for item in plan.fields if item.name in read_by]


def _readable(plan: FormPlan, texts: Mapping[str, Texts]) -> dict[str, Json]:
    values, _ = read(plan, texts)
    return {item.name: values.get(item.name) for item in plan.fields if item.name in texts}


def _linked(item: Field, value: Any) -> Any:
    """A stored reference as inputs show references."""
    if value is None:
        return None
    if item.type == "many_to_many":
        return [Link(id) for id in value]
    return Link(value) if item.type in ("lookup", "file", "image") else value
