"""Date functions in PostgreSQL, of immutable functions only, so that they may stand in generated columns.

Nothing may raise: numbers are held within limits before they are cast, and what leaves years 1–9999 becomes NULL by a clamp that
names its argument once (LEAST and GREATEST skip NULL, so NULL ends there too). PostgreSQL's own range ends in 4713 BC: moving
happens 10,000 years later, 25 times the 400 years after which the calendar repeats.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import sqlalchemy as sa

from fieldsmith.expr.date_values import months_of
from fieldsmith.expr.function import Sql
from fieldsmith.expr.nodes import Apply, Constant
from fieldsmith.expr.python_dates import is_datetime, unit_of
from fieldsmith.expr.sql_dates import is_date, plain_unit, small, written_date
from fieldsmith.expr.to_sql import SqlCompiler
from fieldsmith.expr.types import Kind
from fieldsmith.expr.workdays import holidays_of, week_table

_DATE, _STAMP, _INTEGER = sa.Date(), sa.DateTime(), sa.BigInteger()
_TYPES: dict[Kind, sa.types.TypeEngine[Any]] = {Kind.DATE: _DATE, Kind.DATETIME: _STAMP, Kind.TIME: sa.Time(), Kind.INTEGER: _INTEGER}
_DAY_ONE = "DATE '0001-01-01'"
_RANGE = ("TIMESTAMP '0001-12-31 23:59:59.999999 BC'", "TIMESTAMP '10000-01-01 00:00:00'")
_LATER_RANGE = ("TIMESTAMP '10000-12-31 23:59:59.999999'", "TIMESTAMP '20000-01-01 00:00:00'")
_LATER = "INTERVAL '10000 years'"
_PARTS = {"weekday": "isodow"}
# More than any two dates lie apart, and little enough for PostgreSQL's range around the later years.
_MOST_DAYS, _MOST_MONTHS, _MOST_MINUTES = 4_000_000, 120_000, 5_300_000_000


class PostgresqlDates:
    """Made anew for each node."""

    def __init__(self, compiler: SqlCompiler) -> None:
        self._compiler = compiler

    def part(self, node: Apply, name: str) -> Sql:
        return _extract(_PARTS.get(name, name), self._local(node, 0))

    def date_of(self, node: Apply) -> Sql:
        return sa.cast(self._local(node, 0), _DATE)

    def add_days(self, node: Apply) -> Sql:
        if not is_datetime(node):
            return _moved_days(self._value(node, 0), self._limited(node, 1, _MOST_DAYS))
        days = sa.func.make_interval(_raw("0"), _raw("0"), _raw("0"), self._limited(node, 1, _MOST_DAYS))
        return self._to_utc(_moved(self._local(node, 0), days))

    def plus(self, node: Apply) -> Sql:
        day, days = (0, 1) if is_date(node, 0) else (1, 0)
        return _moved_days(self._value(node, day), self._limited(node, days, _MOST_DAYS))

    def minus(self, node: Apply) -> Sql:
        if is_date(node, 1):
            return sa.cast(_minus(self._value(node, 0), self._value(node, 1)), _INTEGER)
        return _moved_days(self._value(node, 0), -self._limited(node, 1, _MOST_DAYS))

    def add_months(self, node: Apply) -> Sql:
        months = sa.func.make_interval(_raw("0"), self._limited(node, 1, _MOST_MONTHS))
        moved = _moved(self._local(node, 0), months)
        return self._to_utc(moved) if is_datetime(node) else sa.cast(moved, _DATE)

    def add_minutes(self, node: Apply) -> Sql:
        minutes: Sql = sa.cast(_clamp(self._value(node, 1), f"-{_MOST_MINUTES}", str(_MOST_MINUTES)), sa.Double())
        return _moved(self._value(node, 0), _times(minutes, "INTERVAL '1 minute'"))

    def days_between(self, node: Apply) -> Sql:
        a, b = (sa.cast(self._local(node, index), _DATE) for index in (0, 1))
        return sa.cast(_minus(b, a), _INTEGER)

    def months_between(self, node: Apply) -> Sql:
        def build(a: Sql, b: Sql) -> Sql:
            months = (_extract("year", b) - _extract("year", a)) * _raw("12") + _extract("month", b) - _extract("month", a)
            ahead = _plus(a, sa.func.make_interval(_raw("0"), sa.cast(months, sa.Integer())))
            back = _plus(b, sa.func.make_interval(_raw("0"), sa.cast(-months, sa.Integer())))
            return sa.case(
                (a <= b, months - sa.case((ahead > b, _raw("1")), else_=_raw("0"))),
                else_=months + sa.case((back > a, _raw("1")), else_=_raw("0")),
            )

        return self._shared(build, self._local(node, 0), self._local(node, 1))

    def minutes_between(self, node: Apply) -> Sql:
        seconds = sa.extract("epoch", _minus(self._value(node, 1), self._value(node, 0), sa.Interval()))
        return sa.cast(sa.func.div(seconds, _raw("60")), _INTEGER)  # div cuts toward zero, and is exact

    def workdays_between(self, node: Apply) -> Sql:
        calendar = self._compiler.calendar
        table, holidays = week_table(calendar.workdays), holidays_of(calendar)

        def build(a: Sql, b: Sql) -> Sql:
            return _workdays_until(b, table, holidays) - _workdays_until(a, table, holidays)

        return sa.cast(self._shared(build, self._value(node, 0), self._value(node, 1)), _INTEGER)

    def start_of(self, node: Apply) -> Sql:
        value, unit = self._local(node, 0), self._unit(node)
        if unit == "day" and not is_datetime(node):
            return value
        first = self._truncated(value, unit)
        return self._kept(node, _within(first) if unit.startswith("fiscal_") else first)

    def end_of(self, node: Apply) -> Sql:
        value, unit = self._local(node, 0), self._unit(node)
        zoned = is_datetime(node)
        if unit == "day" and not zoned:
            return value
        length = f"{months_of(unit, 1)[0]} months" if unit not in ("day", "week") else f"1 {unit}"
        after = _plus(self._truncated(value, unit), _raw(f"INTERVAL '{length}'", sa.Interval()))
        last = _minus(after, _raw("INTERVAL '1 microsecond'" if zoned else "INTERVAL '1 day'", sa.Interval()), _STAMP)
        return self._kept(node, last if unit in ("day", "month", "quarter", "year") else _within(last))

    def make_date(self, node: Apply) -> Sql:
        written = written_date(node, self._compiler)
        return self._date(node) if written is None else written

    def make_datetime(self, node: Apply) -> Sql:
        found: Sql = sa.cast(self._date(node), _STAMP)
        for index, (unit, count) in enumerate((("hour", 24), ("minute", 60), ("second", 60))[: len(node.arguments) - 3]):
            number: Sql = sa.cast(_between(self._value(node, 3 + index), "-1", str(count), _INTEGER), sa.Double())
            found = _plus(found, _times(number, f"INTERVAL '1 {unit}'"))
        return self._to_utc(found)

    def _date(self, node: Apply) -> Sql:
        """The month is reached from January, where every day exists, with the day noted as seconds: kept only if the day is still that one."""
        given = [self._value(node, index) for index in range(3)]
        limits = (("0", "10000"), ("0", "13"), ("0", "32"))
        year, month, day = (sa.cast(_between(value, *limit, _INTEGER), sa.Integer()) for value, limit in zip(given, limits, strict=True))
        days = _times(day - _raw("1"), "INTERVAL '1 day 1 second'")
        months = sa.func.make_interval(year - _raw("2000"), month - _raw("1"))
        reached = _plus(_plus(_raw("TIMESTAMP '2000-01-01 00:00:00'", _STAMP), days), months)

        def build(reached: Sql) -> Sql:
            return sa.case((_extract("day", reached) == _extract("second", reached) + _raw("1"), sa.cast(reached, _DATE)))

        return build(reached) if small(*given) else self._shared(build, reached)

    def _truncated(self, value: Sql, unit: str) -> Sql:
        value = sa.cast(value, _STAMP)
        if not unit.startswith("fiscal_"):
            return sa.func.date_trunc(_raw(f"'{unit}'"), value, type_=_STAMP)
        _, begin = months_of(unit, self._compiler.calendar.fiscal_start)
        shift = _raw(f"INTERVAL '{begin - 1} months'", sa.Interval())
        calendar_unit = unit.removeprefix("fiscal_")
        return _plus(sa.func.date_trunc(_raw(f"'{calendar_unit}'"), _minus(value, shift, _STAMP), type_=_STAMP), shift)

    def _kept(self, node: Apply, local: Sql) -> Sql:
        return self._to_utc(local) if is_datetime(node) else sa.cast(local, _DATE)

    def _unit(self, node: Apply) -> str:
        return plain_unit(unit_of(node), self._compiler.calendar.fiscal_start)

    def _value(self, node: Apply, index: int) -> Sql:
        """An argument; a blank one says its type, which PostgreSQL's overloaded operators need."""
        argument = node.arguments[index]
        value = self._compiler.value(argument)
        if isinstance(argument, Constant) and argument.value is None:
            return sa.cast(value, _TYPES.get(argument.type.kind, _DATE))
        return value

    def _limited(self, node: Apply, index: int, most: int) -> Sql:
        """A whole number as INTEGER; beyond ±most, and blank, is one of the two ends, from where no date is reached."""
        argument = node.arguments[index]
        value = self._value(node, index)
        if isinstance(argument, Constant) and argument.value is None:
            value = sa.cast(sa.null(), _INTEGER)
        return sa.cast(_clamp(value, str(-most), str(most)), sa.Integer())

    def _local(self, node: Apply, index: int) -> Sql:
        """The date or time as it is, of a datetime the wall time."""
        value = self._value(node, index)
        if node.arguments[index].type.kind is not Kind.DATETIME:
            return value
        return _within(sa.func.timezone(self._compiler.context("zone"), sa.func.timezone(_raw("'UTC'"), value)))

    def _to_utc(self, local: Sql) -> Sql:
        return _within(sa.func.timezone(_raw("'UTC'"), sa.func.timezone(self._compiler.context("zone"), local)))

    def _shared(self, build: Callable[..., Sql], *elements: Sql) -> Sql:
        """`build` of `elements`, which may name them often: each is worked out once when it is not small."""
        if small(*elements):
            return build(*elements)
        self._compiler.registered.add("once")  # as `once` does: generated columns may hold no subquery
        # OFFSET keeps the planner from putting the elements back into each place that names them.
        once = sa.select(*(element.label(f"v{number}") for number, element in enumerate(elements)))
        values = once.offset(_raw("0")).correlate_except().subquery()
        return sa.select(build(*values.c)).scalar_subquery()


