"""The form of a sharing rule: what it shows of a document, the edits that make it what was typed, and what it costs today."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import request

from fieldsmith.base.errors import BadInput
from fieldsmith.base.problems import Problem, pointer
from fieldsmith.base.text import Message, _m
from fieldsmith.expr.check import check
from fieldsmith.expr.errors import ExpressionError
from fieldsmith.meta.layers import Effective
from fieldsmith.meta.places import filter_place
from fieldsmith.meta.roles import SharingRule
from fieldsmith.query.rule_cost import RuleCost, rule_cost
from fieldsmith.studio.member_order import said_of_list
from fieldsmith.studio.workbench import Said
from fieldsmith.web import current, page, plain_forms
from fieldsmith.web.studio.desk import Desk
from fieldsmith.web.studio.expression_trial import unpublished
from fieldsmith.web.studio.naming import proposed_name
from fieldsmith.web.studio.roles_rights import Operation

INPUTS = ("label", "when", "to", "owners", "access")
KINDS = ("roles", "teams", "users")
ACCESS = ("read", "edit")
Group = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class SharingForm:
    """`to` and `owners` by kind; `owners` empty: whoever owns a record."""

    label: str
    when: str
    access: str
    to: Group
    owners: Group


def empty() -> SharingForm:
    return SharingForm("", "", "read", dict.fromkeys(KINDS, ()), dict.fromkeys(KINDS, ()))


def form_of(label: str, body: Mapping[str, Any]) -> SharingForm:
    """What a document says."""
    return SharingForm(label, str(body.get("when", "")), str(body.get("access", "read")), _group(body.get("to")), _group(body.get("owners")))


def sent() -> SharingForm:
    """What was typed."""
    form = request.form
    to, owners = ({kind: [name for name in dict.fromkeys(form.getlist(f"{side}.{kind}")) if name] for kind in KINDS} for side in ("to", "owners"))
    return SharingForm(plain_forms.text("label"), form.get("when", "").replace("\r\n", "\n").strip(), form.get("access", "read"), to, owners)


def said_new(now: Desk, entity: str, form: SharingForm) -> Said:
    """The edit that makes a new rule. Raises `BadInput` for what is missing."""
    _require(form)
    taken = {name.partition(".")[2] for kind, name in now.documents if kind == "sharing_rule" and name.startswith(f"{entity}.")} | {"new"}
    name = proposed_name(form.label, taken, "rule")
    body: dict[str, Any] = {"name": name, "entity": entity, "label": form.label, "to": _filled(form.to)}
    if form.when:
        body["when"] = form.when
    if any(form.owners.values()):
        body["owners"] = _filled(form.owners)
    if form.access != "read":
        body["access"] = form.access
    return Said("sharing_rule", f"{entity}.{name}", document=body)


def said_changed(now: Desk, rule: Effective, label: str, form: SharingForm) -> list[Said]:
    """The edits that make the rule what was typed. Raises `BadInput`."""
    _require(form)
    below = now.bench.below.get(("sharing_rule", rule.name))
    base: Mapping[str, Any] | None = None if below is None else below.body
    out: list[Operation] = []
    if form.label != label:
        out.append({"op": "change", "path": "/label", "value": form.label})
    if form.access != rule.body.get("access", "read"):
        out.append({"op": "change", "path": "/access", "value": form.access})
    if form.when != rule.body.get("when", ""):
        unsaid = {"op": "remove", "path": "/when"} if base is None or "when" not in base else {"op": "change", "path": "/when", "value": "true"}
        out.append({"op": "change", "path": "/when", "value": form.when} if form.when else unsaid)
    for side, wanted in (("to", form.to), ("owners", form.owners)):
        if side == "owners" and not any(wanted.values()) and "owners" in rule.body and base is None:
            out.append({"op": "remove", "path": "/owners"})
            continue
        for kind in KINDS:
            present, known = _group(rule.body.get(side))[kind], None if base is None else _group(base.get(side))[kind]
            out += said_of_list(pointer(side, kind), present, wanted[kind], known)
    return [Said("sharing_rule", rule.name, out)] if out else []


@dataclass(frozen=True, slots=True)
class Measured:
    """`why` says why nothing could be measured; else the cost, with a sentence where no index helps."""

    cost: RuleCost | None
    why: Message | None = None

    @property
    def warning(self) -> Message | None:
        if self.cost is None or self.cost.indexed:
            return None
        return _m("No index finds these records: the rule is worked out for every record, {time} ms now.", time=f"{self.cost.milliseconds:.1f}")


def measured(now: Desk, entity: str, rule: SharingRule) -> Measured:
    """Asked of what is stored and published."""
    published, model = current.model(), now.model
    if entity not in published.entities:
        return Measured(None, _m("There are no records to test it on before {entity} is published.", entity=page.say(model.entities[entity].label)))
    if rule.when:
        try:
            node = check(rule.when, filter_place(entity), published.vocabulary, published.functions)
        except ExpressionError:
            return Measured(None, _m("It uses what is not published yet, so its records cannot be counted."))
        if next(unpublished(published, node), None) is not None:
            return Measured(None, _m("It uses what is not published yet, so its records cannot be counted."))
    work = current.work()
    return Measured(rule_cost(work.queries.guard(now.actor), work.connection, now.actor, work.now, rule))


def _group(found: Any) -> dict[str, list[str]]:
    said = found if isinstance(found, Mapping) else {}
    return {kind: [str(name) for name in said.get(kind, ())] for kind in KINDS}


def _filled(group: Group) -> dict[str, list[str]]:
    return {kind: list(names) for kind, names in group.items() if names}


def _require(form: SharingForm) -> None:
    problems = plain_forms.one_line(form.label, "/label", 255)
    if not any(form.to.values()):
        problems.append(Problem("nobody", _m("Name at least one role, team or person."), "/to"))
    if form.access not in ACCESS:
        problems.append(Problem("unknown_choice", _m("Choose one from the list."), "/access"))
    if not form.when and not any(form.owners.values()):
        problems.append(Problem("required", _m("Say which records: by a condition, by their owners, or both."), "/when"))
    if problems:
        raise BadInput(problems)
