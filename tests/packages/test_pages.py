"""Every list, record and form of the shipped packages opens with the demo data in them, in Chinese."""

from __future__ import annotations

import pytest

from fieldsmith.base.context import OPERATOR
from fieldsmith.bulk import demo
from fieldsmith.query.run import Query
from fieldsmith.web.app import create_app
from fieldsmith.workspace import Workspace
from tests.databases import SqliteTemplates
from tests.web.conftest import make_person
from tests.web.screens import Visitor


@pytest.fixture
def templates(sqlite_templates: SqliteTemplates) -> SqliteTemplates:
    """SQLite alone: pages are the same on both."""
    return sqlite_templates


def test_every_page_of_every_entity_opens(workspace: Workspace) -> None:
    demo.load(workspace, OPERATOR, "zh_Hant")
    visitor = Visitor(create_app(workspace), workspace, make_person(workspace, "Ana", "administrator"))
    failed = {path: status for path in paths(workspace) if (status := visitor.get(path, Accept_Language="zh-TW").status_code) != 200}
    assert failed == {}


def paths(workspace: Workspace) -> list[str]:
    """Each view's list, the form of a new record, and page and form of the newest record of each entity."""
    out = []
    with workspace.read() as work:
        for name, views in work.model.views_of.items():
            out += [f"/{name}/?view={view.name}" for view in views] + [f"/{name}/new"]
            newest = work.queries.page(OPERATOR, Query(name, ("id",), limit=1)).rows
            out += [f"/{name}/{row[0]}{page}" for row in newest for page in ("", "/edit")]
    return out
