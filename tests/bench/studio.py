"""What shaping the system costs while it runs: edits, check, plan and publish of a change set, over the API. Called by `run`."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from fieldsmith.base.context import OPERATOR
from fieldsmith.base.settings import Settings
from fieldsmith.identity import tokens
from fieldsmith.identity.passwords import Passwords
from fieldsmith.identity.users import Users
from fieldsmith.workspace import Work, Workspace
from tests.bench.figures import WIDE_ENTITIES, WIDE_FIELDS, Figure, wide_site
from tests.bench.sites import Site, get, headers, memory_mb, served
from tests.bench.stores import Stores

V1 = "/api/v1"
ROUNDS = 5


def measure_all(stores: Stores, dialects: Sequence[str], rows: int) -> list[Figure]:
    out: list[Figure] = []
    for dialect in dialects:
        for figure in (*_wide(stores, dialect), *_long(stores, dialect, rows)):
            print(f"{dialect:<11} {figure.name}: {figure.shown} (wanted {figure.wanted})", flush=True)
            out.append(figure)
    return out


def _wide(stores: Stores, dialect: str) -> list[Figure]:
    """The slowest of some rounds: a field added to one of many wide entities, in a process that did the like before."""
    site = _administrator(wide_site(stores, dialect))
    words = f"{WIDE_ENTITIES} entities × {WIDE_FIELDS} fields"
    with served(site, stores.scratch / "wide.log") as pid:
        _drafted(site, "wide_0", "warm_up")
        edits, checks, plans = zip(*(_looked_at(site, f"wide_{number}") for number in range(1, ROUNDS + 1)), strict=True)
        publish = _timed(lambda: _published(site, *_drafted(site, "wide_9", f"live_{time.time_ns()}")))[0]
        memory = memory_mb(pid)
    return [
        Figure(dialect, f"an edit of a draft, checked, with {words}", max(edits), 1, "s"),
        Figure(dialect, f"check and plan of a draft with {words}", max(map(sum, zip(checks, plans, strict=True))), 1, "s"),
        Figure(dialect, f"plan and publish of a field with {words}", publish, 2, "s"),
        Figure(dialect, f"memory of a worker that plans and publishes with {words}", memory, 200, "MB"),
    ]


def _administrator(site: Site) -> Site:
    """The site for somebody who may shape it."""
    settings = Settings.load(site.environment)
    workspace = Workspace.open(settings)

    def admitted(work: Work) -> str:
        name = f"shaper {time.time_ns()}"
        id = work.records.create(OPERATOR, "user", {"name": name}).id
        Users(work.connection, work.model, work.schema, Passwords(settings), work.now).add(OPERATOR, id, name, ("administrator",), None)
        return tokens.create(work.connection, work.now, OPERATOR, id, "bench")

    token = workspace.write(admitted)
    workspace.close()
    return replace(site, token=token)


def _looked_at(site: Site, entity: str) -> tuple[float, float, float]:
    """Seconds of the edit, the check, the plan; the draft is thrown away."""
    edit, (id, _) = _timed(lambda: _drafted(site, entity, "extra"))
    check, _ = _timed(lambda: call(site, "GET", f"/changesets/{id}/check"))
    plan, _ = _timed(lambda: call(site, "GET", f"/changesets/{id}/plan"))
    call(site, "DELETE", f"/changesets/{id}")
    return edit, check, plan


def _long(stores: Stores, dialect: str, rows: int) -> list[Figure]:
    """From publishing a draft with one more field until the running server shows it in a record."""
    site = _administrator(stores.sites(dialect, rows)[0])
    with served(site, stores.scratch / "fieldsmith.log"):
        name = f"bench_{time.time_ns()}"
        id, hash = _drafted(site, "opportunity", name)

        def live() -> None:
            _published(site, id, hash)
            while name.encode() not in get(site, f"{V1}/records/opportunity/1", api=True)[1]:
                time.sleep(0.005)

        taken, _ = _timed(live)
    return [Figure(dialect, f"publish a draft with a field for {rows:,} rows until it is live", taken, 1, "s")]


def _drafted(site: Site, entity: str, field: str) -> tuple[int, str]:
    """A new draft with one more field; its id and the hash of its plan."""
    id = call(site, "POST", "/changesets", {"title": "bench"})["id"]
    operation = {"op": "add", "path": f"/fields/{field}", "value": {"type": "text"}}
    assert not call(site, "PATCH", f"/changesets/{id}/entity/{entity}", {"operations": [operation]})["problems"]
    return id, call(site, "GET", f"/changesets/{id}/plan")["hash"] if field != "extra" else ""


def _published(site: Site, id: int, hash: str) -> None:
    call(site, "POST", f"/changesets/{id}/publish", {"hash": hash})


def _timed(task: Callable[[], Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    found = task()
    return time.perf_counter() - began, found


def call(site: Site, method: str, path: str, body: Any = None) -> Any:
    """One call of the API; what it answered. Raises RuntimeError for anything but success."""
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=60)
    try:
        connection.request(method, V1 + path, body=None if body is None else json.dumps(body), headers=headers(site, True))
        answer = connection.getresponse()
        text = answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {text.decode()}")
        return json.loads(text) if text else None
    finally:
        connection.close()
