"""What a role's document says of rights, as cells of a matrix, and the edits that make a cell something else.

    row = row_of(body, "account")         # row.cells["read"] == "team", row.inherits
    set_rights(body, "account", {"read": "all"})       # operations of a draft; [] where it is so already

A cell is a scope, or `sharing` for “as the entity says”. An entity the role does not name has the rights of `*`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from fieldsmith.base.problems import pointer
from fieldsmith.base.text import Message, _m
from fieldsmith.meta.roles import AS_SHARED, EVERY_ENTITY, FIELD_RIGHTS, IMPLIED, RIGHTS, SCOPES, Right, Sharing, default_scope

Operation = dict[str, Any]
CELLS: tuple[str, ...] = (*SCOPES, AS_SHARED)
NOTHING = "none"
WHOLE = "edit"
"""The right on a field that a role does not name."""
RIGHT_WORDS: Mapping[str, Message] = MappingProxyType(
    {
        "create": _m("Create"),
        "read": _m("Read"),
        "update": _m("Change"),
        "delete": _m("Delete"),
        "export": _m("Export"),
        "import": _m("Import"),
        "mass_change": _m("In bulk"),
        "merge": _m("Merge"),
        "history": _m("History"),
        "assign": _m("Hand over"),
        "reveal": _m("Unmask"),
    }
)
SCOPE_WORDS: Mapping[str, Message] = MappingProxyType(
    {
        "none": _m("None"),
        "own": _m("Own"),
        "team": _m("Team"),
        "hierarchy": _m("Subordinates"),
        "all": _m("All"),
        AS_SHARED: _m("As shared"),
    }
)
SCOPE_HINTS: Mapping[str, Message] = MappingProxyType(
    {
        "none": _m("on no record"),
        "own": _m("records they own, and those of queues they serve"),
        "team": _m("records of their team and the teams below"),
        "hierarchy": _m("those, and records of their subordinates"),
        "all": _m("on every record"),
        AS_SHARED: _m("as far as the entity's sharing goes"),
    }
)
FIELD_WORDS: Mapping[str, Message] = MappingProxyType({"none": _m("Not there"), "masked": _m("Masked"), "read": _m("Read"), "edit": _m("Edit")})


@dataclass(frozen=True, slots=True)
class Rights:
    """The rights of a role on one entity, by right; `inherits` where they are those of `*`."""

    cells: Mapping[Right, str]
    inherits: bool


def rights_of(body: Mapping[str, Any], entity: str) -> Rights:
    """Total: what cannot be read grants nothing."""
    said = _part(body, "entities")
    named = entity in said
    granted = said.get(entity) if named else said.get(EVERY_ENTITY)
    return Rights(MappingProxyType(dict(_cells(granted))), not named and entity != EVERY_ENTITY)


def resolved(cell: str, right: Right, sharing: Sharing | None) -> str:
    """How far a cell goes on an entity with that sharing; `sharing` itself where the entity is not known."""
    return default_scope(sharing, right) if cell == AS_SHARED and sharing is not None else cell


def set_rights(body: Mapping[str, Any], entity: str, wanted: Mapping[Right, str]) -> list[Operation]:
    """The operations that make these cells what is wanted, and leave the others of the row."""
    present = rights_of(body, entity)
    cells = {**present.cells, **wanted}
    if cells == present.cells:
        return []
    return [{"op": "change", "path": pointer("entities", entity), "value": _value(cells)}]


def inherit(body: Mapping[str, Any], below: Mapping[str, Any] | None, entity: str) -> list[Operation]:
    """The operations after which the entity has the rights of `*`; none can make a package's own words unsaid."""
    if entity == EVERY_ENTITY or entity not in _part(body, "entities") or can_not_inherit(below, entity):
        return []
    return [{"op": "remove", "path": pointer("entities", entity)}]


def can_not_inherit(below: Mapping[str, Any] | None, entity: str) -> bool:
    """Does a package name the entity in the role?"""
    return below is not None and entity in _part(below, "entities")


def field_rights_of(body: Mapping[str, Any], entity: str) -> Mapping[str, str]:
    """The rights on fields the role names, by field."""
    return _texts(_part(body, "field_rights").get(entity), FIELD_RIGHTS)


def set_field_rights(body: Mapping[str, Any], below: Mapping[str, Any] | None, entity: str, wanted: Mapping[str, str]) -> list[Operation]:
    """The operations that make the rights on these fields what is wanted, and leave those of other fields."""
    present = field_rights_of(body, entity)
    based = field_rights_of(below, entity) if below is not None else {}
    made = {name: right for name, right in {**present, **wanted}.items() if right != WHOLE or name in based}
    if made == present:
        return []
    if not made and entity not in _part(below or {}, "field_rights"):
        return [{"op": "remove", "path": pointer("field_rights", entity)}]
    return [{"op": "change", "path": pointer("field_rights", entity), "value": made}]


def caps_of(body: Mapping[str, Any], entity: str) -> Mapping[str, str]:
    """The most the role lets anybody do with fields of the entity."""
    return _texts(restriction_of(body, entity).get("fields"), FIELD_RIGHTS)


def restriction_of(body: Mapping[str, Any], entity: str) -> Mapping[str, Any]:
    """What the role takes away on the entity; empty for nothing."""
    found = _part(body, "restrict").get(entity)
    return found if isinstance(found, Mapping) else {}


def named_entities(body: Mapping[str, Any]) -> set[str]:
    """Every entity the role says something of."""
    return {str(name) for part in ("entities", "field_rights", "restrict", "actions") for name in _part(body, part)}


def _part(body: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = body.get(key)
    return found if isinstance(found, Mapping) else {}


def _texts(found: Any, known: tuple[str, ...]) -> Mapping[str, str]:
    return {str(name): right for name, right in found.items() if right in known} if isinstance(found, Mapping) else {}


def _cells(granted: Any) -> Mapping[Right, str]:
    if isinstance(granted, Mapping):
        return {right: found if (found := granted.get(right)) in CELLS else NOTHING for right in RIGHTS}
    given = {name for name in granted if isinstance(name, str)} if isinstance(granted, list | tuple) else set()
    return {right: AS_SHARED if right in given or IMPLIED.get(right) in given else NOTHING for right in RIGHTS}


def _value(cells: Mapping[Right, str]) -> Any:
    """The shortest a document can say it: a list where every right is as shared, else each with its scope."""
    granted = {right: cells[right] for right in RIGHTS if cells[right] != NOTHING}
    listed = [right for right in granted if IMPLIED.get(right) not in granted]
    if set(granted.values()) <= {AS_SHARED} and _cells(listed) == cells:
        return listed
    return granted
