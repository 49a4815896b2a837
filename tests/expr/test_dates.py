"""Date functions: tables of answers, and Python against SQLite and PostgreSQL over random values."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from fieldsmith.db.engine import Database
from fieldsmith.db.types import BIG, DATE, DATETIME, TIME
from fieldsmith.expr.function import Misused
from fieldsmith.expr.nodes import Apply, Node
from fieldsmith.expr.types import DATE as DATE_TYPE
from fieldsmith.expr.types import INTEGER
from fieldsmith.expr.vocabulary import Calendar
from tests.databases import prepare_database
from tests.expr.date_nodes import FIELDS, TABLE, Clock, TableColumns, apply, blank, literal

UNITS = ("day", "week", "month", "quarter", "year", "fiscal_quarter", "fiscal_year")
D = date.fromisoformat
HUGE = (2**63 - 1, -(2**63))


def start(day: date, unit: str) -> Apply:
    return apply("STARTOF", day, unit)


def end(day: date, unit: str) -> Apply:
    return apply("ENDOF", day, unit)


CASES: tuple[tuple[Apply, Any], ...] = (
    (apply("DATE", 2024, 2, 29), D("2024-02-29")),
    (apply("DATE", 2023, 2, 29), None),
    (apply("DATE", 0, 1, 1), None),
    (apply("DATE", 10000, 1, 1), None),
    (apply("DATE", 2023, 13, 1), None),
    (apply("DATE", 10**30, 1, 1), None),
    (apply("+", D("9999-12-31"), 1), None),
    (apply("+", D("9999-12-30"), 1), D("9999-12-31")),
    (apply("+", 30, D("2026-11-22")), D("2026-12-22")),
    (apply("-", D("0001-01-01"), 1), None),
    (apply("-", D("0001-01-02"), 1), D("0001-01-01")),
    (apply("-", D("2026-11-22"), -(2**63)), None),
    (apply("-", D("2026-11-22"), D("2026-12-25")), -33),
    (apply("-", D("9999-12-31"), D("0001-01-01")), 3652058),
    (apply("ADDDAYS", D("2024-02-28"), 1), D("2024-02-29")),
    (apply("ADDMONTHS", D("2026-01-31"), 1), D("2026-02-28")),
    (apply("ADDMONTHS", D("2024-01-31"), 1), D("2024-02-29")),
    (apply("ADDMONTHS", D("2024-02-29"), 12), D("2025-02-28")),
    (apply("ADDMONTHS", D("2026-03-31"), -1), D("2026-02-28")),
    (apply("ADDMONTHS", D("9999-12-31"), 0), D("9999-12-31")),
    (apply("ADDMONTHS", D("9999-11-30"), 1), D("9999-12-30")),
    (apply("ADDMONTHS", D("9999-12-01"), 1), None),
    (apply("ADDMONTHS", D("0001-01-31"), -1), None),
    (apply("ADDMONTHS", D("0001-03-31"), -1), D("0001-02-28")),
    (apply("MONTHSBETWEEN", D("2026-01-31"), D("2026-02-28")), 1),
    (apply("MONTHSBETWEEN", D("2026-01-31"), D("2026-02-27")), 0),
    (apply("MONTHSBETWEEN", D("2026-02-28"), D("2026-01-31")), -1),
    (apply("MONTHSBETWEEN", D("2026-03-15"), D("2026-03-15")), 0),
    (apply("MONTHSBETWEEN", D("0001-01-01"), D("9999-12-31")), 119987),
    (apply("DAYSBETWEEN", D("2026-03-01"), D("2024-02-29")), -731),
    (apply("YEAR", D("0001-01-01")), 1),
    (apply("QUARTER", D("2026-06-30")), 2),
    (apply("WEEKDAY", D("2026-11-22")), 7),
    (apply("WEEKDAY", D("2026-11-23")), 1),
    (apply("HOUR", time(23, 59, 59, 999999)), 23),
    (apply("MINUTE", time(23, 59, 59, 999999)), 59),
    (apply("ADDMINUTES", datetime(2026, 12, 31, 23, 59, 59, 999999), 1), datetime(2027, 1, 1, 0, 0, 59, 999999)),
    (apply("ADDMINUTES", datetime(9999, 12, 31, 23, 59), 1), None),
    (apply("ADDMINUTES", datetime(1, 1, 1), -1), None),
    (apply("MINUTESBETWEEN", datetime(2026, 1, 1), datetime(2026, 1, 1, 0, 0, 59, 999999)), 0),
    (apply("MINUTESBETWEEN", datetime(2026, 1, 1, 0, 1, 59), datetime(2026, 1, 1)), -1),
    (apply("MINUTESBETWEEN", datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59, 999999)), 5258964959),
    (start(D("2026-11-22"), "week"), D("2026-11-16")),
    (start(D("0001-01-01"), "week"), D("0001-01-01")),
    (end(D("9999-12-31"), "week"), None),
    (end(D("2026-11-22"), "week"), D("2026-11-22")),
    (end(D("2024-02-10"), "month"), D("2024-02-29")),
    (end(D("9999-12-05"), "month"), D("9999-12-31")),
    (end(D("9999-10-05"), "quarter"), D("9999-12-31")),
    (end(D("9999-01-05"), "year"), D("9999-12-31")),
    (start(D("2026-11-22"), "fiscal_year"), D("2026-04-01")),
    (start(D("2026-03-31"), "fiscal_year"), D("2025-04-01")),
    (end(D("2026-11-22"), "fiscal_year"), D("2027-03-31")),
    (start(D("0001-03-31"), "fiscal_year"), None),
    (end(D("0001-03-31"), "fiscal_year"), D("0001-03-31")),
    (end(D("9999-04-01"), "fiscal_year"), None),
    (start(D("2026-05-31"), "fiscal_quarter"), D("2026-04-01")),
    (apply("TODAY"), D("2026-11-22")),
    (apply("NOW"), datetime(2026, 11, 22, 9, 30)),
    (apply("WORKDAYSBETWEEN", D("2026-11-20"), D("2026-11-23")), 1),
    (apply("WORKDAYSBETWEEN", D("2026-11-23"), D("2026-11-20")), -1),
    (apply("WORKDAYSBETWEEN", D("2026-12-24"), D("2026-12-28")), 1),
    (apply("WORKDAYSBETWEEN", D("2026-11-22"), D("2026-11-22")), 0),
    (apply("WORKDAYSBETWEEN", D("0001-01-01"), D("9999-12-31")), 2608612),
)
OFFICE = Calendar(4, (1, 2, 3, 4, 5), frozenset({"2026-12-25", "2026-12-26", "2027-01-01"}))


@pytest.mark.parametrize(("node", "expected"), CASES, ids=str)
def test_a_date_function_answers_in_python(node: Apply, expected: Any) -> None:
    assert Clock(calendar=OFFICE).python([node]) == [expected]


def test_date_functions_answer_in_sql_as_in_the_table(database: Database) -> None:
    found = Clock(calendar=OFFICE).sql(database, [node for node, _ in CASES])
    assert found == [expected for _, expected in CASES]


def every(days: tuple[Any, ...] = ("d", "e"), numbers: tuple[Any, ...] = ("n", "m", "k")) -> list[Apply]:
    """Every function over dates that needs no zone."""
    (a, b), (n, m, k) = days, numbers
    return [
        *(apply(name, a) for name in ("YEAR", "QUARTER", "MONTH", "DAY", "WEEKDAY")),
        *(apply(name, a, unit) for name in ("STARTOF", "ENDOF") for unit in UNITS),
        *(apply(name, a, n) for name in ("+", "-", "ADDDAYS", "ADDMONTHS")),
        apply("+", n, a),
        *(apply(name, a, b) for name in ("-", "DAYSBETWEEN", "MONTHSBETWEEN", "WORKDAYSBETWEEN")),
        apply("DATE", n, m, k),
    ]


STAMPS = (
    apply("ADDMINUTES", "t", "n"),
    apply("MINUTESBETWEEN", "t", "u"),
    apply("MINUTESBETWEEN", apply("ADDMINUTES", apply("ADDMINUTES", "t", "n"), "m"), "u"),
    apply("HOUR", "clock"),
    apply("MINUTE", "clock"),
    apply("TODAY"),
    apply("NOW"),
)
MOVED = apply("ADDMONTHS", apply("+", apply("ADDMONTHS", apply("+", "d", "n"), "m"), "k"), "n")
NESTED = (
    *(apply(name, MOVED, unit) for name in ("STARTOF", "ENDOF") for unit in ("week", "quarter", "fiscal_quarter", "fiscal_year")),
    *(apply(name, MOVED, "e") for name in ("-", "MONTHSBETWEEN", "WORKDAYSBETWEEN")),
    apply("ADDMONTHS", apply("ENDOF", apply("STARTOF", apply("+", "d", "n"), "quarter"), "month"), "m"),
    apply("DATE", apply("YEAR", apply("DATE", apply("YEAR", apply("DATE", "n", "m", "k")), "m", "k")), apply("MONTH", "e"), apply("DAY", "d")),
    apply("MONTHSBETWEEN", apply("+", "d", apply("MONTHSBETWEEN", apply("+", "d", apply("MONTHSBETWEEN", "d", "e")), "e")), "e"),
    apply("WORKDAYSBETWEEN", apply("+", "d", apply("WORKDAYSBETWEEN", apply("+", "d", apply("WORKDAYSBETWEEN", "d", "e")), "e")), "e"),
)

ODD_DAYS = (date.min, date.max, D("9999-12-01"), D("0001-02-28"), D("1900-02-28"))
DAYS = st.one_of(st.dates(), st.dates(date(2023, 12, 1), date(2028, 3, 1)), st.sampled_from(ODD_DAYS))
INSTANTS = st.one_of(st.datetimes(), st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)), st.sampled_from([datetime.min, datetime.max]))
NUMBERS = st.one_of(
    st.integers(-40, 40),
    st.integers(1, 12),
    st.integers(-4_000_000, 4_000_000),
    st.integers(-(2**63), 2**63 - 1),
    st.sampled_from([*HUGE, 0, 9999, 10000, 2024]),
)
CALENDARS = st.builds(
    Calendar,
    st.integers(1, 12),
    st.sets(st.integers(1, 7)).map(lambda days: tuple(sorted(days))),
    st.frozensets(st.dates(date(2024, 1, 1), date(2028, 1, 1)).map(date.isoformat), max_size=30),
)


def rows(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({name: st.none() | values for name, values in fields.items()})


ROWS = rows(d=DAYS, e=DAYS, t=INSTANTS, u=INSTANTS, n=NUMBERS, m=NUMBERS, k=NUMBERS, clock=st.times())


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=ROWS, calendar=CALENDARS)
@example(values=dict.fromkeys(FIELDS), calendar=OFFICE)
def test_sql_answers_as_python_does(database: Database, values: dict[str, Any], calendar: Calendar) -> None:
    nodes = [*every(), *STAMPS]
    clock = Clock(calendar=calendar)
    names = [shown(node) for node in nodes]
    assert list(zip(names, clock.sql(database, nodes, values), strict=True)) == list(zip(names, clock.python(nodes, values), strict=True))


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=ROWS, calendar=CALENDARS)
def test_sql_answers_as_python_does_for_functions_of_functions(database: Database, values: dict[str, Any], calendar: Calendar) -> None:
    clock = Clock(calendar=calendar)
    assert clock.sql(database, NESTED, values) == clock.python(NESTED, values)


@settings(max_examples=50, deadline=None)
@given(a=DAYS, b=DAYS, c=DAYS, calendar=CALENDARS)
def test_workdays_are_the_days_counted_one_by_one(a: date, b: date, c: date, calendar: Calendar) -> None:
    clock = Clock(calendar=calendar)
    near = date.fromordinal(min(max(a.toordinal() + c.toordinal() % 800, 1), date.max.toordinal()))
    days = [date.fromordinal(number) for number in range(a.toordinal() + 1, near.toordinal() + 1)]
    expected = sum(day.isoweekday() in calendar.workdays and day.isoformat() not in calendar.holidays for day in days)
    assert clock.python([apply("WORKDAYSBETWEEN", a, near), apply("WORKDAYSBETWEEN", near, a)]) == [expected, -expected]
    first, second, both = clock.python([apply("WORKDAYSBETWEEN", a, b), apply("WORKDAYSBETWEEN", b, c), apply("WORKDAYSBETWEEN", a, c)])
    assert first + second == both


@settings(max_examples=200, deadline=None)
@given(a=DAYS, b=DAYS)
def test_months_between_is_the_most_months_that_do_not_pass(a: date, b: date) -> None:
    a, b = min(a, b), max(a, b)
    [months, back] = Clock().python([apply("MONTHSBETWEEN", a, b), apply("MONTHSBETWEEN", b, a)])
    [reached, beyond] = Clock().python([apply("ADDMONTHS", a, months), apply("ADDMONTHS", a, months + 1)])
    assert (reached <= b, beyond is None or beyond > b, back) == (True, True, -months)


BLANK_DAY, BLANK_NUMBER = blank(DATE_TYPE), blank(INTEGER)


@pytest.mark.parametrize("node", [apply("YEAR", BLANK_DAY), apply("+", BLANK_DAY, BLANK_NUMBER), apply("ADDMONTHS", "d", BLANK_NUMBER)], ids=str)
def test_a_written_blank_gives_blank(database: Database, node: Apply) -> None:
    assert Clock().sql(database, [node], {"d": D("2026-11-22")}) == [None]


def test_a_date_written_in_numbers_is_one_bound_value(database: Database) -> None:
    compiler = Clock().compiler(database.dialect, TableColumns(table()))
    assert isinstance(compiler.value(apply("DATE", 2026, 11, 22)), sa.BindParameter)


def test_deep_nesting_does_not_multiply_sql(database: Database) -> None:
    node: Node = apply("MONTHSBETWEEN", "d", "e")
    for _ in range(6):
        node = apply("MONTHSBETWEEN", apply("ADDMONTHS", apply("STARTOF", "d", "quarter"), node), apply("ENDOF", "e", "quarter"))
    values = {"d": D("2020-02-29"), "e": D("2026-11-22")}
    assert Clock().sql(database, [node], values) == Clock().python([node], values)


GENERATED = (
    *(node for node in every() if node.function not in ("MONTHSBETWEEN", "WORKDAYSBETWEEN")),
    apply("ADDMINUTES", "t", "n"),
    apply("MINUTESBETWEEN", "t", "u"),
    apply("HOUR", "clock"),
    apply("STARTOF", apply("+", "d", 30), "quarter"),
)


def test_a_long_chain_compiles_at_once() -> None:
    node: Node = apply("ADDDAYS", "d", "n")
    for _ in range(55):
        node = apply("ADDDAYS", node, 1)
    for dialect in ("sqlite", "postgresql"):
        assert Clock().compiler(dialect, TableColumns(table())).value(node) is not None


def test_plain_date_formulas_can_be_generated_columns(database: Database) -> None:
    plain = table()
    calendar = Calendar(3)
    compiler = Clock(calendar=calendar).compiler(database.dialect, TableColumns(plain))
    types: dict[Any, Any] = {INTEGER: BIG, DATE_TYPE: DATE}
    formulas: list[sa.Column[Any]] = [
        sa.Column(f"c{number}", types.get(node.type, DATETIME), computed(database, compiler.value(node))) for number, node in enumerate(GENERATED)
    ]
    made = sa.Table("made", sa.MetaData(), *(column._copy() for column in plain.c), *formulas)
    values = {"d": D("2026-01-31"), "e": D("2024-02-29"), "t": datetime(2026, 1, 1, 1), "u": datetime(2025, 1, 1), "n": 5, "m": 2, "k": 3, "clock": time(9, 5)}
    with database.write() as connection:
        made.create(connection)
        connection.execute(made.insert().values(values))
        connection.execute(made.insert().values(dict.fromkeys(values)))
        found = list(connection.execute(sa.select(*formulas).order_by(made.c.d.is_(None))).first() or ())
    assert compiler.registered == set()
    assert found == Clock(calendar=calendar).python(GENERATED, values)


def test_in_postgresql_counting_months_and_workdays_can_be_generated_too(postgresql_templates: Any, tmp_path: Any) -> None:
    compiler = Clock(calendar=OFFICE).compiler("postgresql", TableColumns(table()))
    formulas = [compiler.value(apply(name, "d", "e")) for name in ("MONTHSBETWEEN", "WORKDAYSBETWEEN")]
    with postgresql_templates.fresh("bare", prepare_database, tmp_path) as url:
        database = Database(url)
        columns: list[sa.Column[Any]] = [sa.Column(f"c{number}", BIG, computed(database, formula)) for number, formula in enumerate(formulas)]
        with database.write() as connection:
            made = sa.Table("made", sa.MetaData(), sa.Column("d", DATE), sa.Column("e", DATE), *columns)
            made.create(connection)
            connection.execute(made.insert().values(d=D("2026-11-30"), e=D("2026-12-31")))
            assert connection.execute(sa.select(*columns)).one() == (1, 22)
        database.dispose()


@pytest.mark.parametrize(("unit", "hint"), [("mounth", "Did you mean “month”?"), ("zzz", "None"), ("", "None")])
def test_an_unknown_unit_is_a_problem(unit: str, hint: str) -> None:
    check = TABLE["STARTOF"].check
    assert check is not None
    with pytest.raises(Misused) as caught:
        check([literal(D("2026-11-22")), literal(unit)])
    assert (caught.value.code, caught.value.argument, str(caught.value.hint)) == ("unknown_unit", 1, hint)


@pytest.mark.parametrize(
    ("node", "needs"),
    [
        (apply("YEAR", "d"), set()),
        (apply("YEAR", "t"), {"zone"}),
        (apply("STARTOF", "d", "month"), set()),
        (apply("STARTOF", "t", "month"), {"zone"}),
        (apply("HOUR", "clock"), set()),
        (apply("DAYSBETWEEN", "t", "u"), {"zone"}),
        (apply("MINUTESBETWEEN", "t", "u"), set()),
        (apply("ADDMINUTES", "t", "n"), set()),
        (apply("TODAY"), {"now", "zone"}),
        (apply("NOW"), {"now"}),
        (apply("DATETIME", 2026, 1, 1, 0, 0), {"zone"}),
    ],
    ids=lambda given: f"{given.function} of {len(given.arguments)}" if isinstance(given, Apply) else " ".join(sorted(given)) or "nothing",
)
def test_only_datetimes_need_the_zone(node: Apply, needs: set[str]) -> None:
    assert TABLE[node.function].needed(node) == needs


def shown(node: Node) -> str:
    if isinstance(node, Apply):
        return f"{node.function}({', '.join(map(shown, node.arguments))})"
    return str(getattr(node, "value", None) or getattr(node, "path", None))


def table() -> sa.Table:
    types: dict[str, Any] = {"d": DATE, "e": DATE, "t": DATETIME, "u": DATETIME, "n": BIG, "m": BIG, "k": BIG, "clock": TIME}
    return sa.Table("made", sa.MetaData(), *(sa.Column(name, type_) for name, type_ in types.items()))


def computed(database: Database, formula: sa.ColumnElement[Any]) -> sa.Computed:
    return sa.Computed(formula, persisted=database.dialect == "postgresql")
