"""Two at once: threads on one workspace, and two workspaces on one database."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from fieldsmith.base.context import OPERATOR
from fieldsmith.base.errors import BadInput, Conflict, FieldsmithError, VersionMismatch
from fieldsmith.workspace import Work
from tests.desk import Desk


def at_once(calls: Sequence[Callable[[], Any]]) -> list[Any]:
    """What each call gave, or the error it raised; all begin together."""
    gate = threading.Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        gate.wait(10)
        try:
            return call()
        except FieldsmithError as error:
            return type(error)

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def test_of_two_writers_from_one_version_one_is_refused(tiny: Desk) -> None:
    id = tiny.make("box", name="a")
    results = at_once([lambda name=name: tiny.change("box", id, seen=1, name=name).version for name in "bc"])  # type: ignore[misc]
    assert sorted(results, key=str) == [2, VersionMismatch]
    assert len([row for row in tiny.table("fs_history") if row["record"] == id and row["op"] == "update"]) == 1


def test_writers_of_different_fields_lose_nothing(tiny: Desk) -> None:
    id = tiny.make("thing", text="A")
    changes: list[dict[str, Any]] = [{"integer": 1}, {"date": "2026-01-01"}, {"url": "https://example.com/"}, {"rating": 3}]
    at_once([lambda change=change: tiny.change("thing", id, **change) for change in changes])  # type: ignore[misc]
    values = tiny.json("thing", id)
    assert {**changes[0], **changes[1], **changes[2], **changes[3], "version": 5}.items() <= values.items()


def test_one_unique_value_is_given_once(tiny: Desk) -> None:
    results = at_once([lambda: tiny.make("box", code="A")] * 3)
    assert results.count(Conflict) == 2
    assert tiny.ids("box") == [result for result in results if result is not Conflict]


def test_auto_numbers_made_at_once_have_no_gaps(tiny: Desk) -> None:
    at_once([lambda: [tiny.make("thing", text="A") for _ in range(3)]] * 3)
    assert sorted(row[0] for row in tiny.rows("thing", "auto_number")) == [f"N-{number:04}" for number in range(1, 10)]


def test_a_delete_and_a_change_do_not_mix(tiny: Desk) -> None:
    id = tiny.make("box", name="a")
    at_once([lambda: tiny.delete("box", id), lambda: tiny.change("box", id, name="b")])
    assert tiny.ids("box") == []
    history = [row["version"] for row in tiny.table("fs_history") if row["record"] == id]
    assert history == list(range(1, len(history) + 1))


def test_nothing_is_made_below_a_record_that_is_being_deleted(tiny: Desk) -> None:
    part = tiny.make("part", box=tiny.make("box"))
    marked = threading.Event()

    def delete(work: Work) -> None:
        work.records.delete(OPERATOR, "box", 1)
        marked.set()
        time.sleep(0.3)  # long enough for the other to arrive

    def make() -> int:
        marked.wait(10)
        return tiny.make("screw", part=part)

    assert at_once([lambda: tiny.workspace.write(delete), make]) == [None, BadInput]
