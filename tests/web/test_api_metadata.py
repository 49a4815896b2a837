"""Metadata over HTTP, the OpenAPI description and its page, probes, and how errors look."""

from __future__ import annotations

import json
import logging
import re
from functools import partial
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from fieldsmith.base.context import SYSTEM
from fieldsmith.identity.passwords import Passwords
from fieldsmith.identity.users import Users
from fieldsmith.meta.documents import SourceDocument
from fieldsmith.meta.layers import Layer
from fieldsmith.web.logs import JsonLines
from fieldsmith.workspace import Workspace
from tests.databases import SqliteTemplates, Templates
from tests.web.conftest import V1, Api, Person, make_person, sign_in

RENEWAL = {
    "extends": "opportunity",
    "operations": [{"op": "add", "path": "/fields/renewal_date", "value": {"type": "date", "label": "Renewal date"}, "after": "close_date"}],
}


@pytest.fixture
def templates(sqlite_templates: SqliteTemplates) -> Templates:
    """The model is the same on both databases."""
    return sqlite_templates


def add_renewal_date(workspace: Workspace) -> None:
    manifest = {"format": 1, "name": "tutorial", "version": "1.0.0", "requires": ["crm"]}
    documents = (
        SourceDocument("package", "tutorial", manifest, "tutorial/package.json", "tutorial 1.0.0"),
        SourceDocument("entity", "opportunity", RENEWAL, "tutorial/entity/opportunity.json", "tutorial 1.0.0"),
    )
    workspace.publish(SYSTEM, [Layer("tutorial", "1.0.0", documents)], "test")


def test_a_document_says_where_each_part_comes_from(api: Api, workspace: Workspace) -> None:
    add_renewal_date(workspace)
    found = api.get("/metadata/entity/opportunity").json
    origins = found["origins"]
    assert "renewal_date" in [field["name"] for field in found["document"]["fields"]]
    assert (origins[""].partition(" ")[0], origins["/fields/renewal_date"]) == ("crm", "tutorial 1.0.0")


def test_the_etag_is_the_revision(api: Api, workspace: Workspace) -> None:
    first = api.get("/metadata/entity/opportunity")
    assert first.headers["ETag"] == '"1"'
    assert api.get("/metadata/entity/opportunity", headers={"If-None-Match": '"1"'}).status_code == 304
    add_renewal_date(workspace)
    assert api.get("/metadata/entity/opportunity", headers={"If-None-Match": '"1"'}).status_code == 200


def test_the_etag_tells_readers_with_other_rights_apart(app: Flask, workspace: Workspace, admin: Person) -> None:
    eve = make_person(workspace, "Eve", "administrator", "user")
    api = Api(app, eve.token)
    tag = api.get("/metadata/entity").headers["ETag"]
    workspace.write(lambda work: Users(work.connection, work.model, work.schema, Passwords(workspace.settings), work.now).set_roles(SYSTEM, eve.id, ("user",)))
    after = api.get("/metadata/entity", headers={"If-None-Match": tag})
    assert (after.status_code, after.headers["Vary"], after.headers["Cache-Control"]) == (200, "Authorization, Cookie", "private, no-store")
    same = api.get("/metadata/entity", headers={"If-None-Match": after.headers["ETag"]})
    assert (same.status_code, same.headers["ETag"], same.headers["Vary"]) == (304, after.headers["ETag"], "Authorization, Cookie")


@pytest.mark.parametrize("kind", ["entity", "choices", "layout", "view", "tab", "app", "role", "company", "package", "translation"])
def test_every_kind_can_be_listed(api: Api, kind: str) -> None:
    items = api.get(f"/metadata/{kind}").json["items"]
    assert items and all(item["kind"] == kind for item in items)


def test_documents_of_an_entity_are_named_after_it(api: Api) -> None:
    assert api.get("/metadata/layout/opportunity.default").json["document"]["sections"]


@pytest.mark.parametrize(("path", "hint"), [("/metadata/entty", "entity"), ("/metadata/entity/oportunity", "opportunity"), ("/metadata/flow", None)])
def test_unknown_metadata_is_404_with_a_hint(api: Api, path: str, hint: str | None) -> None:
    answer = api.get(path)
    assert answer.status_code == 404
    assert answer.json["errors"][0].get("hint") == (f"Did you mean “{hint}”?" if hint else None)


def test_roles_are_for_administrators(clerk_api: Api) -> None:
    assert (clerk_api.get("/metadata/role").status_code, clerk_api.get("/metadata/entity").status_code) == (404, 200)


def test_the_description_is_openapi_31_and_follows_the_metadata(api: Api, workspace: Workspace) -> None:
    assert "renewal_date" not in api.get("/openapi.json").text
    add_renewal_date(workspace)
    found = api.get("/openapi.json").json
    assert found["openapi"].startswith("3.1")
    assert found["components"]["schemas"]["opportunity"]["properties"]["renewal_date"]["title"] == "Renewal date"


def test_every_reference_of_the_description_resolves(api: Api) -> None:
    found = api.get("/openapi.json").json
    wanted = set(re.findall(r'"\$ref": "#/components/schemas/([^"]+)"', json.dumps(found)))
    assert wanted and wanted <= found["components"]["schemas"].keys()


def test_operation_names_are_unique(api: Api) -> None:
    names = [operation["operationId"] for path in api.get("/openapi.json").json["paths"].values() for operation in path.values()]
    assert len(names) == len(set(names))


