"""`/api/v1/expressions`: the contract's answers, strict bodies, rights, and hostile sources."""

from __future__ import annotations

import gc
import re
import time
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from fieldsmith.base.context import OPERATOR
from fieldsmith.web.app import create_app
from fieldsmith.workspace import Workspace
from tests.conftest import MakeWorkspace
from tests.databases import SqliteTemplates, Templates
from tests.tiny import TINY
from tests.web.conftest import V1, Api, Person, form_token, make_person, sign_in

CALLS = ("check", "evaluate", "complete")


@pytest.fixture
def templates(sqlite_templates: SqliteTemplates) -> Templates:
    """Both databases are asked below the API, in `tests.records.test_evaluate`."""
    return sqlite_templates


def _asked(call: str, expression: str = "1", **more: Any) -> dict[str, Any]:
    return {"entity": "account", "expression": expression, **({"position": 0} if call == "complete" else {}), **more}


def test_check_gives_the_type(api: Api) -> None:
    answer = api.post("/expressions/check", json=_asked("check", "annual_revenue * 2"))
    assert (answer.status_code, answer.json) == (200, {"ok": True, "type": "decimal", "problems": []})


def test_check_tells_every_problem_with_its_place(api: Api) -> None:
    answer = api.post("/expressions/check", json=_asked("check", "nam = 'A' and\n  industri = 'x'"))
    assert (answer.status_code, answer.json["ok"], answer.json["type"]) == (200, False, None)
    assert [(problem["line"], problem["column"], problem["pointer"]) for problem in answer.json["problems"]] == [(1, 1, "/expression"), (2, 3, "/expression")]
    assert answer.json["problems"][0]["hint"] == "Did you mean “name”?"


def test_check_in_a_context(api: Api) -> None:
    assert api.post("/expressions/check", json=_asked("check", "CHANGED(name)", context="rule")).json["ok"] is True
    assert api.post("/expressions/check", json=_asked("check", "CHANGED(name)", context="filter")).json["ok"] is False
    answer = api.post("/expressions/check", json=_asked("check", "1", context="rull"))
    assert (answer.status_code, answer.json["errors"][0]["hint"]) == (422, "Did you mean “rule”?")


def test_evaluate_a_stored_record(api: Api) -> None:
    id = api.post("/records/account", json={"name": "Acme", "employees": 3}).json["id"]
    for engine in ("python", "sql"):
        answer = api.post("/expressions/evaluate", json=_asked("evaluate", "employees / 2", id=id, engine=engine))
        assert (answer.status_code, answer.json) == (200, {"type": "decimal", "value": "1.5"})


def test_evaluate_values_and_explain(api: Api) -> None:
    answer = api.post("/expressions/evaluate", json=_asked("evaluate", "UPPER(name) & '!'", values={"name": "Acme"}, explain=True))
    assert answer.json == {
        "type": "text",
        "value": "ACME!",
        "steps": [
            {"source": "name", "start": 6, "end": 10, "type": "text", "value": "Acme"},
            {"source": "UPPER(name)", "start": 0, "end": 11, "type": "text", "value": "ACME"},
            {"source": "'!'", "start": 14, "end": 17, "type": "text", "value": "!"},
            {"source": "UPPER(name) & '!'", "start": 0, "end": 17, "type": "text", "value": "ACME!"},
        ],
    }


def test_whole_numbers_keep_all_their_digits(api: Api) -> None:
    for engine in ("python", "sql"):
        answer = api.post("/expressions/evaluate", json=_asked("evaluate", "10 ^ 30 + 1", engine=engine))
        assert answer.json == {"type": "integer", "value": 10**30 + 1}


def test_complete(api: Api) -> None:
    answer = api.post("/expressions/complete", json=_asked("complete", "IF(nam", position=6)).json
    item = next(item for item in answer["items"] if item["text"] == "name")
    assert {key: item[key] for key in ("kind", "detail", "start", "end")} == {"kind": "field", "detail": "text", "start": 3, "end": 6}
    assert (answer["signature"]["name"], answer["signature"]["parameter"]) == ("IF", 0) and answer["signature"]["help"]
    assert api.post("/expressions/complete", json=_asked("complete", "")).json["signature"] is None


