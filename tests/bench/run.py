"""`make bench`: both sides over HTTP, then the other promises; prints tables and writes them into docs/performance.md.

python -m tests.bench.run [--database sqlite|postgresql|both] [--rows 1000000] [--seconds 4] [--rounds 3] [--only NAME]
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tests.bench import access, expressions, figures, report, studio
from tests.bench.load import Load, Request, measure
from tests.bench.scenarios import SCENARIOS, Scenario
from tests.bench.sites import ROOT, Site, cpu_seconds, headers, served
from tests.bench.stores import Stores

WARM_UP = 1.0  # seconds before the first round: caches fill, nothing is counted
SERVER = "postgresql+psycopg://127.0.0.1:5432/postgres"


@dataclass(frozen=True, slots=True)
class Running:
    """A server that is up, and the process to read CPU time from."""

    site: Site
    pid: int


@dataclass(frozen=True, slots=True)
class Sample:
    per_second: float
    cpu_ms: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """Medians of one scenario on one database."""

    database: str
    scenario: Scenario
    ours: Sample
    theirs: Sample

    @property
    def ratio(self) -> float:
        return self.ours.per_second / self.theirs.per_second

    @property
    def cpu_ratio(self) -> float:
        """Above 1: Fieldsmith needs less CPU time per request."""
        return self.theirs.cpu_ms / self.ours.cpu_ms

    @property
    def held(self) -> bool:
        return self.ratio >= self.scenario.ratio and (not self.scenario.writes or self.cpu_ratio >= self.scenario.ratio)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--scratch", type=Path, default=ROOT / "build" / "bench", help="folder for databases, kept for the next run")
    parser.add_argument("--server", default=SERVER, help="URL of the PostgreSQL server")
    parser.add_argument("--only", help="scenarios whose name contains this, or “access”, “expressions” or “studio”: the figures of these; nothing is written")
    parser.add_argument("--no-figures", action="store_true", help="only the comparison; nothing is written")
    given = parser.parse_args()
    stores = Stores(given.scratch.absolute(), given.server)
    dialects = ("sqlite", "postgresql") if given.database == "both" else (given.database,)
    wanted = [item for item in SCENARIOS if not given.only or given.only in item.name]
    comparisons = [found for dialect in dialects if wanted for found in compare(stores, dialect, given.rows, wanted, given.seconds, given.rounds)]
    others = [] if given.only or given.no_figures else figures.measure_all(stores, dialects, given.rows)
    if given.only == "expressions" or not (given.only or given.no_figures):
        others += expressions.measure_all(stores, dialects, given.rows)
    if given.only == "studio" or not (given.only or given.no_figures):
        others += studio.measure_all(stores, dialects, given.rows)
    if given.only == "access" or not (given.only or given.no_figures):
        others += access.measure_all(stores, dialects, given.rows)
    text = report.tables(comparisons, others, given.rows)
    print(text)
    if not given.only and not given.no_figures and given.database == "both":
        report.write(ROOT / "docs" / "performance.md", text)


def compare(stores: Stores, dialect: str, rows: int, scenarios: Sequence[Scenario], seconds: float, rounds: int) -> list[Comparison]:
    """Both servers up, every scenario A B A B …; medians."""
    sites = stores.sites(dialect, rows)
    with ExitStack() as stack:
        running = [Running(site, stack.enter_context(served(site, stores.scratch / f"{site.name}.log"))) for site in sites]
        return [_scenario(stores, dialect, scenario, running, rows, seconds, rounds) for scenario in scenarios]


def _scenario(stores: Stores, dialect: str, scenario: Scenario, running: Sequence[Running], rows: int, seconds: float, rounds: int) -> Comparison:
    asked = {item.site.name: scenario.requests(item.site, rows) for item in running}
    samples: dict[str, list[Sample]] = {item.site.name: [] for item in running}
    for turn in range(rounds + 1):
        for item in running:
            found = _sample(stores, scenario, item, asked[item.site.name], WARM_UP if turn == 0 else seconds, turn)
            if turn:
                samples[item.site.name].append(found)
                print(f"{dialect:<11} {scenario.name:<16} {item.site.name:<12} {found.per_second:9.1f}/s {found.cpu_ms:7.2f} ms CPU", flush=True)
    ours, theirs = (_median(samples[item.site.name]) for item in running)
    return Comparison(dialect, scenario, ours, theirs)


def _sample(stores: Stores, scenario: Scenario, running: Running, asked: Sequence[Request], seconds: float, turn: int) -> Sample:
    first_number = (turn + 1) * 10_000_000
    before = cpu_seconds(running.pid)
    outcome = measure(Load(running.site.base, headers(running.site, scenario.api), asked, first_number), seconds, stores.scratch)
    return Sample(outcome.per_second, (cpu_seconds(running.pid) - before) * 1000 / max(outcome.answers, 1))


def _median(samples: Sequence[Sample]) -> Sample:
    return Sample(statistics.median(item.per_second for item in samples), statistics.median(item.cpu_ms for item in samples))


if __name__ == "__main__":
    main()
