"""Cross-checks of rules: each says what its type needs and nothing else, about fields that can be ruled."""

from __future__ import annotations

from collections.abc import Iterable

from fieldsmith.base.problems import pointer
from fieldsmith.base.text import _m
from fieldsmith.fields.base import Field
from fieldsmith.meta.findings import Findings
from fieldsmith.meta.layers import Key
from fieldsmith.meta.model import Entity, FieldRule, ValidationRule

VALIDATION_KEYS = ("when", "must", "message", "field")
FIELD_KEYS = ("fields", "visible", "required", "read_only")
_EFFECTS = ("visible", "required", "read_only")


def check_rules(findings: Findings) -> None:
    model = findings.model
    for name, rule in model.rules.items():
        key = ("rule", name)
        entity = findings.entity(key, "/entity", rule.entity)
        if isinstance(rule, ValidationRule):
            _needs(findings, key, ("must", "message"))
            _has_no(findings, key, FIELD_KEYS)
            if entity is not None and rule.field is not None:
                findings.field(key, "/field", entity, rule.field)
        else:
            _needs(findings, key, ("fields",))
            _has_no(findings, key, VALIDATION_KEYS)
            _some_effect(findings, key)
            if entity is not None:
                _fields(findings, key, entity, rule)


def _needs(findings: Findings, key: Key, wanted: Iterable[str]) -> None:
    body = findings.model.documents[key].body
    for name in wanted:
        if name not in body:
            findings.add(key, "", "missing_key", _m("The key “{key}” is missing.", key=name))


def _has_no(findings: Findings, key: Key, others: Iterable[str]) -> None:
    body = findings.model.documents[key].body
    for name in others:
        if name in body:
            message = _m("A rule of type “{type}” has no key “{key}”.", type=body["type"], key=name)
            findings.add(key, pointer(name), "unknown_key", message, _m("Make a rule of its own for it."))


def _some_effect(findings: Findings, key: Key) -> None:
    if not any(name in findings.model.documents[key].body for name in _EFFECTS):
        message = _m("The rule says nothing about its fields. Add one of: {keys}.", keys=", ".join(_EFFECTS))
        findings.add(key, "", "missing_key", message)


def _fields(findings: Findings, key: Key, entity: Entity, rule: FieldRule) -> None:
    for name in rule.fields:
        place = pointer("fields", name)
        field = findings.field(key, place, entity, name)
        if field is not None:
            _ruled(findings, key, place, field, rule)


def _ruled(findings: Findings, key: Key, place: str, field: Field, rule: FieldRule) -> None:
    title = findings.model.types[field.type].title
    if field.system and field.name != "owner":
        message = _m("“{name}” is kept by the platform, so no rule is needed for it.", name=field.name)
        findings.add(key, place, "cannot_be_ruled", message)
    elif not findings.model.type_of(field).writable and (rule.required or rule.read_only):
        message = _m("The platform fills in a field of type {type}, so a rule can only show or hide it.", type=title)
        findings.add(key, place, "cannot_be_ruled", message)
    elif rule.required and (field.type == "boolean" or field.system):
        message = _m("“{name}” is never blank, so it cannot be required.", name=field.name)
        findings.add(key, place, "never_blank", message)
    elif rule.visible and field.required:
        message = _m("“{name}” is always required, so a rule cannot hide it.", name=field.name)
        hint = _m("Take “required” from the field and let the rule require it while it shows.")
        findings.add(key, place, "required_hidden", message, hint)
