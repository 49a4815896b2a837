"""`/studio/entity/<entity>/rules/`: what must hold when a record is saved, and when fields are shown, required or read-only.

GET  …/rules/                     all rules in readable sentences, each with its switch
GET  …/rules/new/<type>           a new validation or field rule; POST saves it
GET  …/rules/<rule>               one rule; POST saves it
POST …/rules/test                 how many records of today the rule in the form would refuse (a piece of HTML)
POST …/rules/<rule>/switch        in force, or not; …/rules/<rule>/delete takes one's own away
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, request

from fieldsmith.base.errors import BadInput, NotFound
from fieldsmith.base.text import Message, _m
from fieldsmith.meta.labels import label_from_name
from fieldsmith.meta.layers import Effective
from fieldsmith.studio.workbench import Said
from fieldsmith.web import page
from fieldsmith.web.page import say
from fieldsmith.web.plain_forms import Errors
from fieldsmith.web.studio import condition_rows, rule_form, translated
from fieldsmith.web.studio.desk import Desk, desk, render, shown
from fieldsmith.web.studio.entity_head import field_label, fields_of, head_of
from fieldsmith.web.studio.origins import Origins
from fieldsmith.web.studio.rule_form import FIELD, VALIDATION, RuleForm
from fieldsmith.web.studio.rule_test import failing

_TYPES = (VALIDATION, FIELD)
_EFFECTS = (("visible", _m("shown when {condition}")), ("required", _m("required when {condition}")), ("read_only", _m("read-only when {condition}")))


@dataclass(frozen=True, slots=True)
class RuleLine:
    """One rule in the list; `own`: the workspace made it, so that it can be taken away."""

    name: str
    label: str
    sentence: str
    origin: Any
    on: bool
    own: bool


def register(app: Flask) -> None:
    base = "/studio/entity/<entity>/rules/"
    app.add_url_rule(base, "studio_rules", list_page)
    app.add_url_rule(f"{base}test", "studio_test_rule", test, methods=["POST"])
    app.add_url_rule(f"{base}new/<kind>", "studio_new_rule", new_page)
    app.add_url_rule(f"{base}new/<kind>", "studio_make_rule", make, methods=["POST"])
    app.add_url_rule(f"{base}<rule>", "studio_rule", rule_page)
    app.add_url_rule(f"{base}<rule>", "studio_save_rule", save, methods=["POST"])
    app.add_url_rule(f"{base}<rule>/switch", "studio_switch_rule", switch, methods=["POST"])
    app.add_url_rule(f"{base}<rule>/delete", "studio_delete_rule", delete, methods=["POST"])


def list_page(entity: str) -> Response:
    """`GET …/rules/`."""
    now = desk()
    head, origins = head_of(now, entity), Origins(now)
    lines: dict[str, list[RuleLine]] = {kind: [] for kind in _TYPES}
    for item in now.bench.of_kind("rule", entity):
        lines.setdefault(str(item.body.get("type")), []).append(_line(now, entity, item, origins))
    return render("studio/rules.html", now, entity=head, validations=lines[VALIDATION], field_rules=lines[FIELD])


def new_page(entity: str, kind: str) -> Response:
    """`GET …/rules/new/<type>`."""
    now = desk()
    return _page(now, entity, None, rule_form.empty(_kind(kind)))


def make(entity: str, kind: str) -> Response:
    """`POST …/rules/new/<type>`."""
    now = desk()
    form = rule_form.sent(_kind(kind))
    head_of(now, entity)
    try:
        now.say(rule_form.said_new(now, entity, form))
    except BadInput as wrong:
        return _page(now, entity, None, form, Errors.of(wrong, form.inputs), 422)
    page.notify(_m("“{rule}” is in the draft.", rule=form.values["label"]))
    return page.go(f"/studio/entity/{entity}/rules/")


def rule_page(entity: str, rule: str) -> Response:
    """`GET …/rules/<rule>`."""
    now = desk()
    found = now.document("rule", f"{entity}.{rule}")
    return _page(now, entity, found, rule_form.form_of(now, found))


def save(entity: str, rule: str) -> Response:
    """`POST …/rules/<rule>`: only what differs goes into the draft."""
    now = desk()
    found = now.document("rule", f"{entity}.{rule}")
    form = rule_form.sent(str(found.body.get("type", VALIDATION)))
    try:
        said = rule_form.said_changed(now, found, form)
        if said:
            now.say(said)
    except BadInput as wrong:
        return _page(now, entity, found, form, Errors.of(wrong, form.inputs), 422)
    page.notify(_m("“{rule}” is in the draft.", rule=form.values["label"]) if said else _m("Nothing was changed."), "success" if said else "info")
    return page.go(f"/studio/entity/{entity}/rules/")


def test(entity: str) -> Response:
    """`POST …/rules/test`: the rule as it stands in the form, saved or not."""
    now = desk()
    head = head_of(now, entity)
    form = rule_form.sent(_kind(request.form.get("type", VALIDATION)))
    found = failing(now, entity, form)
    if request.headers.get("HX-Request"):
        return page.part("studio/rule_tested.html", found=found, entity=entity)
    return render("studio/rule_test.html", now, entity=head, found=found)


def switch(entity: str, rule: str) -> Response:
    """`POST …/switch`: in force with `on`, else out of force."""
    now = desk()
    found = now.document("rule", f"{entity}.{rule}")
    hidden = request.form.get("on") != "yes"
    if bool(found.body.get("hidden")) != hidden:
        now.say([Said("rule", found.name, [{"op": "change", "path": "/hidden", "value": hidden}])])
    page.notify(_m("Out of force once published.") if hidden else _m("In force once published."))
    return page.go(f"/studio/entity/{entity}/rules/")


def delete(entity: str, rule: str) -> Response:
    """`POST …/delete`: one's own rule goes; what a package made can only be switched off."""
    now = desk()
    found = now.document("rule", f"{entity}.{rule}")
    try:
        now.say([Said("rule", found.name, retire=True)])
    except BadInput as wrong:
        page.notify(wrong.problems[0].message if wrong.problems else wrong.title, "danger")
    else:
        page.notify(_m("“{rule}” goes when the draft is published.", rule=_label(now, found)))
    return page.go(f"/studio/entity/{entity}/rules/")


