"""Filling new kept columns: in chunks, to the end whatever happens meanwhile, and read rightly before it has come."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from types import SimpleNamespace
from typing import Any, TypeVar

import pytest
import sqlalchemy as sa

from fieldsmith.base.context import SYSTEM
from fieldsmith.base.errors import Unavailable
from fieldsmith.base.text import _m
from fieldsmith.db.engine import Database
from fieldsmith.db.failures import BUSY
from fieldsmith.db.fill import Filled, Filling, fill_step
from fieldsmith.db.store import ModelStore
from fieldsmith.db.system import fs_fill
from fieldsmith.db.tables import Schema
from fieldsmith.query.run import Query
from fieldsmith.workspace import Workspace
from tests.conftest import MakeWorkspace
from tests.db.computing import World, account, deal, formula, line, money, rollup
from tests.meta.samples import package

T = TypeVar("T")
SUM = rollup("sum", "SUM(lines.total)")


@pytest.fixture
def world(database: Database) -> World:
    world = World(database)
    for amount in range(1, 6):
        item = world.add("deal", amount=amount)
        world.add("line", deal=item, total=amount * 10)
    return world


def _filling(world: World) -> Schema:
    """The schema as a runtime made now would have it."""
    with world.database.read() as connection:
        return Schema(world.schema.model, world.schema.dialect, ModelStore().filling(connection))


def _step(world: World, size: int = 2) -> Filled | None:
    schema = _filling(world)
    with world.database.write() as connection:
        return fill_step(connection, schema, size)


def _fill(world: World) -> list[Filled]:
    out: list[Filled] = []
    while (filled := _step(world)) is not None:
        out.append(filled)
    return out


class _Place:
    """Where `Filling` finds the newest model of a world."""

    def __init__(self, world: World) -> None:
        self.world = world

    def write(self, change: Callable[[Any], T]) -> T:
        schema = _filling(self.world)
        with self.world.database.write() as connection:
            return change(SimpleNamespace(connection=connection, schema=schema))


def _fills(world: World) -> int:
    with world.database.read() as connection:
        return ModelStore().state(connection).fills


def test_chunks_go_through_all_records(world: World) -> None:
    world.publish(deal(SUM))
    assert [(filled.last, filled.target) for filled in _fill(world)] == [(2, 5), (4, 5), (5, 5)]
    assert world.column("deal", "sum") == money("10.00", "20.00", "30.00", "40.00", "50.00")


def test_recycled_records_are_filled_too(world: World) -> None:
    world.add("deal", amount=1, deleted_at=datetime(2026, 1, 1))
    world.publish(deal(SUM))
    _fill(world)
    assert world.column("deal", "sum")[-1] == 0


def test_an_empty_table_needs_no_filling(database: Database) -> None:
    world = World(database)
    world.publish(deal(SUM))
    assert _filling(world).filling == frozenset()


def test_a_job_killed_in_a_chunk_goes_on_before_it(world: World) -> None:
    world.publish(deal(SUM))
    _step(world)
    with pytest.raises(KeyboardInterrupt), world.database.write() as connection:
        fill_step(connection, _filling(world), 2)
        raise KeyboardInterrupt
    assert world.column("deal", "sum") == money("10.00", "20.00", None, None, None)
    assert [filled.last for filled in _fill(world)] == [4, 5]


@pytest.mark.parametrize("steps", [0, 1, 3])
def test_answers_are_right_at_every_moment(world: World, steps: int) -> None:
    world.publish(deal(SUM, formula("more", "sum + 1")), account(rollup("all", "SUM(deals.more)")))
    for _ in range(steps):
        _step(world)
    schema = _filling(world)
    assert bool(schema.filling) == (steps < 3)
    assert world.answers("deal", "sum", schema=schema) == money("10.00", "20.00", "30.00", "40.00", "50.00")
    assert world.answers("deal", "more", schema=schema) == money("11.00", "21.00", "31.00", "41.00", "51.00")


def test_formulas_on_formulas_fill_in_one_pass(world: World) -> None:
    world.publish(deal(formula("c", "b + sum"), formula("b", "sum * 2"), SUM))
    _fill(world)
    assert world.column("deal", "c") == money("30.00", "60.00", "90.00", "120.00", "150.00")


def test_a_rollup_over_a_column_still_being_filled_is_right(world: World) -> None:
    world.add("account", name="all")
    table = world.schema.table("deal")
    with world.database.write() as connection:
        [lookup] = world.schema.columns(world.schema.model.entities["deal"].fields["account"])
        connection.execute(sa.update(table).values({lookup.name: 1}))
    world.publish(account(rollup("all", "SUM(deals.sum)")), deal(SUM))
    _fill(world)
    assert world.column("account", "all") == money("150.00")


def test_the_end_is_told_to_every_process(world: World) -> None:
    world.publish(deal(SUM))
    before = _fills(world)
    _step(world)
    assert _fills(world) == before
    _fill(world)
    assert _fills(world) == before + 1
    assert _filling(world).settled(world.schema.model.entities["deal"].fields["sum"])


def test_a_changed_formula_starts_again(world: World) -> None:
    world.publish(deal(SUM))
    _fill(world)
    world.publish(deal(rollup("sum", "SUM(lines.total where total > 25)")))
    assert world.answers("deal", "sum", schema=_filling(world)) == money("0.00", "0.00", "30.00", "40.00", "50.00")
    _fill(world)
    assert world.column("deal", "sum") == money("0.00", "0.00", "30.00", "40.00", "50.00")


def test_a_field_that_is_kept_no_longer_is_filled_no_longer(world: World) -> None:
    world.publish(deal(SUM))
    world.publish(deal(rollup("sum", "SUM(lines.total)", stored=False)))
    assert _step(world) is None


def test_two_jobs_share_the_work(world: World) -> None:
    world.publish(deal(SUM), line(formula("name2", "UPPER(name) & name", "text", indexed=True)))
    failures: list[BaseException] = []

    def work() -> None:
        try:
            while _step(world, 1) is not None:
                pass
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    _fill(world)
    assert failures == []
    assert world.column("deal", "sum") == money("10.00", "20.00", "30.00", "40.00", "50.00")


def test_a_database_that_is_busy_for_long_is_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[int] = []

    class Busy:
        def write(self, change: Callable[[Any], T]) -> T:
            tries.append(1)
            raise Unavailable(_m("busy"))

    monkeypatch.setattr("time.sleep", lambda seconds: None)
    with pytest.raises(Unavailable):
        Filling(Busy()).run()
    assert len(tries) == 51


def test_a_save_that_came_first_is_not_undone(world: World) -> None:
    """PostgreSQL's UPDATE would put in what it saw before it waited."""
    if world.schema.dialect == "sqlite":
        world.publish(deal(SUM))
        assert len(_fill(world)) == 3  # one writer at a time: nothing can come between
        return
    schema = world.publish(deal(SUM))
    lines, deals = schema.table("line"), schema.table("deal")
    total = schema.columns(schema.model.entities["line"].fields["total"])[0]
    kept = schema.columns(schema.model.entities["deal"].fields["sum"])[0]
    filled = threading.Event()

    def fill() -> None:
        Filling(_Place(world)).run()
        filled.set()

    thread = threading.Thread(target=fill)
    with world.database.write() as connection:
        connection.execute(sa.update(lines).where(lines.c.id == 1).values({total.name: 99}))
        connection.execute(sa.update(deals).where(deals.c.id == 1).values({kept.name: 99}))
        thread.start()
        assert not filled.wait(1)
    thread.join()
    assert world.column("deal", "sum")[0] == 99


