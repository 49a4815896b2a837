"""`settled`: what an administrator decides where others changed the same thing: keep mine, take theirs, or something else."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from fieldsmith.base.errors import BadInput
from fieldsmith.base.problems import Problem
from fieldsmith.base.text import _m
from fieldsmith.meta.members import index_of
from fieldsmith.studio.conflicts import Contradiction
from fieldsmith.studio.edits import Edit, Operation


@dataclass(frozen=True, slots=True)
class Choice:
    """For one path. `value` is what shall stand there where it is neither mine nor theirs (`take` is "other")."""

    take: Literal["mine", "theirs", "other"]
    value: Any = None


def settled(edit: Edit, conflicts: Mapping[str, Contradiction], choices: Mapping[str, Choice], present: int) -> Edit | None:
    """`edit` once all its `conflicts` (by path) are decided, seen at revision `present`; None where nothing of it is left.

    Raises `BadInput` with every path that is not decided.
    """
    base = f"{edit.kind}/{edit.name}"
    own = {path: item for path, item in conflicts.items() if f"{path}/".startswith(f"{base}/")}
    missing = [path for path in own if path not in choices]
    if missing:
        raise BadInput([Problem("undecided", _m("Say what shall hold at {path}.", path=path), f"/{path}") for path in missing])
    operations: list[Operation] = []
    decided: set[str] = set()
    for operation in edit.operations:
        path = base + operation.path
        if operation.op == "hide" and f"{path}/hidden" in own:
            path += "/hidden"
        if path in own and operation.seen < present:
            decided.add(path)
            operations += _operation(operation, choices[path], present)
        else:
            operations.append(operation)
    left = {path[len(base) :]: choices[path] for path in own if path not in decided}
    if not left:
        made: Edit | None = replace(edit, operations=tuple(operations))
    else:
        made = _whole(replace(edit, operations=tuple(operations), seen=present), left, {path[len(base) :]: item for path, item in own.items()})
    return made if made is not None and (made.operations or made.retire or made.document is not None) else None


def _operation(operation: Operation, choice: Choice, present: int) -> list[Operation]:
    if choice.take == "theirs":
        return []
    seen = replace(operation, seen=present)
    if choice.take == "mine":
        return [seen]
    if operation.op in ("change", "add"):
        return [replace(seen, value=choice.value, has_value=True)]
    return [replace(seen, op="change", value=choice.value, has_value=True)]


def _whole(edit: Edit, choices: Mapping[str, Choice], conflicts: Mapping[str, Contradiction]) -> Edit | None:
    """A whole document, or that it is to go; `choices` by pointer, "" for all of it."""
    if "" in choices:
        choice = choices[""]
        if choice.take == "theirs":
            return None
        return edit if choice.take == "mine" else replace(edit, document=choice.value, retire=False)
    body = copy.deepcopy(dict(edit.document or {}))
    for place, choice in choices.items():
        if choice.take != "mine":
            _put(body, place, conflicts[place].theirs if choice.take == "theirs" else choice.value)
    return replace(edit, document=body)


def _put(body: Any, place: str, value: Any) -> None:
    """None takes away what stands there."""
    *way, last = (part.replace("~1", "/").replace("~0", "~") for part in place.split("/")[1:])
    here = body
    for part in way:
        if isinstance(here, list):
            index = index_of(here, part)
            if index is None:
                return
            here = here[index]
        else:
            here = here.setdefault(part, {})
    if isinstance(here, list):
        index = index_of(here, last)
        if index is None:
            here += [] if value is None else [value]
        else:
            here[index : index + 1] = [] if value is None else [value]
    elif value is None:
        here.pop(last, None)
    else:
        here[last] = value
