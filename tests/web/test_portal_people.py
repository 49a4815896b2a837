"""People from outside, end to end: only what hangs on their account is there, by no address another."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from fieldsmith.base.context import OPERATOR, SYSTEM
from fieldsmith.meta.layers import CUSTOM, layer_of
from fieldsmith.workspace import Workspace
from tests.web.conftest import Api, Person, make_person

DEALER: dict[str, Any] = {
    "name": "dealer",
    "portal": {"account": "account", "paths": {"account": "", "case": "account", "opportunity": "account"}},
    "entities": {"account": ["read"], "case": ["create", "read", "update"], "opportunity": ["read"]},
}
ACCOUNT = {"extends": "user", "operations": [{"op": "add", "path": "/fields/account", "value": {"type": "lookup", "to": "account"}}]}


class Outside:
    def __init__(self, app: Flask, workspace: Workspace, admin: Person) -> None:
        workspace.publish(SYSTEM, [layer_of(CUSTOM, [("entity", "user", ACCOUNT), ("role", "dealer", DEALER)])], "portal")
        self._workspace = workspace
        dealer = make_person(workspace, "Dora", "dealer")
        self.mine, self.other = (self.make("account", name=name, owner=admin.id) for name in ("Mine", "Other"))
        workspace.write(lambda work: work.records.update(OPERATOR, "user", dealer.id, {"account": self.mine}))
        close = {"close_date": "2026-12-24", "stage": "qualification"}
        self.cases = [self.make("case", subject="C", account=account, owner=admin.id) for account in (self.mine, self.other)]
        self.deals = [self.make("opportunity", name="D", account=account, owner=admin.id, **close) for account in (self.mine, self.other)]
        self.api = Api(app, dealer.token)

    def make(self, entity: str, **values: Any) -> int:
        return self._workspace.write(lambda work: work.records.create(OPERATOR, entity, values)).id


@pytest.fixture
def outside(app: Flask, workspace: Workspace, admin: Person) -> Outside:
    return Outside(app, workspace, admin)


def test_only_what_hangs_on_their_account_is_there(outside: Outside) -> None:
    for entity, (mine, other) in {"account": (outside.mine, outside.other), "case": outside.cases, "opportunity": outside.deals}.items():
        assert [row["id"] for row in outside.api.get(f"/records/{entity}").json["items"]] == [mine]
        statuses = [outside.api.get(f"/records/{entity}/{id}").status_code for id in (mine, other, 999_999)]
        assert statuses == [200, 404, 404]


def test_people_inside_have_no_names(outside: Outside) -> None:
    found = outside.api.get(f"/records/account/{outside.mine}")
    assert "Ana" not in found.text
    assert (found.json.get("owner") or {"label": None})["label"] is None
    assert [outside.api.get(f"/records/{entity}").status_code for entity in ("user", "team", "contact", "lead")] == [404] * 4


def test_they_share_nothing_and_write_nothing_elsewhere(outside: Outside) -> None:
    mine, other = outside.cases
    assert outside.api.get(f"/records/case/{mine}/shares").status_code == 403
    assert outside.api.patch(f"/records/case/{other}", json={"subject": "X"}).status_code == 404
    assert outside.api.patch(f"/records/case/{mine}", json={"account": outside.other}).status_code in (403, 404, 422)
    assert outside.api.patch(f"/records/case/{mine}", json={"subject": "X"}).status_code == 200
