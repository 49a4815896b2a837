"""The promises that are not comparisons: adding a field, start-up, memory, import, page weights. Called by `run`."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from fieldsmith.base.context import OPERATOR, SYSTEM
from fieldsmith.base.settings import Settings
from fieldsmith.meta.packages import read_package, shipped_packages
from fieldsmith.workspace import Workspace
from tests.bench import sample
from tests.bench.fill_fieldsmith import admit
from tests.bench.sites import Site, fieldsmith, get, memory_mb, served
from tests.bench.stores import Stores

WIDE_ENTITIES, WIDE_FIELDS = 300, 60
IMPORTED = 100_000
TUTORIAL_ROWS = 8_800
WIDE_TYPES = ("text", "integer", "decimal", "date", "boolean", "email", "long_text", "percent", "datetime", "url")


@dataclass(frozen=True, slots=True)
class Figure:
    """One promise: `value` must be at most `limit`, or at least it where `at_least`."""

    database: str
    name: str
    value: float
    limit: float
    unit: str
    at_least: bool = False

    @property
    def held(self) -> bool:
        return self.value >= self.limit if self.at_least else self.value <= self.limit

    @property
    def shown(self) -> str:
        return f"{self.value:,.0f} {self.unit}" if self.value >= 100 else f"{self.value:.2f} {self.unit}"

    @property
    def wanted(self) -> str:
        return f"{'≥' if self.at_least else '≤'} {self.limit:,g} {self.unit}"


def measure_all(stores: Stores, dialects: Sequence[str], rows: int) -> list[Figure]:
    out: list[Figure] = []
    steps: Sequence[Callable[[Stores, str, int], list[Figure]]] = (_added_field, _weights, _wide, _imports)
    for dialect in dialects:
        for step in steps:
            for figure in step(stores, dialect, rows):
                print(f"{dialect:<11} {figure.name}: {figure.shown} (wanted {figure.wanted})", flush=True)
                out.append(figure)
    return out


def _added_field(stores: Stores, dialect: str, rows: int) -> list[Figure]:
    """From publishing a package with one more field until the running server shows it."""
    site, _ = stores.sites(dialect, rows)
    workspace = Workspace.open(Settings.load(site.environment))
    name = f"bench_{len(workspace.runtime().model.entities['opportunity'].fields)}"
    package = _package(stores.scratch / "added", "added_" + name, ["crm"])
    operation = {"op": "add", "path": f"/fields/{name}", "value": {"type": "text", "label": "Added in flight"}}
    _document(package, "entity", "opportunity", {"extends": "opportunity", "operations": [operation]})
    with served(site, stores.scratch / "fieldsmith.log") as pid:
        started = time.perf_counter()
        workspace.publish(OPERATOR, [read_package(package)], "bench")
        while name.encode() not in get(site, "/api/v1/records/opportunity/1", api=True)[1]:
            time.sleep(0.005)
        taken = time.perf_counter() - started
        for number in range(1, 40):
            get(site, f"/opportunity/{number}", api=False)
            get(site, site.list_path, api=False)
        memory = memory_mb(pid)
    workspace.close()
    return [Figure(dialect, f"add a field to {rows:,} rows until it is live", taken, 1, "s"), Figure(dialect, "memory of a worker with crm", memory, 150, "MB")]


def _weights(stores: Stores, dialect: str, rows: int) -> list[Figure]:
    """Bytes on the wire: the first page with all it loads, and a page after it, as htmx asks for it."""
    if dialect != "sqlite":
        return []
    site, _ = stores.sites(dialect, rows)
    accepted = {"Accept-Encoding": "br, gzip"}
    with served(site, stores.scratch / "fieldsmith.log"):
        plain = get(site, site.list_path, api=False)[1].decode()
        linked = set(re.findall(r'(?:href|src)="(/static/[^"#]+)', plain))
        first = sum(len(get(site, path, api=False, more=accepted)[1]) for path in [site.list_path, *linked])
        later = len(get(site, site.list_path, api=False, more=accepted)[1])
    return [Figure(dialect, "first page with all it loads", first / 1024, 200, "KB"), Figure(dialect, "a later page", later / 1024, 30, "KB")]


def _wide(stores: Stores, dialect: str, rows: int) -> list[Figure]:
    """Start-up and memory with many entities of many fields."""
    site = wide_site(stores, dialect)
    started = time.perf_counter()
    with served(site, stores.scratch / "wide.log") as pid:
        taken = time.perf_counter() - started
        for number in range(0, WIDE_ENTITIES, 15):
            for path in (f"/wide_{number}/", f"/wide_{number}/new"):
                assert get(site, path, api=False)[0] == 200
        memory = memory_mb(pid)
    words = f"{WIDE_ENTITIES} entities × {WIDE_FIELDS} fields"
    return [Figure(dialect, f"start to first list with {words}", taken, 3, "s"), Figure(dialect, f"memory of a worker with {words}", memory, 200, "MB")]


def wide_site(stores: Stores, dialect: str) -> Site:
    home = stores.scratch / f"wide-{dialect}"
    url = stores.url(dialect, "wide", home)
    keys = home / "keys.json"
    if not keys.exists():
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True)
        stores.recreate(url)
        package = _package(home / "package", "wide", ["core"])
        for number in range(WIDE_ENTITIES):
            plain = [{"name": f"field_{at}", "type": WIDE_TYPES[at % len(WIDE_TYPES)]} for at in range(WIDE_FIELDS - 1)]
            _document(
                package, "entity", f"wide_{number}", {"name": f"wide_{number}", "name_field": "name", "fields": [{"name": "name", "type": "text"}, *plain]}
            )
        settings = Settings.load({"FIELDSMITH_DATABASE": url}, home)
        workspace = Workspace.open(settings)
        workspace.publish(SYSTEM, [read_package(shipped_packages()["core"]), read_package(package)], "wide")
        workspace.write(lambda work: work.records.create_many(OPERATOR, "user", [{"name": "Bench"}]))
        made = workspace.write(lambda work: admit(work, settings))
        workspace.close()
        keys.write_text(json.dumps([made.cookie, made.token]), encoding="utf-8")
    cookie, token = json.loads(keys.read_text(encoding="utf-8"))
    found = fieldsmith(home, url, cookie, token)
    return Site(found.name, found.command, found.environment, found.port, cookie=found.cookie, token=token, list_path="/wide_0/", columns="")


def _imports(stores: Stores, dialect: str, rows: int) -> list[Figure]:
    """The command line's import, from starting the command to its end."""
    home = stores.scratch / f"import-{dialect}"
    url = stores.url(dialect, "import", home)
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    stores.recreate(url)
    site = fieldsmith(home, url, "", "")
    _command(site, "init")
    workspace = Workspace.open(Settings.load(site.environment))
    workspace.write(lambda work: work.records.create_many(OPERATOR, "user", [{"name": sample.person(number)} for number in range(1, sample.USERS + 1)]))
    workspace.write(lambda work: work.records.create_many(OPERATOR, "account", [{"name": sample.company(number)} for number in range(1, 86)]))
    workspace.close()
    few, many = home / "few.csv", home / "many.csv"
    _file(few, 1, TUTORIAL_ROWS)
    _file(many, TUTORIAL_ROWS + 1, IMPORTED)
    tutorial, bulk = _timed(site, few), _timed(site, many)
    return [
        Figure(dialect, f"import of {TUTORIAL_ROWS:,} opportunities by the command line", tutorial, 4, "s"),
        Figure(dialect, f"import of {IMPORTED:,} rows with history and search", IMPORTED / bulk, 10_000, "rows/s", at_least=True),
    ]


