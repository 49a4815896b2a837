"""Items 74 and 75: no URL leads inside, none holds a worker, and nothing of ours goes where it was not meant to."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

import pytest

from fieldsmith.base.errors import BadInput, TooLarge, Unavailable
from fieldsmith.outgoing.client import Limits, Outgoing
from fieldsmith.outgoing.connecting import Rules
from tests.outgoing.conftest import Hostile

PUBLIC = Rules()
QUICK = Limits(connect=0.5, read=0.5, total=1.0, size=100_000)
SECRET: Mapping[str, str] = MappingProxyType({"Authorization": "Bearer secret", "X-Signature": "secret", "Cookie": "a=secret", "Content-Type": "text/plain"})


def to(*servers: Hostile, limits: Limits = QUICK) -> Outgoing:
    return Outgoing(Rules(tuple(f"127.0.0.1:{server.port}" for server in servers)), limits)


def named(addresses: Iterable[str], rules: Rules = PUBLIC) -> Outgoing:
    """Every name has these addresses, one list per look."""
    looks = iter(addresses)
    return Outgoing(rules, QUICK, lambda host, port: next(looks).split())


def refused(client: Outgoing, url: str, code: str = "outgoing_refused", method: str = "GET", body: bytes = b"") -> None:
    with pytest.raises(BadInput) as caught:
        client.send(method, url, SECRET, body)
    assert [problem.code for problem in caught.value.problems] == [code]


def test_a_host_the_settings_name_answers(server: Hostile) -> None:
    answer = to(server).send("post", server.url("/a?b=c#d"), {"X-Signature": "x", "Host": "evil", "Content-Length": "0"}, b"body")
    assert (answer.status, answer.body, answer.headers["content-type"]) == (200, b"hello", "text/plain")
    method, path, headers, body = server.asked[0]
    assert (method, path, headers["host"], headers["x-signature"], body) == ("POST", "/a?b=c", f"127.0.0.1:{server.port}", "x", b"body")
    assert headers["accept-encoding"] == "identity" and "cookie" not in headers


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "127.0.0.2", "0.0.0.0", "10.0.0.1", "192.168.0.1", "169.254.169.254", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]"),
        *("[64:ff9b::7f00:1]", "[fe80::1]", "[fd00:ec2::254]", "0177.1", "0177.0.0.1", "2130706433", "0x7f000001", "0x7f.1", "127.1", "127.0.0.1."),
        *("localhost", "localhost.", "LOCALHOST", "①②⑦.⓪.⓪.①", "127。0。0。1"),
    ],
)
def test_no_spelling_leads_to_this_machine_or_its_network(server: Hostile, host: str, caplog: pytest.LogCaptureFixture) -> None:
    client = Outgoing(Rules(ports=(80, server.port)), QUICK)
    with caplog.at_level(logging.WARNING, "fieldsmith.outgoing"), pytest.raises(BadInput) as caught:
        client.send("GET", f"http://{host}:{server.port}/")
    assert caught.value.problems[0].code in ("outgoing_refused", "outgoing_url") and server.asked == []
    assert caught.value.problems[0].code == "outgoing_url" or "refused" in caplog.text


@pytest.mark.parametrize("addresses", ["127.0.0.1", "93.184.215.14 127.0.0.1", "::ffff:10.0.0.1", "169.254.169.254", "fe80::1%eth0", "0.0.0.0"])
def test_a_name_is_judged_by_every_address_it_has(addresses: str) -> None:
    refused(named([addresses]), "http://example.com/")


def test_the_address_that_was_judged_is_the_one_connected_to(server: Hostile) -> None:
    rules = Rules((f"inside.example:{server.port}",))
    answer = named(["127.0.0.1", "203.0.113.1"], rules).send("GET", f"http://inside.example:{server.port}/")
    assert answer.status == 200 and server.asked[0][2]["host"] == f"inside.example:{server.port}"
    looks = iter(["203.0.113.1", "127.0.0.1"])  # a public address at the first look, ours at the second
    asked: list[str] = []

    def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return [next(looks).replace("203.0.113.1", "8.8.8.8")]

    client = Outgoing(Rules(ports=(server.port,)), Limits(connect=0.2, read=0.2, total=0.4), rebinding)
    with pytest.raises(Unavailable):
        client.send("GET", f"http://rebind.example:{server.port}/")
    assert asked == ["rebind.example"] and len(server.asked) == 1


@pytest.mark.parametrize("port", [22, 25, 6379, 8080])
def test_only_ports_the_settings_name_are_called(port: int) -> None:
    refused(named(["93.184.215.14"]), f"http://example.com:{port}/")


def test_a_host_named_without_a_port_has_the_usual_ones(server: Hostile) -> None:
    refused(Outgoing(Rules(("127.0.0.1",)), QUICK), server.url("/"))
    assert Outgoing(Rules(("127.0.0.1",), (server.port,)), QUICK).send("GET", server.url("/")).status == 200


@pytest.mark.parametrize(
    "url",
    [
        *(
            "gopher://127.0.0.1/",
            "file:///etc/passwd",
            "ftp://example.com/",
            "ws://example.com/",
            "javascript:alert(1)",
            "data:text/plain,a",
            "//example.com/",
            "/a",
            "",
        ),
        *(
            "http://",
            "http:///a",
            "http://user:password@example.com/",
            "http://example.com@127.0.0.1/",
            "http://[::1%25lo]/",
            "http://a b/",
            "http://example.com\r\nX: y/",
        ),
        *(
            "http://example.com\r\nX: y/",
            "http://exa%6Dple.com/",
            "http://example.com:99999/",
            "http://example.com:0/",
            "http://[::1",
            "unix:/var/run/docker.sock",
            "http://\x00/",
        ),
    ],
)
def test_what_is_no_address_of_the_web_is_refused(url: str) -> None:
    refused(Outgoing(Rules(), QUICK), url, "outgoing_url")


def test_a_redirect_is_judged_as_if_somebody_had_written_it(server: Hostile, make_server: Callable[[], Hostile]) -> None:
    inside = make_server()
    for number, place in enumerate(
        (inside.url("/"), "http://169.254.169.254/latest/meta-data/", "http://localhost./", "http://0177.1/", f"//127.0.0.1:{inside.port}/")
    ):
        server.leads[str(number)] = (302, place)
        refused(to(server), server.url(f"/lead/{number}"))
    for number, place in enumerate(("file:///etc/passwd", "gopher://127.0.0.1/", "http://a:b@example.com/")):
        server.leads[str(number)] = (307, place)
        refused(to(server), server.url(f"/lead/{number}"), "outgoing_url")
    assert inside.asked == []


def test_redirects_within_the_rules_are_followed_a_few_times(server: Hostile) -> None:
    server.leads |= {str(number): (302, f"/lead/{number + 1}") for number in range(9)} | {"9": (302, "/end"), "loop": (301, "/lead/loop")}
    assert to(server).send("GET", server.url("/lead/6")).url == server.url("/end")
    refused(to(server), server.url("/lead/0"))
    refused(to(server), server.url("/lead/loop"))


@pytest.mark.parametrize(("status", "method"), [(301, "GET"), (302, "GET"), (303, "GET"), (307, "POST"), (308, "POST")])
def test_a_redirect_keeps_what_was_sent_only_where_it_says_so(server: Hostile, status: int, method: str) -> None:
    server.leads["a"] = (status, "/end")
    assert to(server).send("POST", server.url("/lead/a"), SECRET, b"body").status == 200
    found = server.asked[-1]
    assert (found[0], found[3]) == (method, b"body" if method == "POST" else b"") and found[2]["authorization"] == "Bearer secret"


@pytest.mark.parametrize("status", [301, 302, 303])
def test_credentials_stay_with_their_origin(server: Hostile, make_server: Callable[[], Hostile], status: int) -> None:
    other = make_server()
    server.leads["a"] = (status, other.url("/end"))
    assert to(server, other).send("GET", server.url("/lead/a"), SECRET).status == 200
    assert "secret" not in str(other.asked) and other.asked[0][2]["host"] == f"127.0.0.1:{other.port}"


def test_a_body_is_not_led_on_to_another_origin(server: Hostile, make_server: Callable[[], Hostile]) -> None:
    other = make_server()
    server.leads["a"] = (307, other.url("/end"))
    refused(to(server, other), server.url("/lead/a"), method="POST", body=b"private")
    assert other.asked == []


def test_cookies_are_not_kept(server: Hostile) -> None:
    client = to(server)
    client.send("GET", server.url("/a"))
    client.send("GET", server.url("/b"))
    assert "cookie" not in server.asked[1][2]


def test_the_environment_names_no_proxy(server: Hostile, make_server: Callable[[], Hostile], monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = make_server()
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, proxy.url(""))
    assert to(server).send("GET", server.url("/")).status == 200 and proxy.asked == []


@pytest.mark.parametrize("path", ["/slow", "/slowhead"])
def test_a_slow_answer_ends_in_time(server: Hostile, path: str) -> None:
    start = time.monotonic()
    with pytest.raises(Unavailable):
        to(server).send("GET", server.url(path))
    assert 0.5 < time.monotonic() - start < 5


def test_silence_ends_in_time(silent: int) -> None:
    start = time.monotonic()
    with pytest.raises(Unavailable):
        Outgoing(Rules((f"127.0.0.1:{silent}",)), QUICK).send("GET", f"http://127.0.0.1:{silent}/")
    assert time.monotonic() - start < 5


def test_a_resolver_that_never_answers_ends_in_time() -> None:
    def waiting(host: str, port: int) -> list[str]:
        time.sleep(3)
        return []

    start = time.monotonic()
    with pytest.raises(Unavailable):
        Outgoing(Rules(), QUICK, waiting).send("GET", "http://example.com/")
    assert time.monotonic() - start < 2.5


def test_a_gigabyte_is_left_unread(server: Hostile) -> None:
    with pytest.raises(TooLarge):
        to(server, limits=Limits(size=1_000_000)).send("GET", server.url("/huge"))


def test_what_does_not_speak_tls_is_not_believed(server: Hostile) -> None:
    with pytest.raises(Unavailable):
        to(server).send("GET", server.url("/").replace("http:", "https:"))
    assert server.asked == []


@pytest.mark.parametrize("headers", [{"X-A": "b\r\nX-Evil: c"}, {"X-A\r\nX-Evil": "b"}, {"X-A": "b\x00"}, {"X A": "b"}, {"X-A": "é"}])
def test_headers_cannot_be_split(server: Hostile, headers: dict[str, str]) -> None:
    with pytest.raises(BadInput):
        to(server).send("GET", server.url("/"), headers)
    assert server.asked == []


def test_what_is_told_does_not_say_what_lies_inside(server: Hostile) -> None:
    said = set()
    for host in ("127.0.0.1", "10.0.0.1", "localhost", "[::1]"):
        with pytest.raises(BadInput) as caught:
            Outgoing(Rules(), QUICK).send("GET", f"http://{host}/")
        said.add(str(caught.value.problems[0].message))
    assert said == {"This address may not be called."}
