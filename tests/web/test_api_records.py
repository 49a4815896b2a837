"""Records over HTTP: the contract's calls, statuses and headers."""

from __future__ import annotations

from typing import Any

import pytest

from tests.web.conftest import Api

ACCOUNTS = "/records/account"


def make(api: Api, name: str = "Acme", **values: Any) -> dict[str, Any]:
    answer = api.post(ACCOUNTS, json={"name": name, **values})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json
    return found


def test_create_says_where_the_record_is_and_its_version(api: Api) -> None:
    answer = api.post(ACCOUNTS, json={"name": "Acme"})
    assert (answer.status_code, answer.headers["ETag"]) == (201, '"1"')
    assert answer.headers["Location"].endswith(f"{ACCOUNTS}/{answer.json['id']}")


def test_a_record_reads_as_it_was_written(api: Api) -> None:
    made = make(api, employees=12, annual_revenue={"amount": "1234.5", "currency": "USD"})
    found = api.get(f"{ACCOUNTS}/{made['id']}").json
    assert found == made
    assert (found["employees"], found["annual_revenue"]["amount"]) == (12, "1234.50")


def test_numbers_stay_exact(api: Api) -> None:
    answer = api.post(ACCOUNTS, data='{"name": "A", "annual_revenue": 90071992547409.93}', content_type="application/json")
    assert answer.json["annual_revenue"]["amount"] == "90071992547409.93"


def test_whatever_get_returns_patch_accepts(api: Api) -> None:
    made = make(api)
    answer = api.patch(f"{ACCOUNTS}/{made['id']}", json=made)
    assert (answer.status_code, answer.json) == (200, made)


def test_patch_changes_what_was_sent_and_counts_up(api: Api) -> None:
    made = make(api, phone="+12125550100")
    answer = api.patch(f"{ACCOUNTS}/{made['id']}", json={"name": "Bolt"})
    assert (answer.headers["ETag"], answer.json["name"], answer.json["phone"]) == ('"2"', "Bolt", made["phone"])


def test_the_second_of_two_updates_from_one_version_gets_412(api: Api) -> None:
    path = f"{ACCOUNTS}/{make(api)['id']}"
    assert api.patch(path, json={"name": "One"}, headers={"If-Match": '"1"'}).status_code == 200
    second = api.patch(path, json={"name": "Two"}, headers={"If-Match": '"1"'})
    assert (second.status_code, api.get(path).json["name"]) == (412, "One")


def test_delete_and_restore(api: Api) -> None:
    path = f"{ACCOUNTS}/{make(api)['id']}"
    assert api.delete(path).status_code == 204
    assert api.get(path).status_code == 404
    assert api.post(f"{path}/actions/restore").status_code == 200
    assert api.get(path).json["name"] == "Acme"


def test_upsert_by_external_id(api: Api) -> None:
    path = f"{ACCOUNTS}/by/external_id/A%2F7"
    first, second = api.put(path, json={"name": "Acme"}), api.put(path, json={"name": "Acme Ltd"})
    assert (first.status_code, second.status_code, first.json["id"]) == (201, 200, second.json["id"])
    assert (second.json["external_id"], second.json["name"]) == ("A/7", "Acme Ltd")


def test_keyset_paging_reaches_every_row_once(api: Api) -> None:
    for number in range(5):
        make(api, f"Account {number}")
    seen, after = [], ""
    while after is not None:
        page = api.get(f"{ACCOUNTS}?sort=name&columns=name&limit=2" + (f"&after={after}" if after else "")).json
        seen += [item["name"] for item in page["items"]]
        after = page["next"]
    assert seen == [f"Account {number}" for number in range(5)]


def test_columns_may_follow_lookups(api: Api) -> None:
    parent = make(api, "Parent")
    make(api, "Child", parent_account=parent["id"])
    items = api.get(f"{ACCOUNTS}?columns=name,parent_account.name,parent_account&sort=name").json["items"]
    assert items[0]["parent_account.name"] == "Parent"
    assert items[0]["parent_account"] == {"id": parent["id"], "label": "Parent"}
    assert set(items[0]) == {"id", "name", "parent_account.name", "parent_account"}


def test_a_count_is_given_on_demand(api: Api) -> None:
    make(api)
    assert api.get(f"{ACCOUNTS}?count=exact").json["count"] == 1
    assert "count" not in api.get(ACCOUNTS).json


def test_history_tells_who_changed_what(api: Api) -> None:
    path = f"{ACCOUNTS}/{make(api)['id']}"
    api.patch(path, json={"name": "Bolt"})
    newest, oldest = api.get(f"{path}/history").json["items"]
    assert newest["changes"] == [{"field": "name", "old": "Acme", "new": "Bolt"}]
    assert (newest["by"]["label"], newest["via"], oldest["operation"]) == ("Ana", "api", "create")


def test_access_is_explained(api: Api, clerk_api: Api) -> None:
    make(api)
    users = clerk_api.get("/records/user").json["items"]
    found = clerk_api.get(f"/records/user/{users[0]['id']}/access").json
    assert (found["read"], found["update"], found["fields"]["name"]) == (True, False, "read")
    assert any("role" in sentence.lower() for sentence in found["because"])


def test_only_administrators_ask_for_others(api: Api, clerk_api: Api) -> None:
    path = f"{ACCOUNTS}/{make(api)['id']}/access?user=1"
    assert (api.get(path).status_code, clerk_api.get(path).status_code) == (200, 403)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"name": "A", "id": 9}, "/id"),
        ({"name": "A", "created_by": 1}, "/created_by"),
        ({"name": "A", "version": 7}, "/version"),
        ({"name": "A", "tenant": 1}, "/tenant"),
        ({"name": {"x": 1}}, "/name"),
        ({"name": "A", "owner": {"password": 1}}, "/owner"),
        ({}, "/name"),
    ],
)
def test_fields_that_may_not_be_set_are_refused(unchanged: None, api: Api, body: dict[str, Any], pointer: str) -> None:
    answer = api.post(ACCOUNTS, json=body)
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert pointer in [problem["pointer"] for problem in answer.json["errors"]]


def test_a_misspelt_field_gets_a_hint(api: Api) -> None:
    [problem] = api.post(ACCOUNTS, json={"name": "A", "emial": "x@example.com"}).json["errors"]
    assert (problem["code"], problem["hint"]) == ("unknown_field", "Did you mean “email”?")


def test_an_entity_one_may_not_read_is_absent(clerk_api: Api, api: Api) -> None:
    assert clerk_api.get("/records/nothing_here").status_code == 404


def test_visible_but_not_allowed_is_403(clerk_api: Api) -> None:
    assert clerk_api.post("/records/team", json={"name": "East"}).status_code == 403
