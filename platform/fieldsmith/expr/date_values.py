"""Date arithmetic on plain values, and the SQLite functions made of it. Nothing here raises; what cannot be is None.

`Wall` is a date or a local (wall) time; zones come in only where a function takes one. Units are those of STARTOF, months count
from 1, and `fiscal` is the month in which the fiscal year starts.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Mapping
from datetime import MAXYEAR, MINYEAR, date, datetime, time, timedelta
from functools import wraps
from types import MappingProxyType
from typing import Any, TypeVar

from fieldsmith.expr.workdays import workdays_between
from fieldsmith.expr.zones import to_local, to_utc

UNITS = ("day", "week", "month", "quarter", "year", "fiscal_quarter", "fiscal_year")
_MONTHS = {"month": 1, "quarter": 3, "year": 12, "fiscal_quarter": 3, "fiscal_year": 12}
_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)

Wall = TypeVar("Wall", bound=date)


def months_of(unit: str, fiscal: int) -> tuple[int, int]:
    """How many months `unit` has, and a month (1 … its length) in which one begins; only for units made of months."""
    months = _MONTHS[unit]
    return months, (fiscal - 1) % months + 1 if unit.startswith("fiscal_") else 1


def add_days(value: Wall, days: int) -> Wall | None:
    """The same time of day, `days` later."""
    try:
        return value + timedelta(days=days)
    except OverflowError:
        return None


def add_minutes(value: datetime, minutes: int) -> datetime | None:
    try:
        return value + timedelta(minutes=minutes)
    except OverflowError:
        return None


def add_months(value: Wall, months: int) -> Wall | None:
    """The same day of the month `months` later, or the last of a shorter month."""
    year, month = divmod(value.year * 12 + value.month - 1 + months, 12)
    if not MINYEAR <= year <= MAXYEAR:
        return None
    day = value.day
    if day > 28:
        day = min(day, monthrange(year, month + 1)[1])
    return value.replace(year=year, month=month + 1, day=day)


def days_between(a: date, b: date) -> int:
    """b − a in calendar days; of datetimes, between the days they lie in."""
    return b.toordinal() - a.toordinal()


def minutes_between(a: datetime, b: datetime) -> int:
    """Whole minutes from `a` to `b`, cut toward zero."""
    return (b - a) // _MINUTE if a <= b else -((a - b) // _MINUTE)


def months_between(a: date, b: date) -> int:
    """The largest n with add_months(a, n) ≤ b; mirrored when b lies before a. Both are of one kind."""
    if b < a:
        return -months_between(b, a)
    months = (b.year - a.year) * 12 + b.month - a.month
    reached = add_months(a, months)
    return months - 1 if reached is None or reached > b else months


def make_date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except (ValueError, OverflowError):
        return None


def make_wall(year: int, month: int, day: int, hour: int, minute: int, second: int = 0) -> datetime | None:
    try:
        return datetime(year, month, day, hour, minute, second)
    except (ValueError, OverflowError):
        return None


def start_of(value: Wall, unit: str, fiscal: int) -> Wall | None:
    """The first day, or the first instant, of the `unit` in which `value` lies."""
    first = _first_day(value, unit, fiscal)
    if first is None or not isinstance(value, datetime):
        return first  # type: ignore[return-value]
    return datetime.combine(first, time.min)  # type: ignore[return-value]


def end_of(value: Wall, unit: str, fiscal: int) -> Wall | None:
    """The last day, or the last microsecond, of the `unit` in which `value` lies."""
    last = _last_day(value, unit, fiscal)
    if last is None or not isinstance(value, datetime):
        return last  # type: ignore[return-value]
    return datetime.combine(last, time.max)  # type: ignore[return-value]


def quarter(value: date) -> int:
    return (value.month + 2) // 3


def _first_day(value: date, unit: str, fiscal: int) -> date | None:
    day = date(value.year, value.month, value.day)
    if unit == "day":
        return day
    if unit == "week":
        return day - _DAY * day.weekday()  # day one of year 1 is a Monday
    months, begin = months_of(unit, fiscal)
    return add_months(day.replace(day=1), -((day.month - begin) % months))


def _last_day(value: date, unit: str, fiscal: int) -> date | None:
    day = date(value.year, value.month, value.day)
    if unit == "day":
        return day
    if unit == "week":
        return add_days(day, 6 - day.weekday())
    months, begin = months_of(unit, fiscal)
    last = add_months(day.replace(day=1), months - 1 - (day.month - begin) % months)
    return None if last is None else last.replace(day=monthrange(last.year, last.month)[1])


# --- SQLite: ISO text in, ISO text out; a zone of "" says that the values are dates -----------------------------------------------


def _on_text(plain: Callable[..., Any]) -> Callable[..., Any]:
    """Blank in, blank out; and blank rather than an error for text that no date is."""

    @wraps(plain)
    def call(*arguments: Any) -> Any:
        if None in arguments:
            return None
        try:
            return _written(plain(*arguments))
        except (ValueError, OverflowError):
            return None

    return call


def _read(text: str) -> date:
    return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)


def _written(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(" ", "microseconds")
    return value.isoformat() if isinstance(value, date) else value


def _on_wall(text: str, zone: str, change: Callable[[Any], Any]) -> Any:
    """`change` on the wall time of an instant, back as an instant; or on a date."""
    if not zone:
        return change(_read(text))
    local = to_local(datetime.fromisoformat(text), zone)
    changed = None if local is None else change(local)
    return None if changed is None else to_utc(changed, zone)


@_on_text
def _fs_local(text: str, zone: str) -> Any:
    return to_local(datetime.fromisoformat(text), zone)


@_on_text
def _fs_add_days(text: str, days: Any, zone: str) -> Any:
    return _on_wall(text, zone, lambda value: add_days(value, int(days)))


@_on_text
def _fs_add_months(text: str, months: Any, zone: str) -> Any:
    return _on_wall(text, zone, lambda value: add_months(value, int(months)))


@_on_text
def _fs_add_minutes(text: str, minutes: Any) -> Any:
    return add_minutes(datetime.fromisoformat(text), int(minutes))


@_on_text
def _fs_start_of(text: str, unit: str, fiscal: int, zone: str) -> Any:
    return _on_wall(text, zone, lambda value: start_of(value, unit, fiscal))


@_on_text
def _fs_end_of(text: str, unit: str, fiscal: int, zone: str) -> Any:
    return _on_wall(text, zone, lambda value: end_of(value, unit, fiscal))


@_on_text
def _fs_months_between(a: str, b: str) -> Any:
    return months_between(_read(a), _read(b))


@_on_text
def _fs_minutes_between(a: str, b: str) -> Any:
    return minutes_between(datetime.fromisoformat(a), datetime.fromisoformat(b))


@_on_text
def _fs_workdays_between(a: str, b: str, workdays: str, holidays: str) -> Any:
    return workdays_between(date.fromisoformat(a), date.fromisoformat(b), workdays, holidays)


@_on_text
def _fs_date(year: Any, month: Any, day: Any) -> Any:
    return make_date(int(year), int(month), int(day))


@_on_text
def _fs_datetime(year: Any, month: Any, day: Any, hour: Any, minute: Any, second: Any, zone: str) -> Any:
    wall = make_wall(int(year), int(month), int(day), int(hour), int(minute), int(second))
    return None if wall is None else to_utc(wall, zone)


SQLITE: Mapping[str, tuple[int, Callable[..., Any]]] = MappingProxyType(
    {
        "fs_local": (2, _fs_local),
        "fs_add_days": (3, _fs_add_days),
        "fs_add_months": (3, _fs_add_months),
        "fs_add_minutes": (2, _fs_add_minutes),
        "fs_start_of": (4, _fs_start_of),
        "fs_end_of": (4, _fs_end_of),
        "fs_months_between": (2, _fs_months_between),
        "fs_minutes_between": (2, _fs_minutes_between),
        "fs_workdays_between": (4, _fs_workdays_between),
        "fs_date": (3, _fs_date),
        "fs_datetime": (7, _fs_datetime),
    }
)
"""Registered on every SQLite connection: name → number of arguments, function. All are deterministic."""
