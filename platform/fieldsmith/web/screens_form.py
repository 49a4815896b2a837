"""Form screens: `/{entity}/new` and `/{entity}/{id}/edit`, made from the layout.

A form posts texts; what did not change is left alone, the rest goes to the records service. Wrong input comes back beside its field
with everything that was typed; a save over a newer version goes to `screens_conflict`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response, request

from fieldsmith.base.errors import BadInput, Conflict, VersionMismatch
from fieldsmith.base.problems import Problem
from fieldsmith.base.text import _m
from fieldsmith.fields.base import Invalid, Json
from fieldsmith.fields.values import Link
from fieldsmith.meta.model import RECORD_TYPE, Entity
from fieldsmith.web import current
from fieldsmith.web.forms import FormPlan, draw, form_plan, posted_texts, read, same, texts_of
from fieldsmith.web.page import go, notify, render
from fieldsmith.web.screens_conflict import conflict_page
from fieldsmith.web.screens_drafts import changed_draft, follow, judged, new_draft, self_filling, settled_texts, shown_texts
from fieldsmith.web.screens_here import Here, here, layout_of
from fieldsmith.web.screens_inputs import Texts
from fieldsmith.web.screens_labels import Labels, countries
from fieldsmith.web.screens_record import name_of, whole_number
from fieldsmith.web.screens_types import asked_type, only_type
from fieldsmith.web.screens_uploads import stored_uploads


def new_page(entity: str) -> Response:
    """`GET /{entity}/new`; the query string fills fields in (`?account=7`)."""
    now = here()
    found = now.entity(entity)
    now.work.runtime.policy.require(now.actor, "create", entity)
    asking = asked_type(now, found)
    if asking is not None:
        return asking
    kind = only_type(now, found)
    plan = plan_of(now, found, request.args.get(RECORD_TYPE, kind))
    given = posted_texts(plan, request.args)
    if kind is not None:
        given.setdefault(RECORD_TYPE, {"": kind})
    return _new(now, plan, given, self_filling(plan) - given.keys())


def create(entity: str) -> Response:
    """`POST /{entity}/new`: to the new record, or back to the form with what is wrong."""
    now = here()
    found = now.entity(entity)
    kind = request.form.get(RECORD_TYPE)
    plan = plan_of(now, found, kind)
    actor, workspace = now.actor, current.workspace()
    texts = posted_texts(plan, request.form)
    current.end_reading()
    try:
        texts = stored_uploads(plan, texts, request.files)
        values = _values(plan, _filled(texts))
        record = workspace.write(lambda work: work.records.create(actor, entity, values))
    except (BadInput, Conflict) as wrong:
        again = here()
        untouched = self_filling(plan).intersection(request.form.get("form.untouched", "").split())
        return _new(again, plan_of(again, found, kind), texts, untouched, _problems(wrong), 409 if isinstance(wrong, Conflict) else 422)
    notify(_m("Saved."))
    return go(request.full_path.removesuffix("?") if request.form.get("then") == "new" else f"/{entity}/{record.id}")


def edit_page(entity: str, id: int) -> Response:
    """`GET /{entity}/{id}/edit`."""
    now = here()
    found = now.entity(entity)
    now.work.runtime.policy.require(now.actor, "update", entity)
    record = now.work.records.get(now.actor, entity, id)
    plan = plan_of(now, found, record.values.get(RECORD_TYPE))
    return _edit(now, plan, id, record.values, record.version, texts_of(plan, record.values))


def update(entity: str, id: int) -> Response:
    """`POST /{entity}/{id}/edit`: saves what differs from the stored record."""
    now = here()
    found = now.entity(entity)
    record = now.work.records.get(now.actor, entity, id)
    plan = plan_of(now, found, record.values.get(RECORD_TYPE))
    texts = {name: text for name, text in posted_texts(plan, request.form).items() if request.form.get(f"keep.{name}") != "theirs"}
    version = whole_number(request.form.get("version"))
    actor, workspace, stored = now.actor, current.workspace(), texts_of(plan, record.values)
    if version is not None and version != record.version:
        return conflict_page(now, plan, record, version, texts)
    current.end_reading()
    try:
        texts = stored_uploads(plan, texts, request.files)
        values = _values(plan, {name: text for name, text in texts.items() if not same(text, stored[name])})
        saved = workspace.write(lambda work: work.records.update(actor, entity, id, values, version))
    except VersionMismatch:
        again = here()
        return conflict_page(again, plan, again.work.records.get(actor, entity, id), version, texts)
    except (BadInput, Conflict) as wrong:
        again = here()
        shown = {**stored, **texts}
        status = 409 if isinstance(wrong, Conflict) else 422
        drawn = plan_of(again, found, record.values.get(RECORD_TYPE))
        return _edit(again, drawn, id, record.values, version or record.version, shown, _problems(wrong), status)
    if saved.is_gone:
        notify(_m("Saved. This {entity} is now where you do not see it.", entity=found.label))
        return go(f"/{entity}/")
    notify(_m("Saved."))
    return go(f"/{entity}/new" if request.form.get("then") == "new" else f"/{entity}/{id}")


def plan_of(now: Here, entity: Entity, record_type: str | None) -> FormPlan:
    """The form of a record of this type, after the layout this reader gets; kept per layout and reader."""
    layout = layout_of(now.model, entity, now.actor, record_type)

    def build() -> FormPlan:
        locked = frozenset(name for name in entity.fields if now.unreadable().locks(entity.name, name))
        return form_plan(now.model, layout, now.work.runtime.scope, now.reader(), now.words, countries(now), locked)

    return now.keep(("form", entity.name, layout.name), build)


def _new(now: Here, plan: FormPlan, given: Mapping[str, Texts], untouched: frozenset[str], problems: Sequence[Problem] = (), status: int = 200) -> Response:
    texts: Mapping[str, Texts] = {**_defaults(now, plan), **given}
    rules = None
    if now.work.live.concerns(plan.entity.name, plan.layout.name):
        hanging = frozenset(item.field.name for item in now.work.runtime.shape(plan.entity.name).narrowed) - given.keys()  # their defaults may not fit
        draft = new_draft(now, plan, texts, untouched | hanging)
        texts, rules = {**texts, **settled_texts(plan, draft, untouched | hanging)}, judged(now, plan, draft)
    form = draw(plan, texts, Labels(now, {}).of, problems, rules)
    heading = _m("New {entity}", entity=plan.entity.label).render(now.words)
    path = f"/{plan.entity.name}/"
    following = follow(now, plan, path + "form", untouched, texts)
    action = request.full_path.removesuffix("?")
    return render("form.html", status=status, entity=plan.entity, form=form, heading=heading, action=action, back=path, version=None, follow=following)


def _edit(
    now: Here,
    plan: FormPlan,
    id: int,
    values: Mapping[str, Any],
    version: int,
    texts: Mapping[str, Texts],
    problems: Sequence[Problem] = (),
    status: int = 200,
) -> Response:
    rules = None
    if now.work.live.concerns(plan.entity.name, plan.layout.name):
        draft = changed_draft(now, plan, id, texts, texts_of(plan, values))
        texts, rules = {**texts, **settled_texts(plan, draft, ())}, judged(now, plan, draft)
    form = draw(plan, texts, Labels(now, values).of, problems, rules, shown_texts(now, plan.fixed, values))
    heading = _m("Edit {name}", name=name_of(plan.entity, values, id)).render(now.words)
    path = f"/{plan.entity.name}/{id}"
    following = follow(now, plan, path + "/form", None, texts)
    action = path + "/edit"
    return render("form.html", status=status, entity=plan.entity, form=form, heading=heading, action=action, back=path, version=version, follow=following)


def _filled(texts: Mapping[str, Texts]) -> dict[str, Texts]:
    """Without the blanks that were blank when the form was shown, and nobody touched: those are for the default expressions to fill."""
    unfilled = frozenset(request.form.get("form.unfilled", "").split())
    return {name: text for name, text in texts.items() if name not in unfilled or not same(text, {})}


def _defaults(now: Here, plan: FormPlan) -> dict[str, Texts]:
    """What a new record begins with: the fields' defaults, and its maker as owner."""
    values: dict[str, Any] = {}
    for item in plan.fields:
        if item.name == "owner" and now.actor.id is not None:
            values["owner"] = Link(now.actor.id, now.actor.name)
        elif item.default is not None and item.type not in ("lookup", "polymorphic_lookup", "many_to_many"):
            try:
                values[item.name] = plan.model.type_of(item).default_value(item, plan.scope)
            except Invalid:
                continue
    texts = texts_of(plan, values)
    for item in plan.fields:
        if item.type == "currency" and not texts[item.name]:
            texts[item.name] = {"currency": plan.scope.currency}
    return texts


def _values(plan: FormPlan, texts: Mapping[str, Texts]) -> dict[str, Json]:
    values, problems = read(plan, texts)
    if problems:
        raise BadInput(problems)
    return values


def _problems(wrong: BadInput | Conflict) -> Sequence[Problem]:
    return wrong.problems or (Problem("conflict", wrong.title),)
