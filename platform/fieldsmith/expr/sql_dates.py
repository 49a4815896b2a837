"""Date functions in SQL: which dialect's builder a node goes to, and what both share.

A builder may name an argument more than once only while it is `small`; else SQL would double with every level of nesting. SQLite
then goes to a registered function, PostgreSQL to a subquery that works the argument out once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import sqlalchemy as sa

from fieldsmith.expr.date_values import make_date, months_of
from fieldsmith.expr.function import Sql
from fieldsmith.expr.nodes import Apply, Constant
from fieldsmith.expr.sql_values import constant
from fieldsmith.expr.to_sql import SqlCompiler
from fieldsmith.expr.types import DATE

Build = Callable[[Apply, SqlCompiler], Sql]


class DateSql(Protocol):
    """One dialect's SQL of the date functions, all of a node; `local` results are of the acting user's zone."""

    def part(self, node: Apply, name: str) -> Sql: ...
    def date_of(self, node: Apply) -> Sql: ...
    def add_days(self, node: Apply) -> Sql: ...
    def add_months(self, node: Apply) -> Sql: ...
    def add_minutes(self, node: Apply) -> Sql: ...
    def days_between(self, node: Apply) -> Sql: ...
    def months_between(self, node: Apply) -> Sql: ...
    def minutes_between(self, node: Apply) -> Sql: ...
    def workdays_between(self, node: Apply) -> Sql: ...
    def start_of(self, node: Apply) -> Sql: ...
    def end_of(self, node: Apply) -> Sql: ...
    def make_date(self, node: Apply) -> Sql: ...
    def make_datetime(self, node: Apply) -> Sql: ...


def plain_unit(unit: str, fiscal: int) -> str:
    """`unit`, or the calendar's own unit where the fiscal one is the same."""
    if unit.startswith("fiscal_") and months_of(unit, fiscal)[1] == 1:
        return unit.removeprefix("fiscal_")
    return unit


def written_date(node: Apply, compiler: SqlCompiler) -> Sql | None:
    """DATE of numbers written out in the source, as the one bound value it is, so that an index serves comparisons with it."""
    numbers = [argument.value for argument in node.arguments if isinstance(argument, Constant)]
    if len(numbers) < 3 or None in numbers:
        return None
    found = make_date(*numbers)
    blank = sa.cast(sa.null(), sa.String() if compiler.sqlite else sa.Date())
    return blank if found is None else constant(found, DATE, compiler.dialect)


def dates(compiler: SqlCompiler) -> DateSql:
    """The builder for the dialect of `compiler`."""
    from fieldsmith.expr.sql_dates_postgresql import PostgresqlDates
    from fieldsmith.expr.sql_dates_sqlite import SqliteDates

    return SqliteDates(compiler) if compiler.sqlite else PostgresqlDates(compiler)


def part(name: str) -> Build:
    """YEAR, QUARTER, MONTH, DAY, WEEKDAY, HOUR, MINUTE in small letters."""
    return lambda node, compiler: dates(compiler).part(node, name)


def today(node: Apply, compiler: SqlCompiler) -> Sql:
    return compiler.context("today")


def now(node: Apply, compiler: SqlCompiler) -> Sql:
    return compiler.context("now")
