"""Shares and queues over HTTP."""

from __future__ import annotations

from flask import Flask

from fieldsmith.workspace import Workspace
from tests.web.conftest import Api, Person, make_person


def test_shares_are_made_listed_changed_and_taken_back(api: Api, clerk: Person, admin: Person) -> None:
    account = api.post("/records/account", json={"name": "Acme"}).json["id"]
    path = f"/records/account/{account}/shares"
    made = api.post(path, json={"user": clerk.id, "access": "edit", "until": "2026-12-24T18:00:00Z", "reason": "Pre-sales"})
    assert made.status_code == 201, made.text
    ana, ben = {"id": admin.id, "label": "Ana"}, {"id": clerk.id, "label": "Ben"}
    told = {"id": made.json["id"], "user": ben, "team": None, "role": None, "access": "edit", "reason": "Pre-sales", "until": "2026-12-24T18:00:00Z"}
    assert made.json == {**told, "at": made.json["at"], "by": ana}
    assert api.get(path).json == {"items": [made.json]}
    changed = api.patch(f"{path}/{made.json['id']}", json={"access": "read", "until": None})
    assert (changed.json["access"], changed.json["until"]) == ("read", None)
    assert api.delete(f"{path}/{made.json['id']}").status_code == 204
    assert api.get(path).json == {"items": []}
    assert api.delete(f"{path}/{made.json['id']}").status_code == 404


def test_a_share_with_a_role_has_its_label(api: Api) -> None:
    account = api.post("/records/account", json={"name": "Acme"}).json["id"]
    made = api.post(f"/records/account/{account}/shares", json={"role": "user"}).json
    assert made["role"] == {"name": "user", "label": "User"}


def test_wrong_shares_answer_in_words(api: Api) -> None:
    account = api.post("/records/account", json={"name": "Acme"}).json["id"]
    path = f"/records/account/{account}/shares"
    assert [api.post(path, json=body).status_code for body in ({}, {"user": 99}, {"user": 1, "access": "all"})] == [422, 422, 422]
    assert [api.get(f"/records/account/{id}/shares").status_code for id in (999, 2**70)] == [404, 404]


def test_taking_over_http(app: Flask, workspace: Workspace, api: Api) -> None:
    team = api.post("/records/team", json={"name": "T"}).json["id"]
    queue = api.post("/records/user", json={"name": "Q", "kind": "queue", "team": team}).json["id"]
    account = api.post("/records/account", json={"name": "Acme", "owner": queue}).json["id"]
    person = make_person(workspace, "Cara", "user")
    taken = Api(app, person.token).post(f"/records/account/{account}/actions/take")
    assert (taken.status_code, taken.json["owner"]["id"]) == (200, person.id)
    assert Api(app, person.token).post(f"/records/account/{account}/actions/take").status_code == 409


def test_they_are_in_the_document(api: Api) -> None:
    paths = api.get("/openapi.json").json["paths"]
    assert set(paths["/api/v1/records/account/{id}/shares"]) >= {"get", "post"}
    assert set(paths["/api/v1/records/account/{id}/shares/{share}"]) >= {"patch", "delete"}
