"""Connections of `client`: the name is looked up once, every address it has is judged, and exactly a judged one is connected to.

So a name that gives another address at the second look (DNS rebinding) gains nothing, and all a call may take ends at one moment.
"""

from __future__ import annotations

import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

import httpcore

from fieldsmith.outgoing.addresses import Address, is_public, literal

Resolve = Callable[[str, int], list[str]]
"""A host name and a port → the addresses it has, as text. Raises `OSError`."""


class Blocked(Exception):
    """The address is not one that may be called; the text is for the log, not for who sent the URL."""


@dataclass(frozen=True, slots=True)
class Rules:
    """`hosts`: names and addresses (each perhaps with a port) that may be called wherever they lead; `ports`: those of all others."""

    hosts: tuple[str, ...] = ()
    ports: tuple[int, ...] = (80, 443)

    def trusts(self, host: str, port: int) -> bool:
        """Did whoever runs the server name this host? With a port, only that one; without, the usual ones."""
        bare = host.strip("[]")
        return any(name in self.hosts for name in (f"{host}:{port}", f"{bare}:{port}")) or (port in self.ports and (host in self.hosts or bare in self.hosts))


def look_up(host: str, port: int) -> list[str]:
    """Ask the system's resolver."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def judged(rules: Rules, resolve: Resolve, host: str, port: int, seconds: float) -> list[Address]:
    """The addresses of `host` that may be connected to, all of them judged.

    Raises `Blocked` when one of them may not, `httpcore.ConnectError` or `ConnectTimeout` when there is none in time.
    """
    try:
        said = literal(host)
    except ValueError:
        raise Blocked(f"{host} is no proper address") from None
    trusted = rules.trusts(host, port)
    if not trusted and port not in rules.ports:
        raise Blocked(f"port {port} is not among those that may be called")
    found = [said] if said is not None else [ip_address(item.partition("%")[0]) for item in _in_time(resolve, host, port, seconds)]
    if not found:
        raise httpcore.ConnectError(f"{host} has no address")
    closed = [] if trusted else [address for address in found if not is_public(address)]
    if closed:
        raise Blocked(f"{host} is {closed[0]}, which is not public")
    return found


def _in_time(resolve: Resolve, host: str, port: int, seconds: float) -> list[str]:
    """The system's resolver knows no deadline: it is asked in a thread, and left to itself when it takes too long."""
    answer: queue.SimpleQueue[list[str] | OSError] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answer.put(resolve(host, port))
        except (OSError, UnicodeError) as error:
            answer.put(error if isinstance(error, OSError) else OSError(str(error)))

    threading.Thread(target=ask, name="look up", daemon=True).start()
    try:
        found = answer.get(timeout=max(seconds, 0.001))
    except queue.Empty:
        raise httpcore.ConnectTimeout(f"nobody says where {host} is") from None
    if isinstance(found, OSError):
        raise httpcore.ConnectError(str(found))
    return list(dict.fromkeys(found))


class Guarded(httpcore.NetworkBackend):
    """Opens the connections of one call, which must be over at `deadline` (of `time.monotonic`)."""

    def __init__(self, rules: Rules, resolve: Resolve, deadline: float) -> None:
        self._rules, self._resolve, self._deadline = rules, resolve, deadline
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, local_address: str | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.NetworkStream:
        left = remaining(self._deadline, timeout)
        addresses = judged(self._rules, self._resolve, host, port, left)
        refused: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in addresses:
            try:
                stream = self._plain.connect_tcp(str(address), port, remaining(self._deadline, timeout), local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                refused = error
                continue
            return _Timed(stream, self._deadline)
        raise refused

    def connect_unix_socket(self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None) -> httpcore.NetworkStream:
        raise Blocked("no socket of this machine may be called")

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


class _Timed(httpcore.NetworkStream):
    """A connection each step of which ends with the call, so that one byte a second cannot hold a worker."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self._stream, self._deadline = stream, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, remaining(self._deadline, timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, remaining(self._deadline, timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None) -> httpcore.NetworkStream:
        return _Timed(self._stream.start_tls(ssl_context, server_hostname, remaining(self._deadline, timeout)), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def remaining(deadline: float, timeout: float | None) -> float:
    """The seconds a step may take. Raises `httpcore.ReadTimeout` when the call's time is over."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("the call took too long")
    return left if timeout is None else min(left, timeout)