def _workdays_until(day: Sql, table: tuple[int, ...], holidays: list[date]) -> Sql:
    """Work days from the first day of year 1, a Monday, up to and including `day`."""
    number = _minus(day, _raw(_DAY_ONE, _DATE))
    counts = _raw(f"('{{{','.join(map(str, table))}}}'::int[])", sa.ARRAY(sa.Integer()))
    weeks = number.op("/", precedence=8, return_type=sa.Integer())(_raw("7"))
    found = weeks * _raw(str(table[6])) + counts[sa.func.mod(number, _raw("7"), type_=sa.Integer()) + _raw("1")]
    if not holidays:
        return found
    days = _raw(f"'{{{','.join(holiday.isoformat() for holiday in holidays)}}}'::date[]")
    return found - sa.func.width_bucket(day, days, type_=sa.Integer())


def _moved_days(value: Sql, days: Sql) -> Sql:
    """A date some days later, reckoned with the number of the day, so that what PostgreSQL cannot hold never arises."""
    number = _plus(_minus(value, _raw(_DAY_ONE, _DATE)), days, sa.Integer())
    return _plus(_raw(_DAY_ONE, _DATE), _between(number, "-1", "3652059", sa.Integer()), _DATE)


def _moved(value: Sql, by: Sql) -> Sql:
    """A timestamp moved by an interval."""
    later = _plus(_plus(value, _raw(_LATER, sa.Interval())), by)
    return _minus(_between(later, *_LATER_RANGE, _STAMP), _raw(_LATER, sa.Interval()), _STAMP)


