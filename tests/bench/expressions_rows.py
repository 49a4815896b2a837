"""Filters over a million rows against the same SQL by hand, and columns of formulas that come to a table of that size."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from fieldsmith.base.context import OPERATOR, SYSTEM
from fieldsmith.query.run import Query
from fieldsmith.workspace import Work, Workspace
from tests.bench import deals
from tests.bench.expressions_saves import create_all, update
from tests.bench.figures import Figure
from tests.bench.multiply import for_loading, multiply, settle
from tests.bench.sample import SEEDS
from tests.bench.timing import seconds, together

PAGE = 50
QUICK = 0.001
"""Seconds. Below, a ratio would compare the drivers' call with the little Python around ours: what that adds is a figure of its own."""
COLUMNS = ("name", "amount", "stage", "closes")


@dataclass(frozen=True, slots=True)
class Filter:
    """`source` as a person writes it, `where` as a programmer does, with columns as {name} and `?` for each of `values`.

    `like` marks text functions, which are compared with what ignores the case of ASCII letters only: LIKE, on PostgreSQL ILIKE.
    """

    source: str
    where: str
    values: tuple[Any, ...]
    like: bool = False


FILTERS = (
    Filter("batch = 77", "{batch} = ?", (77,)),
    Filter("amount > 60000 and amount <= 65000", "{amount} > ? AND {amount} <= ?", (Decimal("60000.00"), Decimal("65000.00"))),
    Filter('stage in ("won", "lost")', "{stage} IN (?, ?)", ("won", "lost")),
    Filter('closes >= "2026-01-01" and closes < "2026-04-01"', "{closes} >= ? AND {closes} < ?", (date(2026, 1, 1), date(2026, 4, 1))),
    Filter('company.region = "north"', "{region} = ?", ("north",)),
    Filter(
        '(stage = "won" or amount > 80000) and closes >= "2026-06-01"',
        "({stage} = ? OR {amount} > ?) AND {closes} >= ?",
        ("won", Decimal("80000.00"), date(2026, 6, 1)),
    ),
    Filter('CONTAINS(name, "renewal")', "{name} LIKE ?", ("%renewal%",), like=True),
    Filter('CONTAINS(external_id, "999")', "{external_id} LIKE ?", ("%999%",), like=True),
    Filter('STARTSWITH(name, "berg")', "{name} LIKE ?", ("berg%",), like=True),
    Filter('UPPER(name) = "BERG FOODS 1 PILOT 1"', "{name} LIKE ?", ("berg foods 1 pilot 1",), like=True),
)
GENERATED = {
    "name": "expected",
    "type": "formula",
    "returns": "decimal",
    "scale": 2,
    "expression": 'IF(stage = "won", amount, amount - discount)',
}
KEPT = {"name": "priced", "type": "formula", "returns": "decimal", "scale": 2, "expression": 'IF(CONTAINS(name, "pilot"), expected * 2, expected)'}


def measured(workspace: Workspace, rows: int) -> Iterator[Figure]:
    fill(workspace, rows)
    yield from _filters(workspace, rows)
    yield from _generated(workspace, rows)
    yield from _kept(workspace, rows)


def fill(workspace: Workspace, rows: int) -> None:
    """Companies and `SEEDS` deals through the services, the other deals in SQL."""
    create_all(workspace, "company", [deals.company(number) for number in range(1, deals.COMPANIES + 1)])
    create_all(workspace, "deal", [deals.deal(number) for number in range(1, SEEDS + 1)])
    workspace.write(lambda work: _multiplied(work, rows))
    engine = sa.create_engine(workspace.database.url)
    settle(engine)
    engine.dispose()


def _multiplied(work: Work, rows: int) -> None:
    for_loading(work.connection)
    fields = work.model.entities["deal"].fields
    name, amount, key = (work.schema.columns(fields[each])[0] for each in ("name", "amount", "external_id"))
    folds = [fold for each in ("name", "external_id") if (fold := work.schema.fold(fields[each])) is not None]
    multiply(work.connection, work.schema.table("deal"), name, amount, key, rows, folds)


# ------------------------------------------------------------------------------------------------------------------- filters


