"""The operations of a document that extends another: add, change, hide and move named items; in change sets also remove.

`apply_operations` changes a copy; a fault in one operation is a problem and leaves the rest to be applied, so that a person sees all.
Only `meta.layers` calls it.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping, Sequence
from typing import Any

from fieldsmith.base.problems import Problem, did_you_mean, pointer
from fieldsmith.base.text import Message, _m
from fieldsmith.meta.members import COMMON_KEYS, index_of, member_name

LISTS = frozenset(
    [
        "fields",
        "indexes",
        "values",
        "sections",
        "related",
        "components",
        "record_types",
        "highlights",
        "columns",
        "sort",
        "hidden",
        "features",
        "tabs",
        "roles",
        "teams",
        "users",
        "studio",
        "rates",
        "holidays",
        "requires",
        "second_pass",
        "workdays",
    ]
)
_OBJECTS = frozenset(["entities", "field_rights", "actions", "restrict", "owners", "to", "calendar", "labels", "constants", "templates", "choices"])
_FIELD_TYPE = re.compile(r"(/fields/[^/]+)?/type").fullmatch  # of an entity, or of a field alone
_NAMELESS = frozenset({"workdays"})  # their members are numbers, so such a list is changed as a whole
_HIDEABLE = frozenset({"view", "rule", "sharing_rule", "tab", "app"})  # whole documents `hide` may take out of sight


class Fault(Exception):
    """Why one operation cannot be done."""

    def __init__(self, code: str, message: Message, hint: Message | None = None) -> None:
        super().__init__(code)
        self.code, self.message, self.hint = code, message, hint


def apply_operations(
    kind: str, body: Mapping[str, Any], operations: Sequence[Mapping[str, Any]], document: str
) -> tuple[dict[str, Any], list[str], list[Problem]]:
    """A changed copy of `body`, the pointers that now come from this document, and the faults."""
    out: dict[str, Any] = copy.deepcopy(dict(body))
    touched: list[str] = []
    problems: list[Problem] = []
    for index, operation in enumerate(operations):
        try:
            place = _apply(kind, out, operation)
            if place is not None:
                touched.append(place)
        except Fault as fault:
            problems.append(Problem(fault.code, fault.message, pointer("operations", index, "path"), fault.hint, document))
    return out, touched, problems


def _apply(kind: str, body: dict[str, Any], operation: Mapping[str, Any]) -> str | None:
    """Do one operation; returns the pointer it gave a new value, None when it only moved or took something out of sight."""
    path: str = operation["path"]
    parts = [part.replace("~1", "/").replace("~0", "~") for part in path.split("/")[1:]]
    if not parts:
        return _hide_document(kind, body, operation)
    if parts[-1] in ("name", "entity", "$schema") and len(parts) in (1, 3):
        raise Fault("fixed_key", _m("“{key}” cannot be changed: it says which item is meant.", key=parts[-1]))
    parent = _walk(body, parts[:-1], path)
    key = parts[-1]
    match operation["op"]:
        case "add":
            _add(parent, key, operation, path)
            return path
        case "change":
            before = parent.get("type") if isinstance(parent, dict) else None
            _change(parent, key, operation, path)
            if kind == "entity" and _FIELD_TYPE(path):
                _forget_options(parent, before)
            return path
        case "hide":
            _hide(kind, body, parent, parts, path)
        case "remove":
            _remove(parent, key, path)
        case _:
            _move(parent, key, operation, path)
    return None


def _hide_document(kind: str, body: dict[str, Any], operation: Mapping[str, Any]) -> str:
    if operation["op"] != "hide" or kind not in _HIDEABLE:
        raise Fault("bad_path", _m("A path is needed that says which item is meant, such as /label."))
    body["hidden"] = True
    return "/hidden"


def _walk(body: dict[str, Any], parts: Sequence[str], path: str) -> Any:
    """The object or list that holds the last part; missing lists and objects that a document may have are made."""
    here: Any = body
    for part in parts:
        if isinstance(here, list):
            index = index_of(here, part)
            if index is None:
                raise _unknown(part, [name for name in map(member_name, here) if name], path)
            here = here[index]
        elif isinstance(here, dict):
            if part not in here:
                if part not in LISTS and part not in _OBJECTS:
                    raise _unknown(part, here, path)
                here[part] = [] if part in LISTS else {}
            here = here[part]
        else:
            raise _unknown(part, (), path)
    return here


def _unknown(part: str, known: Any, path: str) -> Fault:
    return Fault("unknown_path", _m("There is no “{part}” at {path}.", part=part[:100], path=path[:200]), did_you_mean(part[:100], known))


def _add(parent: Any, key: str, operation: Mapping[str, Any], path: str) -> None:
    if isinstance(parent, dict):
        if key in parent:
            raise Fault("already_there", _m("{path} is there already. Use change.", path=path))
        parent[key] = _value(operation, path)
    elif isinstance(parent, list):
        if index_of(parent, key) is not None:
            raise Fault("already_there", _m("{path} is there already. Use another name, or change one of its properties.", path=path))
        parent.insert(_position(parent, operation, path), _member(key, operation, path))
    else:
        raise _unknown(key, (), path)


def _member(key: str, operation: Mapping[str, Any], path: str) -> Any:
    """A new list member: an object is given its name by the path, a text is the name itself."""
    value = operation.get("value", key)
    if isinstance(value, dict) and "date" not in value and "currency" not in value:
        value = {"name": key, **value}
    if member_name(value) != key:
        raise Fault("name_differs", _m("The value at {path} carries another name than its path.", path=path))
    return copy.deepcopy(value)


def _change(parent: Any, key: str, operation: Mapping[str, Any], path: str) -> None:
    if not isinstance(parent, dict):
        raise Fault("change_member", _m("{path} is a whole item. Change one of its properties, such as {path}/label.", path=path))
    if isinstance(parent.get(key), list) and key in LISTS - _NAMELESS:
        raise Fault("change_list", _m("{path} is a list. Add, hide or move its members one by one.", path=path))
    parent[key] = _value(operation, path)


def _forget_options(field: dict[str, Any], before: Any) -> None:
    """Those of the type the field had."""
    if field["type"] != before:
        for option in field.keys() - COMMON_KEYS:
            del field[option]


def _value(operation: Mapping[str, Any], path: str) -> Any:
    if "value" not in operation:
        raise Fault("missing_value", _m("The operation on {path} needs a value.", path=path))
    return copy.deepcopy(operation["value"])


def _hide(kind: str, body: dict[str, Any], parent: Any, parts: Sequence[str], path: str) -> None:
    key = parts[-1]
    if kind == "layout" and parts[0] == "fields" and len(parts) == 2:
        raise Fault("bad_path", _m("Fields of a layout lie in its sections: write /sections/…/fields/{name} or add /hidden/{name}.", name=key))
    if not isinstance(parent, list):
        raise Fault("cannot_hide", _m("{path} cannot be hidden: only members of lists can.", path=path))
    index = index_of(parent, key)
    if index is None:
        raise _unknown(key, [name for name in map(member_name, parent) if name], path)
    if isinstance(parent[index], str):
        del parent[index]
        if kind == "layout" and parts[0] == "sections" and key not in body.setdefault("hidden", []):
            body["hidden"].append(key)
    elif parts[0] == "values":
        parent[index]["active"] = False
    elif parts[0] in ("fields", "sections", "related", "tabs", "components"):
        parent[index]["hidden"] = True
    else:
        raise Fault("cannot_hide", _m("{path} cannot be hidden.", path=path))


def _remove(parent: Any, key: str, path: str) -> None:
    """Only of whole documents in change sets: what a package says can be hidden, not taken away."""
    if isinstance(parent, list):
        index = index_of(parent, key)
        if index is None:
            raise _unknown(key, [name for name in map(member_name, parent) if name], path)
        del parent[index]
    elif isinstance(parent, dict) and key in parent:
        del parent[key]
    else:
        raise _unknown(key, parent if isinstance(parent, dict) else (), path)


def _move(parent: Any, key: str, operation: Mapping[str, Any], path: str) -> None:
    if not isinstance(parent, list):
        raise Fault("cannot_move", _m("{path} cannot be moved: only members of lists can.", path=path))
    index = index_of(parent, key)
    if index is None:
        raise _unknown(key, [name for name in map(member_name, parent) if name], path)
    if "after" not in operation or operation["after"] == key:
        raise Fault("missing_after", _m("Say after which member {path} goes, or null for the first place.", path=path))
    item = parent.pop(index)
    try:
        parent.insert(_position(parent, operation, path), item)
    except Fault:
        parent.insert(index, item)
        raise


def _position(parent: list[Any], operation: Mapping[str, Any], path: str) -> int:
    if "after" not in operation:
        return len(parent)
    after = operation["after"]
    if after is None:
        return 0
    index = index_of(parent, after)
    if index is None:
        raise _unknown(after, [name for name in map(member_name, parent) if name], path)
    return index + 1
