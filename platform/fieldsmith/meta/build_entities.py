"""Entities and their fields from effective documents: defaults filled in, names linked, references gathered.

Total over schema-sound documents: what points nowhere is kept as it is and reported by `meta.check`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Literal

from fieldsmith.fields.base import Field, FieldType
from fieldsmith.meta.build_screens import DEFAULT_ICON
from fieldsmith.meta.former import former_names
from fieldsmith.meta.labels import Labels, label_from_name, plural_of
from fieldsmith.meta.members import COMMON_KEYS
from fieldsmith.meta.model import Entity, Index, RecordType, Reference
from fieldsmith.meta.names import NameKind, Names
from fieldsmith.meta.record_types import record_type_fields
from fieldsmith.meta.system_fields import system_fields

Body = Mapping[str, Any]
OnDelete = Literal["restrict", "clear", "cascade"]
_LINKS = frozenset({"lookup", "many_to_many", "polymorphic_lookup"})


def wanted_names(bodies: Iterable[Body]) -> Iterator[tuple[str, NameKind]]:
    """Every path that needs a uid, in document order."""
    for body in bodies:
        base = f"entity/{body['name']}"
        yield base, "table"
        for item in body["fields"]:
            yield f"{base}/fields/{item['name']}", "link" if item["type"] == "many_to_many" else "column"
        for item in body.get("indexes", ()):
            yield f"{base}/indexes/{item['name']}", "index"


def build_entities(
    bodies: Iterable[Body],
    names: Names,
    types: Mapping[str, FieldType],
    labels: Labels,
    record_types: Mapping[str, RecordType],
    known: Mapping[str, Entity] = MappingProxyType({}),
) -> dict[str, Entity]:
    """By name. Those that are `known` are taken as they are, but for who refers to them."""
    typed = record_type_fields(record_types.values(), names)
    entities = {body["name"]: known.get(body["name"]) or _entity(body, names, types, labels, typed.get(body["name"])) for body in bodies}
    inbound: dict[str, list[Reference]] = {}
    for entity in entities.values():
        for field in entity.fields.values():
            if field.type in _LINKS and not field.system:
                to = field.options["to"]
                for target in (to,) if isinstance(to, str) else to:
                    inbound.setdefault(target, []).append(
                        Reference(entity.name, field.name, field.options.get("inverse"), field.options.get("on_delete", "clear"))
                    )
    return {name: _referred_to(entity, tuple(inbound.get(name, ()))) for name, entity in entities.items()}


def _referred_to(entity: Entity, references: tuple[Reference, ...]) -> Entity:
    return entity if entity.references == references else replace(entity, references=references)


def _entity(body: Body, names: Names, types: Mapping[str, FieldType], labels: Labels, record_type: Field | None) -> Entity:
    name = body["name"]
    base = f"entity/{name}"
    known = names[base]
    text = body.get("label") or label_from_name(name)
    label = labels.label(f"{base}/label", text)
    name_field = body.get("name_field") or _name_field(body, types)
    indexes = tuple(
        Index(item["name"], names[f"{base}/indexes/{item['name']}"].uid, tuple(item["fields"]), item.get("unique", False)) for item in body.get("indexes", ())
    )
    folded = {item.lstrip("-") for index in indexes if not index.unique for item in index.fields} | {name_field}
    fields = system_fields(name) | ({record_type.name: record_type} if record_type is not None else {})
    prefix = f"{base}/fields/"
    for item in body["fields"]:
        fields[item["name"]] = _field(name, item, prefix + item["name"], names, types, labels, folded)
    return Entity(
        name,
        known.uid,
        known.physical,
        label,
        labels.plural(f"{base}/plural", body.get("plural") or plural_of(text), label),
        body.get("icon", DEFAULT_ICON),
        name_field,
        fields,
        indexes,
        frozenset(body.get("features", ())),
        labels.optional(f"{base}/help", body.get("help")),
        former=former_names(body["fields"], prefix, names.retired),
        sharing=body.get("sharing", "all"),
    )


def _name_field(body: Body, types: Mapping[str, FieldType]) -> str:
    """The field called name, else the first that can name a record, else nothing."""
    able = [item["name"] for item in body["fields"] if types[item["type"]].can_be_name]
    return "name" if "name" in able else next(iter(able), "")


def _field(entity: str, item: Body, path: str, names: Names, types: Mapping[str, FieldType], labels: Labels, folded: set[str]) -> Field:
    name, kind = item["name"], item["type"]
    uid, physical = names[path]
    options = {key: value for key, value in item.items() if key not in COMMON_KEYS}
    required = item.get("required", False)
    if kind == "lookup":
        required = required or options.get("owned", False)
        options["on_delete"] = _on_delete(options, required)
    unique = item.get("unique", False) or types[kind].always_unique
    indexed = item.get("indexed", False)
    text = item.get("label")
    return Field(
        entity,
        name,
        kind,
        uid,
        physical,
        labels.label(path + "/label", text or label_from_name(name)),
        labels.optional(path + "/help", item.get("help")),
        required,
        unique,
        indexed,
        types[kind].folds and (unique or indexed or name in folded),
        item.get("default"),
        False,
        item.get("read_only", False),
        options,
        item.get("default_expression", ""),
    )


def _on_delete(options: Body, required: bool) -> OnDelete:
    """Owned rows go with their owner; a required lookup cannot be cleared, so it restricts unless it says otherwise."""
    if options.get("owned"):
        return "cascade"
    found: OnDelete = options.get("on_delete") or ("restrict" if required else "clear")
    return found
