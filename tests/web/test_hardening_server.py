"""The real server and requests no browser would send: it answers or hangs up, and serves the next."""

from __future__ import annotations

import socket
import urllib.request
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.browser.serving import Served, serve

MEGABYTE = 1024 * 1024
FORM = b"Host: a\r\nContent-Type: application/x-www-form-urlencoded\r\n"
JSON = b"Host: a\r\nContent-Type: application/json\r\n"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serve(tmp_path_factory.mktemp("hostile")) as running:
        yield running


def send(served: Served, *pieces: bytes) -> bytes:
    """What the server says to these bytes until it hangs up, or goes on waiting for more (nothing then)."""
    said = b""
    with socket.create_connection(("127.0.0.1", urlsplit(served.url).port or 80), timeout=10) as connection:
        connection.settimeout(3)
        try:
            for piece in pieces:
                connection.sendall(piece)
            connection.shutdown(socket.SHUT_WR)
            while piece := connection.recv(65536):
                said += piece
        except OSError:
            return said
    return said


def alive(served: Served) -> bool:
    with urllib.request.urlopen(served.url + "/health/live", timeout=10) as answer:
        return bool(answer.status == 200)


def status(said: bytes) -> int:
    return int(said.split(b" ", 2)[1]) if said.startswith(b"HTTP/1.1 ") else 0


@pytest.mark.parametrize("path", [b"/login", b"/api/v1/records/account", b"/setup"])
def test_a_body_without_a_stated_length_meets_the_limit_too(served: Served, path: bytes) -> None:
    head = b"POST " + path + b" HTTP/1.1\r\n" + (JSON if b"api" in path else FORM) + b"Transfer-Encoding: chunked\r\n\r\n"
    piece = b"100000\r\n" + b"x" * MEGABYTE + b"\r\n"
    said = send(served, head, *([piece] * 40), b"0\r\n\r\n")
    assert status(said) in (0, 400, 401, 403, 413) and alive(served)


def test_a_body_larger_than_stated_is_no_second_request(served: Served) -> None:
    said = send(
        served,
        b"POST /login HTTP/1.1\r\n" + FORM + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /health/live HTTP/1.1\r\nHost: a\r\n\r\n",
    )
    assert said.count(b"HTTP/1.1 ") == 1 and b"connection: close" in said.lower() and alive(served)


@pytest.mark.parametrize(
    "request_line",
    [
        b"GET /\x00 HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /%00 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n",
        b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n",
        b"GET / HTTP/9.9\r\nHost: a\r\n\r\n",
        b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 2_000_000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: a\r\n" * 20_000 + b"\r\n",
        b"POST /login HTTP/1.1\r\n" + FORM + b"Content-Length: -1\r\n\r\n",
        b"POST /login HTTP/1.1\r\n" + FORM + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        b"POST /login HTTP/1.1\r\n" + FORM + b"Transfer-Encoding: chunked\r\n\r\nZZ\r\n",
        b"POST /login HTTP/1.1\r\n" + FORM + b"Content-Length: 99999999999999999999\r\n\r\na",
        b"\x16\x03\x01\x02\x00\x01\x00",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: YQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
    ],
    ids=lambda sent: repr(sent[:40]),
)
def test_what_is_no_proper_request_breaks_nothing(served: Served, request_line: bytes) -> None:
    said = send(served, request_line)
    assert status(said) < 500 and status(said) != 101 and b"Traceback" not in said and alive(served)


def test_a_request_left_half_holds_nobody_up(served: Served) -> None:
    left = [socket.create_connection(("127.0.0.1", urlsplit(served.url).port or 80)) for _ in range(50)]
    for connection in left:
        connection.sendall(b"POST /login HTTP/1.1\r\n" + FORM + b"Content-Length: 100\r\n\r\na")
    try:
        assert alive(served)
    finally:
        for connection in left:
            connection.close()
