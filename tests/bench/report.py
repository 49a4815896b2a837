"""The tables of the benchmarks, as Markdown; `write` puts them between the marks of docs/performance.md."""

from __future__ import annotations

import os
import platform
import re
import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.bench.figures import Figure
    from tests.bench.run import Comparison

BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"


def tables(comparisons: Sequence[Comparison], figures: Sequence[Figure], rows: int) -> str:
    """Both tables and, in words, what was missed."""
    lines = [_circumstances(rows), "", "### Against the hand-written application", ""]
    lines += [
        "| database | asked | Fieldsmith | hand-written | ratio | wanted | CPU per request | CPU ratio | held |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |",
    ]
    for item in comparisons:
        cpu = f"{item.ours.cpu_ms:.2f} : {item.theirs.cpu_ms:.2f} ms"
        rates = f"{item.ours.per_second:.0f}/s | {item.theirs.per_second:.0f}/s | **{item.ratio:.2f}**"
        lines.append(f"| {item.database} | {item.scenario.name} | {rates} | ≥ {item.scenario.ratio} | {cpu} | {item.cpu_ratio:.2f} | {_yes(item.held)} |")
    if figures:
        lines += ["", "### Other promises", "", "| database | what | measured | wanted | held |", "| --- | --- | ---: | ---: | --- |"]
        lines += [f"| {item.database} | {item.name} | {item.shown} | {item.wanted} | {_yes(item.held)} |" for item in figures]
    missed = [f"{item.database} {item.scenario.name} ({item.ratio:.2f})" for item in comparisons if not item.held]
    missed += [f"{item.database} {item.name} ({item.shown})" for item in figures if not item.held]
    return "\n".join([*lines, "", f"Missed: {'; '.join(missed)}." if missed else "Nothing was missed."])


def write(page: Path, text: str) -> None:
    old = page.read_text(encoding="utf-8")
    fresh = re.sub(f"{re.escape(BEGIN)}.*{re.escape(END)}", lambda _: f"{BEGIN}\n{text}\n{END}", old, flags=re.DOTALL)
    page.write_text(fresh, encoding="utf-8")


def _yes(held: bool) -> str:
    return "yes" if held else "**no**"


def _circumstances(rows: int) -> str:
    day = datetime.now(UTC).date().isoformat()
    return (
        f"Measured {day} with {rows:,} opportunities, {os.cpu_count()} CPU cores ({platform.machine()}), Python {platform.python_version()}, "
        f"SQLite {sqlite3.sqlite_version}; medians of rounds taken in turn; a ratio above 1 is in Fieldsmith's favour."
    )
