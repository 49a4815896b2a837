"""“Where does this come from?”: every property knows its layer, revision, author and reason, and finds back to its base."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from fieldsmith.base.text import ENGLISH
from fieldsmith.studio.workbench import Said
from fieldsmith.web.studio.desk import Desk
from fieldsmith.web.studio.origins import Origin, Origins
from fieldsmith.workspace import Workspace
from tests.databases import SqliteTemplates
from tests.web.conftest import Person
from tests.web.screens import Visitor

LABEL = {"op": "change", "path": "/label", "value": "Client"}
MARK = {"op": "add", "path": "/fields/mark", "value": {"type": "text", "label": "Mark"}}


@pytest.fixture
def templates(sqlite_templates: SqliteTemplates) -> SqliteTemplates:
    return sqlite_templates


class Shaper:
    """Ana at the studio, by her services."""

    def __init__(self, app: Flask, workspace: Workspace, admin: Person) -> None:
        self.app, self.workspace, self.admin = app, workspace, admin

    def draft(self, *operations: dict[str, Any], title: str = "Rentals") -> int:
        id = self.workspace.changesets.open(self.admin.actor, title)
        self.workspace.changesets.say(self.admin.actor, id, [Said("entity", "account", operations)])
        return id

    def publish(self, *operations: dict[str, Any], title: str = "Rentals") -> int:
        id = self.draft(*operations, title=title)
        sets = self.workspace.changesets
        return sets.publish(self.admin.actor, id, sets.plan(self.admin.actor, id).hash)

    def origin(self, place: str, draft: int | None = None) -> Origin:
        client = Visitor(self.app, self.workspace, self.admin).client
        with client:
            client.get("/studio/")
            return Origins(Desk(self.admin.actor, ENGLISH, self.workspace.changesets.look(self.admin.actor, draft))).of("entity", "account", place)


@pytest.fixture
def shaper(app: Flask, workspace: Workspace, admin: Person) -> Shaper:
    return Shaper(app, workspace, admin)


def test_what_nobody_touched_is_of_its_package(shaper: Shaper) -> None:
    found = shaper.origin("/label")
    assert found.layer == "base" and "crm" in str(found.said) and not found.can_reset


def test_a_change_names_its_own_revision_author_and_reason(shaper: Shaper) -> None:
    first = shaper.publish(LABEL, title="Words")
    shaper.publish(MARK, title="Marks")
    found = shaper.origin("/label")
    assert str(found.said) == f"Your workspace, revision {first}, by Ana" and found.reason == "Words"
    assert (found.has_base, found.can_reset) == (False, True)


def test_what_was_replaced_is_told(shaper: Shaper) -> None:
    shaper.publish({"op": "change", "path": "/icon", "value": "users"})
    found = shaper.origin("/icon")
    assert (found.base, found.can_reset) == ("building", True)


def test_a_field_of_ones_own_has_no_base(shaper: Shaper) -> None:
    shaper.publish(LABEL)
    revision = shaper.publish(MARK, title="Marks")
    found = shaper.origin("/fields/mark/label")
    assert str(found.said) == f"Your workspace, revision {revision}, by Ana" and not found.can_reset


def test_what_is_not_published_is_of_the_draft(shaper: Shaper) -> None:
    shaper.publish(LABEL)
    id = shaper.draft(MARK, {"op": "change", "path": "/plural", "value": "Clients"})
    assert shaper.origin("/plural", id).layer == "draft" and shaper.origin("/fields/mark/label", id).layer == "draft"
    assert shaper.origin("/label", id).layer == "own"


def test_a_reset_takes_the_change_back(shaper: Shaper) -> None:
    shaper.publish(LABEL)
    visitor = Visitor(shaper.app, shaper.workspace, shaper.admin)
    answer = visitor.post("/studio/reset", {"place": "entity/account/label", "next": "/studio/entity/account/"})
    assert answer.headers["Location"] == "/studio/entity/account/"
    draft = shaper.workspace.changesets.listed(shaper.admin.actor)[0]
    assert "label" not in shaper.workspace.changesets.look(shaper.admin.actor, draft.id).documents["entity", "account"].body


@pytest.mark.parametrize("target", ["https://elsewhere.example/", "//elsewhere", "/studio/\\x", "/account/"])
def test_a_reset_leads_nowhere_else(shaper: Shaper, target: str) -> None:
    visitor = Visitor(shaper.app, shaper.workspace, shaper.admin)
    answer = visitor.post("/studio/reset", {"place": "entity/account/label", "next": target})
    assert answer.headers["Location"] == "/studio/"
