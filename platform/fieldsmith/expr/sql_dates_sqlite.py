"""Date functions in SQLite: its own date functions on ISO text where they are exact, else registered ones (`date_values`).

Only functions of given values are used, never 'now' or 'localtime', so they may stand in generated columns. SQLite reckons years
-4713 … 9999: beyond is NULL already, below year 1 `_within` sees to. Fractions of a second never reach them: they round.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from fieldsmith.expr.date_values import months_of
from fieldsmith.expr.function import Sql
from fieldsmith.expr.nodes import Apply
from fieldsmith.expr.python_dates import is_datetime, unit_of
from fieldsmith.expr.sql_dates import is_date, plain_unit, small, written_date
from fieldsmith.expr.to_sql import SqlCompiler
from fieldsmith.expr.types import Kind
from fieldsmith.expr.workdays import holidays_text, workdays_text

_TEXT = sa.String()
_INTEGER = sa.BigInteger()
_PLACES = {"year": (1, 4), "month": (6, 2), "day": (9, 2)}


class SqliteDates:
    """Made anew for each node."""

    def __init__(self, compiler: SqlCompiler) -> None:
        self._compiler = compiler

    def part(self, node: Apply, name: str) -> Sql:
        if name in ("hour", "minute"):
            start = 1 if node.arguments[0].type.kind is Kind.TIME else 12
            return _number(_cut(self._local(node), start + (3 if name == "minute" else 0), 2))
        if name == "weekday":
            return (_number(sa.func.strftime(_fixed("%w"), self._day(node, 0))) + _raw(6)) % _raw(7) + _raw(1)
        if name == "quarter":
            return (_number(_cut(self._local(node), 6, 2)) + _raw(2)) // _raw(3)
        return _number(_cut(self._local(node), *_PLACES[name]))

    def date_of(self, node: Apply) -> Sql:
        return self._day(node, 0)

    def add_days(self, node: Apply) -> Sql:
        value, days = self._values(node)
        if is_datetime(node):
            return self._call("fs_add_days", value, days, self._zone(node))
        return _moved_days(value, days)

    def plus(self, node: Apply) -> Sql:
        first, second = self._values(node)
        return _moved_days(first, second) if is_date(node, 0) else _moved_days(second, first)

    def minus(self, node: Apply) -> Sql:
        first, second = self._values(node)
        return _days(second, first) if is_date(node, 1) else _moved_days(first, -second)

    def add_months(self, node: Apply) -> Sql:
        value, months = self._values(node)
        if is_datetime(node) or not small(value, months):
            return self._call("fs_add_months", value, months, self._zone(node))
        # SQLite runs over into the next month (31 + 1 month is 3 March): the earlier of that and the last day is wanted.
        # The day after the last day is beyond SQLite only for December 9999, where nothing runs over.
        last = sa.func.date(value, _fixed("start of month"), _joined(months + _raw(1), _fixed(" months")), _fixed("-1 day"))
        there = sa.func.date(value, _joined(months, _fixed(" months")))
        return _within(sa.func.min(there, sa.func.coalesce(last, _fixed("9999-12-31"))))

    def add_minutes(self, node: Apply) -> Sql:
        value, minutes = self._values(node)
        if not small(value):
            return self._call("fs_add_minutes", value, minutes)
        return _within(_joined(sa.func.datetime(_cut(value, 1, 19), _joined(minutes, _fixed(" minutes"))), sa.func.substr(value, _raw(20))))

    def days_between(self, node: Apply) -> Sql:
        return _days(self._day(node, 0), self._day(node, 1))

    def months_between(self, node: Apply) -> Sql:
        return self._call("fs_months_between", self._local(node, 0), self._local(node, 1), type_=_INTEGER)

    def minutes_between(self, node: Apply) -> Sql:
        a, b = self._values(node)
        if not small(a, b):
            return self._call("fs_minutes_between", a, b, type_=_INTEGER)
        return (_microseconds(b) - _microseconds(a)) // _raw(60_000_000)  # SQLite cuts toward zero

    def workdays_between(self, node: Apply) -> Sql:
        calendar = self._compiler.calendar
        rules = (sa.literal(text(calendar), _TEXT) for text in (workdays_text, holidays_text))
        return self._call("fs_workdays_between", *self._values(node), *rules, type_=_INTEGER)

    def start_of(self, node: Apply) -> Sql:
        value, unit = self._compiler.value(node.arguments[0]), self._unit(node)
        if not is_datetime(node):
            match unit:
                case "day":
                    return value
                case "week":
                    return sa.func.date(value, _fixed("-6 days"), _fixed("weekday 1"), type_=_TEXT)
                case "month" | "year":
                    return sa.func.date(value, _fixed(f"start of {unit}"), type_=_TEXT)
            if small(value):
                back = self._months_since(value, unit)
                return _within(sa.func.date(value, _fixed("start of month"), _joined(_fixed("-"), back, _fixed(" months"))))
        return self._call("fs_start_of", value, _fixed(unit), _raw(self._compiler.calendar.fiscal_start), self._zone(node))

    def end_of(self, node: Apply) -> Sql:
        value, unit = self._compiler.value(node.arguments[0]), self._unit(node)
        if not is_datetime(node):
            match unit:
                case "day":
                    return value
                case "week":
                    return sa.func.date(value, _fixed("weekday 0"), type_=_TEXT)
                case "year":
                    return _joined(_cut(value, 1, 4), _fixed("-12-31"))
            if small(value):
                return self._month_end(value, unit)
        return self._call("fs_end_of", value, _fixed(unit), _raw(self._compiler.calendar.fiscal_start), self._zone(node))

    def make_date(self, node: Apply) -> Sql:
        written = written_date(node, self._compiler)
        if written is not None:
            return written
        numbers = self._values(node)
        if not small(*numbers):
            return self._call("fs_date", *numbers)
        text = sa.func.printf(_fixed("%04d-%02d-%02d"), *numbers)  # NULL prints as 0, which no part of a date is
        return _within(sa.case((sa.func.date(text) == text, text)))  # SQLite takes 30 February for 2 March

    def make_datetime(self, node: Apply) -> Sql:
        numbers = self._values(node)
        seconds = [] if len(numbers) == 6 else [_raw(0)]
        return self._call("fs_datetime", *numbers, *seconds, self._compiler.context("zone"))

    def _month_end(self, value: Sql, unit: str) -> Sql:
        months, _ = months_of(unit, self._compiler.calendar.fiscal_start)
        ahead = _raw(1) if months == 1 else _raw(months) - self._months_since(value, unit)
        last = sa.func.date(value, _fixed("start of month"), _joined(ahead, _fixed(" months")), _fixed("-1 day"), type_=_TEXT)
        if unit.startswith("fiscal_"):
            return last  # never ends in December: beyond SQLite's years is blank
        return sa.func.coalesce(last, _joined(_cut(value, 1, 4), _fixed("-12-31")), type_=_TEXT)

    def _months_since(self, value: Sql, unit: str) -> Sql:
        """Whole months since the first month of the unit."""
        months, begin = months_of(unit, self._compiler.calendar.fiscal_start)
        return (_number(_cut(value, 6, 2)) + _raw(12 - begin)) % _raw(months)

    def _unit(self, node: Apply) -> str:
        return plain_unit(unit_of(node), self._compiler.calendar.fiscal_start)

    def _values(self, node: Apply) -> list[Sql]:
        return [self._compiler.value(argument) for argument in node.arguments]

    def _local(self, node: Apply, index: int = 0) -> Sql:
        """The date or time as it is, of a datetime the wall time."""
        argument = node.arguments[index]
        value = self._compiler.value(argument)
        if argument.type.kind is not Kind.DATETIME:
            return value
        return self._call("fs_local", value, self._compiler.context("zone"))

    def _day(self, node: Apply, index: int) -> Sql:
        local = self._local(node, index)
        return _cut(local, 1, 10) if node.arguments[index].type.kind is Kind.DATETIME else local

    def _zone(self, node: Apply) -> Sql:
        return self._compiler.context("zone") if is_datetime(node) else _fixed("")

    def _call(self, name: str, *arguments: Any, type_: sa.types.TypeEngine[Any] = _TEXT) -> Sql:
        return self._compiler.call(name, *arguments, type_=type_)


def _moved_days(value: Sql, days: Sql) -> Sql:
    return _within(sa.func.date(value, _joined(days, _fixed(" days"))))


def _days(a: Sql, b: Sql) -> Sql:
    """b − a; julian days of midnights are exact."""
    return sa.cast(sa.func.julianday(b, type_=sa.Double()) - sa.func.julianday(a, type_=sa.Double()), _INTEGER)


def _microseconds(value: Sql) -> Sql:
    seconds = _number(sa.func.strftime(_fixed("%s"), _cut(value, 1, 19)))
    return seconds * _raw(1_000_000) + _number(sa.func.substr(value, _raw(21)))


def _within(text: Sql) -> Sql:
    """NULL for what lies before year 1."""
    return sa.func.nullif(sa.func.max(text, _fixed("0001")), _fixed("0001"), type_=_TEXT)


def _cut(text: Sql, start: int, length: int) -> Sql:
    return sa.func.substr(text, _raw(start), _raw(length), type_=_TEXT)


def _number(text: Sql) -> Sql:
    return sa.cast(text, _INTEGER)


def _joined(*parts: Sql) -> Sql:
    """Concatenation; numbers are written as text."""
    first, *rest = parts
    for part in rest:
        first = first.op("||", precedence=8, return_type=_TEXT)(part)
    return first


def _raw(number: int) -> Sql:
    return sa.literal_column(str(number), _INTEGER)


def _fixed(text: str) -> Sql:
    """A text of this file, never one of a person."""
    return sa.literal_column(f"'{text}'", _TEXT)
