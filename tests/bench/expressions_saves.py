"""Saves of records that compute: a hundred formulas on one entity, baskets that count their items."""

from __future__ import annotations

import itertools
import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fieldsmith.base.context import OPERATOR
from fieldsmith.workspace import Workspace
from tests.bench import deals
from tests.bench.figures import Figure
from tests.bench.timing import seconds, together

FEW = 10
_BATCH, _ROUNDS = 5_000, 3


def wide(workspace: Workspace) -> Iterator[Figure]:
    """Create and update a record with all its formulas, each in a transaction of its own."""
    dialect, numbers = workspace.database.dialect, itertools.count(1)
    words = f"a record with {deals.FORMULAS} formulas, {deals.LEVELS} deep"
    made = seconds(lambda: create(workspace, "wide", deals.wide_row(next(numbers))), 2)
    changed = seconds(lambda: update(workspace, "wide", 1, {f"n{at}": f"{next(numbers) % 1000}.75" for at in range(5)}), 2)
    yield Figure(dialect, f"create {words}", made * 1000, 10, "ms")
    yield Figure(dialect, f"update {words}", changed * 1000, 10, "ms")


def rollups(workspace: Workspace) -> Iterator[Figure]:
    """An item saved under a basket with few and with many items: its two rollups are computed anew."""
    dialect = workspace.database.dialect
    few, many = (create(workspace, "basket", {"name": name}) for name in ("few", "many"))
    fill(workspace, few, FEW)
    fill(workspace, many, deals.ITEMS)
    numbers = itertools.count(1)
    items = {basket: create(workspace, "item", {"name": "one more", "basket": basket, "amount": "1.00"}) for basket in (few, many)}
    taken = together(*(_changes(workspace, item, numbers) for item in items.values()), budget=2)
    for count, each in zip((FEW, deals.ITEMS), taken, strict=True):
        yield Figure(dialect, f"save an item under a basket that sums and counts {count:,}", each * 1000, 10 if count == FEW else 50, "ms")


def imports(plain: Workspace, counted: Workspace) -> Iterator[Figure]:
    """Items in bulk under a hundred baskets, without rollups and with two, by turns."""
    dialect = plain.database.dialect
    taken: dict[str, list[float]] = {"plain": [], "counted": []}
    for _ in range(_ROUNDS):
        for name, workspace in (("plain", plain), ("counted", counted)):
            baskets = workspace.write(lambda work: work.records.create_many(OPERATOR, "basket", [{"name": f"basket {at}"} for at in range(100)]))
            rows = [item(number, baskets[number % 100]) for number in range(deals.ITEMS)]
            began = time.perf_counter()
            create_all(workspace, "item", rows)
            taken[name].append(time.perf_counter() - began)
    without, with_ = (deals.ITEMS / statistics.median(each) for each in taken.values())
    words = f"save {deals.ITEMS:,} items in bulk under 100 baskets with two rollups (without: {without:,.0f} rows/s)"
    yield Figure(dialect, words, with_, round(0.8 * without, -2), "rows/s", at_least=True)


def create(workspace: Workspace, entity: str, values: Mapping[str, Any]) -> int:
    return workspace.write(lambda work: work.records.create(OPERATOR, entity, values)).id


def update(workspace: Workspace, entity: str, id: int, values: Mapping[str, Any]) -> None:
    workspace.write(lambda work: work.records.update(OPERATOR, entity, id, values))


def create_all(workspace: Workspace, entity: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Save `rows` in batches of one transaction each, in order."""
    for start in range(0, len(rows), _BATCH):
        batch = rows[start : start + _BATCH]
        workspace.write(lambda work, batch=batch: work.records.create_many(OPERATOR, entity, batch))  # type: ignore[misc]


def fill(workspace: Workspace, basket: int, count: int) -> None:
    create_all(workspace, "item", [item(number, basket) for number in range(count)])


def item(number: int, basket: int) -> dict[str, Any]:
    return {"name": f"item {number}", "basket": basket, "amount": f"{number % 900}.10", "cancelled": number % 7 == 0}


def _changes(workspace: Workspace, item: int, numbers: Iterator[int]) -> Any:
    return lambda: update(workspace, "item", item, {"amount": f"{next(numbers) % 9000}.50"})