def _within(value: Sql) -> Sql:
    return _between(value, *_RANGE, _STAMP)


def _between(value: Sql, below: str, above: str, type_: sa.types.TypeEngine[Any]) -> Sql:
    """NULL for what is not between the two ends, the ends themselves too; else `value`."""
    clamped = _clamp(value, below, above)
    return sa.func.nullif(sa.func.nullif(clamped, _raw(below)), _raw(above), type_=type_)


def _clamp(value: Sql, low: str, high: str) -> Sql:
    return sa.func.least(sa.func.greatest(value, _raw(low)), _raw(high))


def _extract(field: str, value: Sql) -> Sql:
    return sa.cast(sa.extract(field, value), _INTEGER)


def _plus(left: Sql, right: Sql, type_: sa.types.TypeEngine[Any] = _STAMP) -> Sql:
    return left.op("+", precedence=7, return_type=type_)(right)


def _minus(left: Sql, right: Sql, type_: sa.types.TypeEngine[Any] | None = None) -> Sql:
    return left.op("-", precedence=7, return_type=type_ or sa.Integer())(right)


def _times(number: Sql, interval: str) -> Sql:
    return number.op("*", precedence=8, return_type=sa.Interval())(_raw(interval, sa.Interval()))


def _raw(text: str, type_: sa.types.TypeEngine[Any] | None = None) -> Sql:
    """SQL of this file, never a person's."""
    return sa.literal_column(text, type_)
