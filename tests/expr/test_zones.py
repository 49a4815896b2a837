"""Datetimes in the acting user's zone: odd clocks, and Python against SQLite and PostgreSQL over random zones."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from fieldsmith.db.engine import Database
from fieldsmith.expr.nodes import Apply
from fieldsmith.expr.to_sql import parameters
from fieldsmith.expr.vocabulary import Calendar
from fieldsmith.expr.zones import known_zone, to_local, to_utc
from tests.expr.date_nodes import FIELDS, Clock, apply

UNITS = ("day", "week", "month", "quarter", "year", "fiscal_quarter", "fiscal_year")
ZONES = (
    *("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia", "Africa/Casablanca", "Asia/Taipei"),
    *("America/St_Johns", "America/Havana", "Europe/Dublin", "Europe/Moscow", "Pacific/Kiritimati", "Antarctica/Troll", "Asia/Manila", "America/Juneau"),
    *("CET", "EST", "MET", "WET", "EET", "Etc/GMT+12", "Nowhere/Land", "../etc/passwd", ""),
)


@pytest.mark.parametrize(
    ("zone", "local", "utc"),
    [
        ("Europe/Berlin", datetime(2026, 3, 29, 2, 30), datetime(2026, 3, 29, 1, 30)),  # skipped: the offset before, +1
        ("Europe/Berlin", datetime(2026, 10, 25, 2, 30), datetime(2026, 10, 25, 1, 30)),  # twice: the later, +1
        ("America/New_York", datetime(2026, 11, 1, 1, 30), datetime(2026, 11, 1, 6, 30)),
        ("Australia/Lord_Howe", datetime(2026, 10, 4, 2, 15), datetime(2026, 10, 3, 15, 45)),  # half an hour is skipped
        ("Asia/Kathmandu", datetime(2026, 1, 1, 5, 45), datetime(2026, 1, 1)),
        ("Pacific/Apia", datetime(2011, 12, 30, 12), datetime(2011, 12, 30, 22)),  # a day that was not
        ("Europe/Berlin", datetime(1800, 1, 1, 0, 53, 28), datetime(1800, 1, 1)),  # local mean time
        ("Europe/Berlin", datetime(9998, 7, 1, 2), datetime(9998, 7, 1)),
        ("Nowhere/Land", datetime(2026, 1, 1), datetime(2026, 1, 1)),
    ],
)
def test_a_wall_time_means_one_instant(database: Database, zone: str, local: datetime, utc: datetime) -> None:
    node = apply("DATETIME", local.year, local.month, local.day, local.hour, local.minute, local.second)
    assert (to_utc(local, zone), Clock(zone).sql(database, [node])) == (utc, [utc])


CASES: tuple[tuple[str, Apply, Any], ...] = (
    ("Europe/Berlin", apply("DATEOF", datetime(2026, 11, 22, 23, 30)), date(2026, 11, 23)),
    ("America/New_York", apply("HOUR", datetime(2026, 3, 8, 7)), 3),
    ("Asia/Kathmandu", apply("MINUTE", datetime(2026, 3, 8)), 45),
    ("Europe/Berlin", apply("ADDDAYS", datetime(2026, 3, 28, 1, 30), 1), datetime(2026, 3, 29, 1, 30)),
    ("Europe/Berlin", apply("ADDDAYS", datetime(2026, 3, 28, 11), 1), datetime(2026, 3, 29, 10)),
    ("Europe/Berlin", apply("ADDMONTHS", datetime(2026, 1, 31, 11), 6), datetime(2026, 7, 31, 10)),
    ("Europe/Berlin", apply("ADDMINUTES", datetime(2026, 3, 29, 0, 30), 60), datetime(2026, 3, 29, 1, 30)),
    ("Europe/Berlin", apply("STARTOF", datetime(2026, 3, 29, 12), "day"), datetime(2026, 3, 28, 23)),
    ("Europe/Berlin", apply("ENDOF", datetime(2026, 3, 29, 12), "day"), datetime(2026, 3, 29, 21, 59, 59, 999999)),
    ("Europe/Berlin", apply("STARTOF", datetime(2026, 11, 22), "year"), datetime(2025, 12, 31, 23)),
    ("America/Havana", apply("STARTOF", datetime(2026, 3, 8, 12), "day"), datetime(2026, 3, 8, 5)),  # midnight is skipped
    ("Europe/Berlin", apply("YEAR", datetime(9999, 12, 31, 23, 30)), None),
    ("America/New_York", apply("YEAR", datetime(1, 1, 1)), None),
    ("America/New_York", apply("ADDDAYS", datetime(1, 1, 1), 5), None),
    ("Europe/Berlin", apply("ENDOF", datetime(9999, 12, 31, 12), "year"), datetime(9999, 12, 31, 22, 59, 59, 999999)),
    ("America/New_York", apply("ENDOF", datetime(9999, 12, 31, 12), "year"), None),
    ("Europe/Berlin", apply("DAYSBETWEEN", datetime(2026, 11, 22, 22, 30), datetime(2026, 11, 22, 23, 30)), 1),
    ("Europe/Berlin", apply("MONTHSBETWEEN", datetime(2026, 1, 31, 12), datetime(2026, 2, 28, 12)), 1),
    ("Europe/Berlin", apply("MONTHSBETWEEN", datetime(2026, 1, 31, 12), datetime(2026, 2, 28, 11, 59)), 0),
    ("Europe/Berlin", apply("MINUTESBETWEEN", datetime(2026, 3, 29), datetime(2026, 3, 29, 2)), 120),
    ("UTC", apply("DATETIME", 2026, 2, 29, 0, 0), None),
    ("UTC", apply("DATETIME", 2026, 2, 28, 24, 0), None),
    ("UTC", apply("DATETIME", 2026, 2, 28, 23, 60), None),
    ("UTC", apply("DATETIME", 2026, 2, 28, 23, 59, -1), None),
    ("Europe/Berlin", apply("DATETIME", 1, 1, 1, 0, 0), None),
    ("America/New_York", apply("DATETIME", 9999, 12, 31, 23, 0), None),
)


@pytest.mark.parametrize(("zone", "node", "expected"), CASES, ids=str)
def test_a_function_of_datetimes_uses_the_acting_zone(zone: str, node: Apply, expected: Any) -> None:
    assert Clock(zone).python([node]) == [expected]


def test_sql_uses_the_acting_zone_too(database: Database) -> None:
    assert [Clock(zone).sql(database, [node])[0] for zone, node, _ in CASES] == [expected for _, _, expected in CASES]


EVERY = (
    *(apply(name, "t") for name in ("YEAR", "QUARTER", "MONTH", "DAY", "WEEKDAY", "HOUR", "MINUTE", "DATEOF")),
    *(apply(name, "t", unit) for name in ("STARTOF", "ENDOF") for unit in UNITS),
    *(apply(name, "t", "n") for name in ("ADDDAYS", "ADDMONTHS")),
    *(apply(name, "t", "u") for name in ("DAYSBETWEEN", "MONTHSBETWEEN")),
    apply("DATETIME", apply("YEAR", "d"), apply("MONTH", "d"), "m", "k", "n", "k"),
    apply("DATETIME", apply("YEAR", "d"), apply("MONTH", "d"), apply("DAY", "d"), apply("HOUR", "clock"), apply("MINUTE", "clock")),
)
INSTANTS = st.one_of(
    st.datetimes(),
    st.datetimes(datetime(1880, 1, 1), datetime(2060, 1, 1)),
    st.datetimes(datetime(9999, 12, 30)),
    st.datetimes(max_value=datetime(1, 1, 3)),
    st.sampled_from([datetime(2026, 10, 25, 0, 30), datetime(2026, 10, 25, 1, 30), datetime(2026, 3, 29, 1), datetime(2011, 12, 30, 9, 59, 59, 999999)]),
)
NUMBERS = st.one_of(st.integers(-40, 70), st.integers(-4_000_000, 4_000_000), st.integers(-(2**63), 2**63 - 1))
VALUES = {"d": st.dates(), "t": INSTANTS, "u": INSTANTS, "n": NUMBERS, "m": NUMBERS, "k": NUMBERS, "clock": st.times()}


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(zone=st.sampled_from(ZONES), fiscal=st.integers(1, 12), values=st.fixed_dictionaries({name: st.none() | given for name, given in VALUES.items()}))
@example(zone="UTC", fiscal=1, values=dict.fromkeys(FIELDS))
def test_sql_answers_as_python_does_in_every_zone(database: Database, zone: str, fiscal: int, values: dict[str, Any]) -> None:
    clock = Clock(zone, Calendar(fiscal))
    assert clock.sql(database, EVERY, values) == clock.python(EVERY, values)


@settings(max_examples=300, deadline=None)
@given(zone=st.sampled_from(ZONES), instant=INSTANTS)
def test_an_instant_comes_back_unless_its_wall_time_occurs_twice(zone: str, instant: datetime) -> None:
    local = to_local(instant, zone)
    back = None if local is None else to_utc(local, zone)
    assert back is None or back == instant or (back > instant and to_local(back, zone) == local)


@pytest.mark.parametrize(("name", "known"), [("Europe/Berlin", "Europe/Berlin"), ("CET", "Europe/Brussels"), ("Nowhere/Land", "UTC"), ("/etc/passwd", "UTC")])
def test_a_zone_goes_to_databases_by_a_name_they_read_alike(name: str, known: str) -> None:
    assert (known_zone(name), parameters(Clock(name).moment, None, "postgresql")["fs_zone"]) == (known, known)
