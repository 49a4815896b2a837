"""The studio's frame: for administrators alone, a draft that opens by itself, edits that add problems kept out."""

from __future__ import annotations

import pytest
from flask import Flask

from fieldsmith.base.errors import BadInput
from fieldsmith.studio.workbench import Said
from fieldsmith.workspace import Workspace
from tests.databases import SqliteTemplates
from tests.web.conftest import Person
from tests.web.screens import Visitor


@pytest.fixture
def templates(sqlite_templates: SqliteTemplates) -> SqliteTemplates:
    return sqlite_templates


def test_the_studio_lists_entities_and_its_parts(app: Flask, workspace: Workspace, admin: Person) -> None:
    page = Visitor(app, workspace, admin).get("/studio/").text
    assert 'href="/studio/entity/opportunity/"' in page and 'href="/studio/choices/"' in page


def test_the_studio_is_for_administrators(app: Flask, workspace: Workspace, clerk: Person) -> None:
    visitor = Visitor(app, workspace, clerk)
    assert visitor.get("/studio/").status_code == 403
    assert 'href="/studio/"' not in visitor.get("/").text


def test_the_bar_shows_my_newest_draft(app: Flask, workspace: Workspace, admin: Person) -> None:
    id = workspace.changesets.open(admin.actor, "Rentals")
    workspace.changesets.say(admin.actor, id, [Said("entity", "account", [{"op": "change", "path": "/label", "value": "Client"}])])
    page = Visitor(app, workspace, admin).get("/studio/").text
    assert f'href="/studio/drafts/{id}">Rentals</a>' in page and "Changes: 1" in page and "Client" in page


def test_an_edit_that_adds_problems_is_not_kept(workspace: Workspace, admin: Person) -> None:
    id = workspace.changesets.open(admin.actor, "Rentals")
    with pytest.raises(BadInput):
        workspace.changesets.say(
            admin.actor, id, [Said("entity", "account", [{"op": "add", "path": "/fields/x", "value": {"type": "lookup", "to": "nowhere"}}])]
        )
    assert not workspace.changesets.get(admin.actor, id).edits


def test_a_faulty_draft_takes_edits_that_add_no_more(workspace: Workspace, admin: Person) -> None:
    changesets = workspace.changesets
    id = changesets.open(admin.actor, "Rentals")
    changesets.change(admin.actor, id, "entity", "account", {"operations": [{"op": "add", "path": "/fields/x", "value": {"type": "lookup", "to": "nowhere"}}]})
    checked = changesets.say(admin.actor, id, [Said("entity", "account", [{"op": "change", "path": "/label", "value": "Client"}])])
    assert len(checked.problems) == 1
    bench = changesets.look(admin.actor, id)
    assert not bench.sound and bench.documents["entity", "account"].body["label"] == "Client"
