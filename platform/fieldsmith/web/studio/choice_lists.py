"""Edits of pick lists: values added, changed, ordered, and what they depend on. `choices` and `choice_dependencies` are the screens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fieldsmith.base.errors import BadInput
from fieldsmith.base.problems import Problem, pointer
from fieldsmith.base.text import Message, _m
from fieldsmith.meta.labels import label_from_name
from fieldsmith.meta.layers import Effective
from fieldsmith.studio.customising import value_at
from fieldsmith.studio.workbench import Said
from fieldsmith.web.studio.desk import Desk, shown
from fieldsmith.web.studio.naming import proposed_name

MOST_LINES = 1000
COLOURS: Mapping[str, Message] = {
    "grey": _m("Grey"),
    "blue": _m("Blue"),
    "azure": _m("Azure"),
    "indigo": _m("Indigo"),
    "purple": _m("Purple"),
    "pink": _m("Pink"),
    "red": _m("Red"),
    "orange": _m("Orange"),
    "yellow": _m("Yellow"),
    "lime": _m("Lime"),
    "green": _m("Green"),
    "teal": _m("Teal"),
    "cyan": _m("Cyan"),
}
NO_COLOUR = "grey"


@dataclass(frozen=True, slots=True)
class ValueLine:
    """One value as the draft has it. `said` is its label as the document says it, `label` as the reader reads it."""

    name: str
    said: str
    label: str
    colour: str
    active: bool
    own: bool
    for_: tuple[str, ...] | None


def values_of(now: Desk, found: Effective) -> list[ValueLine]:
    """In order."""
    known = now.model.choices.get(found.name)
    below = now.bench.below.get(("choices", found.name))
    out = []
    for item in found.body.get("values", ()):
        name, said = item["name"], str(item.get("label") or label_from_name(item["name"]))
        value = known.values.get(name) if known is not None else None
        label = shown(value.label, name, now.words) if value is not None and value.label.text == said else said
        own = below is None or not value_at(below.body, pointer("values", name))[1]
        for_ = tuple(item["for"]) if isinstance(item.get("for"), list) else None
        out.append(ValueLine(name, said, label, item.get("colour", NO_COLOUR), item.get("active", True), own, for_))
    return out


def list_label(now: Desk, found: Effective) -> str:
    """What the reader calls the list."""
    known = now.model.choices.get(found.name)
    said = str(found.body.get("label") or label_from_name(found.name))
    return shown(known.label, found.name, now.words) if known is not None and known.label.text == said else said


def lines_of(text: str) -> list[str]:
    """Pasted labels, one a line, each once and blank ones left out. Raises `BadInput` where they cannot all be labels."""
    lines = list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))
    if len(lines) > MOST_LINES:
        raise BadInput([Problem("too_many", _m("Paste at most {most} lines at once.", most=MOST_LINES), "/lines")])
    long = next((line for line in lines if len(line) > 255 or not line.isprintable()), None)
    if long is not None:
        raise BadInput([Problem("text_line", _m("A label is at most 255 plain characters: “{line}”.", line=long[:60]), "/lines")])
    return lines


def said_added(found: Effective, labels: Sequence[str]) -> tuple[int, list[Said]]:
    """How many values are new, and the edits that put them at the end; labels the list has already are left out."""
    values = found.body.get("values", ())
    had = {str(item.get("label") or label_from_name(item["name"])).casefold() for item in values}
    taken = {item["name"] for item in values}
    operations = []
    for label in labels:
        if label.casefold() in had:
            continue
        name = proposed_name(label, taken, "value")
        taken.add(name)
        had.add(label.casefold())
        operations.append({"op": "add", "path": pointer("values", name), "value": {"name": name, "label": label}})
    return len(operations), [Said("choices", found.name, operations)] if operations else []


def said_values(found: Effective, wanted: Mapping[str, tuple[str, str, bool]]) -> list[Said]:
    """The edits that give each value its (label, colour, in use). Raises `BadInput` for labels that cannot be."""
    operations: list[dict[str, Any]] = []
    problems: list[Problem] = []
    for item in found.body.get("values", ()):
        if item["name"] not in wanted:
            continue
        label, colour, active = wanted[item["name"]]
        if not label or len(label) > 255 or not label.isprintable():
            problems.append(Problem("text_line", _m("Write 1 to {most} characters in one line.", most=255), f"/label.{item['name']}"))
        place = pointer("values", item["name"])
        if label != (item.get("label") or label_from_name(item["name"])):
            operations.append({"op": "change", "path": f"{place}/label", "value": label})
        if colour in COLOURS and colour != item.get("colour", NO_COLOUR):
            operations.append({"op": "change", "path": f"{place}/colour", "value": colour})
        if active != item.get("active", True):
            operations.append({"op": "change", "path": f"{place}/active", "value": active})
    if problems:
        raise BadInput(problems)
    return [Said("choices", found.name, operations)] if operations else []


def removed(found: Effective, value: str, instead: str) -> list[dict[str, Any]]:
    """The operations that take a value away; records that have it get the value `instead` ("": none may have it), which says it was called so too."""
    taker = next((item for item in found.body.get("values", ()) if item["name"] == instead and instead != value), None)
    operations: list[dict[str, Any]] = [{"op": "remove", "path": pointer("values", value)}]
    if taker is not None:
        operations.append({"op": "change", "path": pointer("values", instead, "was"), "value": [*taker.get("was", ()), value]})
    return operations


def fields_using(now: Desk, choices: str) -> list[tuple[Effective, Mapping[str, Any]]]:
    """The entities and fields whose values come from the list."""
    return [(entity, item) for entity in now.bench.of_kind("entity") for item in entity.body.get("fields", ()) if item.get("choices") == choices]