def _timed(site: Site, file: Path) -> float:
    started = time.perf_counter()
    _command(site, "import", "opportunity", str(file), "--match", "external_id")
    return time.perf_counter() - started


def _command(site: Site, *words: str) -> None:
    done = subprocess.run([site.command[0], *words], env={**os.environ, **site.environment}, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"fieldsmith {' '.join(words)}: {done.stdout}{done.stderr}")


def _file(path: Path, first: int, count: int) -> None:
    """A sales pipeline of `count` rows as a spreadsheet writes it."""
    names = ("name", "account", "amount", "stage", "probability", "engaged_on", "close_date", "owner", "external_id")
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(names)
        for number in range(first, first + count):
            values = {**sample.opportunity(number), "account": sample.company(number % 85 + 1), "owner": sample.person(number % sample.USERS + 1)}
            writer.writerow([values[name] for name in names])


def _package(folder: Path, name: str, requires: Sequence[str]) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    manifest = {"$schema": "../schemas/package.json", "format": 1, "name": name, "version": "1.0.0", "requires": list(requires)}
    (folder / "package.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder


def _document(package: Path, kind: str, name: str, body: dict[str, object]) -> None:
    (package / kind).mkdir(exist_ok=True)
    (package / kind / f"{name}.json").write_text(json.dumps({"$schema": f"../../schemas/{kind}.json", **body}), encoding="utf-8")
