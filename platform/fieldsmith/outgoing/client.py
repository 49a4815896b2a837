"""`Outgoing`: calls a URL that somebody wrote, guarded. Flows, mail and integrations ask here; nobody opens a connection past it.

    answer = Outgoing.of(settings).send("POST", "https://example.com/hook", {"Content-Type": "application/json"}, body)

Only http and https, only public addresses (or hosts the settings name) on ports the settings name, every redirect judged anew, no
credentials but those of the caller and these to the first origin only, no cookies, no proxy of the environment, no compression, and an
end: of time, of size, of redirects. What is refused is logged; the reason told to whoever sent the URL never says what lies inside.
"""

from __future__ import annotations

import logging
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urljoin

import httpcore
import httpx

from fieldsmith.base.errors import BadInput, TooLarge, Unavailable
from fieldsmith.base.problems import Problem
from fieldsmith.base.settings import Settings
from fieldsmith.base.text import Message, _m
from fieldsmith.outgoing.connecting import Blocked, Guarded, Resolve, Rules, look_up, remaining

_LOG = logging.getLogger("fieldsmith.outgoing")
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_OWN = frozenset(
    {"host", "content-length", "transfer-encoding", "connection", "accept-encoding", "te", "upgrade", "expect", "proxy-authorization", "proxy-connection"}
)
_KEPT_ELSEWHERE = frozenset({"accept", "accept-language", "content-type", "user-agent"})


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds to connect, between two pieces, and for the whole call with its redirects; bytes of the answer; redirects."""

    connect: float = 5
    read: float = 10
    total: float = 20
    size: int = 5 * 1024 * 1024
    redirects: int = 5


_RULES, _LIMITS = Rules(), Limits()


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whatever its status; `url` is where it came from in the end, `headers` by small names (the last of each)."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str


@dataclass(frozen=True, slots=True)
class _Call:
    method: str
    url: httpx.URL
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Outgoing:
    """The guarded client. Keeps nothing between two calls; may be used by several threads."""

    rules: Rules = _RULES
    limits: Limits = _LIMITS
    resolve: Resolve = look_up
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context, repr=False)

    @classmethod
    def of(cls, settings: Settings, limits: Limits = _LIMITS) -> Outgoing:
        """With the hosts and ports that `settings` name."""
        return cls(Rules(settings.outgoing_hosts, settings.outgoing_ports), limits)

    def send(self, method: str, url: str, headers: Mapping[str, str] | None = None, body: bytes = b"") -> Answer:
        """Call `url` and follow where it leads.

        Raises `BadInput` (`outgoing_refused`, `outgoing_url`) for what may not be called, `TooLarge` for too long an answer,
        `Unavailable` when nobody answers in time or the certificate is not right.
        """
        deadline = time.monotonic() + self.limits.total
        call = _Call(method.upper(), _parsed(url), _own_headers(headers or {}), body)
        for _ in range(self.limits.redirects + 1):
            answer = self._once(call, deadline)
            place = answer.headers.get("location")
            if answer.status not in _REDIRECTS or place is None:
                return answer
            call = _led_on(call, answer.status, _parsed(urljoin(str(call.url), place)))
        raise _refused(_m("The address leads on too often."), "too many redirects", call.url)

    def _once(self, call: _Call, deadline: float) -> Answer:
        host, port = call.url.host, call.url.port
        if port is None:
            port = 443 if call.url.scheme == "https" else 80
        backend = Guarded(self.rules, self.resolve, deadline)
        named = f"[{host}]" if ":" in host else host
        sent = [("Host", call.url.netloc.decode("ascii")), ("Accept-Encoding", "identity"), ("Connection", "close"), *call.headers.items()]
        if call.body or call.method in ("POST", "PUT", "PATCH"):
            sent.append(("Content-Length", str(len(call.body))))
        target = httpcore.URL(scheme=call.url.scheme.encode(), host=host.encode("ascii"), port=port, target=call.url.raw_path)
        timeout = {"connect": self.limits.connect, "read": self.limits.read, "write": self.limits.read, "pool": self.limits.connect}
        try:
            with (
                httpcore.ConnectionPool(ssl_context=self.tls, network_backend=backend, http2=False, retries=0) as pool,
                pool.stream(call.method, target, headers=sent, content=call.body or None, extensions={"timeout": timeout}) as found,
            ):
                body = self._read(found, deadline)
                kept = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in found.headers}
                return Answer(found.status, kept, body, str(call.url))
        except Blocked as error:
            raise _refused(_m("This address may not be called."), str(error), call.url) from None
        except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError, ssl.SSLError, OSError) as error:
            _LOG.warning("no answer", extra={"fields": {"host": named, "port": port, "reason": f"{type(error).__name__}: {error}"}})
            raise Unavailable(_m("{host} did not answer as it should. Try again later.", host=named)) from None

    def _read(self, found: httpcore.Response, deadline: float) -> bytes:
        pieces: list[bytes] = []
        size = 0
        for piece in found.iter_stream():
            remaining(deadline, None)
            size += len(piece)
            if size > self.limits.size:
                raise TooLarge(_m("The answer is longer than {limit} bytes.", limit=self.limits.size))
            pieces.append(piece)
        return b"".join(pieces)


def _parsed(url: str) -> httpx.URL:
    """`url` read once; all that follows goes by these parts, so that no two readers can differ over it."""
    try:
        found = httpx.URL(url)
        host = found.raw_host.decode("ascii").lower().rstrip(".")
    except (httpx.InvalidURL, UnicodeError, ValueError, TypeError):
        raise BadInput([Problem("outgoing_url", _m("This is no address of the web."))]) from None
    if found.scheme not in ("http", "https") or not host or "%" in host or (found.port is not None and not 0 < found.port <= 65535):
        raise BadInput([Problem("outgoing_url", _m("Only addresses that begin with http:// or https:// can be called."))])
    if found.userinfo:
        raise BadInput([Problem("outgoing_url", _m("The address holds a name or a password. Leave them out of it."))])
    return found.copy_with(host=host, fragment=None)


def _own_headers(given: Mapping[str, str]) -> dict[str, str]:
    """Those of the caller that are not the connection's own. Raises `BadInput` for line ends and other signs no header may hold."""
    for name, value in given.items():
        if not name.isascii() or not name.replace("-", "").replace("_", "").isalnum() or any(ord(sign) < 32 or ord(sign) > 126 for sign in value):
            raise BadInput([Problem("outgoing_header", _m("The header {name} holds signs that no header may hold.", name=name[:80]))])
    return {name: value for name, value in given.items() if name.lower() not in _OWN}


def _led_on(call: _Call, status: int, url: httpx.URL) -> _Call:
    """The call a redirect asks for: never from https to http, and with nothing private to another origin."""
    if (call.url.scheme, url.scheme) == ("https", "http"):
        raise _refused(_m("The address leads from https to http."), "redirect to http", url)
    headers, method, body = dict(call.headers), call.method, call.body
    if (call.url.scheme, call.url.host, call.url.port) != (url.scheme, url.host, url.port):
        headers = {name: value for name, value in headers.items() if name.lower() in _KEPT_ELSEWHERE}
        if body and status in (307, 308):
            raise _refused(_m("The address leads what is sent on to another host."), "body redirected to another origin", url)
    if method != "HEAD" and (status == 303 or (status in (301, 302) and method == "POST")):
        method, body = "GET", b""
        headers = {name: value for name, value in headers.items() if name.lower() != "content-type"}
    return _Call(method, url, headers, body)


def _refused(message: Message, reason: str, url: httpx.URL) -> BadInput:
    _LOG.warning("refused", extra={"fields": {"host": url.host, "port": url.port, "reason": reason}})
    return BadInput([Problem("outgoing_refused", message)])
