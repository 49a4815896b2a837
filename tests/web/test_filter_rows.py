"""Rows of the filter builder ↔ source: what rows write they read again, what they read they never change in meaning."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldsmith.expr.parser import parse
from fieldsmith.expr.printer import source_of
from fieldsmith.web.filter_operators import FAMILIES, MANY
from fieldsmith.web.filter_rows import FilterRow, FilterRows, read_rows, write_rows

FIELDS = {
    **{"name": "text", "account.name": "text", "amount": "number", "urgent": "boolean", "due": "date", "created_at": "datetime", "opens": "time"},
    **{"stage": "choice", "tags": "set", "account": "record", "owner": "user", "lines": "list", "photo": "presence"},
}
BY_FAMILY = {family: path for path, family in FIELDS.items()}


@dataclass(frozen=True)
class Known:
    path: str
    family: str


def find(path: str) -> Known | None:
    return Known(path, FIELDS[path]) if path in FIELDS else None


def row(field: str, operator: str, *values: str) -> FilterRow:
    return FilterRow(field, operator, values)


@pytest.mark.parametrize(
    ("source", "rows"),
    [
        ('stage = "won"', [row("stage", "is", "won")]),
        ('stage in ("won", "lost")', [row("stage", "one_of", "won", "lost")]),
        ('stage not in ("won", "lost")', [row("stage", "not_one_of", "won", "lost")]),
        ('INCLUDES(tags, "new")', [row("tags", "includes", "new")]),
        ('not INCLUDES(tags, "new")', [row("tags", "not_includes", "new")]),
        ('CONTAINS(name, "a ""b"" {x} {v} \'c\'")', [row("name", "contains", "a \"b\" {x} {v} 'c'")]),
        ('not CONTAINS(account.name, "Inc")', [row("account.name", "not_contains", "Inc")]),
        ('STARTSWITH(name, "雨 -- 傘")', [row("name", "starts_with", "雨 -- 傘")]),
        ("amount >= 12.50", [row("amount", "at_least", "12.50")]),
        ("amount < -5", [row("amount", "less", "-5")]),
        ("urgent = true and urgent = false", [row("urgent", "yes"), row("urgent", "no")]),
        ('due > "2026-11-22"', [row("due", "after", "2026-11-22")]),
        ("due = TODAY()", [row("due", "today")]),
        ('STARTOF(due, "month") = STARTOF(TODAY(), "month")', [row("due", "this_month")]),
        ('DATEOF(created_at) <= "2026-11-22"', [row("created_at", "until", "2026-11-22")]),
        ("DATEOF(created_at) < TODAY()", [row("created_at", "past")]),
        ('opens = "09:30"', [row("opens", "is", "09:30")]),
        ("account = 7", [row("account", "is", "7")]),
        ("account in (7, 8)", [row("account", "one_of", "7", "8")]),
        ("owner = user", [row("owner", "mine")]),
        ("owner <> user and owner = 3", [row("owner", "not_mine"), row("owner", "is", "3")]),
        ("COUNT(lines) > 0", [row("lines", "some")]),
        ("COUNT(lines) >= 3", [row("lines", "at_least", "3")]),
        ("ISBLANK(photo)", [row("photo", "blank")]),
        ("not ISBLANK(created_at)", [row("created_at", "not_blank")]),
        ("", []),
    ],
)
def test_rows_and_source_are_one(source: str, rows: list[FilterRow]) -> None:
    assert read_rows(source, find) == FilterRows(tuple(rows))
    assert write_rows(FilterRows(tuple(rows)), find) == source


@pytest.mark.parametrize(
    ("source", "same"),
    [
        ("name = blank", "ISBLANK(name)"),
        ("due <> BLANK", "not ISBLANK(due)"),
        ("not name = blank", "not ISBLANK(name)"),
        ("urgent", "urgent = true"),
        ("NOT urgent", "urgent = false"),
        ("urgent <> false", "urgent = true"),
        ("not stage = 'won'", 'stage <> "won"'),
        ("not (stage in ('won'))", 'stage not in ("won")'),
        ("(  (amount>5)AND(name = 'a') )", 'amount > 5 and name = "a"'),
        ("amount > 5 and (name = 'a' and urgent)", 'amount > 5 and name = "a" and urgent = true'),
        ("COUNT(lines) = 0 or not COUNT(lines) > 0", "COUNT(lines) = 0 or COUNT(lines) = 0"),
    ],
)
def test_other_ways_to_say_it_are_understood(source: str, same: str) -> None:
    rows = read_rows(source, find)
    assert rows is not None and write_rows(rows, find) == same


@pytest.mark.parametrize(
    "source",
    [
        *("stage = 'won' and (amount > 5 or urgent)", "LEN(name) > 5", "5 < amount", "amount > 5 + 1", "name = account.name", "nobody = 1"),
        *("stage in ('won', blank)", "amount > - -5", "amount > 5 -- because", "-- because\namount > 5", "not not urgent", "COUNT(lines where urgent) > 0"),
        *("name = ' padded '", "amount > '5'", "account = '7'", "amount >", "'", "true", "user = 1", "due < ADDDAYS(TODAY(), 7)", "created_at > '2026-01-01'"),
        " or ".join(["urgent"] * 51),
    ],
)
def test_what_rows_cannot_show_is_left_to_the_hand(source: str) -> None:
    assert read_rows(source, find) is None


@pytest.mark.parametrize(
    "row",
    [row("", ""), row("stage", ""), row("stage", "is"), row("stage", "is", " "), row("nobody", "is", "1"), row("stage", "more", "1"), row("stage", "one_of")],
)
def test_rows_not_filled_in_yet_are_left_out(row: FilterRow) -> None:
    assert write_rows(FilterRows((row, FilterRow("urgent", "yes")), True), find) == "urgent = true"


@pytest.mark.parametrize(("value", "literal"), [("abc", '"abc"'), ("1,5", '"1,5"'), ("1e5", '"1e5"'), ("٣", '"٣"'), (" 7 ", "7")])
def test_a_value_that_does_not_fit_stays_as_typed_for_the_checker_to_name(value: str, literal: str) -> None:
    source = write_rows(FilterRows((row("amount", "more", value),)), find)
    assert source == f"amount > {literal}"
    assert read_rows(source, find) == FilterRows((row("amount", "more", value.strip()),))


def test_a_row_is_taken_away() -> None:
    rows = FilterRows((row("urgent", "yes"), row("owner", "mine"), row("stage", "blank")), True)
    assert write_rows(rows.without(1), find) == "urgent = true or ISBLANK(stage)"


@pytest.mark.parametrize("family", FAMILIES)
def test_templates_are_written_as_the_printer_writes(family: str) -> None:
    operators = FAMILIES[family]
    ways = [way.replace("{x}", "x").replace("{v}", "1") for operator in operators for way in (operator.template, *operator.also)]
    assert [source_of(parse(way)) for way in ways] == ways
    assert len(set(ways)) == len(ways) and len({operator.name for operator in operators}) == len(operators)


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=20).map(str.strip).filter(bool)
VALUES = {
    "number": st.decimals(-(10**12), 10**12, allow_nan=False, places=2).map(lambda value: format(value, "f")),
    "date": st.dates().map(str),
    "time": st.times().map(lambda value: value.strftime("%H:%M")),
    "record": st.integers(1, 10**17).map(str),
}


@st.composite
def any_row(draw: st.DrawFn) -> FilterRow:
    family = draw(st.sampled_from(sorted(FAMILIES)))
    operator = draw(st.sampled_from(FAMILIES[family]))
    one = VALUES.get(operator.takes.removesuffix("s"), TEXTS)
    values = draw(st.lists(one, min_size=1, max_size=4)) if operator.takes in MANY else [draw(one)] if operator.takes else []
    return FilterRow(BY_FAMILY[family], operator.name, tuple(values))


@given(st.lists(any_row(), min_size=1, max_size=5), st.booleans())
def test_whatever_rows_say_comes_back(rows: list[FilterRow], any_of: bool) -> None:
    said = FilterRows(
        tuple(FilterRow(row.field, row.operator, tuple(unicodedata.normalize("NFC", value).strip() for value in row.values)) for row in rows),
        any_of and len(rows) > 1,
    )
    source = write_rows(said, find)
    assert read_rows(source, find) == said and source_of(parse(source)) == source
