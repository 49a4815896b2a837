"""Counting work days without walking through them: whole weeks, a table for the rest, a sorted list of holidays.

The work days between a and b are the days d with a < d ≤ b that are work days of the company and no holidays; negative, and
counted the other way, when b lies before a. So WORKDAYSBETWEEN(a, b) + WORKDAYSBETWEEN(b, c) = WORKDAYSBETWEEN(a, c).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from fieldsmith.expr.vocabulary import Calendar


def workdays_text(calendar: Calendar) -> str:
    """The work days in the form SQL carries them: `12345`."""
    return "".join(str(day) for day in sorted(set(calendar.workdays)))


def holidays_of(calendar: Calendar) -> list[date]:
    """The holidays that fall on a work day, in order."""
    days = sorted({date.fromisoformat(text) for text in calendar.holidays})
    return [day for day in days if day.isoweekday() in calendar.workdays]


def holidays_text(calendar: Calendar) -> str:
    """Those of `holidays_of` in the form SQL carries them, as one text."""
    return " ".join(day.isoformat() for day in holidays_of(calendar))


def week_table(workdays: Iterable[int]) -> tuple[int, ...]:
    """How many work days the first 1 … 7 days of a week (from Monday) hold."""
    days = set(workdays)
    return tuple(sum(day in days for day in range(1, last + 1)) for last in range(1, 8))


def workdays_between(a: date, b: date, workdays: str, holidays: str) -> int:
    """The work days d with a < d ≤ b; `workdays` and `holidays` in the form of the texts above."""
    table, free = _rules(workdays, holidays)
    return _until(b, table, free) - _until(a, table, free)


def _until(day: date, table: tuple[int, ...], free: tuple[date, ...]) -> int:
    """Work days from the first day of year 1, a Monday, up to and including `day`."""
    weeks, rest = divmod(day.toordinal() - 1, 7)
    return weeks * table[6] + table[rest] - bisect_right(free, day)


@lru_cache(maxsize=4)
def _rules(workdays: str, holidays: str) -> tuple[tuple[int, ...], tuple[date, ...]]:
    return week_table(map(int, workdays)), tuple(date.fromisoformat(text) for text in holidays.split())
