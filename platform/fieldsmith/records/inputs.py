"""What a caller sent → canonical values, with every problem collected. Knows no database: lookups stay ids or external keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fieldsmith.access.sight import Sight
from fieldsmith.base.problems import Problem, pointer
from fieldsmith.base.text import _m
from fieldsmith.fields.base import Field, Invalid
from fieldsmith.meta.former import hint_for
from fieldsmith.query.rows import mask_of
from fieldsmith.records.shape import EntityShape

_UNTOUCHABLE = frozenset({"id", "created_at", "created_by", "modified_at", "modified_by", "version", "deleted_at"})


def read(shape: EntityShape, sent: Mapping[str, Any], current: Mapping[str, Any] | None, problems: list[Problem], sight: Sight) -> dict[str, Any]:
    """Canonical values of the fields in `sent`; faults are appended to `problems`. Fields hidden from `sight` are unknown ones.

    `current` is the stored record (canonical, system fields too) when one is changed: a read-only field may be sent back
    with the value it has, since whatever a GET gave a PATCH must accept.
    """
    out: dict[str, Any] = {}
    fields = shape.entity.fields
    for name, raw in sent.items():
        item = fields.get(name)
        if item is None or name == "deleted_at" or sight.hides(shape.entity.name, name):
            problems.append(_unknown(shape, name, sight))
            continue
        if current is not None and names_nothing_new(item, raw, current.get(name), sight):
            continue
        locked = sight.locks(shape.entity.name, name)
        if locked and current is not None and sight.masks(shape.entity.name, name) and raw == mask_of(current.get(name)):
            continue
        try:
            value = coercer(shape, item, sight)(raw)
        except Invalid as invalid:
            problems.append(_read_only(item) if _is_read_only(shape, item) else _locked(item) if locked else _invalid(name, invalid))
            continue
        if _is_read_only(shape, item):
            if current is None or current.get(name) != value:
                problems.append(_read_only(item))
            continue
        if locked:
            if current is None or current.get(name) != value or sight.masks(shape.entity.name, name):
                problems.append(_locked(item))
            continue
        out[name] = value
    admit(shape, out, current or {}, problems)
    return out


def coercer(shape: EntityShape, item: Field, sight: Sight) -> Callable[[Any], Any]:
    """What reads a value of the field as sent by the reader, who may not even know of some entities it can point at."""
    known = sight.targets(item)
    return shape.coercers[item.name] if known is item else shape.schema.model.type_of(item).coercer(known, shape.scope)


def names_nothing_new(item: Field, raw: Any, stored: Any, sight: Sight) -> bool:
    """Is it what the reader was shown of a record of an entity they do not know: an id without the entity? Then it stays."""
    if item.type != "polymorphic_lookup" or stored is None or sight.entity(stored.entity) is not None or not isinstance(raw, Mapping):
        return False
    return not raw.get("entity") and raw.get("id") == stored.id


def admit(shape: EntityShape, new: Mapping[str, Any], stored: Mapping[str, Any], problems: list[Problem]) -> None:
    """Values that may stay but not arrive, such as inactive choices, are refused where they differ from what is stored."""
    for name, check in shape.checks.items():
        value, old = new.get(name), stored.get(name)
        if value is not None and shape.differs(name, old, value):
            try:
                check(value, old)
            except Invalid as invalid:
                problems.append(_invalid(name, invalid))


def complete(shape: EntityShape, values: dict[str, Any], problems: list[Problem], sight: Sight) -> None:
    """Put defaults into the blanks of a new record, then demand what is required."""
    shape.put_defaults(values)
    told = {problem.pointer.split("/")[1] for problem in problems if problem.pointer}  # what could not be read is there, only wrong
    for item in shape.required:
        if values.get(item.name) is None and item.name not in shape.numbered and item.name not in told:
            problems.append(_out_of_reach(shape) if sight.hides(shape.entity.name, item.name) else _required(item))


def demand(shape: EntityShape, new: Mapping[str, Any], stored: Mapping[str, Any], problems: list[Problem]) -> None:
    """No required field may be blanked; one that is blank already may stay so."""
    for item in shape.required:
        if item.name in new and new[item.name] is None and stored.get(item.name) is not None:
            problems.append(_required(item))


def _is_read_only(shape: EntityShape, item: Field) -> bool:
    return item.name in _UNTOUCHABLE or item.read_only or not shape.schema.model.type_of(item).writable


def _unknown(shape: EntityShape, name: str, sight: Sight) -> Problem:
    message = _m("Unknown field “{name}” on {entity}.", name=name[:100], entity=shape.entity.label)
    known = [item for item in shape.entity.fields if not sight.hides(shape.entity.name, item)]
    former = {was: found for was, found in shape.entity.former.items() if not found.now or found.now in known}
    return Problem("unknown_field", message, pointer(name[:100]), hint_for(name[:100], known, former))


def _locked(item: Field) -> Problem:
    return Problem("not_permitted", _m("You may not change {field}.", field=item.label), pointer(item.name), _m("Leave it out, or ask an administrator."))


def _out_of_reach(shape: EntityShape) -> Problem:
    """Something required is hidden from who saves; its name is not theirs to know."""
    message = _m("Your roles cannot fill in all that a {entity} needs.", entity=shape.entity.label)
    return Problem("not_permitted", message, "", _m("Ask an administrator."))


def _read_only(item: Field) -> Problem:
    return Problem("read_only", _m("{field} is set by the platform.", field=item.label), pointer(item.name), _m("Leave it out."))


def _invalid(name: str, invalid: Invalid) -> Problem:
    where = pointer(name, invalid.part) if invalid.part else pointer(name)
    return Problem(invalid.code, invalid.message, where, invalid.hint)


def _required(item: Field) -> Problem:
    return Problem("required", _m("{field} is required.", field=item.label), pointer(item.name), _m("Fill it in."))
