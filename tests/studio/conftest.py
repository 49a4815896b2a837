"""A shop of its own making, changed by change sets: `studio.change(...)` edits, plans and publishes in one go."""

from __future__ import annotations

from typing import Any

import pytest

from fieldsmith.base.context import OPERATOR
from fieldsmith.base.errors import BadInput
from fieldsmith.studio.changesets import ChangeSets
from tests.desk import Desk

CRATE: dict[str, Any] = {
    "name": "crate",
    "fields": [
        {"name": "name", "type": "text"},
        {"name": "weight", "type": "decimal"},
        {"name": "heavy", "type": "formula", "returns": "boolean", "expression": "weight > 100"},
        {"name": "state", "type": "choice", "choices": "crate_state"},
        {"name": "box", "type": "lookup", "to": "box", "inverse": "crates"},
    ],
}
STATES: dict[str, Any] = {"name": "crate_state", "values": [{"name": "full"}, {"name": "empty"}, {"name": "lost"}]}
VIEW: dict[str, Any] = {"name": "all", "entity": "crate", "columns": ["name", "weight", "box.name"], "filter": 'state <> "lost"'}


class Studio:
    """One administrator at work."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.sets: ChangeSets = desk.workspace.changesets

    def draft(self, *edits: tuple[Any, ...], title: str = "test") -> int:
        """`("put", kind, name, document)`, `("retire", kind, name)` or `(kind, name, {operation}, …)`."""
        id = self.sets.open(OPERATOR, title)
        self.edit(id, *edits)
        return id

    def edit(self, id: int, *edits: tuple[Any, ...]) -> None:
        for edit in edits:
            if edit[0] == "put":
                self.sets.put(OPERATOR, id, *edit[1:])
            elif edit[0] == "retire":
                self.sets.retire(OPERATOR, id, *edit[1:])
            else:
                self.sets.change(OPERATOR, id, edit[0], edit[1], {"operations": list(edit[2:])})

    def publish(self, id: int) -> int:
        return self.sets.publish(OPERATOR, id, self.sets.plan(OPERATOR, id).hash)

    def change(self, *edits: tuple[Any, ...]) -> int:
        """The revision it became."""
        return self.publish(self.draft(*edits))

    def problems(self, *edits: tuple[Any, ...]) -> list[tuple[str, str | None, str]]:
        """(code, document, pointer) of what the check of such a draft says; publishing must then be refused."""
        id = self.draft(*edits)
        found = [(problem.code, problem.document, problem.pointer) for problem in self.sets.check(OPERATOR, id).problems]
        if found:
            with pytest.raises(BadInput):
                self.sets.plan(OPERATOR, id)
        return found

    def fields(self, entity: str = "crate") -> list[str]:
        return [field.name for field in self.desk.workspace.runtime().model.entities[entity].own_fields()]


@pytest.fixture
def studio(tiny: Desk) -> Studio:
    """With an entity, a pick list and a view of the workspace's own."""
    made = Studio(tiny)
    made.change(("put", "choices", "crate_state", STATES), ("put", "entity", "crate", CRATE), ("put", "view", "crate.all", VIEW))
    return made
