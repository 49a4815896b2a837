"""What two administrators said about the same thing: base, mine and theirs, path by path."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fieldsmith.base.errors import Conflict
from fieldsmith.base.text import Message
from fieldsmith.meta.layers import Effective, Key
from fieldsmith.meta.members import member_name
from fieldsmith.studio.customising import value_at
from fieldsmith.studio.edits import Edit, Operation

Documents = Mapping[Key, Effective]
_WITHOUT_VALUE = frozenset({"move", "rename"})


@dataclass(frozen=True, slots=True)
class Contradiction:
    """At `path` (`entity/deal/fields/amount/label`) others put `theirs` where `base` was when `mine` was said; None is nothing."""

    path: str
    base: Any
    mine: Any
    theirs: Any

    def to_json(self) -> dict[str, Any]:
        return {"path": self.path, "base": self.base, "mine": self.mine, "theirs": self.theirs}


class Stale(Conflict):
    """A plan that no longer holds; without `conflicts` planning again is enough."""

    def __init__(self, title: Message, conflicts: Iterable[Contradiction] = ()) -> None:
        super().__init__(title)
        self.conflicts = tuple(conflicts)


def contradictions(edits: Iterable[Edit], present: int, at: Callable[[int], Documents], mine: Documents) -> list[Contradiction]:
    """Of all edits that were made on an earlier revision than `present`. `at` gives the effective documents of a revision."""
    found: dict[str, Contradiction] = {}
    for edit in edits:
        for item in _of_edit(edit, present, at, mine):
            found.setdefault(item.path, item)
    return list(found.values())


def _of_edit(edit: Edit, present: int, at: Callable[[int], Documents], mine: Documents) -> Iterator[Contradiction]:
    base = f"{edit.kind}/{edit.name}"
    if (edit.document is not None or edit.retire) and edit.seen < present:
        was, now = _body(at(edit.seen), edit.key), _body(at(present), edit.key)
        if was != now:
            own = edit.document
            if was is None or now is None or own is None:
                if own != now:
                    yield Contradiction(base, was, own, now)
            else:
                yield from _within(base, was, own, now)
    for operation in edit.operations:
        if operation.seen < present and operation.op not in _WITHOUT_VALUE:
            yield from _of_operation(base, edit, operation, at(operation.seen), at(present), mine)


def _of_operation(base: str, edit: Edit, operation: Operation, seen: Documents, now: Documents, mine: Documents) -> Iterator[Contradiction]:
    place = operation.path
    if operation.op == "hide" and isinstance(value_at(_body(now, edit.key), place)[0], Mapping):
        place += "/hidden"
    was, theirs = (value_at(_body(documents, edit.key), place)[0] for documents in (seen, now))
    own = None if operation.op == "remove" else value_at(_body(mine, edit.key), place)[0]
    if was != theirs and own != theirs:
        yield Contradiction(base + place, was, own, theirs)


def _body(documents: Documents, key: Key) -> Mapping[str, Any] | None:
    found = documents.get(key)
    return None if found is None else found.body


def _within(path: str, was: Any, own: Any, theirs: Any) -> Iterator[Contradiction]:
    """Three bodies of one document, as deep as they can be told apart by name. What only others changed counts: a whole document would undo it."""
    if theirs in (was, own):
        return
    parts = [_named(value) for value in (was, own, theirs)]
    if any(part is None for part in parts):
        yield Contradiction(path, was, own, theirs)
        return
    for name in dict.fromkeys(name for part in parts for name in part or ()):
        yield from _within(f"{path}/{name}", *[(part or {}).get(name) for part in parts])


def _named(value: Any) -> Mapping[str, Any] | None:
    if isinstance(value, Mapping):
        return value
    if isinstance(value, list) and all(isinstance(item, Mapping) and member_name(item) for item in value):
        return {str(member_name(item)): item for item in value}
    return None
