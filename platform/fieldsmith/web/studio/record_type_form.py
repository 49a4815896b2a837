"""The form of a record type: what it shows of a document, and the edits that make the document what was ticked and typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import request

from fieldsmith.base.errors import BadInput
from fieldsmith.base.problems import Problem, pointer
from fieldsmith.base.text import _m
from fieldsmith.meta.check_record_types import NARROWED
from fieldsmith.meta.labels import label_from_name
from fieldsmith.meta.layers import Effective
from fieldsmith.studio.customising import value_at
from fieldsmith.studio.workbench import Said
from fieldsmith.web import plain_forms
from fieldsmith.web.studio import translated
from fieldsmith.web.studio.desk import Desk, shown
from fieldsmith.web.studio.entity_head import field_label, fields_of
from fieldsmith.web.studio.naming import proposed_name

INPUTS = ("label", "name", "help", "default", "active", "entity")
_SPOKEN = ("label", "help")
_FLAGS: Mapping[str, bool] = {"default": False, "active": True}  # with what a document means that says nothing


@dataclass(frozen=True, slots=True)
class Tick:
    """One value of a choice field."""

    name: str
    label: str
    colour: str
    on: bool


@dataclass(frozen=True, slots=True)
class Narrowing:
    """A choice field with a tick for each value the type may offer. All ticked: the type leaves it alone."""

    field: str
    label: str
    ticks: Sequence[Tick]

    @property
    def chosen(self) -> list[str]:
        return [tick.name for tick in self.ticks if tick.on]

    @property
    def narrows(self) -> bool:
        return len(self.chosen) < len(self.ticks)


@dataclass(frozen=True, slots=True)
class RecordTypeForm:
    """`spoken` are the words of other languages, by input: `label.zh_Hans`."""

    values: Mapping[str, str]
    flags: Mapping[str, bool]
    narrowings: Sequence[Narrowing]
    spoken: Mapping[str, str] = field(default_factory=dict)


def form_of(now: Desk, entity: str, found: Effective | None) -> RecordTypeForm:
    """What the draft says of a record type; of a new one with `found` None."""
    body: Mapping[str, Any] = found.body if found is not None else {}
    values = {"label": str(body.get("label", "")), "help": str(body.get("help", "")), "name": str(body.get("name", ""))}
    if found is not None and not values["label"]:
        values["label"] = label_from_name(values["name"])
    words = {language: translated.words_in(now, language) if found is not None else {} for language, _ in translated.OTHERS}
    spoken = {f"{key}.{language}": words[language].get(f"record_type/{found.name}/{key}" if found else "", "") for key, language in _spoken()}
    said = body.get("choices", {})
    return RecordTypeForm(values, {key: bool(body.get(key, usual)) for key, usual in _FLAGS.items()}, _narrowings(now, entity, said), spoken)


def sent(now: Desk, entity: str) -> RecordTypeForm:
    """What was typed and ticked; a field with nothing ticked stands so, and is refused."""
    values = {name: plain_forms.text(name) for name in ("label", "help", "name")}
    said = {item["name"]: request.form.getlist(f"choices.{item['name']}") for item in fields_of(now, entity)}
    spoken = {f"{key}.{language}": plain_forms.text(f"{key}.{language}") for key, language in _spoken()}
    return RecordTypeForm(values, {key: key in request.form for key in _FLAGS}, _narrowings(now, entity, said), spoken)


def said_new(now: Desk, entity: str, form: RecordTypeForm) -> list[Said]:
    """The edits that make a new record type. Raises `BadInput` for what is missing."""
    _require(form)
    taken = {item.body["name"] for item in now.bench.of_kind("record_type", entity)} | {"new"}
    name = proposed_name(form.values["name"] or form.values["label"], taken, "type")
    body: dict[str, Any] = {"name": name, "entity": entity, "label": form.values["label"]}
    if form.values["help"]:
        body["help"] = form.values["help"]
    body.update({key: form.flags[key] for key, usual in _FLAGS.items() if form.flags[key] != usual})
    choices = {item.field: item.chosen for item in form.narrowings if item.narrows}
    if choices:
        body["choices"] = choices
    key = f"{entity}.{name}"
    return [Said("record_type", key, document=body), *_no_other_default(now, entity, key, form), *_said_words(now, key, form)]


def said_changed(now: Desk, entity: str, found: Effective, form: RecordTypeForm) -> list[Said]:
    """The edits that make the record type what was typed and ticked; none where nothing differs. Raises `BadInput` for what is missing."""
    _require(form)
    operations: list[dict[str, Any]] = []
    if form.values["label"] != found.body.get("label", label_from_name(found.body["name"])):
        operations.append({"op": "change", "path": "/label", "value": form.values["label"]})
    if form.values["help"] != found.body.get("help", ""):
        operations.append({"op": "change", "path": "/help", "value": form.values["help"]} if form.values["help"] else {"op": "remove", "path": "/help"})
    for key, usual in _FLAGS.items():
        if form.flags[key] != found.body.get(key, usual):
            operations.append({"op": "change", "path": f"/{key}", "value": form.flags[key]})
    for item in form.narrowings:
        operations += _narrowed(now, found, item)
    edits = [Said("record_type", found.name, operations)] if operations else []
    renamed = form.values["name"]
    edits += [*_no_other_default(now, entity, found.name, form), *_said_words(now, found.name, form)]
    if renamed and renamed != found.body["name"]:
        edits.append(Said("record_type", found.name, [{"op": "rename", "path": "", "value": renamed}]))
    return edits


def _narrowed(now: Desk, found: Effective, item: Narrowing) -> list[dict[str, Any]]:
    said = found.body.get("choices", {}).get(item.field)
    place = pointer("choices", item.field)
    if item.narrows:
        return [] if said is not None and set(said) == set(item.chosen) else [{"op": "change", "path": place, "value": item.chosen}]
    if said is None:
        return []
    below = now.bench.below.get(("record_type", found.name))
    if below is not None and value_at(below.body, place)[1]:
        return [{"op": "change", "path": place, "value": item.chosen}]  # what a package says cannot be taken away
    return [{"op": "remove", "path": place}]


def _no_other_default(now: Desk, entity: str, key: str, form: RecordTypeForm) -> list[Said]:
    """There is one default at most: the one ticked last."""
    others = [item for item in now.bench.of_kind("record_type", entity) if item.body.get("default") and item.name != key]
    return [Said("record_type", item.name, [{"op": "change", "path": "/default", "value": False}]) for item in others] if form.flags["default"] else []


def _narrowings(now: Desk, entity: str, said: Mapping[str, Sequence[str]]) -> list[Narrowing]:
    out = []
    for item in fields_of(now, entity):
        listed = now.documents.get(("choices", str(item.get("choices"))))
        if item.get("type") not in NARROWED or listed is None:
            continue
        chosen = said.get(item["name"])
        known = now.model.choices.get(listed.name)
        values = [value for value in listed.body.get("values", ()) if value.get("active", True) or value["name"] in (chosen or ())]
        ticks = [Tick(value["name"], _label(now, known, value), value.get("colour", "grey"), chosen is None or value["name"] in chosen) for value in values]
        out.append(Narrowing(item["name"], field_label(now, entity, item), ticks))
    return out


def _label(now: Desk, known: Any, value: Mapping[str, Any]) -> str:
    found = known.values.get(value["name"]) if known is not None else None
    said = str(value.get("label") or label_from_name(value["name"]))
    return shown(found.label, value["name"], now.words) if found is not None and found.label.text == said else said


def _said_words(now: Desk, key: str, form: RecordTypeForm) -> list[Said]:
    wanted = {(language, f"record_type/{key}/{part}"): form.spoken.get(f"{part}.{language}", "") for part, language in _spoken()}
    return translated.said(now, wanted)


def _spoken() -> list[tuple[str, str]]:
    return [(key, language) for key in _SPOKEN for language, _ in translated.OTHERS]


def _require(form: RecordTypeForm) -> None:
    problems = plain_forms.one_line(form.values["label"], "/label", 255)
    for item in form.narrowings:
        if not item.chosen:
            message = _m("Tick at least one value of {field}, or all of them.", field=item.label)
            problems.append(Problem("required", message, f"/choices.{item.field}"))
    if form.flags["default"] and not form.flags["active"]:
        problems.append(Problem("inactive_default", _m("A type that is not offered cannot be the default."), "/default"))
    if problems:
        raise BadInput(problems)
