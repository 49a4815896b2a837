"""Packages over HTTP: out of one workspace, into a draft or straight into another."""

from __future__ import annotations

import base64
import io
import zipfile
from typing import Any

import pytest

from tests.databases import SqliteTemplates, Templates
from tests.web.conftest import Api

SPARE = {"op": "add", "path": "/fields/spare", "value": {"type": "text", "label": "Spare"}}
LABEL = {"op": "change", "path": "/label", "value": "Deal"}
CUSTOM: dict[str, Any] = {
    "format": 1,
    "package": {"format": 1, "name": "custom", "version": "1.0.0", "requires": ["crm"]},
    "documents": [
        {"kind": "entity", "name": "opportunity", "body": {"extends": "opportunity", "operations": [LABEL, SPARE]}},
        {"kind": "entity", "name": "crate", "body": {"name": "crate", "fields": [{"name": "name", "type": "text"}]}},
    ],
}


@pytest.fixture
def templates(sqlite_templates: SqliteTemplates) -> Templates:
    """tests/studio runs on both databases."""
    return sqlite_templates


def applied(api: Api, package: Any, **more: Any) -> Any:
    planned = api.post("/packages/plan", json={"package": package, **more})
    assert planned.status_code == 200, planned.json
    return api.post("/packages/apply", json={"package": package, "hash": planned.json["hash"], **more})


def test_a_package_is_planned_applied_and_given_out_again(api: Api) -> None:
    planned = api.post("/packages/plan", json={"package": CUSTOM}).json
    assert sorted(item["path"] for item in planned["changes"]) == ["entity/crate", "entity/opportunity/fields/spare", "entity/opportunity/label"]
    assert (planned["problems"], planned["clashes"], planned["base"]) == ([], [], 1)
    assert api.post("/packages/apply", json={"package": CUSTOM, "hash": planned["hash"]}).json == {"revision": 2}
    again = api.get("/packages/custom").json
    assert sorted(again["documents"], key=str) == sorted(CUSTOM["documents"], key=str) and again["package"] == CUSTOM["package"]
    assert api.post("/packages/plan", json={"package": again}).json["changes"] == []
    assert [item["customised"] for item in api.get("/packages").json["items"]] == [0, 2]


def test_a_package_goes_into_a_draft(api: Api) -> None:
    id = api.post("/changesets", json={"title": "Promote"}).json["id"]
    assert api.post(f"/changesets/{id}/package", json={"package": CUSTOM}).json == {"problems": [], "also_changed_in": []}
    draft = api.get(f"/changesets/{id}").json["documents"]
    assert [(item["name"], item["document"] is not None, len(item["operations"])) for item in draft] == [("crate", True, 0), ("opportunity", False, 2)]
    assert api.post(f"/changesets/{id}/publish", json={"hash": api.get(f"/changesets/{id}/plan").json["hash"]}).json == {"revision": 2}
    assert api.post("/packages/plan", json={"package": CUSTOM}).json["changes"] == []


def test_a_draft_takes_all_of_a_package_or_nothing(api: Api) -> None:
    id = api.post("/changesets", json={"title": "Promote"}).json["id"]
    bad = {
        **CUSTOM,
        "documents": [*CUSTOM["documents"], {"kind": "view", "name": "crate.all", "body": {"name": "all", "entity": "crate", "columns": ["nome"]}}],
    }
    assert api.post(f"/changesets/{id}/package", json={"package": bad}).status_code == 422
    installed = api.get("/packages/crm").json
    assert api.post(f"/changesets/{id}/package", json={"package": installed}).json["errors"][0]["code"] == "installed"
    assert api.get(f"/changesets/{id}").json["documents"] == []


def test_clashes_are_told_and_settled(api: Api) -> None:
    applied(api, CUSTOM)
    id = api.post("/changesets", json={"title": "Here"}).json["id"]
    api.patch(f"/changesets/{id}/entity/opportunity", json={"operations": [{**LABEL, "value": "Chance"}]})
    api.post(f"/changesets/{id}/publish", json={"hash": api.get(f"/changesets/{id}/plan").json["hash"]})
    theirs = {
        **CUSTOM,
        "documents": [{"kind": "entity", "name": "opportunity", "body": {"extends": "opportunity", "operations": [{**LABEL, "value": "Bid"}, SPARE]}}],
    }
    refused = applied(api, theirs)
    (clash,) = refused.json["clashes"]
    assert (refused.status_code, clash["path"], clash["base"], clash["mine"], clash["theirs"]) == (422, "entity/opportunity/label", "Deal", "Chance", "Bid")
    assert applied(api, theirs, settle={"entity/opportunity/label": {"value": "Offer"}}).status_code == 200
    assert api.get("/metadata/entity/opportunity").json["document"]["label"] == "Offer"


def test_a_zip_is_the_same_package(api: Api) -> None:
    applied(api, CUSTOM)
    answer = api.get("/packages/custom?format=zip")
    assert answer.content_type == "application/zip" and answer.data == api.get("/packages/custom?format=zip").data
    assert "custom/entity/crate.json" in zipfile.ZipFile(io.BytesIO(answer.data)).namelist()
    assert api.post("/packages/plan", json={"zip": base64.b64encode(answer.data).decode()}).json["changes"] == []


def test_what_was_applied_is_no_change_set(api: Api) -> None:
    applied(api, CUSTOM)
    assert api.get("/changesets/1").status_code == 404 and api.get("/changesets?state=open").json["items"] == []


def test_a_part_can_be_asked_for(api: Api) -> None:
    applied(api, CUSTOM)
    part = api.get("/packages/custom?only=entity/crate").json
    assert ([item["name"] for item in part["documents"]], part["package"]["part"]) == (["crate"], True)
    assert api.get("/packages/custom?only=entity/crate&as=crates").json["package"]["name"] == "crates"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "required"),
        ({"package": []}, "wrong_type"),
        ({"package": {**CUSTOM, "format": 2}}, "newer_format"),
        ({"package": {**CUSTOM, "package": {**CUSTOM["package"], "format": 2}}}, "newer_format"),
        ({"package": {**CUSTOM, "sum": "0" * 64}}, "seal_broken"),
        ({"package": {**CUSTOM, "extra": 1}}, "unknown_key"),
        ({"package": {**CUSTOM, "package": {**CUSTOM["package"], "requires": ["crn"]}}}, "requires_missing"),
        ({"zip": "UEs="}, "bad_zip"),
        ({"zip": "?"}, "bad_zip"),
        ({"zip": "é"}, "bad_zip"),
        ({"package": CUSTOM, "settle": {"a": "perhaps"}}, "bad_choice"),
        ({"package": CUSTOM, "all": "mine"}, "bad_choice"),
    ],
)
def test_what_is_no_package_changes_nothing(api: Api, body: Any, code: str) -> None:
    answer = api.post("/packages/plan", json=body)
    assert (answer.status_code, answer.json["errors"][0]["code"]) == (422, code)
    assert api.post("/packages/apply", json={**body, "hash": ""}).status_code == 422
    assert len(api.get("/revisions").json["items"]) == 1


def test_another_plan_is_not_done(api: Api) -> None:
    assert api.post("/packages/apply", json={"package": CUSTOM, "hash": "0"}).status_code == 409
    assert api.get("/packages/nothing").status_code == 404 and api.get("/packages/crm?format=tar").status_code == 422
