"""Metadata in readable words: what kinds, parts and properties are called, and values as a person reads them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from fieldsmith.base.text import Message, Words, _m
from fieldsmith.meta.labels import label_from_name
from fieldsmith.studio.customising import value_at

KIND_WORDS: Mapping[str, Message] = MappingProxyType(
    {
        "entity": _m("Entity"),
        "choices": _m("Pick list"),
        "layout": _m("Layout"),
        "view": _m("View"),
        "rule": _m("Rule"),
        "record_type": _m("Record type"),
        "tab": _m("Tab"),
        "app": _m("App"),
        "role": _m("Role"),
        "sharing_rule": _m("Sharing rule"),
        "company": _m("Company"),
        "translation": _m("Translation"),
        "import_map": _m("Import map"),
        "package": _m("Package"),
    }
)
_MEMBERS: Mapping[str, Message] = MappingProxyType(
    {
        "fields": _m("Field"),
        "values": _m("Value"),
        "sections": _m("Section"),
        "tabs": _m("Tab"),
        "related": _m("Related list"),
        "components": _m("Component"),
        "columns": _m("Column"),
        "indexes": _m("Index"),
        "features": _m("Feature"),
        "labels": _m("Translation"),
        "roles": _m("Role"),
        "record_types": _m("Record type"),
        "highlights": _m("Highlight"),
        "holidays": _m("Holiday"),
        "rates": _m("Exchange rate"),
        "entities": _m("Entity"),
        "field_rights": _m("Rights on fields of"),
        "restrict": _m("Taken away on"),
        "actions": _m("Actions on"),
    }
)
_PROPERTIES: Mapping[str, Message] = MappingProxyType(
    {
        "label": _m("Label"),
        "plural": _m("Plural"),
        "icon": _m("Icon"),
        "help": _m("Help"),
        "type": _m("Type"),
        "name": _m("Name"),
        "name_field": _m("Field that names a record"),
        "required": _m("Required"),
        "unique": _m("Unique"),
        "indexed": _m("Quick to search"),
        "default": _m("Default"),
        "default_expression": _m("Computed default"),
        "read_only": _m("Read only"),
        "hidden": _m("Hidden"),
        "expression": _m("Expression"),
        "returns": _m("Gives"),
        "choices": _m("Pick list"),
        "to": _m("Target"),
        "filter": _m("Filter"),
        "sort": _m("Sorting"),
        "columns": _m("Columns"),
        "fields": _m("Fields"),
        "values": _m("Values"),
        "group": _m("Columns of the board"),
        "sum": _m("Sum"),
        "show": _m("Shown as"),
        "when": _m("Condition"),
        "must": _m("What must hold"),
        "message": _m("Message"),
        "visible": _m("Visible when"),
        "active": _m("In use"),
        "colour": _m("Colour"),
        "path": _m("Path"),
        "roles": _m("Roles"),
        "tabs": _m("Tabs"),
        "currency": _m("Currency"),
        "language": _m("Language"),
        "timezone": _m("Time zone"),
        "accent": _m("Colour of the site"),
        "administrator": _m("May do everything"),
        "studio": _m("Shapes these entities in the studio"),
        "start": _m("Opens first"),
        "portal": _m("For people from outside"),
        "sharing": _m("Sharing"),
        "owners": _m("Owned by"),
        "access": _m("Access"),
        "records": _m("Only records"),
    }
)
_LONGEST = 300


def kind_words(kind: str) -> Message:
    return KIND_WORDS.get(kind) or _m("{kind}", kind=kind)


def part_words(pointer: str, bodies: Sequence[Mapping[str, Any] | None], words: Words) -> str:
    """What the part at `pointer` is called: “Field Amount · Label”. Labels are looked up in `bodies`, the first that has it."""
    parts = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
    out: list[str] = []
    at = 0
    while at < len(parts):
        if parts[at] in _MEMBERS and at + 1 < len(parts):
            place = "/".join(pointer.split("/")[: at + 3])
            out.append(_m("{what} “{name}”", what=_MEMBERS[parts[at]], name=_label(place, bodies, parts[at + 1])).render(words))
            at += 2
        else:
            known = _PROPERTIES.get(parts[at])
            out.append(known.render(words) if known is not None else label_from_name(parts[at]))
            at += 1
    return " · ".join(out)


def value_words(value: Any, words: Words) -> str:
    """A value of the metadata as a person reads it; "" for nothing."""
    if value is None or value == "" or value == []:
        return ""
    if isinstance(value, bool):
        return (_m("Yes") if value else _m("No")).render(words)
    if isinstance(value, Mapping):
        return _object_words(value, words)
    if isinstance(value, list):
        return _cut(", ".join(value_words(item, words) for item in value))
    return _cut(str(value))


def path_words(path: str, bodies: Sequence[Mapping[str, Any] | None], words: Words) -> str:
    """`part_words` with the kind and name before: “Entity Deal · Field “Amount” · Label”."""
    kind, _, rest = path.partition("/")
    name, slash, pointer = rest.partition("/")
    label = next((str(body["label"]) for body in bodies if body and body.get("label")), label_from_name(name.rpartition(".")[2]))
    head = _m("{what} “{name}”", what=kind_words(kind), name=label).render(words)
    return f"{head} · {part_words(slash + pointer, bodies, words)}" if pointer else head


def _object_words(value: Mapping[str, Any], words: Words) -> str:
    label = value.get("label") or label_from_name(str(value.get("name", "")))
    if label and isinstance(value.get("type"), str):
        return _m("{label} ({type})", label=str(label), type=label_from_name(value["type"])).render(words)
    if value.get("label") or set(value) == {"name"}:
        return _cut(str(label))
    return _cut(json.dumps(value, ensure_ascii=False))


def _label(place: str, bodies: Sequence[Mapping[str, Any] | None], name: str) -> str:
    for body in bodies:
        found, there = value_at(body, place) if body is not None else (None, False)
        if there and isinstance(found, Mapping) and isinstance(found.get("label"), str):
            return str(found["label"])
    return label_from_name(name)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} …"
