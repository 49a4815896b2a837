"""Cross-checks of record types: one default per entity, and only values that the narrowed fields have."""

from __future__ import annotations

from fieldsmith.base.problems import pointer
from fieldsmith.base.text import _m
from fieldsmith.meta.findings import Findings
from fieldsmith.meta.layers import Key
from fieldsmith.meta.model import RECORD_TYPE, Entity, RecordType

NARROWED = frozenset({"choice", "multi_choice"})
"""Types of the fields a record type may narrow."""


def check_record_types(findings: Findings) -> None:
    defaults: dict[str, str] = {}
    for name, item in findings.model.record_types.items():
        key = ("record_type", name)
        entity = findings.entity(key, "/entity", item.entity)
        if item.default:
            _default(findings, key, item, defaults.setdefault(item.entity, item.name))
        for field in item.choices if entity is not None else ():
            assert entity is not None
            _narrowed(findings, key, entity, item, field)


def _default(findings: Findings, key: Key, item: RecordType, first: str) -> None:
    if first != item.name:
        message = _m("{entity} already has the default record type “{other}”. Only one can be the default.", entity=item.entity, other=first)
        findings.add(key, "/default", "two_defaults", message)
    if not item.active:
        message = _m("“{name}” is inactive, so new records cannot be of it by default.", name=item.name)
        findings.add(key, "/default", "inactive_default", message, _m("Make another the default first."))


def _narrowed(findings: Findings, key: Key, entity: Entity, item: RecordType, name: str) -> None:
    place = pointer("choices", name)
    field = findings.field(key, place, entity, name)
    if field is None:
        return
    if field.type not in NARROWED or name == RECORD_TYPE:
        message = _m("“{name}” is no choice field, so a record type cannot narrow its values.", name=name)
        findings.add(key, place, "cannot_be_narrowed", message)
        return
    known = findings.model.choices.get(field.options["choices"])
    for value in item.choices[name] if known is not None else ():
        assert known is not None
        if value not in known.values:
            message = _m("{choices} has no value “{name}”.", choices=known.label, name=value)
            findings.unknown(key, place + pointer(value), "unknown_choice", message, value, known.values)
