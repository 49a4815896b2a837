"""Bulk saves: all or none, or each on its own."""

from __future__ import annotations

from typing import Any

import pytest

from fieldsmith.base.context import OPERATOR, Actor
from fieldsmith.base.errors import Conflict, Forbidden, NotFound, TooLarge
from fieldsmith.records.many import Batch, Mode, RowResult, save_many
from tests.desk import Desk, user


def save(desk: Desk, entity: str, mode: Mode, *, actor: Actor = OPERATOR, **batch: Any) -> list[RowResult]:
    return desk.workspace.write(lambda work: save_many(work.records, work.connection, actor, entity, Batch(**batch), mode))


def told(results: list[RowResult]) -> list[tuple[str, int, int, list[str]]]:
    return [(row.op, row.index, row.status, [problem.pointer for problem in row.errors]) for row in results]


@pytest.mark.parametrize("mode", ["all", "each"])
def test_good_rows_are_all_saved(tiny: Desk, mode: Mode) -> None:
    a, b, c = (tiny.make("box", name=name) for name in "abc")
    results = save(tiny, "box", mode, create=[{"name": "d"}], update=[{"id": a, "name": "A", "version": 1}], delete=[b, {"id": c, "version": 1}])
    assert [(row.op, row.status) for row in results] == [("create", 201), ("update", 200), ("delete", 204), ("delete", 204)]
    assert tiny.rows("box", "id", "name") == [(a, "A"), (results[0].id, "d")]


FAULTY: dict[str, Any] = {
    "create": [{"text": "A"}, {}, 7, {"text": "B", "integer": "x"}],
    "update": [{"id": 1, "text": None}, {"text": "no id"}],
    "delete": [True, {"id": "1"}, {"id": 1, "version": "1"}],
}


def test_each_refuses_faulty_rows_only(tiny: Desk) -> None:
    tiny.make("thing", text="first")
    assert told(save(tiny, "thing", "each", **FAULTY)) == [
        ("create", 0, 201, []),
        ("create", 1, 422, ["/text"]),
        ("create", 2, 422, [""]),
        ("create", 3, 422, ["/integer"]),
        ("update", 0, 422, ["/text"]),
        ("update", 1, 422, ["/id"]),
        ("delete", 0, 422, ["/id"]),
        ("delete", 1, 422, ["/id"]),
        ("delete", 2, 422, ["/version"]),
    ]
    assert [row[0] for row in tiny.rows("thing", "text")] == ["first", "A"]


def test_all_refuses_everything_and_names_every_row(tiny: Desk) -> None:
    tiny.make("thing", text="first")
    rows = {**FAULTY, "create": [{"text": "A"}, {}, {"text": "B", "integer": "x"}]}
    with tiny.refuses(
        ("required", "/create/1/text"),
        ("not_integer", "/create/2/integer"),
        ("required", "/update/0/text"),
        ("not_an_id", "/update/1/id"),
        ("not_an_id", "/delete/0/id"),
        ("not_an_id", "/delete/1/id"),
        ("not_an_integer", "/delete/2/version"),
    ):
        save(tiny, "thing", "all", **rows)


CLASHES: list[tuple[dict[str, Any], tuple[str, str]]] = [
    ({"create": [{"code": "X"}, {"code": "A"}]}, ("not_unique", "/create/1/code")),
    ({"create": [{"code": "X"}, {"code": "Y"}, {"code": "X"}]}, ("not_unique", "/create/2/code")),
    ({"create": [{"code": "X"}], "update": [{"id": 1, "name": "n"}, {"id": 2, "code": "A"}]}, ("not_unique", "/update/1/code")),
    ({"update": [{"id": 1, "version": 9, "name": "n"}]}, ("version_mismatch", "/update/0/version")),
    ({"update": [{"id": 9, "name": "n"}]}, ("not_found", "/update/0")),
    ({"delete": [1, 9]}, ("not_found", "/delete/1")),
]


@pytest.mark.parametrize(("batch", "problem"), CLASHES, ids=[str(batch) for batch, _ in CLASHES])
def test_all_stops_at_a_clash_and_names_its_row(tiny: Desk, batch: dict[str, Any], problem: tuple[str, str]) -> None:
    tiny.make("box", code="A")
    tiny.make("box", code="B")
    with tiny.refuses(problem, kind=Conflict):
        save(tiny, "box", "all", **batch)


def test_each_tells_a_clash_from_what_is_missing_and_what_is_old(tiny: Desk) -> None:
    id = tiny.make("box", code="A")
    rows = [{"id": id, "version": 9, "name": "x"}, {"id": 99, "name": "x"}, {"id": id, "name": "ok"}]
    results = save(tiny, "box", "each", create=[{"code": "A"}, {"code": "B"}], update=rows)
    assert [row.status for row in results] == [409, 201, 412, 404, 200]


def test_a_later_row_sees_the_earlier_ones(tiny: Desk) -> None:
    results = save(tiny, "box", "each", create=[{"code": "A"}, {"code": "A"}])
    assert [row.status for row in results] == [201, 409]


def test_rights_are_asked_per_verb(tiny: Desk) -> None:
    part = tiny.make("part", box=tiny.make("box"))
    results = save(tiny, "part", "each", actor=user(1, "loader"), update=[{"id": part, "name": "x"}], delete=[part])
    assert [row.status for row in results] == [403, 403]
    with tiny.refuses(kind=Forbidden):
        save(tiny, "part", "all", actor=user(1, "loader"), delete=[part])
    with tiny.refuses(("unknown_entity", ""), kind=NotFound):
        save(tiny, "vault", "all", actor=user(1, "clerk"), create=[{}])


@pytest.mark.parametrize("mode", ["all", "each"])
def test_more_than_ten_thousand_rows_are_refused(tiny: Desk, mode: Mode) -> None:
    with tiny.refuses(kind=TooLarge):
        save(tiny, "box", mode, create=[{}] * 10_000, delete=[1])
