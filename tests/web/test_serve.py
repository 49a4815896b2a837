"""The real server: it starts, says how to set up, answers, and stops gracefully."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from fieldsmith.base.errors import Unavailable
from fieldsmith.web.serve import require_free
from tests.databases import SqliteTemplates, Templates

PATIENCE = 60  # seconds: the machine may be busy


@pytest.fixture
def templates(sqlite_templates: SqliteTemplates) -> Templates:
    """The server itself knows no database."""
    return sqlite_templates


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def server(tmp_path: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    environment = {**os.environ, "FIELDSMITH_PORT": str(port), "FIELDSMITH_HOME": str(tmp_path)}
    command = [str(Path(sys.executable).with_name("fieldsmith"))]
    subprocess.run([*command, "init"], env=environment, check=True, capture_output=True)
    process = subprocess.Popen([*command, "serve"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    yield process
    process.kill()
    process.communicate()


def wait_until_ready(port: int) -> httpx.Response:
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return httpx.get(f"http://127.0.0.1:{port}/health/ready")
        except httpx.TransportError:
            assert time.monotonic() < end, "the server does not answer"
            time.sleep(0.1)


def test_the_server_answers_and_stops_gracefully(server: subprocess.Popen[str], port: int) -> None:
    assert wait_until_ready(port).json() == {"status": "ok", "revision": 1}
    server.send_signal(signal.SIGTERM)
    out, log = server.communicate(timeout=PATIENCE)
    assert (server.returncode, f"http://127.0.0.1:{port}/setup?token=" in out) == (0, True)
    assert '"path": "/health/ready", "status": 200' in log


def test_a_taken_port_is_said_in_words() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(Unavailable, match="FIELDSMITH_PORT"):
            require_free("127.0.0.1", taken.getsockname()[1])
