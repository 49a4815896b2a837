"""`Provenance`: since which revision, by whom and why the workspace's own layer says what it says at one place of a document.

`Effective.origin` knows which layer a part comes from; this tells the single edits of the `custom` layer apart. For the studio's
“where does this come from?”.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from fieldsmith.access.policy import Policy
from fieldsmith.base.context import Actor
from fieldsmith.base.errors import Forbidden
from fieldsmith.base.text import _m
from fieldsmith.db.engine import Database
from fieldsmith.db.store import ModelStore, Version
from fieldsmith.meta.layers import CUSTOM
from fieldsmith.studio.customising import value_at

DocumentVersion: TypeAlias = Version


class Provenance:
    """One per workspace."""

    def __init__(self, database: Database, store: ModelStore, policy: Callable[[], Policy]) -> None:
        self._database = database
        self._store = store
        self._policy = policy

    def versions(self, actor: Actor, kind: str, name: str) -> Sequence[Version]:
        """What the workspace's own layer said of a document over time, newest first; for `said_since`."""
        if not self._policy().is_administrator(actor):
            raise Forbidden(_m("Only administrators may shape the system. Ask one."))
        with self._database.read() as connection:
            return self._store.versions(connection, CUSTOM, kind, name)


def said_since(versions: Sequence[Version], place: str) -> Version | None:
    """The version that first said what is said now at `place` (a pointer whose list members go by name); None where nothing is."""
    found: Version | None = None
    present: Any = None
    for version in versions:
        said = _said(version.body, place)
        if found is None:
            present = said
            if said is None:
                return None
        elif said != present:
            return found
        found = version
    return found


def _said(body: Mapping[str, Any] | None, place: str) -> Any:
    """What one version says at `place`, in a form to compare; None for nothing."""
    if body is None:
        return None
    if "operations" not in body:
        value, there = value_at(body, place)
        return (value,) if there else None
    out = []
    for operation in body["operations"]:
        path = operation["path"]
        if path == place and operation["op"] != "move":
            out.append((operation["op"], operation.get("value")))
        elif path.startswith(f"{place}/") and operation["op"] != "move":
            out.append((path, operation.get("value")))
        elif place.startswith(f"{path}/") and operation["op"] == "add":
            value, there = value_at(operation.get("value"), place[len(path) :])
            out += [("add", value)] if there else []
    return out or None