@pytest.mark.parametrize("position", [-1, 2])
def test_a_position_beyond_the_source(api: Api, position: int) -> None:
    answer = api.post("/expressions/complete", json=_asked("complete", "1", position=position))
    assert (answer.status_code, answer.json["errors"][0]["code"]) == (422, "bad_position")


def test_a_wrong_expression_or_value_is_422(api: Api) -> None:
    wrong = api.post("/expressions/evaluate", json=_asked("evaluate", "nam"))
    assert (wrong.status_code, wrong.json["errors"][0]["code"], wrong.json["errors"][0]["pointer"]) == (422, "unknown_field", "/expression")
    values = api.post("/expressions/evaluate", json=_asked("evaluate", "name", values={"employees": "x"}))
    assert (values.status_code, values.json["errors"][0]["pointer"]) == (422, "/values/employees")
    engine = api.post("/expressions/evaluate", json=_asked("evaluate", "name", engine="SQL"))
    assert (engine.status_code, engine.json["errors"][0]["code"]) == (422, "unknown_engine")


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"entity": None}, ("wrong_type", "/entity")),
        ({"expression": 1}, ("wrong_type", "/expression")),
        ({"expression": ["1"]}, ("wrong_type", "/expression")),
        ({"expresion": "1"}, ("unknown_key", "/expresion")),
        ({"__proto__": {}}, ("unknown_key", "/__proto__")),
    ],
)
def test_bodies_are_read_strictly(unchanged: None, api: Api, call: str, change: dict[str, Any], problem: tuple[str, str]) -> None:
    answer = api.post(f"/expressions/{call}", json={**_asked(call), **change})
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert [(found["code"], found["pointer"]) for found in answer.json["errors"]] == [problem]


@pytest.mark.parametrize("more", [{"id": True}, {"id": "1"}, {"id": 1.5}, {"values": []}, {"explain": 1}, {"engine": 7}])
def test_members_of_evaluate_have_their_types(api: Api, more: dict[str, Any]) -> None:
    answer = api.post("/expressions/evaluate", json=_asked("evaluate", **more))
    assert (answer.status_code, answer.json["errors"][0]["code"]) == (422, "wrong_type")


@pytest.mark.parametrize("call", CALLS)
def test_what_is_missing_is_named(api: Api, call: str) -> None:
    answer = api.post(f"/expressions/{call}", json={})
    missing = ["/entity", "/expression", *(["/position"] if call == "complete" else [])]
    assert [(found["code"], found["pointer"]) for found in answer.json["errors"]] == [("required", place) for place in missing]


@pytest.mark.parametrize("call", CALLS)
def test_methods_addresses_and_media(api: Api, call: str) -> None:
    assert api.get(f"/expressions/{call}").status_code == 405
    assert api.post(f"/expressions/{call}?x=1", json=_asked(call)).status_code == 400
    assert api.post(f"/expressions/{call}", data="1").status_code == 415
    assert api.post(f"/expressions/{call}", json=[1]).status_code == 400


@pytest.mark.parametrize("call", CALLS)
def test_nobody_asks_without_signing_in_or_the_form_token(app: Flask, client: FlaskClient, admin: Person, call: str) -> None:
    assert app.test_client().post(f"{V1}/expressions/{call}", json=_asked(call)).status_code == 401
    sign_in(client, admin)
    assert client.post(f"{V1}/expressions/{call}", json=_asked(call)).status_code == 403
    token = form_token(client.get("/me").text)
    assert client.post(f"{V1}/expressions/{call}", json=_asked(call), headers={"X-CSRF-Token": token}).status_code == 200


