"""A damaged database is told to administrators, with what would make it right; done when they say so."""

from __future__ import annotations

import pytest

from fieldsmith.workspace import Workspace
from tests.databases import SqliteTemplates
from tests.web.screens import Visitor, words
from tests.web.test_studio_publish import shown_hash


@pytest.fixture
def templates(sqlite_templates: SqliteTemplates) -> SqliteTemplates:
    return sqlite_templates


def test_a_damaged_database_is_told_and_repaired(visitor: Visitor, workspace: Workspace) -> None:
    account = workspace.runtime().model.entities["account"]
    with workspace.database.write() as connection:
        connection.exec_driver_sql(f'DROP INDEX "ix_{account.table.rpartition("_")[2]}_created"')
    assert 'href="/studio/repair"' in visitor.get("/studio/").text
    page = visitor.get("/studio/repair").text
    assert "Index Created at of Account again" in words(page) and "CREATE INDEX" in page
    assert visitor.post("/studio/repair", {"hash": "x"}).status_code == 409
    assert visitor.post("/studio/repair", {"hash": shown_hash(page)}).location == "/studio/"
    assert 'href="/studio/repair"' not in visitor.get("/studio/").text
    assert "The database is sound" in visitor.get("/studio/repair").text
