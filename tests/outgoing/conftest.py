"""A server on this machine that does what a hostile one would, and what it was asked."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest


class Hostile(ThreadingHTTPServer):
    """`asked`: method, path, headers and body of every request; `leads` → where `/lead/<name>` redirects to, and how."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = []
        self.leads: dict[str, tuple[int, str]] = {}
        self.port = int(self.server_address[1])

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"


class _Handler(BaseHTTPRequestHandler):
    server: Hostile
    protocol_version = "HTTP/1.1"

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.server.asked.append((self.command, self.path, {name.lower(): value for name, value in self.headers.items()}, body))
        try:
            {"slow": self._slow, "slowhead": self._slow_head, "huge": self._huge, "lead": self._lead}.get(self.path.split("/")[1], self._plain)()
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    do_GET = do_POST = do_PUT = do_HEAD = _answer

    def _plain(self) -> None:
        self._send(200, b"hello", {"Set-Cookie": "a=b", "Content-Type": "text/plain"})

    def _slow(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        for _ in range(1000):
            self.wfile.write(b".")
            time.sleep(0.1)

    def _slow_head(self) -> None:
        for sign in b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 1000:
            self.wfile.write(bytes([sign]))
            time.sleep(0.1)

    def _huge(self) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        piece = b"10000\r\n" + bytes(0x10000) + b"\r\n"
        for _ in range(16 * 1024):  # 1 GB
            self.wfile.write(piece)

    def _lead(self) -> None:
        status, place = self.server.leads[self.path.split("/")[2]]
        self._send(status, b"", {"Location": place})

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def make_server() -> Iterator[Callable[[], Hostile]]:
    running: list[tuple[Hostile, threading.Thread]] = []

    def make() -> Hostile:
        server = Hostile()
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        running.append((server, thread))
        return server

    yield make
    for server, thread in running:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def server(make_server: Callable[[], Hostile]) -> Hostile:
    return make_server()


@pytest.fixture
def silent() -> Iterator[int]:
    """The port of somebody who takes connections and says nothing."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield int(listening.getsockname()[1])
