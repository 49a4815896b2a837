"""The history on screens: what each revision changed, the way back shown before it is gone, and one revision alone taken back."""

from __future__ import annotations

import pytest
from flask import Flask

from fieldsmith.workspace import Workspace
from tests.databases import SqliteTemplates
from tests.web.conftest import Person
from tests.web.screens import Visitor, words
from tests.web.test_studio_drafts import LABEL, MARK, Draft, draft
from tests.web.test_studio_publish import label, shown_hash

__all__ = ["draft"]


@pytest.fixture
def templates(sqlite_templates: SqliteTemplates) -> SqliteTemplates:
    return sqlite_templates


@pytest.fixture
def published(draft: Draft, workspace: Workspace, admin: Person) -> None:
    """Revision 2 adds a field, revision 3 changes a label."""
    for title, operation in (("Marks", MARK), ("Home pages", LABEL)):
        id = draft(operation, title=title)
        workspace.changesets.publish(admin.actor, id, workspace.changesets.plan(admin.actor, id).hash)


def test_the_history_is_listed_and_each_revision_told(visitor: Visitor, published: None) -> None:
    page = words(visitor.get("/studio/revisions/"))
    assert page.index("3 Home pages Ana") < page.index("2 Marks Ana")
    one = visitor.get("/studio/revisions/2").text
    assert "New field Mark (Text) on Account" in words(one) and '<span class="line-new">' in one


def test_going_back_is_planned_then_done(visitor: Visitor, published: None, workspace: Workspace) -> None:
    page = visitor.get("/studio/revisions/1/roll-back").text
    assert "Retire Mark of Account; its values are kept" in words(page)
    done = visitor.post("/studio/revisions/1/roll-back", {"hash": shown_hash(page), "reason": "Too early"})
    assert done.location == "/studio/revisions/4" and "mark" not in workspace.runtime().model.entities["account"].fields
    assert "Too early" in visitor.get("/studio/revisions/").text
    assert visitor.post("/studio/revisions/2/roll-back", {"hash": "x", "reason": "x"}).status_code == 409


def test_one_revision_alone_becomes_a_draft_that_takes_it_back(visitor: Visitor, published: None, workspace: Workspace, admin: Person) -> None:
    address = visitor.post("/studio/revisions/2/undo", {}).location
    assert "Taken away Field “mark”" in words(visitor.get(address)) or "Taken away Field “Mark”" in words(visitor.get(address))
    id = int(address.rpartition("/")[2])
    workspace.changesets.publish(admin.actor, id, workspace.changesets.plan(admin.actor, id).hash)
    assert "mark" not in workspace.runtime().model.entities["account"].fields and label(workspace) == "Home page"


def test_a_published_draft_is_its_revision(visitor: Visitor, published: None, workspace: Workspace, admin: Person) -> None:
    id = workspace.changesets.listed(admin.actor, "published")[0].id
    assert visitor.get(f"/studio/drafts/{id}").location == "/studio/revisions/3"


def test_the_history_is_for_administrators(app: Flask, workspace: Workspace, clerk: Person) -> None:
    other = Visitor(app, workspace, clerk)
    assert other.get("/studio/revisions/").status_code == 403 and other.post("/studio/revisions/1/roll-back", {}).status_code == 403