def _filters(workspace: Workspace, rows: int) -> Iterator[Figure]:
    """A page and a full count of each, by turns with the same SQL by hand on the same connection; the worst of each kind."""
    dialect = workspace.database.dialect
    worst: dict[tuple[str, bool], tuple[float, str]] = {}
    more: list[tuple[float, str]] = []
    with workspace.read() as work:
        for item in FILTERS:
            for what, ours, theirs in _both(work, item):
                assert ours() == theirs(), f"{item.source}: {what} is not that of the SQL by hand"
                taken, by_hand = together(ours, theirs, budget=1.5)
                print(f"{dialect:<11} {item.source}: {what} {taken * 1000:.2f} ms, by hand {by_hand * 1000:.2f} ms, {taken / by_hand:.2f} ×", flush=True)
                kind = (what, item.like)
                if by_hand < QUICK and not kind[1]:
                    more.append((taken - by_hand, f"{item.source}: {what}"))
                    continue
                worst[kind] = max(worst.get(kind, (0.0, "")), (taken / by_hand, item.source))
    for (what, like), (ratio, source) in worst.items():
        against = "LIKE" if like else "the same SQL by hand"
        yield Figure(dialect, f"filter over {rows:,} rows: {what} against {against}, worst (`{source}`)", ratio, 8 if like else 1.1, "×")
    slowest, source = max(more)
    yield Figure(dialect, f"more than by hand where that takes less than {QUICK * 1000:g} ms, worst (`{source}`)", slowest * 1000, 0.2, "ms")


def _both(work: Work, item: Filter) -> Iterator[tuple[str, Callable[[], Any], Callable[[], Any]]]:
    query = Query("deal", COLUMNS, filters=(item.source,), limit=PAGE)
    hand = ByHand(work)
    page = f"SELECT {hand.columns} FROM {hand.tables(item.where)} WHERE {{deleted_at}} IS NULL AND {item.where} ORDER BY {{id}} DESC LIMIT {PAGE + 1}"
    count = f"SELECT count(*) FROM {hand.tables(item.where)} WHERE {{deleted_at}} IS NULL AND {item.where}"
    listed = hand.asked(page, item.values, lambda rows: [row[0] for row in rows[:PAGE]])
    yield f"a page of {PAGE}", lambda: [row[0] for row in work.queries.page(OPERATOR, query).rows], listed
    counted = hand.asked(count, item.values, lambda rows: rows[0][0])
    yield "a full count", lambda: work.queries.count(OPERATOR, query, None).value, counted


class ByHand:
    """SQL as somebody who knows the tables writes it, on the driver's own cursor."""

    def __init__(self, work: Work) -> None:
        self._cursor = work.connection.connection.cursor
        self._dialect = work.schema.dialect
        schema, fields = work.schema, work.model.entities["deal"].fields
        own = ("id", "version", "deleted_at", *(item["name"] for item in deals.DEAL["fields"]))
        self._names = {name: f"d.{schema.columns(fields[name])[0].name}" for name in own}
        region = work.model.entities["company"].fields["region"]
        self._names["region"] = f"c.{schema.columns(region)[0].name}"
        self._deal, self._company = schema.table("deal").name, schema.table("company").name
        self.columns = ", ".join(f"{{{name}}}" for name in ("id", "version", *COLUMNS))

    def tables(self, where: str) -> str:
        """FROM, with the company where `where` speaks of it."""
        joined = f" JOIN {self._company} AS c ON c.id = {{company}}" if "{region}" in where else ""
        return f"{self._deal} AS d{joined}"

    def asked(self, sql: str, values: Sequence[Any], read: Callable[[Sequence[Any]], Any]) -> Callable[[], Any]:
        text = sql.format(**self._names)
        bound = tuple(values)
        if self._dialect == "postgresql":
            text = text.replace("?", "%s").replace(" LIKE ", " ILIKE ")
        else:
            bound = tuple(_as_stored(value) for value in values)

        def run() -> Any:
            cursor = self._cursor()
            cursor.execute(text, bound)
            return read(cursor.fetchall())

        return run


def _as_stored(value: Any) -> Any:
    """A value as SQLite holds it in these tables."""
    if isinstance(value, Decimal):
        return int(value * 100)
    return value.isoformat() if isinstance(value, date) else value


# ------------------------------------------------------------------------------------------------------------------- columns


