"""What differs between two states of the metadata, value by value, for people to read: path, before, after."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fieldsmith.meta.layers import Effective, Key
from fieldsmith.meta.members import member_name

Documents = Mapping[Key, Effective]


@dataclass(frozen=True, slots=True)
class Change:
    """At `path` (`entity/deal/fields/amount/label`) stands `after` instead of `before`; None is nothing."""

    path: str
    before: Any
    after: Any

    def to_json(self) -> dict[str, Any]:
        return {"path": self.path, "before": self.before, "after": self.after}


def changes(before: Documents, after: Documents) -> list[Change]:
    """In the order of documents; what is new or gone as a whole is one change."""
    found: list[Change] = []
    for key in dict.fromkeys((*before, *after)):
        one, other = (None if side is None else _plain(side.body) for side in (before.get(key), after.get(key)))
        found += _within("/".join(key), one, other)
    return found


def _within(path: str, one: Any, other: Any) -> Iterator[Change]:
    if one == other:
        return
    before, after = _named(one), _named(other)
    if before is None or after is None or isinstance(one, list) != isinstance(other, list):
        yield Change(path, one, other)
        return
    for name in dict.fromkeys((*before, *after)):
        yield from _within(f"{path}/{name}", before.get(name), after.get(name))
    if isinstance(one, list) and [name for name in before if name in after] != [name for name in after if name in before]:
        yield Change(path, list(before), list(after))


def _plain(body: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in body.items() if key != "$schema"}


def _named(value: Any) -> dict[str, Any] | None:
    if isinstance(value, Mapping):
        return dict(value)
    if not isinstance(value, list):
        return None
    names = [member_name(item) for item in value]
    return {str(name): item for name, item in zip(names, value, strict=True)} if None not in names and len(set(names)) == len(names) else None
