"""A real browser in front of a real server. `site` serves a workspace of its own; `page` is a tab of somebody signed in.

Tests fail on any script error, on anything the content security policy blocks, and where Chromium is missing while CI is true.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, StorageState, expect, sync_playwright
from werkzeug.serving import make_server

from fieldsmith.base.context import OPERATOR
from fieldsmith.identity import sessions
from fieldsmith.web.app import create_app
from fieldsmith.web.auth import SESSION_COOKIE
from fieldsmith.workspace import Workspace
from tests.browser.serving import Served, password_file, serve, sign_in
from tests.browser.tabs import Tabs
from tests.databases import SqliteTemplates
from tests.web.conftest import Person, make_person

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-smooth-scrolling")
WIDE = (1280, 800)
PHONE = (390, 844)


@dataclass(frozen=True)
class Site:
    """A served workspace; `open` gives a signed-in tab of a browser of its own."""

    url: str
    workspace: Workspace
    person: Person
    open: Callable[..., Page]

    def make(self, entity: str, **values: Any) -> int:
        """A record, past the screens; its id."""
        return self.workspace.write(lambda work: work.records.create(OPERATOR, entity, values)).id

    def make_many(self, entity: str, rows: list[dict[str, Any]]) -> None:
        self.workspace.write(lambda work: work.records.create_many(OPERATOR, entity, rows))

    def values(self, entity: str, id: int) -> Any:
        """The stored record's canonical values."""
        with self.workspace.read() as work:
            return work.records.get(OPERATOR, entity, id).values


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """In CI a browser test that fails runs once more. What then passes is listed as RERUN in the summary and is to be mended all the same:
    a fault of the timing of one page must not hold up everybody, nor be forgotten."""
    if os.environ.get("CI") == "true":
        for item in items:
            if item.get_closest_marker("browser"):
                item.add_marker(pytest.mark.flaky(reruns=1))


def waits_for_its_parts(page: Page) -> None:
    """From here on a page that was gone to is there when what it fetches for its parts has started: keys pressed before reach nobody."""
    for name in ("goto", "reload"):
        plain = getattr(page, name)

        def then_wait(*args: Any, plain: Callable[..., Any] = plain, **options: Any) -> Any:
            answer = plain(*args, **options)
            expect(page.locator("[data-starting]")).to_have_count(0)
            return answer

        setattr(page, name, then_wait)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    found = os.environ.get("FIELDSMITH_TEST_CHROMIUM") or next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail("no Chromium found; install it or set FIELDSMITH_TEST_CHROMIUM")
        pytest.skip("no Chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def templates(sqlite_templates: SqliteTemplates) -> SqliteTemplates:
    """What a browser sees is the same on every database."""
    return sqlite_templates


@pytest.fixture
def site(workspace: Workspace, chromium: Browser) -> Iterator[Site]:
    person = make_person(workspace, "Ana", "administrator", email="ana@example.com")
    app: Flask = create_app(workspace)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}"
    contexts: list[Any] = []
    troubles: list[str] = []

    def open(path: str, size: tuple[int, int] = WIDE, **context: Any) -> Page:
        token = workspace.write(lambda work: sessions.begin(work.connection, work.now, person.id, 1, "127.0.0.1", "test"))
        tab = chromium.new_context(viewport={"width": size[0], "height": size[1]}, **context)
        contexts.append(tab)
        tab.add_cookies([{"name": SESSION_COOKIE, "value": token, "url": url}])
        tab.set_default_timeout(10_000)
        page = tab.new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda said: troubles.append(said.text) if "Content Security Policy" in said.text else None)
        waits_for_its_parts(page)
        page.goto(url + path)
        return page

    yield Site(url, workspace, person, open)
    for tab in contexts:
        tab.close()
    server.shutdown()
    thread.join()
    server.server_close()
    assert troubles == []


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A real server with the demo data and the administrator Ana."""
    folder = tmp_path_factory.mktemp("demo")
    with serve(folder / "home", "--demo", "--admin", "Ana", "--password-file", password_file(folder)) as running:
        yield running


@pytest.fixture(scope="session")
def cookies(chromium: Browser, demo: Served) -> StorageState:
    """Those of Ana, signed in to `demo`."""
    with chromium.new_context() as context:
        sign_in(context.new_page(), demo, "Ana")
        return context.storage_state()


@pytest.fixture(scope="session")
def tabs(chromium: Browser, demo: Served, cookies: StorageState) -> Iterator[Tabs]:
    """Tabs of Ana in front of `demo`."""
    with ExitStack() as stack:
        yield Tabs(chromium, demo, cookies, stack)


@pytest.fixture(scope="session")
def visitor_tabs(chromium: Browser, demo: Served) -> Iterator[Tabs]:
    """Tabs of somebody who did not sign in to `demo`."""
    with ExitStack() as stack:
        yield Tabs(chromium, demo, None, stack)


@pytest.fixture(scope="session")
def unset_tabs(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tabs]:
    """Tabs in front of a workspace that nobody set up yet."""
    with serve(tmp_path_factory.mktemp("unset")) as running, ExitStack() as stack:
        yield Tabs(chromium, running, None, stack)
