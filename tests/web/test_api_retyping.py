"""Changes of type over HTTP: dry run, start, progress, cancel, undo."""

from __future__ import annotations

from typing import Any

import pytest

from fieldsmith.workspace import Workspace
from tests.databases import SqliteTemplates, Templates
from tests.web.conftest import Api

FIELD = "/metadata/entity/account/fields/mark"


@pytest.fixture
def templates(sqlite_templates: SqliteTemplates) -> Templates:
    """tests/studio runs on both databases."""
    return sqlite_templates


@pytest.fixture
def marked(api: Api) -> Api:
    """Accounts with a text field of the workspace's own."""
    id = api.post("/changesets", json={"title": "Mark"}).json["id"]
    api.patch(f"/changesets/{id}/entity/account", json={"operations": [{"op": "add", "path": "/fields/mark", "value": {"type": "text"}}]})
    api.post(f"/changesets/{id}/publish", json={"hash": api.get(f"/changesets/{id}/plan").json["hash"]})
    for name, mark in (("Acme", "12"), ("Beta", "n/a")):
        api.post("/records/account", json={"name": name, "mark": mark})
    return api


def test_three_steps_from_the_dry_run_to_undoing_it(marked: Api) -> None:
    dry = marked.post(f"{FIELD}/retype", json={"type": "integer"}).json
    assert (dry["rows"], dry["converted"], dry["failed"], dry["values"], dry["background"]) == (2, 1, 1, {"n/a": 1}, False)
    assert dry["failing"][0] | {"hint": ""} == {"id": 2, "label": "Beta", "value": "n/a", "message": "“n/a” is not a whole number.", "hint": ""}
    refused = marked.post(f"{FIELD}/retype", json={"type": "integer", "dry_run": False})
    assert refused.status_code == 422 and refused.json["errors"][0]["pointer"] == "/map/n~1a"
    done = marked.post(f"{FIELD}/retype", json={"type": "integer", "map": {"n/a": None}, "dry_run": False})
    assert (done.status_code, done.json["state"], done.headers["Location"]) == (200, "done", "/api/v1/retypes/1")
    assert marked.get("/records/account/1").json["mark"] == 12
    assert marked.post("/retypes/1/undo").json == {"revision": 4, "count": 0, "left": []}
    assert marked.get("/records/account/2").json["mark"] == "n/a"


def test_a_change_set_points_to_it(marked: Api) -> None:
    id = marked.post("/changesets", json={"title": "Type"}).json["id"]
    marked.patch(f"/changesets/{id}/entity/account", json={"operations": [{"op": "change", "path": "/fields/mark/type", "value": "integer"}]})
    problem = marked.get(f"/changesets/{id}/plan").json["errors"][0]
    assert problem["code"] == "cannot_retype" and "retype" in problem["hint"]


def test_many_records_are_a_job(marked: Api, workspace: Workspace) -> None:
    workspace.retyping.at_once = 1
    begun = marked.post(f"{FIELD}/retype", json={"type": "integer", "leave_blank": True, "dry_run": False})
    assert (begun.status_code, begun.json["state"]) == (202, "filling")
    assert marked.delete("/retypes/1").json["state"] == "cancelled" and marked.delete("/retypes/1").status_code == 409
    marked.post(f"{FIELD}/retype", json={"type": "integer", "leave_blank": True, "dry_run": False})
    workspace.retyping.jobs.run()
    assert [(job["id"], job["state"], job["blank"]) for job in marked.get("/retypes").json["items"]] == [(2, "done", 1), (1, "cancelled", 0)]


def test_a_stopped_job_goes_on_with_more_values_mapped(marked: Api, workspace: Workspace) -> None:
    workspace.retyping.at_once = 1
    marked.post(f"{FIELD}/retype", json={"type": "integer", "map": {"n/a": 0}, "dry_run": False})
    marked.patch("/records/account/1", json={"mark": "many"})
    workspace.retyping.jobs.run()
    assert marked.get("/retypes/1").json["problems"][0]["pointer"] == "/map/many"
    assert marked.post("/retypes/1/resume", json={"map": {"many": 99}}).json["state"] == "filling"
    workspace.retyping.jobs.run()
    assert marked.get("/records/account/1").json["mark"] == 99


def test_a_pick_list_is_proposed(marked: Api) -> None:
    proposed = marked.get(f"{FIELD}/choices").json
    assert proposed["document"]["values"] == [{"name": "v_12", "label": "12"}, {"name": "n_a", "label": "n/a"}]
    said = {"type": "choice", "options": {"choices": "account_mark"}, "choices": proposed["document"], "dry_run": False}
    assert marked.post(f"{FIELD}/retype", json=said).json["state"] == "done"
    assert marked.get("/records/account/2").json["mark"] == "n_a"


@pytest.mark.parametrize(
    ("sent", "pointer"),
    [
        ({}, "/type"),
        ({"type": 1}, "/type"),
        ({"type": "formula"}, "/type"),
        ({"type": "integer", "typ": 1}, "/typ"),
        ({"type": "integer", "map": []}, "/map"),
        ({"type": "integer", "dry_run": "no"}, "/dry_run"),
        ({"type": "integer", "leave_blank": 1}, "/leave_blank"),
        ({"type": "integer", "changeset": True}, "/changeset"),
        ({"type": "integer", "locale": "xx_nowhere"}, ""),
        ({"type": "integer", "map": {"n/a": "none"}}, "/map/n~1a"),
        ({"type": "date", "date_format": "yy"}, ""),
        ({"type": "choice", "choices": {"name": 5}}, ""),
    ],
    ids=str,
)
def test_bad_calls_are_refused(api: Api, sent: dict[str, Any], pointer: str) -> None:
    answer = api.post("/metadata/entity/account/fields/website/retype", json=sent)
    found = [problem["pointer"] for problem in answer.json.get("errors", answer.json.get("problems", ()))]
    assert answer.status_code in (200, 422) and (pointer in found or pointer == "")


def test_only_administrators_may(marked: Api, clerk_api: Api) -> None:
    assert clerk_api.post(f"{FIELD}/retype", json={"type": "integer"}).status_code == 403
    assert clerk_api.get("/retypes").status_code == 403
