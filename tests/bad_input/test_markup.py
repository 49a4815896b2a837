"""Items 33 to 36 and 40: markup in every text a person or a package may give is shown as text on every page.

A page is read with an HTML parser: nothing of the markup may have become an element, an attribute or an address.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest
from flask import Flask

from fieldsmith.base.context import SYSTEM
from fieldsmith.fields.base import Invalid
from fieldsmith.fields.registry import field_types
from fieldsmith.web.app import create_app
from fieldsmith.workspace import Workspace
from tests.databases import SqliteTemplates
from tests.fields.sample import field_of, scope
from tests.meta.samples import package
from tests.tiny import FILLED, TINY
from tests.web.conftest import make_person
from tests.web.screens import Visitor

EVIL = "\"'><script>evil()</script><img src=x onerror=evil()><b hx-get=/evil>{{7*7}}"
_TEXTS = ("text", "long_text", "rich_text", "standard", "external_id")

LAYOUT: dict[str, Any] = {
    "name": "default",
    "entity": "trap",
    "path": "pick",
    "tabs": [{"name": "one", "label": EVIL}, {"name": "two", "label": EVIL}],
    "sections": [{"name": "main", "label": EVIL, "fields": ["name"]}, {"name": "more", "label": EVIL, "fields": ["pick"], "tab": "two"}],
    "components": [{"name": "hint", "component": "text", "label": EVIL, "text": EVIL}, {"name": "changes", "component": "history", "label": EVIL}],
}


@pytest.fixture
def templates(sqlite_templates: SqliteTemplates) -> SqliteTemplates:
    return sqlite_templates


@pytest.fixture
def app(make_workspace: Callable[..., Workspace]) -> Flask:
    """Metadata, records, user and company all named with markup."""
    workspace = make_workspace("core", "crm", TINY)
    words = {"label": EVIL, "help": EVIL}
    trap = {
        "name": "trap",
        "label": EVIL,
        "plural": EVIL,
        "fields": [{"name": "name", "type": "text", **words}, {"name": "pick", "type": "choice", "choices": "evil", **words}],
    }
    documents: dict[str, list[dict[str, Any]]] = {
        "choices": [{"name": "evil", "label": EVIL, "values": [{"name": "one", "label": EVIL}]}],
        "entity": [trap],
        "layout": [LAYOUT],
        "view": [{"name": "all", "entity": "trap", "label": EVIL, "columns": ["name", "pick"]}],
        "tab": [{"name": "trap", "entity": "trap"}],
        "app": [{"name": "traps", "label": EVIL, "tabs": ["trap", "thing", "account"]}],
        "role": [{"name": "evil", "label": EVIL, "entities": {"*": ["read"]}}],
        "company": [{"extends": "company", "operations": [{"op": "change", "path": "/label", "value": EVIL}]}],
    }
    workspace.publish(SYSTEM, [package("evil", documents, requires=["core"])], "test")
    return create_app(workspace)


@pytest.fixture
def visitor(app: Flask) -> Visitor:
    workspace: Workspace = app.extensions["fieldsmith"].workspace
    visitor = Visitor(app, workspace, make_person(workspace, EVIL, "administrator", email="ana@example.com"))
    values = {**FILLED, **dict.fromkeys(_TEXTS, EVIL), "person_name": {"first": EVIL}, "address": {"street": EVIL, "city": EVIL}, "json": {EVIL: EVIL}}
    visitor.make("thing", **values)
    visitor.change("thing", 1, text=EVIL + "!", long_text="changed", person_name=None, json=[EVIL])
    visitor.make("trap", name=EVIL, pick="one")
    visitor.make("account", name=EVIL, website="https://example.com/?a=%3Cscript%3E", description=EVIL)
    visitor.make("opportunity", name=EVIL, account=1, stage="negotiation")
    visitor.make("activity", subject=EVIL, due_at="2026-11-22T12:00:00Z", owner=1)
    return visitor


PAGES = (
    *("/", "/me", "/login", "/setup", "/api/docs", "/search?q=evil", "/search?q=%3Cimg%20src%3Dx%20onerror%3Devil()%3E", "/trap/", "/trap/1", "/trap/new"),
    *("/trap/1/edit", "/trap/1/delete", "/trap/1/history", "/trap/?deleted=1", "/thing/", "/thing/1", "/thing/1/edit", "/thing/new", "/thing/1/history"),
    *(
        "/thing/?columns=text,long_text,rich_text,person_name,address,json,external_id,owner,url",
        "/account/",
        "/account/1",
        "/account/1/edit",
        "/opportunity/1",
    ),
    *("/studio/entity/trap/layouts/", "/studio/entity/trap/layouts/default", "/studio/entity/trap/layouts/default?at=sections/main"),
    *("/studio/entity/trap/layouts/default?at=fields/pick", "/studio/entity/trap/layouts/default/preview", "/studio/entity/trap/layouts/default/frame"),
    *("/account/1/related/opportunities", "/opportunity/new?name=%22%3E%3Cimg%20onerror%3Devil()%3E&account=1", "/activity/1", "/user/1", "/user/"),
)
REFUSED = (
    "%22%3E%3Cimg%20src=x%20onerror=evil()%3E/",
    "account/?sort={}",
    "account/?view={}",
    "account/?columns={}",
    "account/?after={}",
    "account/999?{}",
    "login?next={}",
)


class _Reading(HTMLParser):
    """What a browser would make of a page: `faults` are parts of the markup that came alive."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.text = ""
        self._raw = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._raw = tag in ("script", "style")
        for name, value in attrs:
            said = (value or "").strip().lower()
            alive = name.startswith(("on", "hx-on", "data-hx-on")) or (
                name in ("href", "src", "action", "formaction") and said.startswith(("javascript", "x", "data"))
            )
            if alive or (name.startswith("hx-") and said.startswith("/evil")) or name in ("style", "srcdoc"):
                self.faults.append(f"<{tag} {name}={value!r}>")

    def handle_endtag(self, tag: str) -> None:
        self._raw = False

    def handle_data(self, data: str) -> None:
        if self._raw and "evil()" in data:
            self.faults.append(f"script: {data[:100]}")
        if not self._raw:
            self.text += data