def _generated(workspace: Workspace, rows: int) -> Iterator[Figure]:
    """PostgreSQL writes the whole table anew for a generated column; SQLite computes it when it is read."""
    dialect = workspace.database.dialect
    taken = _published(workspace, GENERATED)
    assert _keeping(workspace, "expected") == "generated"
    limit = 1 if dialect == "sqlite" else 60
    yield Figure(dialect, f"publish a generated column until it is live on {rows:,} rows", taken, limit, "s")
    indexed = _published(workspace, {**GENERATED, "indexed": True})
    print(f"{dialect:<11} an index over it: {indexed:.2f} s", flush=True)
    query = Query("deal", ("name", "expected"), ("-expected",), PAGE)
    with workspace.read() as work:
        first = seconds(lambda: work.queries.page(OPERATOR, query))
        yield Figure(dialect, "first page of 50 sorted by it, indexed", first * 1000, 5, "ms")
        deep = _deep(work, query, rows // 2)
        yield Figure(dialect, f"page of 50 after {rows // 2:,} rows, by cursor", seconds(lambda: work.queries.page(OPERATOR, deep)) * 1000, 5, "ms")


def _deep(work: Work, query: Query, rows: int) -> Query:
    """`query` from a cursor behind its first `rows` rows on."""
    passed, after = 0, query.after
    while passed < rows:
        page = work.queries.page(OPERATOR, Query(query.entity, query.columns, query.sort, 500, after))
        passed, after = passed + len(page.rows), page.next
    return Query(query.entity, query.columns, query.sort, query.limit, after)


def _kept(workspace: Workspace, rows: int) -> Iterator[Figure]:
    """Published at once; read as its expression while a thread fills it, and people go on saving."""
    dialect = workspace.database.dialect
    yield Figure(dialect, f"publish a kept column on {rows:,} rows until one may use it", _published(workspace, {**GENERATED, "indexed": True}, KEPT), 1, "s")
    assert _keeping(workspace, "priced") == "kept"
    _check_priced(workspace)
    filler = threading.Thread(target=workspace.filling.run)
    began = time.perf_counter()
    filler.start()
    saves: list[float] = []
    lists: list[float] = []
    number = 0
    while filler.is_alive():
        number += 1
        at = time.perf_counter()
        update(workspace, "deal", number * 7919 % rows + 1, {"amount": f"{number % 9000}.25"})
        saves.append(time.perf_counter() - at)
        at = time.perf_counter()
        _check_priced(workspace)
        lists.append(time.perf_counter() - at)
        time.sleep(0.05)
    taken = time.perf_counter() - began
    filler.join()
    assert not workspace.runtime().schema.filling
    _check_priced(workspace)
    slowest = statistics.quantiles(saves, n=20)[-1]
    yield Figure(dialect, f"list and filter by it while it fills, {len(lists)} times, median", statistics.median(lists) * 1000, 100, "ms")
    yield Figure(dialect, f"save a record while it fills, {len(saves)} times, median", statistics.median(saves) * 1000, 100, "ms")
    yield Figure(dialect, "the slowest 5 % of these saves take at least", slowest * 1000, 1_000, "ms")
    yield Figure(dialect, "fill it", rows / taken, 10_000, "rows/s", at_least=True)


def _published(workspace: Workspace, *fields: Mapping[str, Any]) -> float:
    """Seconds until a reader can list the last of `fields`, published with the others."""
    began = time.perf_counter()
    workspace.publish(SYSTEM, [deals.layer(*(dict(field) for field in fields))], "bench")
    with workspace.read() as work:
        work.queries.page(OPERATOR, Query("deal", ("name", fields[-1]["name"])))
    return time.perf_counter() - began


def _keeping(workspace: Workspace, name: str) -> str | None:
    runtime = workspace.runtime()
    return runtime.schema.keeping(runtime.model.entities["deal"].fields[name])


def _check_priced(workspace: Workspace) -> None:
    """A filtered page shows the values the formula gives, whether their rows are filled or not."""
    with workspace.read() as work:
        page = work.queries.page(OPERATOR, Query("deal", ("name", "expected", "priced"), ("-id",), PAGE, filters=("priced > 60000 and batch < 500",)))
        for row in page.rows:
            name, expected, priced = (column.read(row) for column in page.columns)
            assert priced == expected * (2 if "pilot" in name else 1) and priced > 60_000
        assert len(page.rows) == PAGE
