"""Demo data comes and goes without a trace on every database."""

from __future__ import annotations

import sqlalchemy as sa

from fieldsmith.base.context import OPERATOR
from fieldsmith.bulk import demo
from fieldsmith.db.system import fs_demo, fs_history
from fieldsmith.workspace import Workspace


def test_removing_leaves_nothing(workspace: Workspace) -> None:
    loaded = demo.load(workspace, OPERATOR, "en")
    with workspace.read() as work:
        assert found(workspace, "Brightwater")
        assert work.connection.execute(sa.select(sa.func.count()).select_from(fs_demo)).scalar_one() == loaded
    assert demo.remove(workspace, OPERATOR) == demo.Removed(loaded, 0)
    assert not found(workspace, "Brightwater")
    with workspace.read() as work:
        tables = [*(work.schema.table(name) for name in work.model.entities), fs_demo, fs_history]
        left = {table.name: work.connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() for table in tables}
    assert set(left.values()) == {0}


def found(workspace: Workspace, word: str) -> bool:
    with workspace.read() as work:
        return bool(work.search.find(work.connection, word, [entity.uid for entity in work.model.entities.values()]))
