"""Lists of names within a document (tabs of an app, roles, fields of a rule) as screens edit them: the operations for each gesture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fieldsmith.base.problems import pointer
from fieldsmith.meta.layers import Effective
from fieldsmith.web.studio.desk import Desk

Operations = list[dict[str, Any]]
END = "\x00"
"""As `after`: behind all others."""


def put_in(now: Desk, document: Effective, key: str, member: str, after: str = END) -> Operations:
    """`member` behind `after` ("" is the first place), whether it is in the list already or not."""
    present = members(document, key)
    others = [name for name in present if name != member]
    if after == END or after not in others:
        after = "" if after != END or not others else others[-1]
    place, behind = pointer(key, member), after or None
    if member in present:
        before = present[present.index(member) - 1] if present.index(member) else ""
        return [] if before == after else [{"op": "move", "path": place, "after": behind}]
    if _is_based(now, document, key, member):  # the workspace hid it; taking that back brings it to its old place
        return [{"op": "remove", "path": place}, {"op": "move", "path": place, "after": behind}]
    return [{"op": "add", "path": place, "after": behind}]


def take_out(now: Desk, document: Effective, key: str, member: str) -> Operations:
    """The list without `member`: what a package put in is hidden, one's own goes."""
    if member not in members(document, key):
        return []
    return [{"op": "hide" if _is_based(now, document, key, member) else "remove", "path": pointer(key, member)}]


def exactly(now: Desk, document: Effective, key: str, wanted: Sequence[str]) -> Operations:
    """Nothing but `wanted` in the list; new ones at its end."""
    present = members(document, key)
    added = [operation for name in wanted if name not in present for operation in put_in(now, document, key, name)]
    return [*added, *(operation for name in present if name not in wanted for operation in take_out(now, document, key, name))]


def members(document: Effective, key: str) -> list[str]:
    """The names in the list; none where the document has no such list."""
    found = document.body.get(key)
    return [str(name) for name in found] if isinstance(found, (list, tuple)) else []


def _is_based(now: Desk, document: Effective, key: str, member: str) -> bool:
    below = now.bench.below.get((document.kind, document.name))
    return below is not None and member in members(below, key)
