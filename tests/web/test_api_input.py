"""Bad requests to the API: each is refused with a status, a sentence and a place, and changes nothing."""

from __future__ import annotations

import json

import pytest

from tests.databases import SqliteTemplates, Templates
from tests.web.conftest import Api

ACCOUNTS = "/records/account"


@pytest.fixture
def templates(sqlite_templates: SqliteTemplates) -> Templates:
    """What is tested here never reaches a database."""
    return sqlite_templates


@pytest.mark.parametrize(
    "query",
    [
        "sort=name;drop",
        "sort=(select 1)",
        "sort=nothing",
        "sort=name,,id",
        "columns=password",
        "columns=owner.password_hash",
        "columns=name;--",
        "columns=owner.reset_token",
        "limit=-1",
        "limit=0",
        "limit=501",
        "limit=1e3",
        "limit=1000000000",
        "limit=99999999999999999999",
        "limit=",
        "limit=٣",
        "after=nonsense",
        "after=" + "A" * 5000,
        "count=maybe",
        "search=" + "x" * 10_000,
        "filter=1",
        "filter[$where]=1",
        "sort[]=name",
        "limt=5",
        "limit=5&limit=6",
        "group_by=name",
        "offset=99999999999999999999",
    ],
)
def test_query_parts_are_checked(unchanged: None, api: Api, query: str) -> None:
    answer = api.get(f"{ACCOUNTS}?{query}")
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json"), answer.text
    assert answer.json["errors"] and all(problem["message"] for problem in answer.json["errors"])


def test_a_misspelt_parameter_gets_a_hint(api: Api) -> None:
    [problem] = api.get(f"{ACCOUNTS}?limt=5").json["errors"]
    assert (problem["pointer"], problem["hint"]) == ("/limt", "Did you mean “limit”?")


def test_the_cap_of_a_page_is_stated(api: Api) -> None:
    assert "500" in api.get(f"{ACCOUNTS}?limit=1000000000").json["errors"][0]["message"]


@pytest.mark.parametrize(
    ("source", "code", "column"),
    [
        ("nme = 'A'", "unknown_field", 1),
        ("name = ", "unexpected_end", 7),
        ("name", "condition_expected", 1),
        ("().__class__", "unknown_syntax", 3),
        ("__import__('os')", "malformed_name", 1),
        ("LEN(name) > 9^9^9", None, None),
        ("(" * 5000, None, None),
    ],
)
def test_a_faulty_filter_says_where(unchanged: None, api: Api, source: str, code: str | None, column: int | None) -> None:
    answer = api.get(ACCOUNTS, query_string={"filter": source})
    assert answer.status_code == 400
    problem = answer.json["errors"][0]
    assert problem["pointer"] == "/filter" and problem["message"]
    if code:
        assert (problem["code"], problem["line"], problem["column"]) == (code, 1, column)


def test_a_filter_lists_what_it_says(api: Api) -> None:
    for name in ("Acme", "Beta", "O'Neill"):
        api.post(ACCOUNTS, json={"name": name})
    found = api.get(ACCOUNTS, query_string={"filter": "STARTSWITH(name, 'b') or name = 'O''Neill'", "sort": "name", "columns": "name", "count": "exact"}).json
    assert ([item["name"] for item in found["items"]], found["count"]) == (["Beta", "O'Neill"], 2)


def test_a_cursor_belongs_to_its_filter(api: Api) -> None:
    for name in "AB":
        api.post(ACCOUNTS, json={"name": name})
    cursor = api.get(ACCOUNTS, query_string={"filter": "name < 'C'", "limit": 1}).json["next"]
    assert api.get(ACCOUNTS, query_string={"filter": "name < 'C'", "limit": 1, "after": cursor}).status_code == 200
    assert api.get(ACCOUNTS, query_string={"filter": "name < 'D'", "limit": 1, "after": cursor}).status_code == 400


def test_a_cursor_belongs_to_its_list(api: Api) -> None:
    for name in "AB":
        api.post(ACCOUNTS, json={"name": name})
    cursor = api.get(f"{ACCOUNTS}?sort=name&limit=1").json["next"]
    assert api.get(f"{ACCOUNTS}?sort=-name&limit=1&after={cursor}").status_code == 400


@pytest.mark.parametrize("wild", ["%", "_", "\\", "%_\\", "' OR 1=1 --", '"', "*", "name:x", "NEAR("])
def test_a_search_is_literal(api: Api, wild: str) -> None:
    api.post(ACCOUNTS, json={"name": "Plain"})
    answer = api.get(ACCOUNTS, query_string={"search": wild})
    assert (answer.status_code, answer.json["items"]) == (200, [])


