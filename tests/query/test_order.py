"""Order and paging: pages put together are the whole list, in an order both databases agree on."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fieldsmith.base.context import OPERATOR
from fieldsmith.base.errors import BadQuery
from fieldsmith.query.run import Query
from fieldsmith.workspace import Work
from tests.desk import Desk, user

TEXTS = ["ß", "ss", "SS", "Straße", "STRASSE", "ς", "Σ", "σ", "İ", "i", "I", "ı", "北京", "上海", "😀", "é", "É", "z", "Z", " a", "A", "a", "-", "10", "9"]
ORDERED: list[tuple[str, list[Any]]] = [
    ("text", ["-", "10", "9", "A", "a", "b", "上海", "北京", "😀"]),
    ("integer", [-(2**63), -1, 0, 9, 10, 2**63 - 1]),
    ("decimal", ["-10.00", "-9.99", "0.00", "9.00", "10.00"]),
    ("currency", [{"amount": "9.00", "currency": "EUR"}, {"amount": "9.80", "currency": "USD"}, {"amount": "10.00", "currency": "USD"}]),
    ("boolean", [False, True]),
    ("date", ["0001-01-01", "2026-01-31", "2026-02-01"]),
    ("datetime", ["2026-01-01T00:00:00Z", "2026-01-01T00:00:00.000001Z", "2026-01-01T00:00:01Z"]),
    ("time", ["00:00:00", "09:30:00", "09:30:00.500000"]),
    ("duration", [-60, 0, 7200]),
    ("rating", [1, 2, 5]),
    ("choice", ["small", "large", "huge"]),
    ("email", ["a@example.com", "B@example.com", "c@example.com"]),
    ("phone", ["+12125550100", "+442079460018"]),
    ("external_id", ["A", "b", "C"]),
]


@pytest.mark.parametrize(("field", "values"), ORDERED, ids=[field for field, _ in ORDERED])
def test_each_type_has_its_order_and_blanks_come_first_ascending(tiny: Desk, field: str, values: list[Any]) -> None:
    shuffled = [*values[1::2], *values[::2]]
    rows: list[dict[str, Any]] = [{"text": "x", field: value} for value in shuffled]
    blank = [] if field in ("text", "boolean") else [None]
    tiny.workspace.write(lambda work: work.records.create_many(OPERATOR, "thing", rows + [{"text": "x"} for _ in blank]))
    for limit in (1, 2, 50):
        assert [row[0] for row in tiny.rows("thing", field, sort=(field,), limit=limit)] == blank + values
        assert [row[0] for row in tiny.rows("thing", field, sort=("-" + field,), limit=limit)] == values[::-1] + blank


def test_folded_text_sorts_alike_on_both_databases(tiny: Desk) -> None:
    tiny.workspace.write(lambda work: work.records.create_many(OPERATOR, "thing", [{"text": "x", "standard": text} for text in TEXTS]))
    found = [row[0] for row in tiny.rows("thing", "standard", sort=("standard",), limit=3)]
    assert found == sorted((text.strip() for text in TEXTS), key=lambda text: (text.upper().lower().replace("ς", "σ"), text))


def test_lookups_sort_by_the_names_of_their_targets(tiny: Desk) -> None:
    boxes = [tiny.make("box", name=name) for name in ("b", "C", "a", None)]
    things = [tiny.make("thing", text="x", lookup=box) for box in (*boxes, None)]
    first, second, third, nameless, none = things
    assert tiny.ids("thing", sort=("lookup", "id"), limit=2) == [nameless, none, third, first, second]
    assert tiny.ids("thing", sort=("-lookup", "id"), limit=2) == [second, first, third, nameless, none]
    assert tiny.ids("thing", sort=("lookup.name", "-id"), limit=2) == [none, nameless, third, first, second]


def test_without_a_wish_the_newest_come_first(tiny: Desk) -> None:
    ids = [tiny.make("box") for _ in range(5)]
    assert tiny.ids("box", sort=(), limit=2) == ids[::-1]


@pytest.mark.parametrize("sort", ["owner", "created_by", "-modified_by", "deleted_at", "-deleted_at"])
@pytest.mark.parametrize("deleted", [False, True])
def test_system_fields_with_blanks_go_by_pages(tiny: Desk, sort: str, deleted: bool) -> None:
    ana = tiny.make("user", name="Ana")
    ids = [tiny.make("box", actor) for actor in (OPERATOR, user(ana, "clerk"), OPERATOR, user(ana, "clerk"))]
    for id in ids if deleted else ():
        tiny.delete("box", id)
    assert sorted(tiny.ids("box", sort=(sort,), limit=1, deleted=deleted)) == ids
    assert sorted(tiny.ids("box", sort=(sort,), limit=1, deleted=deleted, actor=user(ana, "blind"))) == ids


SORTS = [
    ("text",),
    ("-text", "integer"),
    ("integer", "-decimal"),
    ("-integer", "decimal"),
    ("integer", "decimal", "date"),
    ("-integer", "-decimal", "-date"),
    ("-date", "choice", "-id"),
    ("choice", "-standard"),
    ("-standard", "-text"),
    ("lookup", "boolean"),
    ("-lookup", "-date"),
    ("-boolean", "lookup.name", "-integer"),
]
ROW = st.fixed_dictionaries(
    {"text": st.sampled_from(TEXTS)},
    optional={
        "standard": st.sampled_from([None, *TEXTS[:4]]),
        "integer": st.sampled_from([None, -1, 0, 2**63 - 1]),
        "decimal": st.sampled_from([None, "-0.01", "7"]),
        "date": st.sampled_from([None, "2026-01-01"]),
        "choice": st.sampled_from([None, "small", "huge"]),
        "boolean": st.booleans(),
        "lookup": st.sampled_from([None, 1, 2]),
    },
)


class _Undo(Exception):
    pass


@settings(max_examples=100, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(ROW, min_size=1, max_size=8), sort=st.sampled_from(SORTS), limit=st.integers(1, 5))
def test_pages_put_together_are_the_whole_list(tiny: Desk, rows: list[dict[str, Any]], sort: tuple[str, ...], limit: int) -> None:
    def task(work: Work) -> None:
        boxes = work.records.create_many(OPERATOR, "box", [{"name": "b"}, {}])
        sent = [{**row, "lookup": row.get("lookup") and boxes[row["lookup"] - 1]} for row in rows]
        ids = work.records.create_many(OPERATOR, "thing", sent)
        query = Query("thing", ("id",), sort, limit=500)
        whole = [row[0] for row in work.queries.page(OPERATOR, query).rows]
        paged = [row[0] for page in work.queries.each(OPERATOR, replace(query, limit=limit)) for row in page.rows]
        assert paged == whole
        assert sorted(whole) == list(ids)
        raise _Undo

    with pytest.raises(_Undo):
        tiny.workspace.write(task)


def first_mark(desk: Desk, *sort: str, **more: Any) -> str:
    with desk.workspace.read() as work:
        mark = work.queries.page(OPERATOR, Query("thing", ("text",), sort, limit=1, **more)).next
    assert mark is not None
    return mark


def refused(desk: Desk, query: Query) -> bool:
    with desk.workspace.read() as work:
        try:
            work.queries.page(OPERATOR, query)
        except BadQuery as error:
            return [(problem.code, problem.pointer) for problem in error.problems] == [("bad_cursor", "/after")]
    return False


def filled(desk: Desk) -> None:
    rows: list[dict[str, Any]] = [{"text": f"t{at}", "decimal": at, "date": "2026-01-01", "integer": at} for at in range(3)]
    desk.workspace.write(lambda work: work.records.create_many(OPERATOR, "thing", rows))


def test_a_mark_serves_its_own_list_only(tiny: Desk) -> None:
    filled(tiny)
    mark = first_mark(tiny, "text")
    own = Query("thing", ("id", "text"), ("text",), after=mark)
    assert not refused(tiny, own)
    others = [replace(own, sort=("-text",)), replace(own, entity="part", columns=("id",), sort=("name",)), replace(own, search="t")]
    others += [replace(own, parent=("lookup", 1)), replace(own, deleted=True)]
    assert all(refused(tiny, query) for query in others)


def forged(mark: str, place: int, value: Any) -> str:
    body = json.loads(base64.urlsafe_b64decode(mark + "=="))
    body[place] = value
    return base64.urlsafe_b64encode(json.dumps(body).encode()).decode().rstrip("=")


FORGED: list[tuple[str, int, object]] = [
    *(("integer", 1, segment) for segment in list[object]((-1, 2, True, None, "1", []))),
    *(("integer", 2, value) for value in list[object]((None, "1", 2**63, -(2**63) - 1, 1.5, True, [], {}))),
    *(("integer", 3, value) for value in list[object]((None, "1", 2**70, [1]))),
    *(("decimal", 2, value) for value in (1, "NaN", "1e17", "-99999999999999999", "Infinity", "1e999", "9" * 19, "1e-400", "x", None)),
    *(("date", 2, value) for value in ("2026-02-31", "x", 20260101, "2026-01-01T00:00:00", None)),
    *(("text", 2, value) for value in (1, None, "a\0b", "\ud800", ["t"])),
]


def test_forged_marks_are_refused(tiny: Desk) -> None:
    filled(tiny)
    marks = {sort: first_mark(tiny, "-" + sort) for sort in ("integer", "decimal", "date", "text")}
    taken = [case for case in FORGED if not refused(tiny, Query("thing", ("text",), ("-" + case[0],), after=forged(marks[case[0]], *case[1:])))]
    assert taken == []


def test_marks_that_are_none_are_refused(tiny: Desk) -> None:
    none = ["", "x", "!!!!", "bnVsbA", "W10", "é", "=" * 9, "A" * 100_000, "W1tbW1tbW1tb"]
    assert [mark for mark in none if not refused(tiny, Query("thing", ("text",), after=mark))] == []


@pytest.mark.parametrize("value", ["9999999999999999.99", "-9999999999999999.99", "0.000000000000000001"])
def test_a_mark_beyond_every_value_gives_a_page(tiny: Desk, value: str) -> None:
    filled(tiny)
    mark = forged(first_mark(tiny, "decimal"), 2, value)
    with tiny.workspace.read() as work:
        found = [row[0] for row in work.queries.page(OPERATOR, Query("thing", ("id",), ("decimal",), after=mark)).rows]
    assert all(left < right for left, right in pairwise(found))


def test_names_of_any_length_go_by_pages(tiny: Desk) -> None:
    texts = ["北" * 255, "北" * 254 + "京", "😀" * 255]
    tiny.workspace.write(lambda work: work.records.create_many(OPERATOR, "thing", [{"text": text} for text in texts]))
    assert len(tiny.ids("thing", sort=("text", "standard", "email"), limit=1)) == 3