def _kind(kind: str) -> str:
    if kind not in _TYPES:
        raise NotFound(_m("There are validation rules and field rules; “{name}” is neither.", name=kind[:100]))
    return kind


def _page(now: Desk, entity: str, rule: Effective | None, form: RuleForm, errors: Errors | None = None, status: int = 200) -> Response:
    head = head_of(now, entity)
    listed = [(str(item["name"]), field_label(now, entity, item)) for item in fields_of(now, entity)]
    name = None if rule is None else rule.name.partition(".")[2]
    base = f"/studio/entity/{entity}/rules/"
    context: dict[str, Any] = {
        "entity": head,
        "form": form,
        "errors": errors or Errors(),
        "name": name,
        "label": None if rule is None else _label(now, rule),
        "action": base + (f"new/{form.type}" if name is None else name),
        "fields": sorted(listed, key=lambda pair: pair[1].casefold()),
        "others": translated.others(now),
        "own": rule is None or ("rule", rule.name) not in now.bench.below,
        "on": rule is None or not rule.body.get("hidden"),
        "origins": None if rule is None else {key: Origins(now).of("rule", rule.name, f"/{key}") for key in form.inputs if key in rule.body},
        "uses": [] if rule is None else now.uses_of(f"rule/{rule.name}"),
        "next": f"{base}{name}" if name else base,
    }
    return render("studio/rule.html", now, status, **context)


def _line(now: Desk, entity: str, rule: Effective, origins: Origins) -> RuleLine:
    sentence = _validation_said(now, entity, rule) if rule.body.get("type") == VALIDATION else _field_rule_said(now, entity, rule)
    name = rule.name.partition(".")[2]
    return RuleLine(
        name, _label(now, rule), say(sentence), origins.of("rule", rule.name), not rule.body.get("hidden"), ("rule", rule.name) not in now.bench.below
    )


def _validation_said(now: Desk, entity: str, rule: Effective) -> Message:
    must = condition_rows.said(now, entity, str(rule.body.get("must", "")))
    when = str(rule.body.get("when", ""))
    if not when or when == "true":
        return _m("A record is saved only when {must}.", must=must)
    return _m("When {when}, a record is saved only if {must}.", when=condition_rows.said(now, entity, when), must=must)


def _field_rule_said(now: Desk, entity: str, rule: Effective) -> Message:
    labels = {str(item["name"]): field_label(now, entity, item) for item in fields_of(now, entity)}
    names = ", ".join(labels.get(str(name), str(name)) for name in rule.body.get("fields", ()))
    effects = [Message(shape.id, {"condition": condition_rows.said(now, entity, str(rule.body[key]))}) for key, shape in _EFFECTS if key in rule.body]
    return _m("{fields}: {effects}.", fields=names, effects="; ".join(say(effect) for effect in effects))


def _label(now: Desk, rule: Effective) -> str:
    known = now.model.rules.get(rule.name)
    said = str(rule.body.get("label") or label_from_name(rule.name.partition(".")[2]))
    return shown(known.label, said, now.words) if known is not None and known.label.text == said else said