def test_the_description_has_exactly_the_routes_there_are(app: Flask, api: Api) -> None:
    described = {
        (re.sub(r"\{\w+\}|(?<=/actions/)(?!reveal)\w+", "{}", path.replace("/records/account", "/records/{}")), method.upper())
        for path, operations in api.get("/openapi.json").json["paths"].items()
        if "/records/" not in path or re.search(r"/records/account(/|$)", path)
        for method in operations
    }
    routed = {
        (re.sub(r"<[^>]+>", "{}", rule.rule), method)
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith((V1, "/health", "/metrics"))
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert described == routed


def test_a_record_fits_its_schema(api: Api) -> None:
    schema: dict[str, Any] = api.get("/openapi.json").json["components"]["schemas"]["account"]
    record = api.post("/records/account", json={"name": "Acme", "employees": 3}).json
    assert record.keys() == schema["properties"].keys()
    assert schema["properties"]["id"]["readOnly"] and "readOnly" not in schema["properties"]["name"]


def test_the_page_of_the_api_reads_without_scripts(client: FlaskClient, admin: Person) -> None:
    sign_in(client, admin)
    overview, account = client.get("/api/docs"), client.get("/api/docs/account")
    assert "/api/v1/records/{entity}/bulk" in overview.text and "annual_revenue" in account.text
    for answer in (overview, account):
        policy = answer.headers["Content-Security-Policy"]
        assert "unsafe-" not in policy and "default-src 'none'" in policy
        assert not re.search(r"<script(?![^>]*\ssrc=)|\sstyle=|\son\w+=", answer.text)


def test_the_probes_need_no_credentials(client: FlaskClient) -> None:
    assert client.get("/health/live").get_json()["status"] == "ok"
    assert client.get("/health/ready").json == {"status": "ok", "revision": 1}


def test_requests_are_counted(client: FlaskClient) -> None:
    client.get("/health/live")
    text = client.get("/metrics").text
    assert re.search(r'fieldsmith_requests_total\{process="\d+",method="GET",endpoint="health.live",status="200"\} 1', text)
    assert 'fieldsmith_request_seconds_count{process="' in text


@pytest.mark.parametrize(("given", "kept"), [("abc-1.2_3", True), ("a b", False), ("x" * 65, False), ("", False)])
def test_a_sane_request_id_is_kept(client: FlaskClient, given: str, kept: bool) -> None:
    found = client.get("/health/live", headers={"X-Request-ID": given}).headers["X-Request-ID"]
    assert (found == given) is kept and re.fullmatch(r"[\w.-]+", found)


def test_an_unexpected_error_shows_no_trace(app: Flask, api: Api) -> None:
    def broken() -> str:
        raise ZeroDivisionError("secret inside")

    app.view_functions["api.search"] = broken
    answer = api.get("/search?q=x")
    assert (answer.status_code, answer.mimetype) == (500, "application/problem+json")
    assert "secret" not in answer.text and "Traceback" not in answer.text and answer.json["request"] == answer.headers["X-Request-ID"]


@pytest.mark.parametrize(("language", "sentence"), [("zh-TW", "沒有"), ("zh-CN,zh;q=0.9", "没有"), ("en", "There is no")])
def test_errors_speak_the_readers_language(api: Api, language: str, sentence: str) -> None:
    assert sentence in api.get("/records/nothing", headers={"Accept-Language": language}).json["detail"]


def test_a_screen_error_is_a_page_in_words(client: FlaskClient, admin: Person) -> None:
    sign_in(client, admin)
    answer = client.get("/account/999")
    assert (answer.status_code, answer.mimetype) == (404, "text/html")
    assert "Traceback" not in answer.text and answer.headers["X-Frame-Options"] == "DENY"


def test_a_log_line_cannot_be_forged() -> None:
    record = logging.makeLogRecord({"msg": "request", "levelname": "INFO", "fields": {"path": '/a\n{"status": 200}\x1b[31m\u2028\x85'}})
    line = JsonLines().format(record)
    assert line.isascii() and line.isprintable() and json.loads(line)["path"].startswith("/a\n")


def test_search_finds_records_with_their_entity(api: Api) -> None:
    made = api.post("/records/account", json={"name": "Quokka Trading"}).json
    [hit] = api.get("/search?q=quokka").json["items"]
    assert (hit["entity"], hit["id"], hit["label"]) == ("account", made["id"], "Quokka Trading")


def test_search_pages(api: Api) -> None:
    api.post("/records/account/bulk", json={"create": [{"name": f"Quokka {number}"} for number in range(3)]})
    first = api.get("/search?q=quokka&limit=2").json
    second = api.get(f"/search?q=quokka&limit=2&after={first['next']}").json
    assert (len(first["items"]), len(second["items"]), second["next"]) == (2, 1, None)


@pytest.mark.parametrize("query", ["", "q=", "q=" + "x" * 10_000, "q=a&after=x", "q=a&q=b", "query=a"])
def test_bad_searches_are_refused(api: Api, query: str) -> None:
    assert api.get(f"/search?{query}").status_code == 400


def test_no_client_fills_the_memory_with_lists(workspace: Workspace) -> None:
    runtime, built = workspace.runtime(), list[Any]()

    def build(key: int) -> int:
        built.append(key)
        return key + 1

    for key in (*range(600), 0):
        runtime.keep_some(key, partial(build, key))
    assert built == [*range(600), 0]
    runtime.keep_some(0, partial(build, -1))
    assert built[-1] == 0