@pytest.mark.parametrize("call", CALLS)
def test_an_entity_that_is_not_there(api: Api, call: str) -> None:
    for name in ("accuont", "", "x" * 5_000, "fs_token", "account; DROP TABLE account"):
        answer = api.post(f"/expressions/{call}", json={**_asked(call), "entity": name})
        assert (answer.status_code, answer.json["errors"][0]["code"]) == (404, "unknown_entity")


def test_records_that_are_not_there(api: Api, workspace: Workspace) -> None:
    gone = api.post("/records/account", json={"name": "Gone"}).json["id"]
    workspace.write(lambda work: work.records.delete(OPERATOR, "account", gone))
    for id in (gone, 0, -1, 10**6, 2**63, 10**40):
        for engine in ("python", "sql"):
            assert api.post("/expressions/evaluate", json=_asked("evaluate", "name", id=id, engine=engine)).status_code == 404


HOSTILE = [
    "9^9^9",
    "().__class__",
    "__import__('os').system('x')",
    "(" * 5_000,
    "not " * 2_500 + "true",
    "-" * 9_999 + "1",
    "1" * 10_000,
    "1+" * 4_999 + "1",
    "1" * 10_001,
    '"' * 9_999,
    "'" + "e\u0301" * 4_999,
    "a" + "\u0301" * 9_998,
    "name." * 1_999 + "name",
    "IF(" * 2_000,
    "x" * 9_999,
    "nam or " * 1_400 + "nam",
    "\ud800",
    "'\ud800'",
    "\x00",
    "a\u202eb",
    "{{7*7}} ${7*7} <script>",
    "name = '" + "x" * 9_000 + "'",
    "name in (" + ",".join(["'a'"] * 1_900) + ")",
    " & ".join(["name"] * 50),
    "LEN(" + "SUBSTITUTE(" * 5 + "'" + "a" * 900 + "'" + (",'a','" + "a" * 900 + "')") * 5 + ")",
    "SUM(" * 55 + "1" + ")" * 55,
    "AVG(nothing where nothing where nothing)",
]


@pytest.mark.parametrize(("call", "more"), [*((call, {}) for call in CALLS), ("evaluate", {"explain": True}), ("evaluate", {"engine": "sql"})])
@pytest.mark.parametrize("source", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_sources_are_answered_at_once(unchanged: None, api: Api, call: str, more: dict[str, Any], source: str) -> None:
    body = _asked(call, source, **({"position": min(len(source), 20)} if call == "complete" else more))
    api.post(f"/expressions/{call}", json=_asked(call))
    best, status = 9.0, 0
    for _ in range(8):
        gc.collect()  # what a long run of tests left behind is not this request's
        start = time.process_time()  # what this process computes, not what others keep the machine busy with
        answer = api.post(f"/expressions/{call}", json=body)
        best, status = min(best, time.process_time() - start), answer.status_code
        if best < 0.1:
            break
    assert status in ((200,) if call != "evaluate" else (200, 422)), answer.text
    assert best < 0.1


def test_what_the_reader_may_not_see_is_not_there(make_workspace: MakeWorkspace) -> None:
    workspace = make_workspace("core", TINY)
    api = Api(create_app(workspace), make_person(workspace, "Ben", "clerk").token)

    def asked(call: str, expression: str) -> TestResponse:
        answer: TestResponse = api.post(f"/expressions/{call}", json=_asked(call, expression, entity="thing"))
        return answer

    for call in ("check", "evaluate"):
        hidden, unknown = asked(call, "secret.pin = 1"), asked(call, "nobody.pin = 1")
        assert hidden.status_code == unknown.status_code
        [first], [second] = (re.findall('"message": "(.*?)"[,}]', answer.text) for answer in (hidden, unknown))
        assert first.replace("secret", "nobody") == second
    inside = api.post("/expressions/complete", json=_asked("complete", "secret.", entity="thing", position=7))
    assert inside.json == {"items": [], "signature": None}
    assert api.post("/expressions/check", json={"entity": "vault", "expression": "1"}).status_code == 404