PART: dict[str, Any] = {
    "name": "box",
    "fields": [{"name": "name", "type": "text"}, {"name": "size", "type": "integer"}, {"name": "above", "type": "lookup", "to": "box", "inverse": "inside"}],
}


def _boxes(*fields: dict[str, Any]) -> Any:
    return package("boxes", {"entity": [{**PART, "fields": [*PART["fields"], *fields]}]}, requires=["core"])


def _filled(workspace: Workspace) -> list[Any]:
    with workspace.read() as work:
        item = work.model.entities["box"].fields["held"]
        [column] = work.schema.columns(item)
        return list(work.connection.execute(sa.select(column).order_by("id")).scalars())


@pytest.fixture
def boxes(make_workspace: MakeWorkspace) -> Workspace:
    workspace = make_workspace("core", _boxes())
    workspace.write(lambda work: [work.records.create(SYSTEM, "box", {"name": f"b{n}", "size": n, "above": 1 if n else None}) for n in range(4)])
    workspace.publish(SYSTEM, [_boxes(rollup("held", "SUM(inside.size)"))], "add a rollup")
    return workspace


def test_a_runtime_knows_what_is_being_filled(boxes: Workspace) -> None:
    model = boxes.runtime().model
    assert boxes.runtime().schema.filling == {model.entities["box"].fields["held"].uid}
    told: list[int] = []
    assert boxes.filling.run(lambda filled: told.append(filled.last))
    assert told == [4]
    assert boxes.runtime().schema.filling == frozenset()
    assert boxes.runtime().model is model
    assert _filled(boxes) == [6, 0, 0, 0]


