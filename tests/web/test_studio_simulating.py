"""Who gains and who loses by a draft, on the plan's page and in the API; and that nobody but administrators learns of it."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from fieldsmith.base.context import OPERATOR
from fieldsmith.workspace import Workspace
from tests.databases import SqliteTemplates
from tests.web.conftest import Api, Person, make_person
from tests.web.screens import Visitor, words

SELLER: dict[str, Any] = {
    "name": "seller",
    "entities": {"account": {"read": "own", "update": "own"}, "contact": ["read"], "user": ["read"]},
    "studio": ["contact"],
}
WIDER = {"op": "change", "path": "/entities/account", "value": {"read": "all"}}
MASKED = {"op": "change", "path": "/field_rights/account", "value": {"website": "masked"}}
LABEL = {"op": "change", "path": "/fields/website/label", "value": "Home page"}


@pytest.fixture
def templates(sqlite_templates: SqliteTemplates) -> SqliteTemplates:
    """tests/rollout runs on both databases."""
    return sqlite_templates


@pytest.fixture
def lee(workspace: Workspace) -> Person:
    """A seller with one of three accounts, who shapes contacts."""
    sets = workspace.changesets
    id = sets.open(OPERATOR, "Sellers")
    sets.put(OPERATOR, id, "role", "seller", SELLER)
    sets.publish(OPERATOR, id, sets.plan(OPERATOR, id).hash)
    lee = make_person(workspace, "Lee", "seller")
    rows = [{"name": "Acme", "owner": owner} for owner in (lee.id, None, None)]
    workspace.write(lambda work: work.records.create_many(OPERATOR, "account", rows))
    return lee


def draft(workspace: Workspace, kind: str, name: str, *operations: dict[str, Any]) -> int:
    id = workspace.changesets.open(OPERATOR, "Wider")
    workspace.changesets.change(OPERATOR, id, kind, name, {"operations": list(operations)})
    return id


def test_the_plan_fetches_who_gains_and_loses(visitor: Visitor, lee: Person, workspace: Workspace) -> None:
    id = draft(workspace, "role", "seller", WIDER, MASKED)
    assert f'hx-get="/studio/drafts/{id}/access"' in visitor.get(f"/studio/drafts/{id}/publish").text
    part = visitor.get(f"/studio/drafts/{id}/access", HX_Request="true", HX_Target="plan-access")
    assert part.text.startswith('<div id="plan-access">')
    said = words(part)
    assert "Who gains, who loses Gain: 1 Lose: 1 of 2 people who may act Lee Seller gains loses" in said
    assert "Accounts Read Own becomes All Records: 1, then 3 gains 2 Change Own becomes None Records: 1, then 0 loses 1" in said
    assert "Website Edit becomes Masked Field" in said


def test_it_is_a_page_of_its_own_too(visitor: Visitor, lee: Person, workspace: Workspace) -> None:
    id = draft(workspace, "role", "seller", WIDER)
    page = visitor.get(f"/studio/drafts/{id}/access")
    assert "<html" in page.text and "gains 2" in words(page) and f'href="/studio/drafts/{id}/publish"' in page.text


def test_a_draft_that_touches_nobody_says_so_only_where_it_is_about_access(visitor: Visitor, lee: Person, workspace: Workspace) -> None:
    about = draft(workspace, "role", "seller", {"op": "change", "path": "/label", "value": "Sales"})
    assert "Nobody gains or loses anything by this draft as things are now." in words(visitor.get(f"/studio/drafts/{about}/access"))
    other = draft(workspace, "entity", "account", LABEL)
    part = visitor.get(f"/studio/drafts/{other}/access", HX_Request="true", HX_Target="plan-access")
    assert "".join(part.text.split()) == '<divid="plan-access"></div>'
    view = workspace.changesets.open(OPERATOR, "View")
    workspace.changesets.put(OPERATOR, view, "view", "account.mine", {"name": "mine", "entity": "account", "columns": ["name"]})
    assert "plan-access" not in visitor.get(f"/studio/drafts/{view}/publish").text


def test_a_faulty_draft_is_said_to_be_faulty(visitor: Visitor, workspace: Workspace) -> None:
    id = draft(workspace, "role", "user", {"op": "change", "path": "/entities/nowhere", "value": ["read"]})
    answer = visitor.get(f"/studio/drafts/{id}/access")
    assert answer.status_code == 422 and "The draft has problems." in words(answer)
    assert visitor.get("/studio/drafts/9999/access").status_code == 404


def test_the_api_tells_administrators_with_the_plan(api: Api, lee: Person, workspace: Workspace) -> None:
    found = api.get(f"/changesets/{draft(workspace, 'role', 'seller', WIDER, MASKED)}/plan").json["access"]
    assert (found["everybody"], found["concerned"], found["looked_at"], found["each"], found["in_time"]) == (2, 1, 1, True, True)
    [person] = found["people"]
    assert (person["person"], person["roles"], person["alike"], person["gains"], person["loses"]) == ({"id": lee.id, "label": "Lee"}, ["seller"], 1, True, True)
    [account] = person["entities"]
    assert (
        account["rights"]
        == [
            {"right": "read", "before": "own", "after": "all", "records": {"before": 1, "after": 3, "gained": 2, "lost": 0}},
            {"right": "update", "before": "own", "after": "none", "records": {"before": 1, "after": 0, "gained": 0, "lost": 1}},
            {"right": "mass_change", "before": "own", "after": "none", "records": None},
        ]
        or account["rights"][:2] == account["rights"]
    )
    assert account["fields"] == [{"field": "website", "before": "edit", "after": "masked"}]


def test_who_shapes_some_entities_learns_nothing_of_others(app: Flask, lee: Person, workspace: Workspace) -> None:
    api = Api(app, lee.token)
    opened = api.post("/changesets", json={"title": "Mine"})
    assert opened.status_code == 201, opened.text
    id = opened.json["id"]
    assert api.patch(f"/changesets/{id}/entity/contact", json={"operations": [{**LABEL, "path": "/fields/email/label"}]}).status_code == 200
    assert api.get(f"/changesets/{id}/plan").json["access"] is None
    wider = draft(workspace, "role", "seller", WIDER)
    assert api.get(f"/changesets/{wider}/plan").status_code == 404
    browser = Visitor(app, workspace, lee)
    for path in (f"/studio/drafts/{wider}/access", f"/studio/drafts/{id}/access"):
        answer = browser.get(path)
        assert answer.status_code == 403 and "gains" not in answer.text
