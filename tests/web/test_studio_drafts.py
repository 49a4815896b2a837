"""Drafts as screens: listed, opened, reviewed in words, taken back piece by piece, renamed, discarded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fieldsmith.studio.workbench import Said
from fieldsmith.workspace import Workspace
from tests.databases import SqliteTemplates
from tests.web.conftest import Person, make_person
from tests.web.screens import Visitor, words

LABEL = {"op": "change", "path": "/fields/website/label", "value": "Home page"}
MARK = {"op": "add", "path": "/fields/mark", "value": {"type": "text", "label": "Mark"}}
LOST = {"op": "add", "path": "/fields/lost", "value": {"type": "lookup", "to": "nowhere"}}

Draft = Callable[..., int]


@pytest.fixture
def templates(sqlite_templates: SqliteTemplates) -> SqliteTemplates:
    return sqlite_templates


@pytest.fixture
def draft(workspace: Workspace, admin: Person) -> Draft:
    def make(*operations: dict[str, Any], title: str = "Rentals", by: Person = admin) -> int:
        id = workspace.changesets.open(by.actor, title)
        if operations:
            workspace.changesets.change(by.actor, id, "entity", "account", {"operations": list(operations)})
        return id

    return make


def test_drafts_of_all_are_listed_mine_first(visitor: Visitor, draft: Draft, workspace: Workspace) -> None:
    draft(LABEL, MARK)
    draft(LOST, title="Repairs", by=make_person(workspace, "Cem", "administrator"))
    page = words(visitor.get("/studio/drafts/"))
    assert page.index("Rentals Yours") < page.index("Repairs Cem")
    assert "Changes: 2" in page and "Problems: 1" in page


def test_a_new_draft_is_worked_on_at_once(visitor: Visitor) -> None:
    assert visitor.post("/studio/drafts/", {"title": "Equipment"}).location == "/studio/"
    assert ">Equipment</a>" in visitor.get("/studio/").text
    assert visitor.post("/studio/drafts/", {"title": " "}).status_code == 422


def test_another_draft_is_chosen(visitor: Visitor, draft: Draft) -> None:
    one, _ = draft(title="One"), draft(title="Two")
    visitor.post(f"/studio/drafts/{one}/choose", {})
    assert ">One</a>" in visitor.get("/studio/").text


def test_the_review_says_before_and_after_in_words(visitor: Visitor, draft: Draft) -> None:
    page = words(visitor.get(f"/studio/drafts/{draft(LABEL, MARK)}"))
    assert "Changed Field “Home page” · Label Website becomes Home page" in page
    assert "Added Field “Mark” Mark (Text)" in page


def test_problems_lead_to_the_page_that_solves_them(visitor: Visitor, draft: Draft) -> None:
    page = visitor.get(f"/studio/drafts/{draft(LOST)}").text
    assert 'href="/studio/entity/account/fields/lost" aria-label="Go there:' in page
    assert "/publish" not in page.partition("page-body")[2]


def test_others_who_edit_the_same_are_named(visitor: Visitor, draft: Draft, workspace: Workspace) -> None:
    draft(LABEL, title="Repairs", by=make_person(workspace, "Cem", "administrator"))
    assert "“Repairs” by Cem" in words(visitor.get(f"/studio/drafts/{draft(LABEL)}"))


def test_one_operation_or_a_document_is_taken_back(visitor: Visitor, draft: Draft, workspace: Workspace, admin: Person) -> None:
    id = draft(LABEL, MARK)
    said = {"kind": "entity", "name": "account"}
    visitor.post(f"/studio/drafts/{id}/take-back", {**said, "turn": "1"})
    assert [item.path for item in workspace.changesets.get(admin.actor, id).edits["entity", "account"].operations] == ["/fields/mark"]  # type: ignore[index]
    visitor.post(f"/studio/drafts/{id}/take-back", {**said, "turn": ""})
    assert not workspace.changesets.get(admin.actor, id).edits


def test_the_bar_takes_the_last_change_back(visitor: Visitor, workspace: Workspace, admin: Person) -> None:
    id = workspace.changesets.open(admin.actor, "Rentals")
    for operation in (LABEL, MARK):
        workspace.changesets.say(admin.actor, id, [Said("entity", "account", [operation])])
    assert f'action="/studio/drafts/{id}/undo"' in visitor.get("/studio/").text
    asked = visitor.client.post(f"/studio/drafts/{id}/undo", data={"csrf_token": visitor.token}, headers={"Referer": "http://localhost/studio/company"})
    assert asked.location == "/studio/company"
    assert "Changes: 1" in visitor.get("/studio/").text


def test_a_draft_is_renamed_and_discarded(visitor: Visitor, draft: Draft) -> None:
    id = draft(LABEL)
    visitor.post(f"/studio/drafts/{id}/rename", {"title": "Hire"})
    assert "Discard “Hire”?" in visitor.get(f"/studio/drafts/{id}/discard").text
    assert visitor.post(f"/studio/drafts/{id}/discard", {}).location == "/studio/drafts/"
    assert visitor.get(f"/studio/drafts/{id}").status_code == 404