def test_a_job_may_be_stopped_between_chunks(boxes: Workspace) -> None:
    assert not boxes.filling.run(stopped=lambda: True)
    assert _filled(boxes) == [None] * 4


def test_a_server_fills_by_itself(boxes: Workspace) -> None:
    boxes.keep_filling()
    for _ in range(100):
        if not boxes.runtime().schema.filling:
            break
        threading.Event().wait(0.1)
    assert _filled(boxes) == [6, 0, 0, 0]
    with boxes.read() as work:
        assert work.connection.execute(sa.select(sa.func.count()).select_from(fs_fill)).scalar() == 0


def test_filling_survives_errors_and_ends_at_close(boxes: Workspace, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    calls: list[int] = []

    def fail(self: Filling, **_: Any) -> bool:
        calls.append(1)
        raise RuntimeError("disk on fire") if len(calls) == 1 else Unavailable(BUSY)

    monkeypatch.setattr("fieldsmith.workspace._FILL_PAUSE", 0.01)
    monkeypatch.setattr("fieldsmith.workspace._FILL_PAUSE_AFTER_ERROR", 0.01)
    monkeypatch.setattr(Filling, "run", fail)
    boxes.keep_filling()
    for _ in range(200):
        if len(calls) > 3:
            break
        threading.Event().wait(0.05)
    assert len(calls) > 3
    assert [record.exc_text.splitlines()[-1] for record in caplog.records if record.exc_text] == ["RuntimeError: disk on fire"]
    boxes.close()
    assert "fieldsmith-fill" not in {thread.name for thread in threading.enumerate()}


@pytest.mark.parametrize(
    ("before", "after", "held"),
    [
        (rollup("held", "SUM(inside.size)"), rollup("held", "COUNT(inside)"), [3, 0, 0, 0]),
        (rollup("held", "SUM(inside.size)", stored=False), rollup("held", "SUM(inside.size)"), [6, 0, 0, 0]),
        (formula("held", "size * 2", "integer"), formula("held", "size * 3", "integer"), [0, 3, 6, 9]),
        (formula("held", "name", "text"), formula("held", "UPPER(name)", "text", indexed=True), ["B0", "B1", "B2", "B3"]),
    ],
)
def test_computed_fields_change_by_publishing(make_workspace: MakeWorkspace, before: dict[str, Any], after: dict[str, Any], held: list[Any]) -> None:
    workspace = make_workspace("core", _boxes())
    workspace.write(lambda work: [work.records.create(SYSTEM, "box", {"name": f"b{n}", "size": n, "above": 1 if n else None}) for n in range(4)])
    for fields in (before, after):
        workspace.publish(SYSTEM, [_boxes(fields)], "change a computed field")
        workspace.filling.run()
    assert _filled(workspace) == held


@pytest.mark.parametrize("sort", ["held", "-held", "above.held"])
@pytest.mark.parametrize(
    "field",
    [
        rollup("held", "SUM(inside.size)"),
        rollup("held", "SUM(inside.size)", stored=False),
        formula("held", "UPPER(name) & name", "text", indexed=True),
        formula("held", "COALESCE(above.size, 1) + size", "integer"),
        formula("held", "DATE(2026, 1, 1) + size", "date"),
    ],
)
def test_lists_show_and_sort_by_computed_fields_before_and_after_filling(make_workspace: MakeWorkspace, field: dict[str, Any], sort: str) -> None:
    workspace = make_workspace("core", _boxes())
    workspace.write(lambda work: [work.records.create(SYSTEM, "box", {"name": f"b{n}", "size": 7 - n, "above": 1 if n else None}) for n in range(4)])
    workspace.publish(SYSTEM, [_boxes(field)], "add a computed field")

    def listed() -> list[list[Any]]:
        out: list[list[Any]] = []
        after: str | None = None
        while True:
            with workspace.read() as work:
                page = work.queries.page(SYSTEM, Query("box", ("name", "held", "above.held"), (sort,), limit=2, after=after))
                out += [[column.read(row) for column in page.columns] for row in page.rows]
            after = page.next
            if after is None:
                return out

    early = listed()
    workspace.filling.run()
    assert listed() == early
    assert len(early) == 4
    at = 2 if sort == "above.held" else 1
    values = [row[at] for row in early if row[at] is not None]
    assert values == sorted(values, reverse=sort == "-held")
    assert values
