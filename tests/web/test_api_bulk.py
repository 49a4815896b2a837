"""Bulk calls and keys that make a retry safe."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from fieldsmith.base.context import FixedClock
from fieldsmith.identity import idempotency
from fieldsmith.workspace import Workspace
from tests.conftest import NOW
from tests.web.conftest import Api, Person

BULK = "/records/account/bulk"
ACCOUNTS = "/records/account"


def count(api: Api) -> int:
    found: int = api.get(f"{ACCOUNTS}?count=exact").json["count"]
    return found


def test_all_rows_or_none(api: Api) -> None:
    answer = api.post(BULK, json={"create": [{"name": "A"}, {"nam": "B"}, {"name": "C", "employees": "x"}]})
    assert answer.status_code == 422
    assert {"/create/1/nam", "/create/2/employees"} <= {problem["pointer"] for problem in answer.json["errors"]}
    assert count(api) == 0


def test_each_row_on_its_own(api: Api) -> None:
    answer = api.post(BULK, json={"create": [{"name": "A"}, {"nam": "B"}, {"name": "C"}], "mode": "each"})
    assert [row["status"] for row in answer.json["results"]] == [201, 422, 201]
    assert (answer.json["results"][1]["errors"][0]["pointer"], count(api)) == ("/nam", 2)


def test_every_kind_of_row_in_one_call(api: Api) -> None:
    first, second = (row["id"] for row in api.post(BULK, json={"create": [{"name": "A"}, {"name": "B"}]}).json["results"])
    answer = api.post(BULK, json={"create": [{"name": "C"}], "update": [{"id": first, "name": "A2"}], "delete": [second]})
    assert [(row["op"], row["index"], row["status"]) for row in answer.json["results"]] == [("create", 0, 201), ("update", 0, 200), ("delete", 0, 204)]
    assert api.get(f"{ACCOUNTS}/{first}").json["name"] == "A2"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"create": [{"name": "A"}] * 10_001}, 413),
        ({"create": {"name": "A"}}, 422),
        ({"creat": []}, 422),
        ({"create": [], "mode": "some"}, 422),
        ({"create": ["A"]}, 422),
        ({"update": [{"name": "A"}]}, 422),
        ({"delete": ["1; drop table"]}, 422),
        ({"delete": [True]}, 422),
        ({"delete": [999]}, 409),
    ],
)
def test_malformed_batches_change_nothing(api: Api, body: dict[str, Any], status: int) -> None:
    answer = api.post(BULK, json=body)
    assert (answer.status_code, count(api)) == (status, 0), answer.text


def test_a_retry_gets_the_first_answer(api: Api) -> None:
    first, second = (api.post(ACCOUNTS, json={"name": "A"}, headers={"Idempotency-Key": "k1"}) for _ in range(2))
    assert (first.status_code, first.data, first.headers["Location"]) == (second.status_code, second.data, second.headers["Location"])
    assert count(api) == 1


def test_a_key_used_with_another_body_is_422(api: Api) -> None:
    api.post(ACCOUNTS, json={"name": "A"}, headers={"Idempotency-Key": "k1"})
    answer = api.post(ACCOUNTS, json={"name": "B"}, headers={"Idempotency-Key": "k1"})
    assert (answer.status_code, answer.json["errors"][0]["code"], count(api)) == (422, "idempotency_key_reused", 1)


def test_keys_are_per_user_and_route(api: Api, clerk_api: Api) -> None:
    key = {"Idempotency-Key": "k1"}
    assert api.post(ACCOUNTS, json={"name": "A"}, headers=key).status_code == 201
    assert clerk_api.post(ACCOUNTS, json={"name": "B"}, headers=key).status_code == 201
    assert api.post(BULK, json={"create": [{"name": "C"}]}, headers=key).status_code == 200


def test_a_request_in_flight_is_409(api: Api, admin: Person, workspace: Workspace) -> None:
    body = b'{"name": "A"}'
    workspace.write(lambda work: idempotency.reserve(work.connection, work.now, admin.actor, "POST /api/v1/records/account", "k1", body))
    answer = api.post(ACCOUNTS, data=body, content_type="application/json", headers={"Idempotency-Key": "k1"})
    assert (answer.status_code, count(api)) == (409, 0)


def test_an_abandoned_reservation_is_given_up(api: Api, admin: Person, workspace: Workspace) -> None:
    body = b'{"name": "A"}'
    workspace.write(lambda work: idempotency.reserve(work.connection, work.now, admin.actor, "POST /api/v1/records/account", "k1", body))
    workspace.clock = FixedClock(NOW + idempotency.ABANDONED)
    answer = api.post(ACCOUNTS, data=body, content_type="application/json", headers={"Idempotency-Key": "k1"})
    assert answer.status_code == 201


def test_a_key_lives_for_a_day(api: Api, workspace: Workspace) -> None:
    api.post(ACCOUNTS, json={"name": "A"}, headers={"Idempotency-Key": "k1"})
    workspace.clock = FixedClock(NOW + timedelta(hours=24))
    assert api.post(ACCOUNTS, json={"name": "B"}, headers={"Idempotency-Key": "k1"}).status_code == 201


def test_a_refused_request_frees_its_key(api: Api) -> None:
    assert api.post(ACCOUNTS, json={"nam": "A"}, headers={"Idempotency-Key": "k1"}).status_code == 422
    assert api.post(ACCOUNTS, json={"name": "A"}, headers={"Idempotency-Key": "k1"}).status_code == 201


@pytest.mark.parametrize("key", ["", "a b", "é", "k" * 256])
def test_odd_keys_are_refused(api: Api, key: str) -> None:
    assert api.post(ACCOUNTS, json={"name": "A"}, headers={"Idempotency-Key": key}).status_code == 400


@pytest.mark.parametrize("path", ["/records/a%00b", "/records/account%00", "/records/%ff"])
def test_an_odd_path_with_a_key_is_just_absent(api: Api, path: str) -> None:
    assert api.post(path, json={"name": "A"}, headers={"Idempotency-Key": "k1"}).status_code == 404


@pytest.mark.parametrize("value", ["a%00b", "%ff", "%F0%9F%98%80" * 300])
def test_odd_external_keys_are_answered(api: Api, value: str) -> None:
    assert api.put(f"/records/account/by/external_id/{value}", json={"name": "A"}).status_code in (201, 400, 422)
