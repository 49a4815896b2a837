"""Change sets and revisions over HTTP, from the first edit to undoing it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.databases import SqliteTemplates, Templates
from tests.web.conftest import Api

RENEWAL = {"op": "add", "path": "/fields/renewal_date", "value": {"type": "date", "label": "Renewal date"}, "after": "close_date"}


@pytest.fixture
def templates(sqlite_templates: SqliteTemplates) -> Templates:
    """tests/studio runs on both databases."""
    return sqlite_templates


def opened(api: Api, *operations: dict[str, Any], title: str = "Renewals") -> int:
    id = api.post("/changesets", json={"title": title}).json["id"]
    if operations:
        assert api.patch(f"/changesets/{id}/entity/opportunity", json={"operations": list(operations)}).json["problems"] == []
    return int(id)


def test_from_the_first_edit_to_undoing_it(api: Api) -> None:
    id = opened(api, RENEWAL)
    assert api.get(f"/changesets/{id}/check").json == {"problems": [], "also_changed_in": []}
    planned = api.get(f"/changesets/{id}/plan").json
    (operation,) = planned["operations"]
    assert (operation["path"], operation["title"], operation["risk"], operation["rows"]) == (
        "entity/opportunity/fields/renewal_date",
        "New field Renewal date (Date) on Opportunity",
        "safe",
        0,
    )
    assert "renewal_date" in operation["sql"][0]
    assert api.post(f"/changesets/{id}/publish", json={"hash": planned["hash"]}).json == {"revision": 2}
    made = api.post("/records/opportunity", json={"name": "A", "renewal_date": "2027-01-01"})
    assert made.status_code in (201, 422) and "renewal_date" not in str(made.json.get("errors"))
    revision = api.get("/revisions/2").json
    assert (revision["author"], revision["reason"]) == ("Ana", "Renewals")
    assert [item["pointer"] for item in revision["differences"]] == ["/fields/renewal_date"]
    assert api.post("/revisions/1/rollback").json == {"revision": 3}
    assert [item["number"] for item in api.get("/revisions").json["items"]] == [3, 2, 1]
    assert "renewal_date" not in [field["name"] for field in api.get("/metadata/entity/opportunity").json["document"]["fields"]]


def test_a_draft_shows_its_edits(api: Api) -> None:
    id = opened(api, RENEWAL)
    draft = api.get(f"/changesets/{id}").json
    assert (draft["title"], draft["author"]["label"], draft["base"], draft["state"], draft["revision"]) == ("Renewals", "Ana", 1, "open", None)
    assert draft["documents"] == [
        {
            "kind": "entity",
            "name": "opportunity",
            "document": None,
            "operations": [{**RENEWAL, "seen": 1, "turn": 1}],
            "retire": False,
            "seen": 1,
            "turn": 1,
        }
    ]
    assert [item["id"] for item in api.get("/changesets").json["items"]] == [id]
    assert api.get("/changesets?state=published").json["items"] == []


def test_what_a_draft_says_of_a_document_can_be_forgotten(api: Api) -> None:
    id = opened(api, RENEWAL)
    assert api.delete(f"/changesets/{id}/entity/opportunity?edits=drop").json["problems"] == []
    assert api.get(f"/changesets/{id}").json["documents"] == []


def test_a_new_document_taken_back_leaves_nothing(api: Api) -> None:
    id = opened(api)
    body = {"name": "tool", "fields": [{"name": "name", "type": "text"}]}
    assert api.put(f"/changesets/{id}/entity/tool", json=body).json["problems"] == []
    assert api.delete(f"/changesets/{id}/entity/tool").json["problems"] == []
    assert api.get(f"/changesets/{id}").json["documents"] == []


def test_a_discarded_draft_is_not_found(api: Api) -> None:
    id = opened(api, RENEWAL)
    assert api.delete(f"/changesets/{id}").status_code == 204
    assert api.get(f"/changesets/{id}").status_code == 404


def test_a_draft_with_problems_has_no_plan(api: Api) -> None:
    id = opened(api)
    operation = {"op": "add", "path": "/fields/renewal", "value": {"type": "lookup", "to": "renewl"}}
    answer = api.patch(f"/changesets/{id}/entity/opportunity", json={"operations": [operation]})
    assert (answer.status_code, [item["code"] for item in answer.json["problems"]]) == (200, ["unknown_entity"])
    plan = api.get(f"/changesets/{id}/plan")
    assert (plan.status_code, plan.json["errors"][0]["pointer"]) == (422, "/fields/renewal/to")


def test_the_second_of_two_sees_what_the_first_said(api: Api) -> None:
    def label(text: str) -> dict[str, Any]:
        return {"op": "change", "path": "/fields/amount/label", "value": text}

    one, two = opened(api, label("Sum")), opened(api, label("Total"))
    plans = [api.get(f"/changesets/{id}/plan").json for id in (one, two)]
    assert api.post(f"/changesets/{one}/publish", json={"hash": plans[0]["hash"]}).status_code == 200
    refused = api.post(f"/changesets/{two}/publish", json={"hash": plans[1]["hash"]})
    assert refused.status_code == 409
    (conflict,) = refused.json["conflicts"]
    assert (conflict["path"], conflict["mine"], conflict["theirs"]) == ("entity/opportunity/fields/amount/label", "Total", "Sum")


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("post", "/changesets", {}, 422),
        ("post", "/changesets", {"title": "a", "more": 1}, 422),
        ("post", "/changesets", {"title": " "}, 422),
        ("post", "/changesets", {"title": "x" * 201}, 422),
        ("post", "/changesets", {"title": "a\nb"}, 422),
        ("get", "/changesets?state=lost", None, 404),
        ("get", "/changesets?after=x", None, 400),
        ("get", "/revisions?after=%C2%B73", None, 400),
        ("get", "/changesets/99", None, 404),
        ("get", f"/changesets/{10**40}", None, 404),
        ("put", "/changesets/{id}/package/crm", {"name": "crm"}, 422),
        ("put", "/changesets/{id}/nonsense/a", {"name": "a"}, 422),
        ("put", "/changesets/{id}/entity/a", {"name": "b"}, 422),
        ("put", "/changesets/{id}/entity/a", {"extends": "a"}, 422),
        ("put", "/changesets/{id}/entity/a%20b", {"name": "a b"}, 422),
        ("delete", "/changesets/{id}/entity/a?edits=keep", None, 422),
        ("post", "/changesets/{id}/publish", {"hash": 5}, 422),
        ("post", "/changesets/{id}/publish", {"hash": "x"}, 409),
        ("get", "/revisions/99", None, 404),
        ("post", "/revisions/99/rollback", None, 404),
        ("post", "/revisions/1/rollback", None, 409),
    ],
)
def test_bad_calls_are_refused(api: Api, method: str, path: str, body: Any, status: int) -> None:
    id = opened(api)
    more = {} if body is None else {"json": body}
    assert getattr(api, method)(path.replace("{id}", str(id)), **more).status_code == status


@pytest.mark.parametrize(("method", "path"), [("get", "/changesets"), ("post", "/changesets"), ("get", "/revisions"), ("post", "/revisions/1/rollback")])
def test_clerks_shape_nothing(clerk_api: Api, method: str, path: str) -> None:
    assert getattr(clerk_api, method)(path, **({"json": {"title": "a"}} if path == "/changesets" and method == "post" else {})).status_code == 403


def test_metadata_that_nests_too_deep_is_refused_at_once(api: Api) -> None:
    id = opened(api)
    body = b'{"a":' + b"[" * 10_000 + b"]" * 10_000 + b"}"
    answer = api.put(f"/changesets/{id}/entity/deep", data=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
