"""Date functions in SQLite: its own date functions on ISO text where they are exact, else registered ones (`date_values`).

Only functions of given values are used, never 'now' or 'localtime', so they may stand in generated columns. SQLite reckons years
-4713 … 9999: beyond is NULL already, below year 1 `_within` sees to. Fractions of a second never reach them: they round.
What is long already goes to a registered function: SQLite's parser takes about 25 calls within calls, of which that is one.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from fieldsmith.expr.date_values import months_of
from fieldsmith.expr.function import Sql
from fieldsmith.expr.nodes import Apply
from fieldsmith.expr.python_dates import is_datetime, unit_of
from fieldsmith.expr.sql_dates import plain_unit, written_date
from fieldsmith.expr.sql_template import Template, small
from fieldsmith.expr.to_sql import SqlCompiler
from fieldsmith.expr.types import Kind
from fieldsmith.expr.workdays import holidays_text, workdays_text

_TEXT = sa.String()
_INTEGER = sa.BigInteger()


def _within(text: str) -> str:
    """NULL for what lies before year 1."""
    return f"nullif(max({text}, '0001'), '0001')"


def _microseconds(value: str) -> str:
    return f"(CAST(strftime('%s', substr({value}, 1, 19)) AS INTEGER) * 1000000 + CAST(substr({value}, 21) AS INTEGER))"


_TEMPLATES = {
    "year": "CAST(substr({0}, 1, 4) AS INTEGER)",
    "quarter": "((CAST(substr({0}, 6, 2) AS INTEGER) + 2) / 3)",
    "month": "CAST(substr({0}, 6, 2) AS INTEGER)",
    "day": "CAST(substr({0}, 9, 2) AS INTEGER)",
    "weekday": "((CAST(strftime('%w', {0}) AS INTEGER) + 6) % 7 + 1)",
    "hour": "CAST(substr({0}, -15, 2) AS INTEGER)",  # from the end: of a time and of a datetime
    "minute": "CAST(substr({0}, -12, 2) AS INTEGER)",
}
_ADD_DAYS = _within("date({0}, ({1}) || ' days')")
_SUBTRACT_DAYS = _within("date({0}, (-({1})) || ' days')")
# SQLite runs over into the next month (31 January + 1 month is 3 March): the earlier of that and the last day is wanted.
# The day after the last day is beyond SQLite only for December 9999, where nothing runs over.
_LAST_DAY = "coalesce(date({0}, 'start of month', (({1}) + 1) || ' months', '-1 day'), '9999-12-31')"
_ADD_MONTHS = _within(f"min(date({{0}}, ({{1}}) || ' months'), {_LAST_DAY})")
_ADD_MINUTES = _within("datetime(substr({0}, 1, 19), ({1}) || ' minutes') || substr({0}, 20)")
_DAYS_BETWEEN = "CAST(julianday({1}) - julianday({0}) AS INTEGER)"  # julian days of midnights are exact
_MINUTES_BETWEEN = f"(({_microseconds('{1}')} - {_microseconds('{0}')}) / 60000000)"  # SQLite cuts toward zero
# NULL prints as 0, which no part of a date is. SQLite takes 30 February for 2 March, older ones only when they have to count days.
_PRINTED = "printf('%04d-%02d-%02d', {0}, {1}, {2})"
_DATE = _within(f"CASE date({_PRINTED}, '+0 days') WHEN {_PRINTED} THEN {_PRINTED} END")


class SqliteDates:
    """Made anew for each node."""

    def __init__(self, compiler: SqlCompiler) -> None:
        self._compiler = compiler

    def part(self, node: Apply, name: str) -> Sql:
        # strftime would round a datetime's last instant into the next day
        value = self._day(node, 0) if name == "weekday" else self._local(node, 0)
        return Template(_TEMPLATES[name], _INTEGER, value)

    def date_of(self, node: Apply) -> Sql:
        return self._day(node, 0)

    def add_days(self, node: Apply) -> Sql:
        days = node.arguments[1]
        backwards = isinstance(days, Apply) and days.function == "negate"
        value, number = self._compiler.value(node.arguments[0]), self._compiler.value(days.arguments[0] if isinstance(days, Apply) and backwards else days)
        if not is_datetime(node) and small(value, number):
            return Template(_SUBTRACT_DAYS if backwards else _ADD_DAYS, _TEXT, value, number)
        return self._call("fs_add_days", value, Template("(-({0}))", _INTEGER, number) if backwards else number, self._zone(node))

    def add_months(self, node: Apply) -> Sql:
        values = self._values(node)
        if not is_datetime(node) and small(*values):
            return Template(_ADD_MONTHS, _TEXT, *values)
        return self._call("fs_add_months", *values, self._zone(node))

    def add_minutes(self, node: Apply) -> Sql:
        values = self._values(node)
        return Template(_ADD_MINUTES, _TEXT, *values) if small(*values) else self._call("fs_add_minutes", *values)

    def days_between(self, node: Apply) -> Sql:
        return Template(_DAYS_BETWEEN, _INTEGER, self._day(node, 0), self._day(node, 1))

    def months_between(self, node: Apply) -> Sql:
        return self._call("fs_months_between", self._local(node, 0), self._local(node, 1), type_=_INTEGER)

    def minutes_between(self, node: Apply) -> Sql:
        values = self._values(node)
        return Template(_MINUTES_BETWEEN, _INTEGER, *values) if small(*values) else self._call("fs_minutes_between", *values, type_=_INTEGER)

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
                    return Template("date({0}, '-6 days', 'weekday 1')", _TEXT, value)
                case "month" | "year":
                    return Template(f"date({{0}}, 'start of {unit}')", _TEXT, value)
            if small(value):
                return Template(_within(f"date({{0}}, 'start of month', '-' || {self._months_since(unit)} || ' months')"), _TEXT, value)
        return self._edge("fs_start_of", node, value, unit)

    def end_of(self, node: Apply) -> Sql:
        value, unit = self._compiler.value(node.arguments[0]), self._unit(node)
        if not is_datetime(node):
            match unit:
                case "day":
                    return value
                case "week":
                    return Template("date({0}, 'weekday 0')", _TEXT, value)
                case "year":
                    return Template("(substr({0}, 1, 4) || '-12-31')", _TEXT, value)
            if small(value):
                return Template(self._month_end(unit), _TEXT, value)
        return self._edge("fs_end_of", node, value, unit)

    def make_date(self, node: Apply) -> Sql:
        written = written_date(node, self._compiler)
        if written is not None:
            return written
        numbers = self._values(node)
        return Template(_DATE, _TEXT, *numbers) if small(*numbers) else self._call("fs_date", *numbers)

    def make_datetime(self, node: Apply) -> Sql:
        numbers = self._values(node)
        seconds = [] if len(numbers) == 6 else [_raw("0")]
        return self._call("fs_datetime", *numbers, *seconds, self._compiler.context("zone"))

    def _edge(self, name: str, node: Apply, value: Sql, unit: str) -> Sql:
        return self._call(name, value, _raw(f"'{unit}'"), _raw(str(self._compiler.calendar.fiscal_start)), self._zone(node))

    def _month_end(self, unit: str) -> str:
        months, _ = months_of(unit, self._compiler.calendar.fiscal_start)
        ahead = "'1" if months == 1 else f"({months} - {self._months_since(unit)}) || '"
        last = f"date({{0}}, 'start of month', {ahead} months', '-1 day')"
        if unit.startswith("fiscal_"):
            return last  # never ends in December: beyond SQLite's years is blank
        return f"coalesce({last}, substr({{0}}, 1, 4) || '-12-31')"

    def _months_since(self, unit: str) -> str:
        """Whole months since the first month of the unit."""
        months, begin = months_of(unit, self._compiler.calendar.fiscal_start)
        return f"((CAST(substr({{0}}, 6, 2) AS INTEGER) + {12 - begin}) % {months})"

    def _unit(self, node: Apply) -> str:
        return plain_unit(unit_of(node), self._compiler.calendar.fiscal_start)

    def _values(self, node: Apply) -> list[Sql]:
        return [self._compiler.value(argument) for argument in node.arguments]

    def _local(self, node: Apply, index: int) -> Sql:
        """The date or time as it is, of a datetime the wall time."""
        argument = node.arguments[index]
        value = self._compiler.value(argument)
        if argument.type.kind is not Kind.DATETIME:
            return value
        return self._call("fs_local", value, self._compiler.context("zone"))

    def _day(self, node: Apply, index: int) -> Sql:
        local = self._local(node, index)
        return Template("substr({0}, 1, 10)", _TEXT, local) if node.arguments[index].type.kind is Kind.DATETIME else local

    def _zone(self, node: Apply) -> Sql:
        return self._compiler.context("zone") if is_datetime(node) else _raw("''")

    def _call(self, name: str, *arguments: Any, type_: sa.types.TypeEngine[Any] = _TEXT) -> Sql:
        return self._compiler.call(name, *arguments, type_=type_)


def _raw(text: str) -> Sql:
    """SQL of this file, never a person's."""
    return sa.literal_column(text)
