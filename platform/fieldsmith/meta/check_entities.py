"""Cross-checks of entities: fields and their references, defaults, indexes, master–detail cycles, limits."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from graphlib import CycleError, TopologicalSorter

from fieldsmith.base.problems import pointer
from fieldsmith.base.text import Message, _m
from fieldsmith.fields.base import Field, Invalid, Scope
from fieldsmith.fields.computed import COMPUTED
from fieldsmith.meta.findings import Findings
from fieldsmith.meta.layers import Key
from fieldsmith.meta.members import folded
from fieldsmith.meta.model import Entity, Model
from fieldsmith.meta.system_fields import PHYSICAL

MAX_COLUMNS = 400
MAX_COMPUTED = 200
_NO_DEFAULT = frozenset({"lookup", "many_to_many", "polymorphic_lookup", "file", "image"})


def check_entities(findings: Findings, previous: Model | None = None) -> None:
    """Entities shared with `previous`, a sound model, are passed by where what they speak of is the same too."""
    model = findings.model
    sound = _still_sound(model, previous)
    scope = Scope(
        choices=model.choices,
        currency=model.company.currency,
        rate=model.company.rate,
        today=lambda: date.max,  # the latest rate known: a default has no day of its own
        phone_region=model.company.country,
        entities=frozenset(model.entities),
    )
    for entity in model.entities.values():
        if entity.name in sound:
            continue
        key = ("entity", entity.name)
        _name_field(findings, key, entity)
        for field in entity.own_fields():
            _field(findings, key, entity, field, scope)
        _indexes(findings, key, entity)
        _inverses(findings, entity)
        _width(findings, key, entity)
        _computed(findings, key, entity)
    for cycle in _cycles(findings):
        path = " → ".join(cycle)
        message = _m("Owned lookups form a circle: {path}. Take “owned” from one of them.", path=path)
        field = next(field for field in model.entities[cycle[0]].own_fields() if _is_owned(field) and field.options["to"] == cycle[1])
        findings.add(("entity", cycle[0]), pointer("fields", field.name, "owned"), "owner_cycle", message)


def _still_sound(model: Model, previous: Model | None) -> frozenset[str]:
    if previous is None or previous.company != model.company:
        return frozenset()
    gone = previous.entities.keys() - model.entities.keys()
    changed = {name for name, choices in previous.choices.items() if model.choices.get(name) != choices}
    shared = (entity for name, entity in model.entities.items() if previous.entities.get(name) is entity)
    return frozenset(entity.name for entity in shared if not any(_speaks_of(field, gone, changed) for field in entity.fields.values()))


def _speaks_of(field: Field, gone: Collection[str], changed: Collection[str]) -> bool:
    """Does the field point at an entity that is gone, or take values from a pick list that changed?"""
    if not field.options:
        return False
    to = field.options.get("to", ())
    return field.options.get("choices") in changed or any(target in gone for target in ((to,) if isinstance(to, str) else to))


def _name_field(findings: Findings, key: Key, entity: Entity) -> None:
    if not entity.name_field:
        message = _m("{entity} has no field that can name its records. Add a text field called name.", entity=entity.label)
        findings.add(key, "/fields", "no_name_field", message)
        return
    field = findings.field(key, "/name_field", entity, entity.name_field)
    if field is not None and not findings.model.types[field.type].can_be_name:
        message = _m("“{name}” is of type {type} and cannot name records. Choose a text field.", name=field.name, type=findings.model.types[field.type].title)
        findings.add(key, "/name_field", "cannot_be_name", message)


def _field(findings: Findings, key: Key, entity: Entity, field: Field, scope: Scope) -> None:
    kind = findings.model.type_of(field)
    place = pointer("fields", field.name)
    columns = kind.columns(field)
    if field.unique and not kind.can_be_unique:
        findings.add(key, f"{place}/unique", "cannot_be_unique", _m("A field of type {type} cannot be unique.", type=kind.title))
    if field.indexed and not (columns and kind.sortable):
        findings.add(key, f"{place}/indexed", "cannot_be_indexed", _no_index(findings, field), _why_not_kept(field))
    if field.required and field.type == "boolean":
        findings.add(key, f"{place}/required", "never_blank", _m("A yes/no field is never blank, so it cannot be required. Leave the key out."))
    if field.required and not kind.writable:
        findings.add(key, f"{place}/required", "never_blank", _m("The platform fills in a field of type {type}, so it cannot be required.", type=kind.title))
    for option, message, hint in kind.option_problems(field):
        findings.add(key, place + pointer(option), "bad_option", message, hint)
    _targets(findings, key, entity, field)
    _default(findings, key, field, scope)


def _targets(findings: Findings, key: Key, entity: Entity, field: Field) -> None:
    place = pointer("fields", field.name)
    to = field.options.get("to", ())
    for target in (to,) if isinstance(to, str) else to:
        findings.entity(key, f"{place}/to", target)
    choices = field.options.get("choices")
    if choices is not None and choices not in findings.model.choices and ("choices", choices) not in findings.refused:
        findings.unknown(key, f"{place}/choices", "unknown_choices", _m("There is no pick list “{name}”.", name=choices), choices, findings.model.choices)
    if field.type == "lookup" and not field.options.get("owned") and field.required and field.options["on_delete"] == "clear":
        message = _m("A required lookup cannot be cleared when its target is deleted. Use restrict or cascade.")
        findings.add(key, f"{place}/on_delete", "required_clear", message)


def _default(findings: Findings, key: Key, field: Field, scope: Scope) -> None:
    kind = findings.model.types[field.type]
    if field.default is None:
        return
    place = pointer("fields", field.name, "default")
    if field.type in _NO_DEFAULT or not kind.writable:
        findings.add(key, place, "no_default", _m("A field of type {type} cannot have a default.", type=kind.title))
        return
    choices = field.options.get("choices")
    if choices is not None and choices not in scope.choices:
        return
    try:
        value = kind.default_value(field, scope)
        check = kind.change_check(field, scope)
        if check is not None and value is not None:
            check(value)
    except Invalid as fault:
        part = pointer(fault.part) if fault.part else ""
        findings.add(key, place + part, "bad_default", _m("The default does not fit the field: {reason}", reason=fault.message), fault.hint)


def _indexes(findings: Findings, key: Key, entity: Entity) -> None:
    for index in entity.indexes:
        place = pointer("indexes", index.name, "fields")
        names = [name.lstrip("-") for name in index.fields]
        if len(set(names)) < len(names):
            findings.add(key, place, "duplicate_item", _m("The same field stands in the index twice. Keep one."))
        for name in names:
            field = findings.field(key, place, entity, name)
            kind = findings.model.type_of(field) if field is not None else None
            if field is not None and kind is not None and not (kind.columns(field) and kind.sortable):
                findings.add(key, place, "cannot_be_indexed", _no_index(findings, field), _why_not_kept(field))


def _no_index(findings: Findings, field: Field) -> Message:
    return _m("A field of type {type} cannot be indexed.", type=findings.model.types[field.type].title)


def _why_not_kept(field: Field) -> Message | None:
    """A computed field can be indexed where it has a column."""
    if field.type not in COMPUTED or field.options.get("stored"):
        return None
    return _m("Its value is worked out when it is read. Only what hangs on nothing but the record's own fields is kept, or a rollup over them.")


def _inverses(findings: Findings, entity: Entity) -> None:
    """Inverse names live beside the fields of the target, in expressions and related lists."""
    taken = {folded(name): entity.label.text for name in entity.fields}
    for reference in entity.references:
        if reference.inverse is None:
            continue
        name = folded(reference.inverse)
        if name in taken:
            message = _m("“{name}” is already the name of a field or related list of {entity}. Choose another.", name=reference.inverse, entity=entity.label)
            findings.add(("entity", reference.entity), pointer("fields", reference.field, "inverse"), "same_name", message)
        taken[name] = reference.entity


def _width(findings: Findings, key: Key, entity: Entity) -> None:
    types = findings.model.types
    width = len(PHYSICAL) + sum(len(types[field.type].columns(field)) + field.sortable_fold for field in entity.own_fields())
    if width > MAX_COLUMNS:
        message = _m(
            "{entity} needs {width} columns in the database; at most {limit} are possible. Move some fields to an entity of their own.",
            entity=entity.label,
            width=width,
            limit=MAX_COLUMNS,
        )
        findings.add(key, "/fields", "too_many_columns", message)


def _computed(findings: Findings, key: Key, entity: Entity) -> None:
    count = sum(field.type in COMPUTED for field in entity.own_fields())
    if count > MAX_COMPUTED:
        message = _m("{entity} has {count} formulas and rollups; at most {limit} are possible.", entity=entity.label, count=count, limit=MAX_COMPUTED)
        findings.add(key, "/fields", "too_many_computed", message, _m("Put what only other formulas read into those, or move some to an entity of their own."))


def _is_owned(field: Field) -> bool:
    return field.type == "lookup" and bool(field.options.get("owned"))


def _cycles(findings: Findings) -> Iterator[list[str]]:
    """Circles of owned lookups, each from a detail to its master and so on back to itself."""
    masters = {entity.name: [field.options["to"] for field in entity.own_fields() if _is_owned(field)] for entity in findings.model.entities.values()}
    while True:
        try:
            TopologicalSorter(masters).prepare()
            return
        except CycleError as error:
            circle: list[str] = error.args[1]
            masters[circle[1]].remove(circle[0])
            yield circle[::-1]
