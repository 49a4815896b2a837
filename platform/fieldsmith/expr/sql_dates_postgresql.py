"""Date functions in PostgreSQL, of immutable functions only, so that they may stand in generated columns.

Nothing may raise: numbers are held within limits before they are cast, and what leaves years 1–9999 becomes NULL by a clamp that
names its argument once (LEAST and GREATEST skip NULL, so NULL ends there too). PostgreSQL's own range ends in 4713 BC: moving
happens 10,000 years later, 25 times the 400 years after which the calendar repeats.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from fieldsmith.expr.date_values import months_of
from fieldsmith.expr.function import Sql
from fieldsmith.expr.nodes import Apply, Constant
from fieldsmith.expr.python_dates import is_datetime, unit_of
from fieldsmith.expr.sql_dates import plain_unit, written_date
from fieldsmith.expr.sql_template import Template, small
from fieldsmith.expr.to_sql import SqlCompiler
from fieldsmith.expr.types import Kind
from fieldsmith.expr.vocabulary import Calendar
from fieldsmith.expr.workdays import holidays_of, week_table

_DATE, _STAMP, _INTEGER = sa.Date(), sa.DateTime(), sa.BigInteger()
_TYPES: dict[Kind, sa.types.TypeEngine[Any]] = {Kind.DATETIME: _STAMP, Kind.TIME: sa.Time(), Kind.INTEGER: _INTEGER}
_PARTS = {"weekday": "isodow"}


def _between(value: str, below: str, above: str) -> str:
    """NULL for what is not between the two ends, the ends themselves too; else `value`."""
    return f"nullif(nullif(least(greatest({value}, {below}), {above}), {below}), {above})"


def _within(stamp: str) -> str:
    return _between(stamp, "TIMESTAMP '0001-12-31 23:59:59.999999 BC'", "TIMESTAMP '10000-01-01 00:00:00'")


def _limited(number: str, most: int, type_: str = "INTEGER") -> str:
    """Beyond ±most, and blank, is one of the two ends, from where no date is reached."""
    return f"CAST(least(greatest({number}, -{most}), {most}) AS {type_})"


def _moved(value: str, interval: str) -> str:
    later = _between(f"{value} + INTERVAL '10000 years' + {interval}", "TIMESTAMP '10000-12-31 23:59:59.999999'", "TIMESTAMP '20000-01-01 00:00:00'")
    return f"({later} - INTERVAL '10000 years')"


# {0} is the value, {1} the number, {2} or {1} the zone. The limits are more than any two dates lie apart, and little enough for
# PostgreSQL's range around the later years.
_DAYS, _MONTHS, _MINUTES = _limited("{1}", 4_000_000), _limited("{1}", 120_000), _limited("{1}", 5_300_000_000, "DOUBLE PRECISION")
_ADD_DAYS = "(DATE '0001-01-01' + " + _between(f"({{0}}) - DATE '0001-01-01' + {_DAYS}", "-1", "3652059") + ")"
_ADD_MINUTES = _moved("({0})", f"{_MINUTES} * INTERVAL '1 minute'")
_DAYS_INTERVAL, _MONTHS_INTERVAL = f"make_interval(0, 0, 0, {_DAYS})", f"make_interval(0, {_MONTHS})"
_MINUTES_BETWEEN = "CAST(div(EXTRACT(epoch FROM ({1}) - ({0})), 60) AS BIGINT)"  # div is exact, and cuts toward zero


def _local(value: str, zone: str) -> str:
    return _within(f"timezone({zone}, timezone('UTC', {value}))")


def _utc(local: str, zone: str) -> str:
    return _within(f"timezone('UTC', timezone({zone}, {local}))")


def _extract(part: str, value: str) -> str:
    return f"CAST(EXTRACT({part} FROM {value}) AS BIGINT)"


def _months_apart() -> str:
    months = f"(({_extract('year', '{b}')} - {_extract('year', '{a}')}) * 12 + {_extract('month', '{b}')} - {_extract('month', '{a}')})"
    ahead = f"{{a}} + make_interval(0, CAST({months} AS INTEGER))"
    back = f"{{b}} + make_interval(0, CAST(-{months} AS INTEGER))"
    return (
        f"CASE WHEN {{a}} <= {{b}} THEN {months} - CASE WHEN {ahead} > {{b}} THEN 1 ELSE 0 END ELSE {months} + CASE WHEN {back} > {{a}} THEN 1 ELSE 0 END END"
    )


_MONTHS_BETWEEN = _months_apart()
# The month is reached from January, where every day exists, with the day noted as seconds too: kept only if the day is still that one.
_REACHED = (
    "(TIMESTAMP '2000-01-01 00:00:00'"
    f" + (CAST({_between('{2}', '0', '32')} AS INTEGER) - 1) * INTERVAL '1 day 1 second'"
    f" + make_interval(CAST({_between('{0}', '0', '10000')} AS INTEGER) - 2000, CAST({_between('{1}', '0', '13')} AS INTEGER) - 1))"
)
_SAME_DAY = f"CASE WHEN {_extract('day', '{a}')} = {_extract('second', '{a}')} + 1 THEN CAST({{a}} AS DATE) END"


class PostgresqlDates:
    """Made anew for each node."""

    def __init__(self, compiler: SqlCompiler) -> None:
        self._compiler = compiler

    def part(self, node: Apply, name: str) -> Sql:
        return self._of_local(node, _extract(_PARTS.get(name, name), "{local}"), _INTEGER)

    def date_of(self, node: Apply) -> Sql:
        return self._of_local(node, "CAST({local} AS DATE)", _DATE)

    def add_days(self, node: Apply) -> Sql:
        if is_datetime(node):
            return Template(_utc(_moved(_local("{0}", "{2}"), _DAYS_INTERVAL), "{2}"), _STAMP, *self._values(node), self._compiler.context("zone"))
        return Template(_ADD_DAYS, _DATE, *self._values(node))

    def add_months(self, node: Apply) -> Sql:
        if is_datetime(node):
            return Template(_utc(_moved(_local("{0}", "{2}"), _MONTHS_INTERVAL), "{2}"), _STAMP, *self._values(node), self._compiler.context("zone"))
        return Template(f"CAST({_moved('({0})', _MONTHS_INTERVAL)} AS DATE)", _DATE, *self._values(node))

    def add_minutes(self, node: Apply) -> Sql:
        return Template(_ADD_MINUTES, _STAMP, *self._values(node))

    def days_between(self, node: Apply) -> Sql:
        if is_datetime(node):
            a, b = (f"CAST({_local(value, '{2}')} AS DATE)" for value in ("{0}", "{1}"))
            return Template(f"CAST({b} - {a} AS BIGINT)", _INTEGER, *self._values(node), self._compiler.context("zone"))
        return Template("CAST(({1}) - ({0}) AS BIGINT)", _INTEGER, *self._values(node))

    def months_between(self, node: Apply) -> Sql:
        zoned = is_datetime(node)
        values = self._values(node)
        if zoned:
            values = [Template(_local("{0}", "{1}"), _STAMP, value, self._compiler.context("zone")) for value in values]
        return self._shared(f"({_MONTHS_BETWEEN})", _INTEGER, values)

    def minutes_between(self, node: Apply) -> Sql:
        return Template(_MINUTES_BETWEEN, _INTEGER, *self._values(node))

    def workdays_between(self, node: Apply) -> Sql:
        calendar = self._compiler.calendar
        body = f"CAST({_workdays_until('{b}', calendar)} - ({_workdays_until('{a}', calendar)}) AS BIGINT)"
        return self._shared(body, _INTEGER, self._values(node))

    def start_of(self, node: Apply) -> Sql:
        unit = self._unit(node)
        if unit == "day" and not is_datetime(node):
            return self._values(node)[0]
        first = self._truncated(unit)
        return self._kept(node, _within(first) if unit.startswith("fiscal_") else first)

    def end_of(self, node: Apply) -> Sql:
        unit = self._unit(node)
        if unit == "day" and not is_datetime(node):
            return self._values(node)[0]
        length = f"{months_of(unit, 1)[0]} months" if unit not in ("day", "week") else f"1 {unit}"
        last = f"{self._truncated(unit)} + INTERVAL '{length}' - INTERVAL '1 {'microsecond' if is_datetime(node) else 'day'}'"
        return self._kept(node, last if unit in ("day", "month", "quarter", "year") else _within(last))

    def make_date(self, node: Apply) -> Sql:
        written = written_date(node, self._compiler)
        return self._date(node) if written is None else written

    def make_datetime(self, node: Apply) -> Sql:
        parts = ["CAST({0} AS TIMESTAMP)"]
        for index, (unit, count) in enumerate((("hour", 24), ("minute", 60), ("second", 60))[: len(node.arguments) - 3]):
            parts.append(f"CAST({_between(f'{{{index + 2}}}', '-1', str(count))} AS DOUBLE PRECISION) * INTERVAL '1 {unit}'")
        return Template(_utc(" + ".join(parts), "{1}"), _STAMP, self._date(node), self._compiler.context("zone"), *self._values(node)[3:])

    def _date(self, node: Apply) -> Sql:
        numbers = self._values(node)[:3]
        reached = Template(_REACHED, _STAMP, *numbers)
        return self._shared(_SAME_DAY, _DATE, [reached], small(*numbers))

    def _truncated(self, unit: str) -> str:
        if not unit.startswith("fiscal_"):
            return f"date_trunc('{unit}', CAST({{local}} AS TIMESTAMP))"
        _, begin = months_of(unit, self._compiler.calendar.fiscal_start)
        shift = f"INTERVAL '{begin - 1} months'"
        return f"(date_trunc('{unit.removeprefix('fiscal_')}', CAST({{local}} AS TIMESTAMP) - {shift}) + {shift})"

    def _kept(self, node: Apply, local: str) -> Sql:
        """A text over the wall time, as the type of the first argument."""
        if is_datetime(node):
            return self._of_local(node, _utc(local, "{{1}}"), _STAMP)
        return self._of_local(node, f"CAST({local} AS DATE)", _DATE)

    def _of_local(self, node: Apply, template: str, type_: sa.types.TypeEngine[Any]) -> Sql:
        """`{local}` is the date or time as it is, of a datetime the wall time; `{1}` the zone."""
        value = self._value(node, 0)
        if is_datetime(node):
            return Template(template.format(local=_local("{0}", "{1}")), type_, value, self._compiler.context("zone"))
        return Template(template.format(local="{0}"), type_, value)

    def _unit(self, node: Apply) -> str:
        return plain_unit(unit_of(node), self._compiler.calendar.fiscal_start)

    def _values(self, node: Apply) -> list[Sql]:
        return [self._value(node, index) for index in range(len(node.arguments))]

    def _value(self, node: Apply, index: int) -> Sql:
        """An argument; a blank one says its type, which PostgreSQL's overloaded operators need."""
        argument = node.arguments[index]
        value = self._compiler.value(argument)
        if isinstance(argument, Constant) and argument.value is None:
            return sa.cast(value, _TYPES.get(argument.type.kind, _DATE))
        return value

    def _shared(self, body: str, type_: sa.types.TypeEngine[Any], values: list[Sql], cheap: bool | None = None) -> Sql:
        """`body` of `{a}` and `{b}`, which it may name often: values that are not small are worked out once, in a subquery.

        OFFSET keeps the planner from putting them back into each place that names them.
        """
        if small(*values) if cheap is None else cheap:
            return Template(body.format(a="({0})", b="({1})"), type_, *values)
        self._compiler.registered.add("once")  # as `once` does: generated columns may hold no subquery
        columns = ", ".join(f"{{{index}}} AS {name}" for index, name in zip(range(len(values)), "ab", strict=False))
        return Template(f"(SELECT {body.format(a='fs_dates.a', b='fs_dates.b')} FROM (SELECT {columns} OFFSET 0) AS fs_dates)", type_, *values)


def _workdays_until(day: str, calendar: Calendar) -> str:
    """Work days from the first day of year 1, a Monday, up to and including `day`; its result goes through format."""
    table, holidays = week_table(calendar.workdays), holidays_of(calendar)
    number = f"({day} - DATE '0001-01-01')"
    found = f"{number} / 7 * {table[6]} + (ARRAY[{', '.join(map(str, table))}])[mod({number}, 7) + 1]"
    if not holidays:
        return found
    days = ", ".join(f"DATE '{holiday.isoformat()}'" for holiday in holidays)
    return f"{found} - width_bucket({day}, ARRAY[{days}])"
