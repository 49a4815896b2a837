"""What a draft says of one document: a whole new one, operations, or that it is to go. Read from requests, kept as JSON.

A faulty edit may be kept: the check of the draft tells. Only what cannot be read as an edit at all is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from fieldsmith.base.errors import BadInput
from fieldsmith.base.problems import Problem, did_you_mean, pointer
from fieldsmith.base.text import Message, _m
from fieldsmith.meta.documents import KINDS, document_name

OPERATIONS = ("add", "change", "hide", "remove", "rename", "move")
MOST_OPERATIONS = 10_000
_KEYS = ("op", "path", "value", "after")
_PATH = re.compile(r"(/([^~/]|~[01])*)*").fullmatch
_NAME = re.compile(r"[a-z][a-z0-9_]{0,47}(\.[a-z][a-z0-9_]{0,47})?").fullmatch
_LONGEST_PATH = 500
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Operation:
    """`seen` is the revision the administrator looked at when saying this: later changes by others may contradict it.

    `turn` counts what was said in a draft: a renamed thing has its old name before, its new one after.
    """

    op: str
    path: str
    value: Any = None
    after: str | None = None
    has_value: bool = False
    has_after: bool = False
    seen: int = 0
    turn: int = 0

    def body(self) -> dict[str, Any]:
        """As documents have it."""
        out: dict[str, Any] = {"op": self.op, "path": self.path}
        if self.has_value:
            out["value"] = self.value
        if self.has_after:
            out["after"] = self.after
        return out


@dataclass(frozen=True, slots=True)
class Edit:
    """`document` is a whole new one that `operations` then change; `retire`: the document is to go."""

    kind: str
    name: str
    document: Mapping[str, Any] | None = None
    operations: tuple[Operation, ...] = ()
    retire: bool = False
    seen: int = 0
    turn: int = 0

    @property
    def key(self) -> Key:
        return self.kind, self.name

    def with_operations(self, added: Sequence[Operation]) -> Edit:
        """A property changed twice keeps the last value."""
        kept = list(self.operations)
        for operation in added:
            if operation.op == "change":
                kept = [item for item in kept if (item.op, item.path) != ("change", operation.path)]
            kept.append(operation)
        return replace(self, operations=tuple(kept))

    def without(self, turn: int) -> Edit | None:
        """Without the operation of that turn; None when nothing is left to say."""
        kept = tuple(item for item in self.operations if item.turn != turn)
        return replace(self, operations=kept) if kept or self.retire or self.document is not None else None

    def to_json(self) -> dict[str, Any]:
        """As it is kept, and as the API shows it."""
        operations = [{**item.body(), "seen": item.seen, "turn": item.turn} for item in self.operations]
        return {"document": self.document, "operations": operations, "retire": self.retire, "seen": self.seen, "turn": self.turn}


def edit_from(kind: str, name: str, kept: Mapping[str, Any]) -> Edit:
    """What `Edit.to_json` gave."""
    operations = tuple(_operation(item, item["seen"], item["turn"]) for item in kept["operations"])
    return Edit(kind, name, kept["document"], operations, kept["retire"], kept["seen"], kept["turn"])


def require_key(kind: str, name: str) -> None:
    """Raise `BadInput` unless a document may be called so."""
    if kind not in KINDS or kind == "package":
        message = _m("There is no kind of metadata “{name}” that change sets can change.", name=kind[:100])
        raise BadInput([Problem("unknown_kind", message, "/kind", did_you_mean(kind[:100], [item for item in KINDS if item != "package"]))])
    if not _NAME(name):
        hint = _m("A name is at most 48 small letters, digits and underscores, and begins with a letter.")
        raise BadInput([Problem("bad_name", _m("“{name}” is not a name.", name=name[:100]), "/name", hint)])


def read_document(kind: str, name: str, sent: Mapping[str, Any]) -> dict[str, Any]:
    """A whole document as sent. Raises `BadInput` where it is not the one it is put as."""
    if "extends" in sent or "operations" in sent:
        message = _m("PUT takes a whole document. Send operations with PATCH.")
        raise BadInput([Problem("not_whole", message, "/extends")])
    found = document_name(kind, sent)
    if found != name:
        message = _m("The document calls itself “{found}”, but is put as “{name}”.", found=str(found)[:100], name=name)
        raise BadInput([Problem("name_differs", message, "/name")])
    return dict(sent)


def read_operations(sent: Mapping[str, Any], seen: int, turn: int) -> tuple[Operation, ...]:
    """`{"operations": [...]}` as sent. Raises `BadInput` with everything that is not readable as an operation."""
    listed = sent.get("operations")
    problems: list[Problem] = [_unknown(key, ("operations",), pointer(str(key)[:100])) for key in sent if key != "operations"]
    if not isinstance(listed, list) or not listed or len(listed) > MOST_OPERATIONS:
        message = _m("operations must be a list of 1 to {most} operations.", most=MOST_OPERATIONS)
        raise BadInput([*problems, Problem("bad_operations", message, "/operations")])
    for index, item in enumerate(listed):
        problems += [problem.under(pointer("operations", index)) for problem in _faults(item)]
    if problems:
        raise BadInput(problems[:MOST_OPERATIONS])
    return tuple(_operation(item, seen, turn + index) for index, item in enumerate(listed))


def next_turn(edits: Iterable[Edit]) -> int:
    """The turn after everything said so far."""
    return 1 + max((turn for edit in edits for turn in (edit.turn, *(item.turn for item in edit.operations))), default=0)


def _operation(item: Mapping[str, Any], seen: int, turn: int) -> Operation:
    return Operation(item["op"], item["path"], item.get("value"), item.get("after"), "value" in item, "after" in item, seen, turn)


def _faults(item: Any) -> list[Problem]:
    if not isinstance(item, dict):
        return [Problem("wrong_type", _m("An operation is an object with op and path."))]
    out = [_unknown(key, _KEYS, pointer(str(key)[:100])) for key in item if key not in _KEYS]
    op, path, after = item.get("op"), item.get("path"), item.get("after")
    if op not in OPERATIONS:
        hint = did_you_mean(str(op)[:100], OPERATIONS) or _m("Use one of: {values}.", values=", ".join(OPERATIONS))
        out.append(Problem("unknown_operation", _m("There is no operation “{name}”.", name=str(op)[:100]), "/op", hint))
    if not isinstance(path, str) or len(path) > _LONGEST_PATH or not _PATH(path):
        out.append(Problem("bad_path", _m("path must be a JSON pointer whose list members go by name, such as /fields/amount/label."), "/path"))
    if after is not None and not isinstance(after, str):
        out.append(Problem("wrong_type", _m("after must name a member of the list, or be null for the first place."), "/after"))
    if op in ("change", "rename") and "value" not in item:
        out.append(Problem("missing_value", _m("The operation needs a value."), "/value"))
    if op == "rename" and not (isinstance(item.get("value"), str) and re.fullmatch(r"[a-z][a-z0-9_]{0,47}", item["value"])):
        hint = _m("A name is at most 48 small letters, digits and underscores, and begins with a letter.")
        out.append(Problem("bad_name", _m("“{name}” is not a name.", name=str(item.get("value"))[:100]), "/value", hint))
    return out


def _unknown(key: Any, known: Sequence[str], place: str) -> Problem:
    message: Message = _m("There is no key “{key}” here.", key=str(key)[:100])
    return Problem("unknown_key", message, place, did_you_mean(str(key)[:100], known))