@pytest.mark.parametrize(
    ("body", "code", "place"),
    [
        (b'{"name": NaN}', "not_a_number", (1, 10)),
        (b'{"name": -Infinity}', "not_a_number", (1, 10)),
        (b'{"name": "NaN",\n "employees": NaN}', "not_a_number", (2, 15)),
        (b'{"name": "A",\n "name": "B"}', "duplicate_key", (2, 2)),
        (b'{"name": "A",}', "malformed_json", (1, 14)),
        (b"{'name': 1}", "malformed_json", (1, 2)),
        (b"", "malformed_json", (1, 1)),
        (b"\xff\xfe", "not_utf8", None),
        (b'{"name": ' + b"9" * 5000 + b"}", "number_too_long", None),
        (b'{"name": ' + b"[" * 65 + b"]" * 65 + b"}", "too_deep", None),
        (b'{"name": ' + b"[" * 100_000, "too_deep", None),
        (b"[]", "not_an_object", None),
        (b'"text"', "not_an_object", None),
    ],
)
def test_json_is_read_strictly(unchanged: None, api: Api, body: bytes, code: str, place: tuple[int, int] | None) -> None:
    answer = api.post(ACCOUNTS, data=body, content_type="application/json")
    [problem] = answer.json["errors"]
    assert (answer.status_code, problem["code"]) == (400, code), answer.text
    assert place is None or (problem["line"], problem["column"]) == place


def test_64_levels_are_read(api: Api) -> None:
    body = b'{"name": ' + b"[" * 63 + b"]" * 63 + b"}"
    assert api.post(ACCOUNTS, data=body, content_type="application/json").status_code == 422


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "text/json", ""])
def test_other_media_types_are_refused(unchanged: None, api: Api, kind: str) -> None:
    assert api.post(ACCOUNTS, data=b'{"name": "A"}', content_type=kind).status_code == 415


def test_a_body_over_the_limit_is_refused(unchanged: None, api: Api) -> None:
    answer = api.post(ACCOUNTS, data=b" " * (16 * 1024 * 1024 + 1), content_type="application/json")
    assert (answer.status_code, answer.mimetype) == (413, "application/problem+json")


@pytest.mark.parametrize("header", ["3", 'W/"3"', '"3", "4"', '"x"', '""', '"99999999999999999999"'])
def test_if_match_must_be_one_of_our_versions(api: Api, header: str) -> None:
    id = api.post(ACCOUNTS, json={"name": "A"}).json["id"]
    assert api.patch(f"{ACCOUNTS}/{id}", json={"name": "B"}, headers={"If-Match": header}).status_code == 400


@pytest.mark.parametrize("text", ["\\ud800", "a\\u0000b", "\\u202e" * 3])
def test_odd_characters_are_answered_not_suffered(api: Api, text: str) -> None:
    for body in (f'{{"name": "{text}"}}', f'{{"{text}": 1, "name": "A"}}'):
        answer = api.post(ACCOUNTS, data=body, content_type="application/json")
        assert answer.status_code in (201, 422)
        json.loads(answer.data)


@pytest.mark.parametrize(
    "path", ["/records/account/0", "/records/account/99999999999999999999", "/records/account/abc", "/nothing", "/records/%00/1", "/metadata/../x"]
)
def test_absent_things_are_404_problems(api: Api, path: str) -> None:
    answer = api.get(path)
    assert (answer.status_code, answer.json["status"]) == (404, 404)


def test_a_wrong_method_names_the_right_ones(api: Api) -> None:
    answer = api.put(ACCOUNTS)
    assert (answer.status_code, answer.mimetype) == (405, "application/problem+json")
    assert {"GET", "POST"} <= set(answer.headers["Allow"].split(", "))


@pytest.mark.parametrize("name", ["id); delete from fs_login", "' or 1=1", "__class__", "a" * 300])
def test_upsert_by_a_field_that_is_none(unchanged: None, api: Api, name: str) -> None:
    assert api.put(f"{ACCOUNTS}/by/{name}/1", json={"name": "A"}).status_code == 400


def test_an_external_key_with_quotes_is_bound(api: Api) -> None:
    key = "x'); delete from fs_login; --"
    assert api.put(f"{ACCOUNTS}/by/external_id/{key}", json={"name": "A"}).json["external_id"] == key
