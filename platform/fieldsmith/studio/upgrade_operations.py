"""What the workspace says of packages' documents, put onto newer ones: every operation is kept, settled by a person, or told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fieldsmith.base.text import _m
from fieldsmith.meta.layers import Effective, Key
from fieldsmith.meta.members import index_of, member_name
from fieldsmith.meta.operations import apply_operations
from fieldsmith.studio.customising import value_at
from fieldsmith.studio.upgrade_settling import Clash, Settling

Body = dict[str, Any]
Documents = Mapping[Key, Effective]
_FIXED = ("name", "type", "was")


def rebased(own: Mapping[Key, Body], old: Documents, new: Documents, settling: Settling) -> dict[Key, Body]:
    """`own` documents, said of `old`, as they are to be said of `new`: both are the effective documents of all packages."""
    out: dict[Key, Body] = {}
    for key, body in own.items():
        if "operations" not in body:
            if key not in new or key in old or not _gives_way(key, body, new[key], settling):
                out[key] = body
            continue
        if key in new:
            operations = _Rebase(key, old.get(key), new[key], settling).operations(body["operations"])
            if operations:
                out[key] = {**body, "operations": operations}
        elif key not in old or not _gone(key, body, settling):
            out[key] = body
    return out


def _gives_way(key: Key, body: Body, theirs: Effective, settling: Settling) -> bool:
    """The package now ships what the workspace made itself under the same name."""
    if body == theirs.body:
        return True
    reason = _m("The package now has this itself. Rename yours first, or take theirs: records stay where they are stored alike.")
    settling.settle(Clash("/".join(key), None, body, dict(theirs.body), reason, ("take",)))
    return True


def _gone(key: Key, body: Body, settling: Settling) -> bool:
    reason = _m("The package no longer has this; what was changed here goes with it.")
    settling.settle(Clash("/".join(key), None, body["operations"], None, reason, ("take",)))
    return True


class _Rebase:
    """One document's operations, one after the other, each on what those before it made."""

    def __init__(self, key: Key, old: Effective | None, new: Effective, settling: Settling) -> None:
        self._key, self._settling = key, settling
        self._old: Mapping[str, Any] = old.body if old is not None else new.body
        self._new = new.body
        self._running: Mapping[str, Any] = new.body

    def operations(self, said: Sequence[Mapping[str, Any]]) -> list[Body]:
        """Those that stay."""
        kept: list[Body] = []
        for operation in said:
            for made in self._one(dict(operation)):
                kept.append(made)
                self._running = apply_operations(self._key[0], self._running, [made], "")[0]
        return kept

    def _one(self, operation: Body) -> list[Body]:
        path, op = operation["path"], operation["op"]
        there = value_at(self._new, path)
        if op == "add" and there[1] and not value_at(self._old, path)[1]:
            return self._added_too(operation, there[0])
        if op == "change":
            settled = self._changed(operation, there)
            if settled is None:
                return []
            operation = settled
        elif "after" in operation and operation["after"] is not None:
            operation = self._behind(operation)
        if not self._fails(operation):
            return [operation]
        if op in ("hide", "move"):
            self._settling.note(self._path(path), _m("The package no longer has this; hiding or moving it is no longer needed."))
            return []
        return self._lost(operation)

    def _changed(self, operation: Body, there: tuple[Any, bool]) -> Body | None:
        path, mine = operation["path"], operation.get("value")
        base, known = (operation["base"], operation["base"] is not None) if "base" in operation else value_at(self._old, path)
        theirs, present = there
        if (theirs, present) == (base, known) or (not present and not known):
            return operation
        if present and theirs == mine:
            return None
        if not present and self._fails(operation):
            return operation
        reason = _m("This was changed here and in the package.")
        way, value = self._settling.settle(Clash(self._path(path), base, mine, theirs if present else None, reason))
        if way == "take":
            return None
        seen = {"base": theirs} if present else {}
        made = {name: item for name, item in operation.items() if name != "base"} | seen
        return {**made, "value": value} if way == "edit" else (made if self._is_settled(path) else {**operation, "base": base})

    def _is_settled(self, path: str) -> bool:
        """A clash left open keeps the base it began with, so that it is told again."""
        return any(clash.path == self._path(path) for clash, _ in self._settling.settled)

    def _added_too(self, operation: Body, theirs: Any) -> list[Body]:
        """The package now has what the workspace had added: what is still different becomes changes of it."""
        path, mine = operation["path"], operation.get("value", member_name(theirs) if isinstance(theirs, str) else None)
        mine = {"name": path.rpartition("/")[2], **mine} if isinstance(mine, dict) and isinstance(theirs, Mapping) and "name" in theirs else mine
        if mine == theirs or isinstance(theirs, str):
            self._settling.note(self._path(path), _m("The package now has this itself."))
            return []
        alike = isinstance(theirs, Mapping) and isinstance(mine, dict) and mine.get("type") == theirs.get("type")
        reason = _m("This was added here, and the package now has it too.")
        way, _ = self._settling.settle(Clash(self._path(path), None, mine, theirs, reason, ("keep", "take") if alike else ("take",)))
        if way == "take" or not alike or not isinstance(mine, dict):
            return []
        made = []
        for name, value in mine.items():
            if name not in _FIXED and theirs.get(name) != value and not isinstance(value, list):
                made.append({"op": "change", "path": f"{path}/{name}", "value": value, **({"base": theirs[name]} if name in theirs else {})})
        return made

    def _behind(self, operation: Body) -> Body:
        """What an item stood behind may be gone: then it stands behind what came before that."""
        parent = operation["path"].rpartition("/")[0]
        items, there = value_at(self._running, parent)
        if not there or not isinstance(items, list) or index_of(items, operation["after"]) is not None:
            return operation
        before = value_at(self._old, parent)[0]
        names = [member_name(item) for item in before] if isinstance(before, list) else []
        earlier = names[: names.index(operation["after"])] if operation["after"] in names else []
        found = next((name for name in reversed(earlier) if name is not None and index_of(items, name) is not None), None)
        self._settling.note(self._path(operation["path"]), _m("What it stood behind is gone; it keeps its place as well as it can."))
        return {**operation, "after": found}

    def _lost(self, operation: Body) -> list[Body]:
        path = operation["path"]
        mine = operation.get("value", operation)
        reason = _m("The package no longer has what this was said of; what was changed here goes with it.")
        self._settling.settle(Clash(self._path(path), value_at(self._old, path)[0], mine, None, reason, ("take",)))
        return []

    def _fails(self, operation: Body) -> bool:
        return bool(apply_operations(self._key[0], self._running, [operation], "")[2])

    def _path(self, path: str) -> str:
        return "/".join(self._key) + path
