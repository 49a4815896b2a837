"""A dealer at the screens: their own app and start page, only what hangs on their account, their own profile, and nothing of the house."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from fieldsmith.base.context import OPERATOR, SYSTEM
from fieldsmith.meta.layers import CUSTOM, layer_of
from fieldsmith.workspace import Workspace
from tests.web.conftest import Api, Person, make_person, sign_in
from tests.web.screens import Visitor, names, words

DEALER: dict[str, Any] = {
    "name": "dealer",
    "portal": {"account": "account", "paths": {"account": "", "case": "account", "contact": "account"}},
    "entities": {"account": ["read"], "case": ["create", "read", "update", "history"], "contact": ["read"]},
    "start": "case",
}
ACCOUNT = {"extends": "user", "operations": [{"op": "add", "path": "/fields/account", "value": {"type": "lookup", "to": "account"}}]}
APP = {"name": "dealers", "label": "Dealer desk", "icon": "truck", "tabs": ["case", "account"], "roles": ["dealer"]}


THEIRS = ("Other Ltd", "Their pump", "Otto", "Xaver")
"""What she must not read anywhere."""


@dataclass(frozen=True)
class Desk:
    """Dora of Mine; Other has everything Mine has."""

    visitor: Visitor
    dora: Person
    mine: int
    other: int
    case: int
    their_case: int


def settle(workspace: Workspace) -> tuple[Person, tuple[int, int, int, int]]:
    """Dora, both accounts and a case of each."""
    documents = [("entity", "user", ACCOUNT), ("role", "dealer", DEALER), ("app", "dealers", APP)]
    workspace.publish(SYSTEM, [layer_of(CUSTOM, documents)], "portal")
    dora, owner = make_person(workspace, "Dora", "dealer"), make_person(workspace, "Xaver", "user").id

    def make(entity: str, **values: Any) -> int:
        return workspace.write(lambda work: work.records.create(OPERATOR, entity, {"owner": owner, **values})).id

    mine, other = make("account", name="Mine Ltd"), make("account", name="Other Ltd")
    workspace.write(lambda work: work.records.update(OPERATOR, "user", dora.id, {"account": mine}))
    cases = [make("case", subject=subject, account=account) for subject, account in (("My pump leaks", mine), ("Their pump leaks", other))]
    make("contact", name={"first": "Mia", "last": "Mine"}, account=mine)
    make("contact", name={"first": "Otto", "last": "Other"}, account=other)
    return dora, (mine, other, cases[0], cases[1])


@pytest.fixture
def desk(app: Flask, workspace: Workspace) -> Desk:
    dora, ids = settle(workspace)
    return Desk(Visitor(app, workspace, dora), dora, *ids)


def test_signing_in_opens_the_start_page_of_the_role_in_their_app(desk: Desk, client: FlaskClient) -> None:
    answer = sign_in(client, desk.dora)
    assert (answer.status_code, answer.location) == (303, "/case/")
    page = client.get("/case/").text
    assert "Dealer desk" in page and "Sales" not in page
    assert re.findall(r'class="tab-link" href="([^"]+)"', page) == ["/", "/case/", "/account/"]


def test_the_home_page_tells_of_their_records_only(desk: Desk) -> None:
    page = desk.visitor.get("/")
    assert page.status_code == 200
    assert "My pump leaks" in words(page) and not [word for word in THEIRS if word in words(page)]


PAGES = (
    *("/case/", "/case/?show=board", "/case/?q=pump", "/account/", "/contact/", "/search?q=pump", "/search?q=Ltd", "/palette?q=pump", "/palette?q=Other"),
    *("/account/lookup?q=", "/account/lookup?q=Other", "/contact/lookup?q=", "/case/lookup?q=pump", "/case/new", "/case/filter", "/me", "/help/expressions"),
    *("/case/{case}", "/case/{case}/edit", "/case/{case}/history", "/account/{mine}", "/account/{mine}/history", "/account/{mine}/related/cases"),
    *("/api/v1/records/case", "/api/v1/records/account", "/api/v1/records/contact", "/api/v1/search?q=pump", "/api/v1/records/case/{case}/history"),
    *("/api/v1/records/case?columns=subject,account.name,owner", "/case/?columns=subject,account,owner", "/api/v1/openapi.json", "/api/docs"),
    *("/api/v1/metadata/entity", "/api/v1/metadata/app", "/api/v1/metadata/tab", "/api/v1/metadata/view", "/api/v1/metadata/layout"),
)


def test_no_page_tells_of_others(desk: Desk) -> None:
    for page in PAGES:
        answer = desk.visitor.get(page.format(case=desk.case, mine=desk.mine))
        assert answer.status_code == 200, (page, answer.status_code)
        assert not [word for word in THEIRS if re.search(rf"\b{word}\b", answer.text)], page


def test_paths_lead_to_nobody_of_the_house(desk: Desk) -> None:
    for page in ("/api/v1/records/case?columns=owner.name", "/api/v1/records/case?filter=owner.name='Xaver'", "/api/v1/records/case?sort=owner.name"):
        assert desk.visitor.get(page).status_code == 400, page


def test_lists_hold_what_hangs_on_their_account(desk: Desk) -> None:
    assert names(desk.visitor.get("/case/")) == ["My pump leaks"]
    assert names(desk.visitor.get("/account/")) == ["Mine Ltd"]
    found: Any = desk.visitor.get("/account/lookup?q=").json
    assert [item["text"] for item in found["items"]] == ["Mine Ltd"]


@pytest.mark.parametrize("page", ["/case/{0}", "/case/{0}/edit", "/case/{0}/history", "/case/{0}/delete", "/account/{1}", "/account/{1}/related/cases"])
def test_addresses_of_others_answer_as_if_nothing_were_there(desk: Desk, page: str) -> None:
    there = desk.visitor.get(page.format(desk.their_case, desk.other))
    absent = desk.visitor.get(page.format(987_654, 987_654))
    assert (there.status_code, absent.status_code) in ((404, 404), (403, 403))
    assert "Their" not in there.text and "Other" not in words(there)


def test_a_case_is_made_for_the_own_account_and_for_no_other(desk: Desk) -> None:
    made = desk.visitor.post("/case/new", {"subject": "Pump broke", "account": str(desk.mine), "status": "new", "priority": "medium"})
    assert made.status_code == 303, words(made)
    assert desk.visitor.get(made.location).status_code == 200
    assert names(desk.visitor.get("/case/?sort=subject")) == ["My pump leaks", "Pump broke"]
    for account in (str(desk.other), ""):
        refused = desk.visitor.post("/case/new", {"subject": "Pump broke", "account": account, "status": "new", "priority": "medium"})
        assert refused.status_code in (403, 422), account
        assert "Other Ltd" not in refused.text
    moved = desk.visitor.post(f"/case/{desk.case}/edit", {"subject": "My pump leaks", "account": str(desk.other), "version": "1"})
    assert moved.status_code in (403, 422)
    assert desk.visitor.values("case", desk.case)["account"].id == desk.mine


def test_the_own_profile_works(desk: Desk) -> None:
    page = desk.visitor.get("/me")
    assert page.status_code == 200 and "Dora" in words(page)
    answer = desk.visitor.post("/me", {"name": "Dora Dealer", "language": "", "time_zone": "Europe/Berlin", "email": ""})
    assert answer.status_code == 303, words(answer)
    assert "Dora Dealer" in words(desk.visitor.get("/me"))
    assert desk.visitor.post("/me/preferences", {"theme": "dark"}).status_code == 303


HOUSE = (
    *("/user/", "/team/", "/user/1", "/lead/", "/opportunity/", "/studio/", "/studio/people/", "/studio/roles/", "/studio/access/", "/studio/audit/"),
    *("/api/v1/records/user", "/api/v1/records/opportunity", "/api/v1/audit", "/api/v1/changesets", "/api/v1/metadata/role", "/user/lookup?q="),
    *("/case/{case}/sharing", "/studio/entity/case/", "/api/v1/packages", "/api/v1/revisions"),
)


@pytest.mark.parametrize("page", HOUSE)
def test_nothing_of_the_house_is_there(desk: Desk, page: str) -> None:
    answer = desk.visitor.get(page.format(case=desk.case))
    assert answer.status_code in (403, 404)
    assert "Xaver" not in words(answer)


def test_no_link_leads_into_the_studio(desk: Desk) -> None:
    for page in ("/", "/case/", f"/case/{desk.case}", "/me"):
        assert not re.findall(r'href="(/studio[^"]*|/user[^"]*)"', desk.visitor.get(page).text), page


def test_whose_account_is_blank_sees_nothing(desk: Desk, app: Flask, workspace: Workspace) -> None:
    nora = make_person(workspace, "Nora", "dealer")
    assert [Api(app, nora.token).get(f"/records/{entity}").json["items"] for entity in ("account", "case", "contact")] == [[], [], []]
    visitor = Visitor(app, workspace, nora)
    assert (visitor.get("/").status_code, names(visitor.get("/case/"))) == (200, [])
