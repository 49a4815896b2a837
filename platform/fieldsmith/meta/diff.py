"""`differences`: what a person is told has changed between two models, and whether the change only adds.

Shown by `package diff` and kept as the summary of a revision. `db.plan` derives its steps from the models, not from this.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from fieldsmith.base.problems import pointer
from fieldsmith.base.text import Label, Message, _m
from fieldsmith.fields.base import Field
from fieldsmith.fields.computed import COMPUTED
from fieldsmith.meta.diff_layouts import layout_differences
from fieldsmith.meta.layers import Key
from fieldsmith.meta.model import RECORD_TYPE, ChoiceList, Entity, Index, Model, RecordType

DifferenceKind = Literal[
    "package_added", "package_changed", "package_removed",
    "entity_added", "entity_changed", "entity_removed", "entity_renamed",
    "field_added", "field_changed", "field_retyped", "field_removed", "field_renamed",
    "index_added", "index_changed", "index_removed",
    "choices_added", "choices_changed", "choices_removed", "choice_added", "choice_changed", "choice_removed", "choice_renamed",
    "record_type_added", "record_type_changed", "record_type_removed", "record_type_renamed",
    "document_added", "document_changed", "document_removed",
]  # fmt: skip
_STORED_OPTIONS = frozenset({"to", "scale"})  # options that decide how values are stored; what is worked out can be worked out anew


@dataclass(frozen=True, slots=True)
class Difference:
    """`document` is `kind/name`, `pointer` the part of it. `additive` is False for what takes away or stores in another way."""

    kind: DifferenceKind
    document: str
    pointer: str
    message: Message
    additive: bool = True


def differences(old: Model | None, new: Model) -> tuple[Difference, ...]:
    """Everything that differs, entities first, in the order of the documents; `old` None is an empty workspace."""
    return tuple(_differences(old, new))


def _differences(old: Model | None, new: Model) -> Iterator[Difference]:
    yield from _packages(old, new)
    before: Mapping[str, Entity] = old.entities if old else {}
    renamed = _renamed(before, new.entities)
    for name, entity in new.entities.items():
        known = before.get(renamed.get(name, name))
        if known is entity:
            continue
        if known is None:
            yield Difference("entity_added", f"entity/{name}", "", _m("New entity {entity}", entity=entity.label))
        else:
            if name in renamed:
                yield Difference("entity_renamed", f"entity/{name}", "", _m("Entity {old} is now called {name}", old=known.name, name=name))
            yield from _entity(known, entity, new)
    for name in sorted(before.keys() - new.entities.keys() - set(renamed.values())):
        yield Difference("entity_removed", f"entity/{name}", "", _m("Entity {entity} is gone", entity=before[name].label), False)
    yield from _choices(_written_lists(old) if old else {}, _written_lists(new))
    yield from _record_types(old, new)
    yield from _documents(old.documents if old else {}, new.documents, lambda entity, field: _label_of(new, entity, field))


def _label_of(model: Model, entity: str, field: str) -> Label | str:
    found = model.entities.get(entity)
    return found.fields[field].label if found is not None and field in found.fields else field


def _renamed(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, str]:
    """New name → old one, of what is still itself: its uid says so."""
    gone = {item.uid: name for name, item in old.items() if name not in new}
    return {name: gone[item.uid] for name, item in new.items() if name not in old and item.uid in gone}


def _packages(old: Model | None, new: Model) -> Iterator[Difference]:
    before = old.packages if old else {}
    for name, package in new.packages.items():
        known = before.get(name)
        document = f"package/{name}"
        if known is None:
            yield Difference("package_added", document, "", _m("New package {name} {version}", name=name, version=package.version))
        elif known.version != package.version:
            message = _m("Package {name}: version {old} becomes {new}", name=name, old=known.version, new=package.version)
            yield Difference("package_changed", document, "/version", message)
    for name in sorted(before.keys() - new.packages.keys()):
        yield Difference("package_removed", f"package/{name}", "", _m("Package {name} is gone", name=name), False)


def _entity(old: Entity, new: Entity, model: Model) -> Iterator[Difference]:
    document = f"entity/{new.name}"
    for key, one, other in (
        ("label", old.label, new.label),
        ("plural", old.plural, new.plural),
        ("icon", old.icon, new.icon),
        ("help", old.help, new.help),
        ("name_field", old.name_field, new.name_field),
        ("features", old.features, new.features),
        ("sharing", old.sharing, new.sharing),
    ):
        if one != other:
            yield Difference("entity_changed", document, f"/{key}", _changed(new.label, key, one, other))
    renamed = _renamed(old.fields, new.fields)
    for name, field in new.fields.items():
        known = old.fields.get(renamed.get(name, name))
        place = pointer("fields", name)
        if name in renamed:
            message = _m("Field {old} of {entity} is now called {name}", old=renamed[name], entity=new.label, name=name)
            yield Difference("field_renamed", document, place, message)
        if known is None:
            title = model.types[field.type].title
            yield Difference("field_added", document, place, _m("New field {field} ({type}) on {entity}", field=field.label, type=title, entity=new.label))
        elif known != field:
            yield from _field(known, field, document, new, model)
    for name in sorted(old.fields.keys() - new.fields.keys() - set(renamed.values())):
        message = _m("Field {field} of {entity} is gone", field=old.fields[name].label, entity=new.label)
        yield Difference("field_removed", document, pointer("fields", name), message, False)
    yield from _indexes(old.indexes, new, document)


def _field(old: Field, new: Field, document: str, entity: Entity, model: Model) -> Iterator[Difference]:
    place = pointer("fields", new.name)
    if old.type != new.type:
        types = model.types
        message = _m(
            "Type of {field} on {entity}: {old} becomes {new}", field=new.label, entity=entity.label, old=types[old.type].title, new=types[new.type].title
        )
        yield Difference("field_retyped", document, f"{place}/type", message, False)
        return
    pairs: dict[str, tuple[Any, Any]] = {
        key: (getattr(old, key), getattr(new, key)) for key in ("label", "help", "required", "unique", "indexed", "default", "default_expression", "read_only")
    }
    pairs |= {key: (old.options.get(key), new.options.get(key)) for key in sorted({*old.options, *new.options})}
    for key, (one, other) in pairs.items():
        if one != other and (key, new.name) != ("choices", RECORD_TYPE):
            message = _m("{field} on {entity}: {key} {old} becomes {new}", field=new.label, entity=entity.label, key=key, old=_shown(one), new=_shown(other))
            yield Difference("field_changed", document, f"{place}/{key}", message, key not in _STORED_OPTIONS or new.type in COMPUTED)


def _indexes(old: Iterable[Index], entity: Entity, document: str) -> Iterator[Difference]:
    before = {index.name: index for index in old}
    for index in entity.indexes:
        place = pointer("indexes", index.name)
        fields = ", ".join(index.fields)
        if index.name not in before:
            yield Difference("index_added", document, place, _m("New index {name} on {entity}: {fields}", name=index.name, entity=entity.label, fields=fields))
        elif before[index.name] != index:
            yield Difference(
                "index_changed", document, place, _m("Index {name} on {entity} becomes {fields}", name=index.name, entity=entity.label, fields=fields)
            )
    for name in sorted(before.keys() - {index.name for index in entity.indexes}):
        yield Difference("index_removed", document, pointer("indexes", name), _m("Index {name} of {entity} is gone", name=name, entity=entity.label))


def _choices(old: Mapping[str, ChoiceList], new: Mapping[str, ChoiceList]) -> Iterator[Difference]:
    for name, choices in new.items():
        document = f"choices/{name}"
        known = old.get(name)
        if known is None:
            yield Difference("choices_added", document, "", _m("New pick list {choices}", choices=choices.label))
            continue
        for key, one, other in (("label", known.label, choices.label), ("depends_on", known.depends_on, choices.depends_on)):
            if one != other:
                yield Difference("choices_changed", document, f"/{key}", _changed(choices.label, key, one, other))
        renamed = known.renamed_in(choices)
        before_of = {new: old for old, new in renamed.items()}
        for value in choices.values.values():
            place = pointer("values", value.name)
            before = known.values.get(value.name)
            if value.name in before_of:
                message = _m("Value {old} of {choices} is now called {name}", old=before_of[value.name], choices=choices.label, name=value.name)
                yield Difference("choice_renamed", document, place, message)
            elif before is None:
                yield Difference("choice_added", document, place, _m("New value {value} in {choices}", value=value.label, choices=choices.label))
            elif before != value:
                yield Difference("choice_changed", document, place, _m("Value {value} of {choices} changed", value=value.label, choices=choices.label))
        for gone in sorted(known.values.keys() - choices.values.keys() - renamed.keys()):
            message = _m("Value {value} of {choices} is gone", value=known.values[gone].label, choices=choices.label)
            yield Difference("choice_removed", document, pointer("values", gone), message, False)
    for name in sorted(old.keys() - new.keys()):
        yield Difference("choices_removed", f"choices/{name}", "", _m("Pick list {choices} is gone", choices=old[name].label), False)


def _written_lists(model: Model) -> dict[str, ChoiceList]:
    """Without those of record types."""
    return {name: choices for name, choices in model.choices.items() if "." not in name}


def _record_types(old: Model | None, new: Model) -> Iterator[Difference]:
    """By entity as it is called now; a renamed one is still itself."""
    before: dict[str, RecordType] = {}
    now = {entity.uid: name for name, entity in new.entities.items()}
    for item in old.record_types.values() if old else ():
        assert old is not None
        entity = now.get(old.entities[item.entity].uid)
        if entity is not None:
            before[f"{entity}.{item.name}"] = replace(item, entity=entity)
    renamed = {f"{item.entity}.{was}": key for key, item in new.record_types.items() for was in item.was if f"{item.entity}.{was}" not in new.record_types}
    for key, item in new.record_types.items():
        document, label = f"record_type/{key}", new.entities[item.entity].label
        former = next((was for was, present in renamed.items() if present == key and was in before and key not in before), None)
        known = before.get(former or key)
        if known is None:
            yield Difference("record_type_added", document, "", _m("New record type {name} of {entity}", name=item.label, entity=label))
            continue
        if former is not None:
            message = _m("Record type {old} of {entity} is now called {name}", old=known.name, entity=label, name=item.name)
            yield Difference("record_type_renamed", document, "", message)
        yield from _record_type(known, item, document, label)
    for key in sorted(before.keys() - new.record_types.keys() - renamed.keys()):
        item = before[key]
        message = _m("Record type {name} of {entity} is gone", name=item.label, entity=new.entities[item.entity].label)
        yield Difference("record_type_removed", f"record_type/{key}", "", message, False)


def _record_type(old: RecordType, new: RecordType, document: str, entity: Label) -> Iterator[Difference]:
    for key in ("label", "help", "default", "active"):
        one, other = getattr(old, key), getattr(new, key)
        if one != other:
            message = _m(
                "Record type {name} of {entity}: {key} {old} becomes {new}", name=new.label, entity=entity, key=key, old=_shown(one), new=_shown(other)
            )
            yield Difference("record_type_changed", document, f"/{key}", message)
    for field in dict.fromkeys((*old.choices, *new.choices)):
        before, after = old.choices.get(field), new.choices.get(field)
        if before != after:
            message = _m("Record type {name} of {entity}: values of {field} become {values}", name=new.label, entity=entity, field=field, values=_values(after))
            yield Difference("record_type_changed", document, pointer("choices", field), message)


def _values(values: tuple[str, ...] | None) -> Any:
    return _m("all") if values is None else ", ".join(values)


def _documents(old: Mapping[Key, Any], new: Mapping[Key, Any], labels: Callable[[str, str], Label | str]) -> Iterator[Difference]:
    """Views, rules, tabs, apps, roles, company, translations and import maps: named, not taken apart. Layouts are, part by part."""
    told = {"package", "entity", "choices", "record_type"}
    for (kind, name), document in new.items():
        if kind in told:
            continue
        known = old.get((kind, name))
        if known is None:
            yield Difference("document_added", f"{kind}/{name}", "", _m("New {kind} {name}", kind=kind, name=name))
        elif known.body != document.body:
            taken_apart = list(layout_differences(f"{kind}/{name}", known.body, document.body, labels)) if kind == "layout" else []
            for place, message in taken_apart or [("", _m("{kind} {name} changed", kind=kind, name=name))]:
                yield Difference("document_changed", f"{kind}/{name}", place, message)
    for kind, name in sorted(old.keys() - new.keys()):
        if kind not in told:
            yield Difference("document_removed", f"{kind}/{name}", "", _m("{kind} {name} is gone", kind=kind, name=name), False)


def _changed(entity: Label, key: str, one: Any, other: Any) -> Message:
    return _m("{entity}: {key} {old} becomes {new}", entity=entity, key=key, old=_shown(one), new=_shown(other))


def _shown(value: Any) -> Any:
    """A value as the sentence of a difference says it."""
    if value is None or value == "":
        return "–"
    if isinstance(value, frozenset):
        return ", ".join(sorted(value)) or "–"
    if isinstance(value, (Label, Message)):
        return value
    return str(value).lower() if isinstance(value, bool) else str(value)
