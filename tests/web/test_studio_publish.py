"""Publishing on screens: a plan in words, bound to what was shown; conflicts of two administrators decided, nothing overwritten."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
import sqlalchemy as sa
from flask import Flask

from fieldsmith.db.system import fs_session
from fieldsmith.identity.people import bump_access
from fieldsmith.studio import drafting
from fieldsmith.studio.impact import operations_of
from fieldsmith.workspace import Workspace
from tests.databases import SqliteTemplates
from tests.web.conftest import Person, make_person
from tests.web.screens import Visitor, words
from tests.web.test_studio_drafts import LABEL, MARK, Draft, draft

__all__ = ["draft"]
PLACE = "entity/account/fields/website/label"


@pytest.fixture
def templates(sqlite_templates: SqliteTemplates) -> SqliteTemplates:
    return sqlite_templates


def shown_hash(page: str) -> str:
    found = re.search(r'name="hash" value="(\w+)"', page)
    assert found is not None
    return found[1]


def label(workspace: Workspace) -> str:
    return str(workspace.runtime().model.entities["account"].fields["website"].label)


@pytest.fixture
def theirs(workspace: Workspace, draft: Draft) -> None:
    """Another administrator's label is published after the tests' draft was made; ask for it by `request.getfixturevalue`."""
    cem = make_person(workspace, "Cem", "administrator")
    id = draft({**LABEL, "value": "Site"}, title="Sites", by=cem)
    workspace.changesets.publish(cem.actor, id, workspace.changesets.plan(cem.actor, id).hash)


def test_the_plan_says_what_happens_and_publishing_does_it(visitor: Visitor, draft: Draft, workspace: Workspace) -> None:
    id = draft(MARK)
    page = visitor.get(f"/studio/drafts/{id}/publish").text
    assert "Safe New field Mark (Text) on Account The table is locked for an instant" in words(page)
    assert "ALTER TABLE" in page
    done = visitor.post(f"/studio/drafts/{id}/publish", {"hash": shown_hash(page), "reason": "Marks for all"})
    assert done.location == f"/studio/drafts/{id}/published"
    assert "“Marks for all” is published" in words(visitor.get(done.location)) and 'href="/account/"' in visitor.get(done.location).text
    assert "mark" in workspace.runtime().model.entities["account"].fields


def test_a_plan_that_no_longer_holds_is_shown_anew(visitor: Visitor, draft: Draft, workspace: Workspace, admin: Person) -> None:
    id = draft(MARK)
    hash = shown_hash(visitor.get(f"/studio/drafts/{id}/publish").text)
    workspace.changesets.change(admin.actor, id, "entity", "account", {"operations": [LABEL]})
    again = visitor.post(f"/studio/drafts/{id}/publish", {"hash": hash, "reason": "x"})
    assert again.status_code == 409 and "This plan no longer holds" in again.text
    assert shown_hash(again.text) != hash and workspace.runtime().model.revision == 1


def test_what_is_lost_must_be_ticked(visitor: Visitor, draft: Draft, workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafting, "operations_of", lambda *given: tuple(replace(item, risk="loses data") for item in operations_of(*given)))
    id = draft(MARK)
    page = visitor.get(f"/studio/drafts/{id}/publish").text
    assert "I understand that this is lost." in page and "Loses data" in words(page)
    sent = {"hash": shown_hash(page), "reason": "x"}
    assert visitor.post(f"/studio/drafts/{id}/publish", sent).status_code == 422 and workspace.runtime().model.revision == 1
    assert visitor.post(f"/studio/drafts/{id}/publish", {**sent, "lost": "on"}).status_code == 303


def test_a_faulty_draft_goes_to_its_review(visitor: Visitor, draft: Draft) -> None:
    id = draft({"op": "add", "path": "/fields/lost", "value": {"type": "lookup", "to": "nowhere"}})
    assert visitor.get(f"/studio/drafts/{id}/publish").location == f"/studio/drafts/{id}"


def test_an_empty_draft_has_nothing_to_publish(visitor: Visitor, draft: Draft) -> None:
    assert "There is nothing to publish" in visitor.get(f"/studio/drafts/{draft()}/publish").text


def test_what_records_forbid_is_said_on_the_plan(visitor: Visitor, draft: Draft) -> None:
    visitor.make("account", name="Acme")
    id = draft({"op": "change", "path": "/fields/website/required", "value": True})
    hash = shown_hash(visitor.get(f"/studio/drafts/{id}/publish").text)
    refused = visitor.post(f"/studio/drafts/{id}/publish", {"hash": hash, "reason": "x"})
    assert refused.status_code == 422 and "it is blank in 1 records" in words(refused)


@pytest.mark.parametrize(
    ("sent", "expected"),
    [({"take": "mine"}, "Home page"), ({"take": "theirs"}, "Site"), ({"take": "other", "other": "Web"}, "Web")],
    ids=["mine", "theirs", "other"],
)
def test_two_administrators_decide_what_holds(
    app: Flask, workspace: Workspace, admin: Person, draft: Draft, request: pytest.FixtureRequest, sent: dict[str, str], expected: str
) -> None:
    id = draft(LABEL, MARK)
    request.getfixturevalue("theirs")
    mine = Visitor(app, workspace, admin)
    assert mine.get(f"/studio/drafts/{id}/publish").location == f"/studio/drafts/{id}/conflicts"
    page = words(mine.get(f"/studio/drafts/{id}/conflicts"))
    assert "Before: nothing" in page and "Yours Home page" in page and "Theirs, published Site" in page
    mine.post(f"/studio/drafts/{id}/conflicts", {f"{key}.{PLACE}": value for key, value in sent.items()})
    plan = mine.get(f"/studio/drafts/{id}/publish").text
    mine.post(f"/studio/drafts/{id}/publish", {"hash": shown_hash(plan), "reason": "x"})
    assert label(workspace) == expected and "mark" in workspace.runtime().model.entities["account"].fields


def test_an_undecided_conflict_comes_back(visitor: Visitor, draft: Draft, request: pytest.FixtureRequest, workspace: Workspace) -> None:
    id = draft(LABEL)
    request.getfixturevalue("theirs")
    again = visitor.post(f"/studio/drafts/{id}/conflicts", {})
    assert again.status_code == 422 and "Choose one." in again.text and label(workspace) == "Site"


def test_a_published_draft_leads_to_what_became_of_it(app: Flask, workspace: Workspace, admin: Person) -> None:
    sets, ana = workspace.changesets, admin.actor
    id = sets.open(ana, "Icons")
    sets.change(ana, id, "entity", "account", {"operations": [{"op": "change", "path": "/icon", "value": "users"}]})
    sets.publish(ana, id, sets.plan(ana, id).hash)
    answer = Visitor(app, workspace, admin).get(f"/studio/drafts/{id}/publish")
    assert (answer.status_code, answer.location) == (303, f"/studio/drafts/{id}/published")


def test_publishing_rights_asks_for_a_fresh_password(visitor: Visitor, workspace: Workspace, admin: Person) -> None:
    id = workspace.changesets.open(admin.actor, "Rights")
    workspace.changesets.put(admin.actor, id, "role", "clerk", {"name": "clerk", "entities": {"account": ["read"]}})
    plan = f"/studio/drafts/{id}/publish"
    assert visitor.get(plan).status_code == 200
    with workspace.database.write() as connection:
        connection.execute(sa.update(fs_session).values(proven_at=None))
        bump_access(connection)
    assert visitor.get(plan).location == f"/me/confirm?next={plan}"
    assert visitor.post(plan, {"hash": "x"}).location.startswith("/me/confirm?next=")
    assert workspace.changesets.get(admin.actor, id).revision is None
