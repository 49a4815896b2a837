"""The form of a rule: what it shows of a document, and the edits that make the document what was typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import request

from fieldsmith.base.errors import BadInput
from fieldsmith.base.problems import Problem
from fieldsmith.base.text import _m
from fieldsmith.meta.layers import Effective
from fieldsmith.studio.workbench import Said
from fieldsmith.web import plain_forms
from fieldsmith.web.studio import lists, translated
from fieldsmith.web.studio.desk import Desk
from fieldsmith.web.studio.naming import proposed_name

VALIDATION, FIELD = "validation", "field"
EXPRESSIONS: Mapping[str, tuple[str, ...]] = {VALIDATION: ("must", "when"), FIELD: ("visible", "required", "read_only")}
_LINES: Mapping[str, tuple[str, ...]] = {VALIDATION: ("label", "message", "field"), FIELD: ("label",)}
_SPOKEN: Mapping[str, tuple[str, ...]] = {VALIDATION: ("label", "message"), FIELD: ("label",)}
_ALWAYS = "true"


@dataclass(frozen=True, slots=True)
class RuleForm:
    """`values` by the document's keys, "" where it says nothing; `spoken` the words of other languages, by input: `message.zh_Hans`."""

    type: str
    values: Mapping[str, str]
    fields: Sequence[str] = ()
    spoken: Mapping[str, str] = field(default_factory=dict)

    @property
    def inputs(self) -> tuple[str, ...]:
        """The names problems may stand beside."""
        return (*_LINES[self.type], *EXPRESSIONS[self.type], "fields")


def form_of(now: Desk, rule: Effective) -> RuleForm:
    """What the draft says of a rule."""
    kind = str(rule.body.get("type", VALIDATION))
    keys = (*_LINES[kind], *EXPRESSIONS[kind])
    words = {language: translated.words_in(now, language) for language, _ in translated.OTHERS}
    spoken = {f"{key}.{language}": words[language].get(f"rule/{rule.name}/{key}", "") for key in _SPOKEN[kind] for language, _ in translated.OTHERS}
    return RuleForm(kind, {key: str(rule.body.get(key, "")) for key in keys}, tuple(rule.body.get("fields", ())), spoken)


def empty(kind: str) -> RuleForm:
    """Of a new rule."""
    return RuleForm(kind, dict.fromkeys((*_LINES[kind], *EXPRESSIONS[kind]), ""), (), _spoken(kind, lambda name: ""))


def sent(kind: str) -> RuleForm:
    """What was typed."""
    values = {name: plain_forms.text(name) for name in _LINES[kind]}
    values.update({name: request.form.get(name, "").replace("\r\n", "\n").strip() for name in EXPRESSIONS[kind]})
    return RuleForm(
        kind, values, tuple(request.form.getlist("fields")), {name: text for name, text in _spoken(kind, plain_forms.text).items() if name in request.form}
    )


def said_new(now: Desk, entity: str, form: RuleForm) -> list[Said]:
    """The edits that make a new rule, named after its label. Raises `BadInput` for what is missing."""
    _require(form)
    taken = {name.partition(".")[2] for kind, name in now.documents if kind == "rule" and name.startswith(f"{entity}.")} | {"new"}
    name = proposed_name(form.values["label"], taken, "rule")
    body: dict[str, Any] = {"name": name, "entity": entity, "type": form.type}
    body.update({key: text for key, text in form.values.items() if text})
    if form.type == FIELD:
        body["fields"] = list(form.fields)
    return [Said("rule", f"{entity}.{name}", document=body), *_said_words(now, f"{entity}.{name}", form)]


def said_changed(now: Desk, rule: Effective, form: RuleForm) -> list[Said]:
    """The edits that make `rule` what was typed; none where nothing differs. Raises `BadInput` for what is missing."""
    _require(form)
    below = now.bench.below.get(("rule", rule.name))
    operations: list[dict[str, Any]] = []
    for key, text in form.values.items():
        if text == rule.body.get(key, ""):
            continue
        if text:
            operations.append({"op": "change", "path": f"/{key}", "value": text})
        elif key == "when" and below is not None and "when" in below.body:
            operations.append({"op": "change", "path": "/when", "value": _ALWAYS})  # what a package says cannot be taken away
        else:
            operations.append({"op": "remove", "path": f"/{key}"})
    if form.type == FIELD:
        operations += lists.exactly(now, rule, "fields", form.fields)
    edits = [Said("rule", rule.name, operations)] if operations else []
    return [*edits, *_said_words(now, rule.name, form)]


def _said_words(now: Desk, rule: str, form: RuleForm) -> list[Said]:
    wanted = {(name.partition(".")[2], f"rule/{rule}/{name.partition('.')[0]}"): text for name, text in form.spoken.items()}
    return translated.said(now, wanted)


def _spoken(kind: str, read: Any) -> dict[str, str]:
    return {f"{key}.{language}": read(f"{key}.{language}") for key in _SPOKEN[kind] for language, _ in translated.OTHERS}


def _require(form: RuleForm) -> None:
    problems = plain_forms.one_line(form.values["label"], "/label", 255)
    if form.type == VALIDATION:
        if not form.values["must"]:
            problems.append(Problem("required", _m("Say what must be true for a record to be saved."), "/must"))
        if not form.values["message"]:
            problems.append(Problem("required", _m("Say what people read when the save is refused."), "/message"))
    else:
        if not form.fields:
            problems.append(Problem("required", _m("Tick the fields the rule is about."), "/fields"))
        if not any(form.values[name] for name in EXPRESSIONS[FIELD]):
            problems.append(Problem("required", _m("Say when the fields are shown, required or read-only."), "/visible"))
    if problems:
        raise BadInput(problems)
