"""Cross-checks of pick lists that depend on others, and of the fields that pair such a list with the field that controls it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fieldsmith.base.problems import pointer
from fieldsmith.base.text import _m
from fieldsmith.fields.base import Field
from fieldsmith.meta.findings import Findings
from fieldsmith.meta.model import ChoiceList, ChoiceValue, Entity


def check_choices(findings: Findings) -> None:
    """Lists first, then the choice fields of every entity."""
    for name, choices in findings.model.choices.items():
        if ("choices", name) in findings.model.documents:
            _list(findings, choices)
    for circle in _circles(findings):
        path = " → ".join(circle)
        message = _m("These pick lists depend on each other in a circle: {path}. Take “depends_on” from one of them.", path=path)
        findings.add(("choices", circle[0]), "/depends_on", "choices_circle", message)
    for entity in findings.model.entities.values():
        for field in entity.own_fields():
            if "depends_on" in field.options:
                _field(findings, entity, field)


def _list(findings: Findings, choices: ChoiceList) -> None:
    key = ("choices", choices.name)
    known = findings.model.choices
    other = known.get(choices.depends_on or "")
    if choices.depends_on is not None and (other is None or ("choices", other.name) not in findings.model.documents):
        if ("choices", choices.depends_on) not in findings.refused:
            message = _m("There is no pick list “{name}”.", name=choices.depends_on)
            findings.unknown(key, "/depends_on", "unknown_choices", message, choices.depends_on, known)
        return
    for value in choices.values.values():
        if value.for_ is not None:
            _for(findings, choices, other, value, value.for_)


def _for(findings: Findings, choices: ChoiceList, other: ChoiceList | None, value: ChoiceValue, names: Sequence[str]) -> None:
    key, place = ("choices", choices.name), pointer("values", value.name, "for")
    if other is None:
        message = _m("The list depends on no other, so its values cannot be for values of another.")
        findings.add(key, place, "depends_on_nothing", message, _m("Add “depends_on”, or take “for” away."))
        return
    if not names:
        message = _m("“{value}” is for no value of {choices}, so nobody could ever choose it.", value=value.label, choices=other.label)
        findings.add(key, place, "for_nobody", message, _m("Make it inactive instead, or name the values it is for."))
    for name in names:
        if name not in other.values:
            message = _m("{choices} has no value “{name}”.", choices=other.label, name=name)
            findings.unknown(key, place + pointer(name), "unknown_choice", message, name, other.values)


def _circles(findings: Findings) -> Iterator[list[str]]:
    """Each circle once, from its first list back to it."""
    lists = findings.model.choices
    done: set[str] = set()
    for name in lists:
        trail: list[str] = []
        here: str | None = name
        while here is not None and here in lists and here not in done and here not in trail:
            trail.append(here)
            here = lists[here].depends_on
        if here is not None and here in trail:
            yield [*trail[trail.index(here) :], here]
        done |= set(trail)


def _field(findings: Findings, entity: Entity, field: Field) -> None:
    key, place = ("entity", entity.name), pointer("fields", field.name, "depends_on")
    controlling = findings.field(key, place, entity, field.options["depends_on"])
    choices = findings.model.choices.get(field.options.get("choices", ""))
    if controlling is None or choices is None:
        return
    if choices.depends_on is None:
        message = _m("{choices} depends on no other list, so no field controls “{name}”.", choices=choices.label, name=field.name)
        findings.add(key, place, "depends_on_nothing", message, _m("Say on which list it depends first, or take “depends_on” away."))
    elif choices.depends_on in findings.model.choices and (controlling.type != "choice" or controlling.options.get("choices") != choices.depends_on):
        other = findings.model.choices[choices.depends_on].label
        message = _m("“{name}” is no choice of {other}, on which {choices} depends.", name=controlling.name, other=other, choices=choices.label)
        fitting = [item.name for item in entity.own_fields() if item.type == "choice" and item.options.get("choices") == choices.depends_on]
        findings.add(key, place, "wrong_controlling", message, _m("Use one of: {values}.", values=", ".join(fitting)) if fitting else None)
