"""A draft on the normal screens of one administrator's browser: seen as a role, read only, until it is left."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from fieldsmith.web.previewing import PREVIEW_COOKIE
from fieldsmith.workspace import Workspace
from tests.databases import SqliteTemplates
from tests.web.conftest import Person, contents
from tests.web.screens import Visitor, words
from tests.web.test_studio_drafts import LOST, Draft, draft

__all__ = ["draft"]
MARK = {"op": "add", "path": "/fields/mark", "value": {"type": "text", "label": "Mark"}}
RENT: dict[str, Any] = {"name": "rent", "label": "Rent", "fields": [{"name": "name", "type": "text"}]}
BOARD: dict[str, Any] = {"name": "kanban", "entity": "lead", "show": "board", "group": "status", "columns": ["name"]}


@pytest.fixture
def templates(sqlite_templates: SqliteTemplates) -> SqliteTemplates:
    return sqlite_templates


@pytest.fixture
def looking(visitor: Visitor, draft: Draft, workspace: Workspace, admin: Person) -> int:
    """The preview of a draft with a new field, entity and board has begun; a record was there before."""
    id = visitor.make("account", name="Acme")
    made = draft(MARK)
    workspace.changesets.put(admin.actor, made, "entity", "rent", RENT)
    workspace.changesets.put(admin.actor, made, "view", "lead.kanban", BOARD)
    assert visitor.post(f"/studio/drafts/{made}/preview", {"role": ""}).location == "/"
    return id


SCREENS = (
    ("/", "Preview of draft “Rentals” as myself."),
    ("/account/", "Acme"),
    ("/account/{id}", "Acme"),
    ("/account/new", "Mark"),
    ("/account/{id}/edit", "Mark"),
    ("/rent/", "Rent"),
    ("/rent/new", "Name"),
    ("/lead/?view=kanban", "Kanban"),
    ("/search?q=acme", "Acme"),
)


def test_every_screen_shows_the_draft(visitor: Visitor, looking: int) -> None:
    for path, shown in SCREENS:
        page = visitor.get(path.format(id=looking))
        assert page.status_code == 200 and shown in words(page) and "Leave preview" in page.text, path


def test_nothing_can_be_saved(visitor: Visitor, looking: int, workspace: Workspace) -> None:
    before = contents(workspace)
    for path, sent in (
        ("/account/new", {"name": "New"}),
        (f"/account/{looking}/edit", {"name": "B"}),
        ("/rent/new", {"name": "R"}),
        ("/studio/drafts/", {"title": "x"}),
    ):
        refused = visitor.post(path, sent)
        assert refused.status_code == 403 and "Leave the preview first" in refused.text
    assert contents(workspace) == before


def test_leaving_shows_what_is_published(visitor: Visitor, looking: int) -> None:
    assert visitor.post("/studio/preview/leave", {}).location.startswith("/studio/drafts/")
    assert visitor.get("/rent/").status_code == 404 and "Leave preview" not in visitor.get("/").text


def test_a_role_sees_what_it_may(visitor: Visitor, draft: Draft) -> None:
    visitor.post(f"/studio/drafts/{draft(MARK)}/preview", {"role": "user"})
    assert "as User." in words(visitor.get("/")) and 'href="/studio/"' not in visitor.get("/").text
    assert visitor.get("/studio/").status_code == 200


def test_only_administrators_look_and_only_at_what_they_asked_for(app: Flask, visitor: Visitor, looking: int, workspace: Workspace, clerk: Person) -> None:
    cookie = visitor.client.get_cookie(PREVIEW_COOKIE)
    assert cookie is not None
    other = Visitor(app, workspace, clerk)
    for value in (cookie.value, "1.administrator.x", "x"):
        other.client.set_cookie(PREVIEW_COOKIE, value)
        assert other.get("/rent/").status_code == 404


def test_a_faulty_draft_says_why_it_cannot_be_previewed(visitor: Visitor, draft: Draft) -> None:
    id = draft(LOST)
    assert "Solve these first" in visitor.get(f"/studio/drafts/{id}/preview").text
    assert visitor.post(f"/studio/drafts/{id}/preview", {"role": ""}).location.endswith("/preview")


def test_a_preview_ends_with_its_draft(visitor: Visitor, looking: int, workspace: Workspace, admin: Person) -> None:
    id = workspace.changesets.listed(admin.actor)[0].id
    workspace.changesets.discard(admin.actor, id)
    assert "The preview has ended" in visitor.get("/account/").text
    assert "The preview has ended" not in visitor.get("/account/").text
