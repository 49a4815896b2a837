"""What every answer forbids the browser, whatever kind of answer it is; names and addresses that lead away."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from fieldsmith.web.app import create_app
from fieldsmith.workspace import Workspace
from tests.databases import SqliteTemplates
from tests.web.conftest import PASSWORD, V1, Api, Person, form_token, sign_in
from tests.web.screens import Visitor

UNSAFE = re.compile(r"unsafe-|\*|https?:|blob:|filesystem:")
LAYOUT = "/studio/entity/account/layouts/default"
ASKED = (
    *(("GET", path) for path in ("/", "/login", "/setup", "/me", "/account/", "/account/1", "/account/1/edit", "/account/1/history", "/search?q=a")),
    *(("GET", path) for path in ("/account/?sort=nowhere", "/nowhere/", "/account/999", "/account", "/studio", "/favicon.ico", "/account/lookup?q=a")),
    *(
        ("GET", path)
        for path in (
            "/api/docs",
            "/palette",
            "/studio/",
            "/help/expressions",
            "/health/live",
            "/health/ready",
            "/metrics",
            "/static/theme.css",
            "/static/nowhere.js",
        )
    ),
    *(("GET", V1 + path) for path in ("/records/account", "/records/account/1", "/records/account/999", "/openapi.json", "/metadata/entity", "/nowhere")),
    *(("GET", path) for path in (LAYOUT, f"{LAYOUT}/preview", f"{LAYOUT}/frame", "/studio/translations/zh_Hans.csv", "/studio/packages/crm/download")),
    *(("HEAD", path) for path in ("/", "/account/1", f"{V1}/records/account")),
    *(("OPTIONS", path) for path in ("/", f"{V1}/records/account")),
    *(("POST", path) for path in ("/account/new", "/login", "/", f"{V1}/records/account", f"{V1}/nowhere")),
    *(("DELETE", path) for path in ("/account/1", f"{V1}/records/account/1")),
    ("BREW", "/"),
)


@pytest.fixture
def templates(sqlite_templates: SqliteTemplates) -> SqliteTemplates:
    return sqlite_templates


@pytest.fixture
def visitor(app: Flask, workspace: Workspace, admin: Person) -> Visitor:
    visitor = Visitor(app, workspace, admin)
    visitor.make("account", name="Acme")
    return visitor


def directives(policy: str) -> dict[str, str]:
    pairs = (part.strip().partition(" ") for part in policy.split(";"))
    return {name: value for name, _, value in pairs}


@pytest.mark.parametrize(("method", "path"), ASKED)
def test_every_answer_forbids_what_it_does_not_need(visitor: Visitor, method: str, path: str) -> None:
    for client in (visitor.client, visitor.client.application.test_client()):
        headers = client.open(path, method=method, buffered=True).headers
        policy = headers["Content-Security-Policy"]
        said = directives(policy)
        assert not UNSAFE.search(policy.replace("data:", "")), policy
        assert said["default-src"] == said["base-uri"] == "'none'" and "data:" not in said.get("script-src", "")
        assert said["frame-ancestors"] == ("'self'" if path.endswith("/frame") and "sandbox" not in said and headers["X-Frame-Options"] != "DENY" else "'none'")
        assert headers["X-Content-Type-Options"] == "nosniff" and headers["Referrer-Policy"] == "same-origin"
        assert headers["Cross-Origin-Opener-Policy"] == headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "camera=()" in headers["Permissions-Policy"] and "Server" not in headers and "Access-Control-Allow-Origin" not in headers


def test_only_the_frame_of_the_layout_editor_may_be_framed_and_only_by_us(visitor: Visitor) -> None:
    framed = visitor.get(f"{LAYOUT}/frame").headers
    assert framed["X-Frame-Options"] == "SAMEORIGIN"
    said = directives(framed["Content-Security-Policy"])
    assert (said["frame-ancestors"], said["form-action"], said["object-src"]) == ("'self'", "'none'", "'none'")
    framing = directives(visitor.get(f"{LAYOUT}/preview").headers["Content-Security-Policy"])
    assert (framing["frame-src"], framing["frame-ancestors"]) == ("'self'", "'none'")


def test_what_is_no_page_can_do_nothing_when_opened_as_one(visitor: Visitor) -> None:
    for path in (f"{V1}/records/account", f"{V1}/nowhere", "/static/theme.css", "/health/live", "/metrics", "/account/lookup?q=a"):
        said = directives(visitor.get(path).headers["Content-Security-Policy"])
        assert "sandbox" in said and said["default-src"] == "'none'", path


@pytest.mark.parametrize("path", ["/", "/account/1", "/login", f"{V1}/records/account", "/nowhere/", f"{LAYOUT}/preview"])
def test_strict_transport_is_asked_for_under_https_only(visitor: Visitor, path: str) -> None:
    assert "Strict-Transport-Security" not in visitor.get(path).headers
    headers = visitor.client.get(path, base_url="https://localhost").headers
    assert headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


def test_behind_a_proxy_its_word_counts_only_when_it_is_trusted(workspace: Workspace, visitor: Visitor) -> None:
    forwarded = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "crm.example.com"}
    assert "Strict-Transport-Security" not in visitor.client.get("/login", headers=forwarded).headers
    workspace.settings = replace(workspace.settings, proxies=1)
    assert "Strict-Transport-Security" in create_app(workspace).test_client().get("/login", headers=forwarded).headers


@pytest.mark.parametrize("path", ["/", "/account/", "/account/1", "/account/1/edit", "/me", "/search?q=a", "/login", f"{V1}/records/account/1", "/nowhere/"])
def test_nothing_private_is_kept_by_browsers_and_proxies(visitor: Visitor, path: str) -> None:
    kept = visitor.get(path).headers["Cache-Control"]
    assert "no-store" in kept


def test_styles_are_kept_for_ever_and_hold_nothing_private(visitor: Visitor) -> None:
    headers = visitor.get("/static/theme.css").headers
    assert "immutable" in headers["Cache-Control"] and "Set-Cookie" not in headers


def test_cookies_are_closed_to_scripts_and_other_sites(client: FlaskClient, admin: Person) -> None:
    page = client.get("/login", base_url="https://localhost")
    form = {"name": admin.login, "password": PASSWORD, "csrf_token": form_token(page.text)}
    answer = client.post("/login", data=form, base_url="https://localhost")
    cookies = [*page.headers.getlist("Set-Cookie"), *answer.headers.getlist("Set-Cookie")]
    assert len(cookies) >= 3
    for cookie in cookies:
        assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; ")) and "Domain" not in cookie


@pytest.mark.parametrize(
    "target",
    ["//evil.example", "\\\\evil.example", "/\\evil.example", "https://evil.example", "javascript:evil()", "/%09/evil.example", "/\t/evil", ""],
)
def test_signing_in_never_leads_away(client: FlaskClient, admin: Person, target: str) -> None:
    page = client.get("/login", query_string={"next": target}).text
    answer = client.post("/login", data={"name": admin.login, "password": PASSWORD, "csrf_token": form_token(page), "next": target})
    assert answer.status_code == 303 and re.fullmatch(r"/(%09/evil\.example)?", answer.headers["Location"])


@pytest.mark.parametrize("path", ["/studio", "/account", "//evil.example/studio", "/\\evil.example/studio", "/%5Cevil.example", "//evil.example//studio?a=//b"])
def test_redirects_never_name_a_host(visitor: Visitor, path: str) -> None:
    answer = visitor.client.get(path, headers={"Host": "evil.example"})
    place = answer.headers.get("Location", "/")
    assert place.startswith("/") and not place.startswith(("//", "/\\")) and "evil.example:" not in place


@pytest.mark.parametrize("path", ["/", "/login", "/account/1", "/api/docs", "/me", "/studio/", f"{V1}/openapi.json"])
def test_no_page_repeats_the_host_it_was_called_by(visitor: Visitor, path: str) -> None:
    for headers in ({"Host": "evil.example"}, {"X-Forwarded-Host": "evil.example"}, {"X-Original-URL": "/evil.example"}):
        answer = visitor.client.get(path, headers=headers)
        assert "evil.example" not in answer.text and "evil.example" not in str(answer.headers)


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("crm.example.com", 303),
        ("CRM.example.com:8000", 303),
        ("[::1]:8000", 303),
        ("evil.example", 400),
        ("crm.example.com.evil.example", 400),
        ("127.0.0.1", 400),
    ],
)
def test_only_the_names_given_are_answered_where_some_are(workspace: Workspace, admin: Person, host: str, status: int) -> None:
    workspace.settings = replace(workspace.settings, hosts=("crm.example.com", "[::1]"))
    client = create_app(workspace).test_client()
    assert client.get("/account/", headers={"Host": host}).status_code == status
    assert client.get("/health/live", headers={"Host": host}).status_code == 200


def test_a_request_over_the_limits_is_refused_before_it_is_read(visitor: Visitor) -> None:
    many = {f"f{number}": "x" for number in range(1_001)}
    assert visitor.client.post("/account/new", data={"csrf_token": visitor.token, **many}, content_type="multipart/form-data").status_code == 413
    long = b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\n' + b"x" * (2 * 1024 * 1024 + 1) + b"\r\n--x--\r\n"
    assert visitor.client.post("/account/new", data=long, content_type="multipart/form-data; boundary=x").status_code == 413
    limit = visitor.workspace.settings.body_limit_mb * 1024 * 1024
    assert visitor.client.post("/account/new", data=bytes(limit + 1), content_type="multipart/form-data; boundary=x").status_code == 413


@pytest.mark.parametrize("chunked", [False, True])
def test_the_limit_holds_without_a_stated_length(api: Api, unchanged: Callable[..., None], workspace: Workspace, chunked: bool) -> None:
    body = io.BytesIO(b'{"name": "' + b"x" * (workspace.settings.body_limit_mb * 1024 * 1024) + b'"}')
    environment = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"} if chunked else {}
    length = None if chunked else len(body.getvalue())
    answer = api.post("/records/account", input_stream=body, content_type="application/json", content_length=length, environ_overrides=environment)
    assert answer.status_code == 413, answer.text


def test_a_session_is_not_taken_from_an_address(app: Flask, admin: Person, client: FlaskClient) -> None:
    sign_in(client, admin)
    cookie = client.get_cookie("fieldsmith_session")
    assert cookie is not None
    assert app.test_client().get(f"/account/?fieldsmith_session={cookie.value}").status_code == 303
