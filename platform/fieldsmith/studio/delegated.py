"""`OwnDrafts`: the drafts of somebody who may shape some entities only: their own, with nothing in them but what is allowed.

Fails closed: what is not named here is refused. Allowed are layouts, views, rules and record types of the entities, new fields, and of
fields that are there what cannot widen who sees what: no expression and no lookup that a restriction or a sharing rule may rest on,
no master–detail, no sharing, no renaming, no role.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from fieldsmith.access.sight import Sight
from fieldsmith.base.context import Actor
from fieldsmith.base.errors import Forbidden, NotFound
from fieldsmith.base.text import _m
from fieldsmith.meta.layers import Key
from fieldsmith.studio.drafts import Draft, Drafts
from fieldsmith.studio.edits import Edit, Operation

_OWNED = frozenset({"layout", "view", "rule", "record_type"})
_PLAIN = frozenset({"label", "plural", "icon", "help"})
OF_FIELDS = frozenset({"label", "help", "hidden", "required", "default", "rows"})
"""Properties of fields that are there already which may be said."""
_OPERATIONS = frozenset({"add", "change", "hide", "remove", "move"})


class OwnDrafts(Drafts):
    """Every draft that is read or written is one of `actor`, and is looked through again each time, since rights change."""

    def __init__(self, connection: sa.Connection, now: datetime, actor: Actor, shapes: frozenset[str], sight: Sight) -> None:
        super().__init__(connection, now)
        self.sight = sight
        self._actor = actor
        self._shapes = shapes

    def listed(self, state: str = "open", before: int | None = None, limit: int = 50, author: int | None = None) -> list[Draft]:
        return super().listed(state, before, limit, self._actor.id) if self._actor.id is not None else []

    def get(self, id: int, still_open: bool = False) -> Draft:
        draft = super().get(id, still_open)
        if not self._is_own(draft):
            raise NotFound(_m("There is no change set {id}.", id=id))
        for edit in (draft.edits or {}).values():
            self._require(edit)
        return draft

    def others(self, id: int) -> list[tuple[Draft, Edit]]:
        return []

    def put(self, draft: Draft, edit: Edit) -> None:
        self._require(edit)
        super().put(draft, edit)

    def drop(self, draft: Draft, key: Key) -> None:
        """Something of a draft of one's own, which holds only what is allowed."""
        super().drop(draft, key)

    def _is_own(self, draft: Draft) -> bool:
        return self._actor.id is not None and draft.author_id == self._actor.id

    def _require(self, edit: Edit) -> None:
        if not may_say(self._shapes, edit):
            message = _m("You may shape only fields, layouts, views, rules and record types of: {entities}.", entities=", ".join(sorted(self._shapes)))
            raise Forbidden(message)


def may_say(shapes: frozenset[str], edit: Edit) -> bool:
    """May who shapes the entities `shapes` say this?"""
    if edit.kind in _OWNED:
        return edit.name.partition(".")[0] in shapes and all(operation.op in _OPERATIONS for operation in edit.operations)
    if edit.kind != "entity" or edit.name not in shapes or edit.document is not None or edit.retire:
        return False
    added: set[str] = set()
    return all(_may_do(operation, added) for operation in edit.operations)


def _may_do(operation: Operation, added: set[str]) -> bool:
    """One operation on an entity. `added` are the fields that the same draft added before."""
    parts = operation.path.split("/")[1:]
    if operation.op not in _OPERATIONS or not parts:
        return False
    if len(parts) == 1:
        return operation.op == "change" and parts[0] in _PLAIN
    if parts[0] == "indexes":
        return True
    if parts[0] != "fields":
        return False
    if len(parts) == 2:
        if operation.op == "add":
            added.add(parts[1])
            return isinstance(operation.value, Mapping) and not _is_owned(operation.value)
        return operation.op in ("move", "hide") or parts[1] in added
    if parts[2] == "owned":
        return False
    return parts[1] in added or (len(parts) == 3 and parts[2] in OF_FIELDS and operation.op in ("change", "remove"))


def _is_owned(value: Mapping[str, Any]) -> bool:
    return bool(value.get("owned"))
