"""The text functions give one answer on Python, SQLite and PostgreSQL."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any

import pytest
import sqlalchemy as sa

from fieldsmith.db.engine import Database
from fieldsmith.expr import text_values
from fieldsmith.expr.nodes import Apply, Constant, FieldRef
from fieldsmith.expr.sql_text import SUBQUERY
from fieldsmith.expr.text_bounds import longest, unguarded
from fieldsmith.expr.text_values import MAX_TEXT, WHITE_SPACE
from fieldsmith.expr.to_sql import SqlCompiler
from fieldsmith.expr.types import INTEGER
from tests.databases import prepare_database
from tests.expr.by_hand import CALENDAR, FORMS, FUNCTIONS, HERE, STAGE, OneRow, Scaled, Stages, by_python, by_sql, call, install

HUGE = 10**30
NO_COUNT = Constant(None, INTEGER, HERE)
STAGE_WON = Constant("won", STAGE, HERE)

CASES: list[tuple[str, tuple[Any, ...], Any]] = [
    ("LEN", ("Zoë",), 3),
    ("LEN", ("👍🏽",), 2),
    ("LEN", ("e\u0301",), 2),
    ("LEN", (None,), 0),
    ("LEFT", ("Ada", 2), "Ad"),
    ("LEFT", ("👍🏽x", 1), "👍"),
    ("LEFT", ("Ada", 10), "Ada"),
    ("LEFT", ("Ada", HUGE), "Ada"),
    ("LEFT", ("Ada", 0), None),
    ("LEFT", ("Ada", -1), None),
    ("LEFT", ("Ada", -HUGE), None),
    ("LEFT", ("Ada", NO_COUNT), None),
    ("LEFT", (None, 2), None),
    ("RIGHT", ("Ada", 2), "da"),
    ("RIGHT", ("Ada", 3), "Ada"),
    ("RIGHT", ("Ada", 4), "Ada"),
    ("RIGHT", ("Ada", HUGE), "Ada"),
    ("RIGHT", ("Ada", 0), None),
    ("RIGHT", ("Ada", -1), None),
    ("RIGHT", ("Ada", -HUGE), None),
    ("RIGHT", ("Ada", NO_COUNT), None),
    ("RIGHT", (None, 2), None),
    ("MID", ("A-1007-X", 3, 4), "1007"),
    ("MID", ("Ada", 1, 1), "A"),
    ("MID", ("Ada", 3, 9), "a"),
    ("MID", ("Ada", 4, 1), None),
    ("MID", ("Ada", 2, HUGE), "da"),
    ("MID", ("Ada", HUGE, HUGE), None),
    ("MID", ("Ada", 0, 2), None),
    ("MID", ("Ada", -HUGE, HUGE), None),
    ("MID", ("Ada", 2, 0), None),
    ("MID", ("Ada", 2, -1), None),
    ("MID", ("Ada", NO_COUNT, 1), None),
    ("MID", ("Ada", 1, NO_COUNT), None),
    ("MID", (None, 1, 1), None),
    ("UPPER", ("straße ﬁ ŉ \u0390",), "STRASSE FI ʼN \u0399\u0308\u0301"),
    ("UPPER", ("ada",), "ADA"),
    ("UPPER", (None,), None),
    ("LOWER", ("İSTANBUL",), "i̇stanbul"),
    ("LOWER", ("ΟΔΟΣ ΣΑΣ.",), "οδος σας."),
    ("LOWER", ("ADA",), "ada"),
    ("LOWER", (None,), None),
    ("TRIM", ("  Ada \t\n  Lovelace  ",), "Ada Lovelace"),
    ("TRIM", (f"a{WHITE_SPACE}b{WHITE_SPACE}",), "a b"),
    ("TRIM", ("\u200ba\x1cb\u200b",), "\u200ba\x1cb\u200b"),
    ("TRIM", (WHITE_SPACE,), None),
    ("TRIM", (None,), None),
    ("CONTAINS", ("Müller GmbH", "MÜLLER"), True),
    ("CONTAINS", ("STRASSE", "straße"), True),
    ("CONTAINS", ("ΟΔΟΣ", "ος"), True),
    ("CONTAINS", ("100% sure", "0%"), True),
    ("CONTAINS", ("1000 sure", "0%"), False),
    ("CONTAINS", ("a\\b_c", "\\B_"), True),
    ("CONTAINS", ("Ada", "Adam"), False),
    ("CONTAINS", ("Ada", None), False),
    ("CONTAINS", (None, "a"), False),
    ("STARTSWITH", ("Straße", "STRASS"), True),
    ("STARTSWITH", ("Ada", "da"), False),
    ("STARTSWITH", ("Ada", "Adam"), False),
    ("STARTSWITH", ("Ada", None), False),
    ("STARTSWITH", (None, "a"), False),
    ("ENDSWITH", ("report.PDF", ".pdf"), True),
    ("ENDSWITH", ("👍🏽é", "🏽É"), True),
    ("ENDSWITH", ("a.pdf", "aa.pdf"), False),
    ("ENDSWITH", ("Ada", "ad"), False),
    ("ENDSWITH", ("Ada", None), False),
    ("ENDSWITH", (None, "a"), False),
    ("FIND", ("@", "ada@b@c"), 4),
    ("FIND", ("🏽", "x👍🏽"), 3),
    ("FIND", ("A", "ada"), 0),
    ("FIND", (None, "ada"), None),
    ("FIND", ("a", None), None),
    ("SUBSTITUTE", ("2026-11-22", "-", "/"), "2026/11/22"),
    ("SUBSTITUTE", ("aaa", "aa", "b"), "ba"),
    ("SUBSTITUTE", ("Ada", "a", "XYZ"), "AdXYZ"),
    ("SUBSTITUTE", ("Ada", "A", None), "da"),
    ("SUBSTITUTE", ("aa", "a", None), None),
    ("SUBSTITUTE", ("Ada", None, "x"), None),
    ("SUBSTITUTE", (None, "a", "x"), None),
    ("SUBSTITUTE", (None, "a", None), None),
    ("INITIALS", ("Ada Lovelace",), "AL"),
    ("INITIALS", ("  ada\u3000de  la\tßx ",), "ADLSS"),
    ("INITIALS", (" \u2003 ",), None),
    ("INITIALS", ("\\1 \\2",), "\\\\"),
    ("INITIALS", (None,), None),
    ("TEXT", (12,), "12"),
    ("TEXT", (-HUGE,), "-1" + "0" * 30),
    ("TEXT", (0,), "0"),
    ("TEXT", (Scaled(1250, 2),), "12.5"),
    ("TEXT", (Scaled(-5, 2),), "-0.05"),
    ("TEXT", (Scaled(-1200, 2),), "-12"),
    ("TEXT", (Scaled(0, 2),), "0"),
    ("TEXT", (Scaled(100000, 2),), "1000"),
    ("TEXT", (True,), "true"),
    ("TEXT", (False,), "false"),
    ("TEXT", (date(2026, 11, 22),), "2026-11-22"),
    ("TEXT", (date(9, 1, 2),), "0009-01-02"),
    ("TEXT", (datetime(2026, 11, 22, 9, 5),), "2026-11-22 09:05:00"),
    ("TEXT", (datetime(999, 11, 22, 23, 59, 59, 999_999),), "0999-11-22 23:59:59.999999"),
    ("TEXT", (time(9, 5, 1),), "09:05:01"),
    ("TEXT", (time(0, 0, 0, 10),), "00:00:00.000010"),
    ("TEXT", (STAGE_WON,), "won"),
    ("TEXT", ("Ada",), "Ada"),
    ("TEXT", (None,), None),
    ("VALUE", ("12.5",), 12_50000000),
    ("VALUE", ("+7",), 7_00000000),
    ("VALUE", ("-0.123456785",), -12345679),
    ("VALUE", ("0.0000000049999",), 0),
    ("VALUE", ("-0",), 0),
    ("VALUE", ("0" * 200 + "1",), 1_00000000),
    ("VALUE", ("9" * 30 + ".99999999",), 10**38 - 1),
    ("VALUE", ("-" + "9" * 30 + ".999999995",), None),
    ("VALUE", ("9" * 31,), None),
    ("VALUE", ("1." + "3" * 1000,), 1_33333333),
    ("VALUE", ("123456789012345678901",), 123456789012345678901_00000000),
    ("VALUE", ("abc",), None),
    ("VALUE", (" 1",), None),
    ("VALUE", ("1\n",), None),
    ("VALUE", ("1.",), None),
    ("VALUE", (".5",), None),
    ("VALUE", ("1e5",), None),
    ("VALUE", ("1,000",), None),
    ("VALUE", ("٣",), None),
    ("VALUE", ("NaN",), None),
    ("VALUE", ("--1",), None),
    ("VALUE", (None,), None),
]


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def connection(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[sa.Connection]:
    templates = request.getfixturevalue(f"{request.param}_templates")
    with templates.fresh("bare", prepare_database, tmp_path_factory.mktemp("text")) as url:
        database = Database(url)
        with database.write() as opened:
            install(opened)
            yield opened
        database.dispose()


@pytest.mark.parametrize(("function", "values", "expected"), CASES)
def test_answer_in_python(function: str, values: tuple[Any, ...], expected: Any) -> None:
    assert [by_python(call(function, *values, form=form), *values) for form in FORMS] == [expected] * 3


@pytest.mark.parametrize(("function", "values", "expected"), CASES)
def test_answer_in_sql(connection: sa.Connection, function: str, values: tuple[Any, ...], expected: Any) -> None:
    assert [by_sql(connection, call(function, *values, form=form), *values) for form in FORMS] == [expected] * 3


@pytest.mark.parametrize(("function", "values", "expected"), [case for case in CASES if case[0] in ("UPPER", "LOWER", "SUBSTITUTE", "INITIALS")])
def test_the_bounds_of_short_fields_change_no_answer(connection: sa.Connection, function: str, values: tuple[Any, ...], expected: Any) -> None:
    assert [by_sql(connection, call(function, *values, form=form, longest=255), *values) for form in FORMS] == [expected] * 3


@pytest.mark.postgresql
@pytest.mark.parametrize("around", ["{}", "ΑΣ{}Β", "{}Σ"])
def test_case_of_every_code_point_is_the_same_in_postgresql(connection: sa.Connection, around: str) -> None:
    if connection.dialect.name == "sqlite":
        return  # calls the Python functions
    texts = [around.format(chr(code)) for code in range(1, 0x110000) if unicodedata.category(chr(code)) not in ("Cn", "Cs")]
    asked = sa.text('SELECT u, upper(u COLLATE "und-x-icu"), lower(u COLLATE "und-x-icu") FROM unnest(CAST(:texts AS text[])) AS t(u)')
    rows = connection.execute(asked, {"texts": texts}).all()
    assert [row for row in rows if row[1:] != (row[0].upper(), row[0].lower())] == []


def tenfold(times: int) -> Apply:
    node = call("SUBSTITUTE", "a", "a", "a" * 10)
    for _ in range(times - 1):
        node = call("SUBSTITUTE", node, "a", "a" * 10)
    return node


@pytest.mark.parametrize(("times", "length"), [(5, 10**5), (6, 10**6), (7, 0), (20, 0)])
def test_a_text_that_keeps_growing_is_blank_beyond_the_limit(connection: sa.Connection, times: int, length: int) -> None:
    node = call("LEN", tenfold(times))
    assert (by_python(node), by_sql(connection, node)) == (length, length)


def test_a_huge_replacement_is_not_even_tried(connection: sa.Connection) -> None:
    values = "a" * 900_000, "a", "b" * 900_000
    node = call("SUBSTITUTE", *values, form="columns")
    assert (by_python(node, *values), by_sql(connection, node, *values)) == (None, None)


@pytest.mark.parametrize(("count", "length"), [(1_000_000 - 3, 1_000_000), (1_000_000 - 2, 0)])
def test_joined_text_is_blank_beyond_the_limit_as_a_whole(connection: sa.Connection, count: int, length: int) -> None:
    values = "a" * count, "bc"
    joined = call("&", call("&", *values, form="columns"), "d")
    node = call("LEN", joined)
    assert (by_python(node, *values), by_sql(connection, node, *values)) == (length, length)


def test_capitals_that_pass_the_limit_are_blank(connection: sa.Connection) -> None:
    node = call("UPPER", "ß" * 600_000, form="columns")
    assert (by_python(node, "ß" * 600_000), by_sql(connection, node, "ß" * 600_000)) == (None, None)


def test_sixty_nested_calls_stay_one_line_each(connection: sa.Connection) -> None:
    """No form repeats its operand: the statement of nested calls grows with their number, not with a power of it."""
    node = call("UPPER", "ada ß", form="columns", longest=255)
    for name in ("LOWER", "UPPER", "TRIM", "INITIALS") * 4:
        node = call(name, node)
    node = call("MID", node, call("LEN", node), call("LEN", call("RIGHT", node, call("LEN", node))))
    compiler = SqlCompiler(FUNCTIONS, Stages(), CALENDAR, "postgresql", OneRow(["ada ß"], "postgresql"))
    assert len(str(compiler.value(node))) < 20_000
    assert by_sql(connection, node, "ada ß") == by_python(node, "ada ß") == "A"


GENERATED = [
    (call("UPPER", "a", form="columns", longest=100), "TEXT"),
    (call("TRIM", "a", form="columns"), "TEXT"),
    (call("INITIALS", "a", form="columns", longest=100), "TEXT"),
    (call("CONTAINS", call("TEXT", "a", form="columns").arguments[0], "%x'"), "BOOLEAN"),
    (call("ENDSWITH", "a", "b", form="columns"), "BOOLEAN"),
    (call("VALUE", "1", form="columns"), "NUMERIC"),
    (call("MID", "a", 1, 2, form="columns"), "TEXT"),
    (call("SUBSTITUTE", "a", "b", "c", form="columns", longest=100), "TEXT"),
    (call("TEXT", Scaled(1, 2), form="columns"), "TEXT"),
    (call("TEXT", date(2026, 1, 1), form="columns"), "TEXT"),
    (call("TEXT", datetime(2026, 1, 1), form="columns"), "TEXT"),
    (call("TEXT", time(1), form="columns"), "TEXT"),
]
STORED_AS = {"text": 'TEXT COLLATE "C"', "integer": "BIGINT", "decimal": "NUMERIC(18, 2)", "date": "DATE", "datetime": "TIMESTAMP", "time": "TIME"}


@pytest.mark.postgresql
@pytest.mark.parametrize(("node", "type_"), GENERATED)
def test_postgresql_takes_the_functions_of_columns_in_generated_columns(connection: sa.Connection, node: Apply, type_: str) -> None:
    """All immutable, without a subquery, and right when values are written out instead of bound."""
    if connection.dialect.name == "sqlite":
        return  # what it generates is settled by `SqlCompiler.registered`
    fields = {each.symbol.field: STORED_AS[each.type.kind.value] for each in node.arguments if isinstance(each, FieldRef)}
    compiler = SqlCompiler(FUNCTIONS, Stages(), CALENDAR, "postgresql", Bare())
    written = compiler.value(node).compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True})
    columns = ", ".join(f"{name} {stored}" for name, stored in fields.items())
    with connection.begin_nested() as undone:
        connection.exec_driver_sql(f"CREATE TEMPORARY TABLE generated ({columns}, answer {type_} GENERATED ALWAYS AS ({written}) STORED)")
        undone.rollback()
    assert compiler.registered == set()


class Bare(OneRow):
    def __init__(self) -> None:
        """No row: names alone."""

    def element(self, ref: FieldRef) -> sa.ColumnElement[Any]:
        return sa.column(ref.symbol.field)


@pytest.mark.parametrize(("most", "guarded"), [(255, False), (1_000_000, True)])
def test_short_fields_need_no_guard(most: int, guarded: bool) -> None:
    compiler = SqlCompiler(FUNCTIONS, Stages(), CALENDAR, "postgresql", OneRow(["a"], "postgresql"))
    compiler.value(call("UPPER", "a", form="columns", longest=most))
    assert (SUBQUERY in compiler.registered) == guarded


@pytest.mark.parametrize(
    ("node", "most"),
    [
        (call("LEFT", "a", 3, form="constants"), 1),
        (call("LEFT", call("UPPER", "a", form="columns", longest=200), 30), 30),
        (call("UPPER", "a", form="columns", longest=200), 600),
        (call("SUBSTITUTE", call("UPPER", "a", form="columns", longest=200), "--", "abc"), 900),
        (call("TEXT", Scaled(1, 2)), 64),
        (tenfold(7), 10**7),
    ],
)
def test_bounds(node: Apply, most: int) -> None:
    assert (unguarded(node), longest(node)) == (most, min(most, MAX_TEXT))


def test_white_space_is_what_unicode_calls_so() -> None:
    assert len(WHITE_SPACE) == 25
    assert all(char.isspace() for char in WHITE_SPACE)


def test_a_number_of_a_million_digits_is_read_at_once() -> None:
    assert text_values.value("0" * 500_000 + "1" + "x") is None
    assert text_values.value("0" * 500_000 + "1." + "5" * 500_000) == 1_55555556