@pytest.mark.parametrize("htmx", [False, True])
def test_markup_is_text_on_every_page(visitor: Visitor, htmx: bool) -> None:
    headers = {"HX_Request": "true", "HX_Target": "page"} if htmx else {}
    for path in PAGES:
        answer = visitor.get(path, **headers)
        assert answer.status_code in (200, 303), path
        reading = _Reading(answer.text)
        assert not reading.faults, f"{path}: {reading.faults[:3]}"
        assert htmx or answer.status_code == 303 or path == "/api/docs" or "{{7*7}}" in reading.text, path


def test_markup_in_addresses_is_text_in_refusals(visitor: Visitor) -> None:
    for path in REFUSED:
        answer = visitor.get("/" + path.format("%22%3E%3Cimg%20src=x%20onerror=evil()%3E"))
        assert not _Reading(answer.text).faults and answer.status_code in (303, 400, 404), path


def test_a_refused_form_shows_markup_as_text(visitor: Visitor) -> None:
    answer = visitor.post("/account/new", {"name": EVIL, "email": EVIL, "website": "javascript:evil()"})
    assert answer.status_code == 422 and not _Reading(answer.text).faults


def test_pages_of_visitors_show_markup_as_text(app: Flask) -> None:
    client = app.test_client()
    assert not _Reading(client.get("/login").text).faults
    token = client.get("/login").text.partition('name="csrf_token" value="')[2].partition('"')[0]
    answer = client.post("/login", data={"name": EVIL, "password": "x", "csrf_token": token, "next": '/"><img onerror=evil()>'})
    assert answer.status_code == 422 and not _Reading(answer.text).faults


def test_pickers_answer_with_json_only(visitor: Visitor) -> None:
    answer = visitor.get("/account/lookup?q=evil")
    assert answer.mimetype == "application/json" and answer.get_json()["items"][0]["text"] == EVIL


@pytest.mark.parametrize(
    "raw", ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "java\tscript:alert(1)", " javascript:x", "vbscript:x", "file:///etc"]
)
def test_addresses_that_run_are_refused(raw: str) -> None:
    kind = field_types()["url"]
    with pytest.raises(Invalid):
        kind.coercer(field_of("url"), scope())(raw)


def test_links_out_of_records_tell_nothing(visitor: Visitor) -> None:
    link = re.search(r'<a [^>]*href="https://example.com/[^>]*>', visitor.get("/account/1").text)
    assert link is not None and "noopener" in link[0]


UPLOADS = (
    ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
    ("a.html", b"<script>alert(1)</script>"),
    ("a.xml", b"<?xml version='1.0'?><x xmlns='http://www.w3.org/1999/xhtml'><script/></x>"),
    ("a.png", b"<script>alert(1)</script>"),
    ("<img src=x onerror=evil()>.png", b"\x89PNG\r\n\x1a\n"),
    ('x"\r\nSet-Cookie: a=b.txt', b"x"),
)


def test_uploads_are_only_ever_downloaded(visitor: Visitor) -> None:
    for name, content in UPLOADS:
        saved = visitor.post("/thing/new", {"text": "T", "file.upload": (io.BytesIO(content), name)})
        page = visitor.get(saved.headers["Location"])
        assert not _Reading(page.text).faults
        address = re.search(r'href="(/thing/\d+/files/\d+)"', page.text)
        assert address is not None, name
        answer = visitor.get(address[1])
        assert answer.headers["Content-Disposition"].startswith("attachment") and answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer.headers["Content-Security-Policy"] and "Set-Cookie" not in answer.headers
        assert answer.mimetype in ("application/octet-stream", "image/png") and answer.data == content


def test_every_page_may_run_only_our_scripts_and_not_be_framed(visitor: Visitor) -> None:
    for path in ("/", "/account/1", "/nowhere/", "/login", "/api/docs"):
        headers = visitor.get(path).headers
        rules = headers["Content-Security-Policy"]
        assert "unsafe" not in rules and "script-src 'self'" in rules and "frame-ancestors 'none'" in rules, path
        assert headers["X-Frame-Options"] == "DENY"


def test_another_record_never_answers_for_a_wrong_target(visitor: Visitor) -> None:
    visitor.make("trap", name="of another")
    for target in ("more", "list-table", "evil", "<img>", "record-2"):
        answer = visitor.get("/trap/1", HX_Request="true", HX_Target=target)
        assert answer.status_code == 200 and "of another" not in answer.text
