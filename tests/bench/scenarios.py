"""What is asked of both servers: the same six things, with addresses found by walking each site's own pages."""

from __future__ import annotations

import html
import json
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.bench import sample
from tests.bench.load import Request
from tests.bench.sites import Site, get

PAGES = 10
RECORDS = "/api/v1/records/opportunity"


@dataclass(frozen=True, slots=True)
class Scenario:
    """`ratio` is what issue asks for in requests per second; writes are held to it in CPU time too."""

    name: str
    ratio: float
    api: bool
    requests: Callable[[Site, int], Sequence[Request]]
    writes: bool = False


def list_pages(site: Site, rows: int) -> Sequence[Request]:
    """The first pages of the list by amount, each found by the link of the one before."""
    paths = [site.list_path]
    while len(paths) < PAGES:
        _, body = get(site, paths[-1], api=False)
        link = re.search(r'(?:hx-get|href)="([^"]*after=[^"]+)"', body.decode())
        assert link, f"{site.name}: no further page at {paths[-1]}"
        found = html.unescape(link[1])
        paths.append(found if found.startswith("/") else "/opportunity/" + found)
    return [Request("GET", path) for path in paths]


def record_pages(site: Site, rows: int) -> Sequence[Request]:
    return [Request("GET", f"/opportunity/{number}") for number in range(7, sample.SEEDS, 19)]


def json_lists(site: Site, rows: int) -> Sequence[Request]:
    first = f"{RECORDS}?sort=-amount&limit=50{site.columns}"
    paths = [first]
    while len(paths) < PAGES:
        _, body = get(site, paths[-1], api=True)
        paths.append(f"{first}&after={json.loads(body)['next']}")
    return [Request("GET", path) for path in paths]


def json_gets(site: Site, rows: int) -> Sequence[Request]:
    return [Request("GET", f"{RECORDS}/{number}") for number in random.Random(1).sample(range(1, rows + 1), 2_000)]


def json_creates(site: Site, rows: int) -> Sequence[Request]:
    plain = {"stage": "proposal", "probability": 40, "close_date": "2026-03-31", "type": "renewal", "next_step": "Call about the licences"}
    bodies = [
        {"name": f"New deal {at} @N@", "account": at * 37 % sample.ACCOUNTS + 1, "contact": at + 1, "amount": f"{at + 10}.50", **plain} for at in range(500)
    ]
    return [Request("POST", RECORDS, json.dumps(body)) for body in bodies]


def json_patches(site: Site, rows: int) -> Sequence[Request]:
    numbers = random.Random(2).sample(range(1, rows + 1), 2_000)
    return [Request("PATCH", f"{RECORDS}/{number}", json.dumps({"amount": "@N@.25", "next_step": "Step @N@"})) for number in numbers]


SCENARIOS = (
    Scenario("list page of 50", 1.5, False, list_pages),
    Scenario("record page", 1.5, False, record_pages),
    Scenario("JSON list of 50", 1.5, True, json_lists),
    Scenario("JSON get", 1.3, True, json_gets),
    Scenario("JSON create", 1.0, True, json_creates, True),
    Scenario("JSON patch", 1.0, True, json_patches, True),
)
