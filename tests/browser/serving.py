"""A real `fieldsmith serve` process with a home of its own, and tabs that note everything that goes wrong in them.

For the tests that need the whole product as people start it: `test_trip.py`, `test_every_page.py` and `docs/take_screenshots.py`.
Not for tests of one screen; those use `site` of the conftest, which starts faster.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import BrowserContext, ConsoleMessage, Page

PASSWORD = "a short sentence is best"
COMMAND = Path(sys.executable).with_name("fieldsmith")
SECONDS_TO_START = 60
SHIFTS = """
window.shifted = 0;
new PerformanceObserver((list) => { for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value; })
  .observe({ type: "layout-shift", buffered: true });
"""


@dataclass(frozen=True)
class Served:
    """A running server. `link` is the one-time set-up link, None once there is an administrator."""

    url: str
    link: str | None
    environment: dict[str, str]

    def run(self, *arguments: str, folder: Path | None = None) -> str:
        """What `fieldsmith …` prints while the server runs; it must succeed."""
        return _run(self.environment, *arguments, folder=folder)


@dataclass(frozen=True)
class Watched:
    """A tab and what went wrong in it: script errors, console errors, blocked content."""

    page: Page
    troubles: list[str] = field(default_factory=list)

    def taken(self) -> list[str]:
        """The troubles since the last call."""
        found = list(self.troubles)
        self.troubles.clear()
        return found


@contextmanager
def serve(home: Path, *init: str, database: str | None = None) -> Iterator[Served]:
    """`fieldsmith init` with these arguments, then `fieldsmith serve` until the end of the block."""
    home.mkdir(parents=True, exist_ok=True)
    port = _free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FIELDSMITH_")} | {
        "FIELDSMITH_HOME": str(home),
        "FIELDSMITH_PORT": str(port),
        "FIELDSMITH_PASSWORD_MEMORY_KIB": "8",
        "FIELDSMITH_PASSWORD_ROUNDS": "1",
        "LC_ALL": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
    }
    if database is not None:
        environment["FIELDSMITH_DATABASE"] = database
    _run(environment, "init", *init)
    output = home / "serve.log"
    with output.open("wb") as log, subprocess.Popen([COMMAND, "serve"], env=environment, stdout=log, stderr=subprocess.STDOUT) as server:
        url = f"http://127.0.0.1:{port}"
        try:
            _wait(server, f"{url}/health/ready", output)
            link = re.search(r"http\S+/setup\?token=\S+", output.read_text("utf-8"))
            yield Served(url, link and link[0], environment)
        finally:
            server.terminate()
            server.wait(60)
    said = output.read_text("utf-8")
    assert "Traceback" not in said, said


def watch(context: BrowserContext) -> Watched:
    """A new tab of `context`."""
    watched = Watched(context.new_page())
    watched.page.add_init_script(SHIFTS)
    watched.page.on("pageerror", lambda error: watched.troubles.append(f"script: {error}"))
    watched.page.on("console", lambda said: _note(watched, said))
    return watched


def sign_in(page: Page, served: Served, name: str) -> None:
    page.goto(f"{served.url}/login")
    page.fill("#name", name)
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    page.wait_for_url(f"{served.url}/")


def password_file(folder: Path) -> str:
    """The path of a file that holds `PASSWORD`."""
    file = folder / "password"
    file.write_text(PASSWORD, "utf-8")
    return str(file)


def _note(watched: Watched, said: ConsoleMessage) -> None:
    # A browser also reports the status of a page opened on purpose, such as 404, as an error.
    own_status = "Failed to load resource" in said.text and said.location["url"].split("#")[0] == watched.page.url.split("#")[0]
    if (said.type == "error" and not own_status) or "Content Security Policy" in said.text:
        watched.troubles.append(f"console: {said.text} ({said.location['url']})")


def _run(environment: dict[str, str], *arguments: str, folder: Path | None = None) -> str:
    done = subprocess.run([COMMAND, *arguments], env=environment, cwd=folder, capture_output=True, text=True, encoding="utf-8", timeout=180)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(server: subprocess.Popen[bytes], address: str, output: Path) -> None:
    until = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < until and server.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
    raise AssertionError(f"the server does not answer:\n{output.read_text('utf-8')}")
