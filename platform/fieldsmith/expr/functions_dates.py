"""Rows of the date functions. What they do is in `date_values`, `workdays` and `zones`; SQL in `sql_dates` and its dialects."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from fieldsmith.base.problems import did_you_mean
from fieldsmith.base.text import Message, _m
from fieldsmith.expr import date_values as values
from fieldsmith.expr import python_dates, sql_dates
from fieldsmith.expr.function import Function, Misused, Need, Parameter, Sql
from fieldsmith.expr.nodes import Apply, Constant, Node
from fieldsmith.expr.sql_dates import DateSql, dates
from fieldsmith.expr.to_sql import SqlCompiler
from fieldsmith.expr.types import DATE, DATETIME, INTEGER, Kind, Type

_ZONE: frozenset[Need] = frozenset({"zone"})
_NONE: frozenset[Need] = frozenset()
_D, _DT, _T, _N = frozenset({Kind.DATE}), frozenset({Kind.DATETIME}), frozenset({Kind.TIME}), frozenset({Kind.INTEGER})
_DAY = Parameter("date", _D | _DT)
_SPAN = (Parameter("a", _D | _DT, unify="a"), Parameter("b", _D | _DT, unify="a"))
_UNIT = Parameter("unit", frozenset({Kind.TEXT}), constant=True)


def _zoned(node: Apply) -> frozenset[Need]:
    """Days and parts of a datetime are those of the acting user's zone; a date has its own."""
    return _ZONE if python_dates.is_datetime(node) else _NONE


def _kept(arguments: Sequence[Node]) -> Type:
    """The type of the first argument."""
    return DATETIME if arguments[0].type.kind is Kind.DATETIME else DATE


def _check_unit(arguments: Sequence[Node]) -> None:
    unit = arguments[1]
    name = unit.value if isinstance(unit, Constant) else None
    if name in values.UNITS:
        return
    known = ", ".join(f"“{known}”" for known in values.UNITS)
    near = did_you_mean(str(name), values.UNITS) if name else None
    raise Misused("unknown_unit", _m("The unit must be one of {known}.", known=known), 1, near)


def _sql(build: Callable[[DateSql, Apply], Sql]) -> Callable[[Apply, SqlCompiler], Sql]:
    return lambda node, compiler: build(dates(compiler), node)


def _part(name: str, kinds: frozenset[Kind], plain: Callable[..., int], help: Message, examples: tuple[tuple[str, str | None], ...]) -> Function:
    parameter = Parameter("time" if Kind.TIME in kinds else "date", kinds)
    return Function(name, "date", (parameter,), INTEGER, help, examples, python_dates.part(plain), sql_dates.part(name.lower()), needs_of=_zoned)


_TODAY = _m("The date of today in the acting user's time zone.")
_CLOCK = (
    Function("TODAY", "date", (), DATE, _TODAY, (("DAYSBETWEEN(TODAY(), TODAY() + 7)", "7"),), python_dates.today, sql_dates.today, frozenset({"now", "zone"})),
    Function("NOW", "date", (), DATETIME, _m("This instant."), (("DATEOF(NOW()) = TODAY()", "true"),), python_dates.now, sql_dates.now, frozenset({"now"})),
)

_MAKERS = (
    Function(
        "DATE",
        "date",
        tuple(Parameter(name, _N) for name in ("year", "month", "day")),
        DATE,
        _m("The date of a year, month and day; blank when there is no such day."),
        (("DATE(2024, 2, 29)", "2024-02-29"), ("DATE(2023, 2, 29)", None)),
        python_dates.strictly(values.make_date),
        _sql(lambda sql, node: sql.make_date(node)),
    ),
    Function(
        "DATETIME",
        "date",
        (*(Parameter(name, _N) for name in ("year", "month", "day", "hour", "minute")), Parameter("second", _N, optional=True)),
        DATETIME,
        _m("The instant when clocks in the acting user's time zone show this; blank when there is no such day or time."),
        (("DATETIME(2026, 11, 22, 9, 5)", "2026-11-22T09:05:00Z"), ("DATETIME(2026, 11, 22, 24, 0)", None)),
        python_dates.make_datetime,
        _sql(lambda sql, node: sql.make_datetime(node)),
        _ZONE,
    ),
    Function(
        "DATEOF",
        "date",
        (Parameter("datetime", _DT),),
        DATE,
        _m("The date of a datetime in the acting user's time zone."),
        (("DATEOF(DATETIME(2026, 11, 22, 23, 59))", "2026-11-22"),),
        python_dates.part(lambda local: local.date()),
        _sql(lambda sql, node: sql.date_of(node)),
        _ZONE,
    ),
)

_PARTS = (
    _part("YEAR", _D | _DT, lambda value: value.year, _m("The year of a date."), (("YEAR(DATE(2026, 11, 22))", "2026"),)),
    _part("QUARTER", _D | _DT, values.quarter, _m("The quarter of the year, 1 to 4."), (("QUARTER(DATE(2026, 11, 22))", "4"),)),
    _part("MONTH", _D | _DT, lambda value: value.month, _m("The month of a date, 1 to 12."), (("MONTH(DATE(2026, 11, 22))", "11"),)),
    _part("DAY", _D | _DT, lambda value: value.day, _m("The day of the month, 1 to 31."), (("DAY(DATE(2026, 11, 22))", "22"),)),
    _part("WEEKDAY", _D | _DT, lambda value: value.isoweekday(), _m("The day of the week, 1 (Monday) to 7."), (("WEEKDAY(DATE(2026, 11, 22))", "7"),)),
    _part("HOUR", _DT | _T, lambda value: value.hour, _m("The hour of a time or datetime, 0 to 23."), (("HOUR(DATETIME(2026, 11, 22, 9, 5))", "9"),)),
    _part("MINUTE", _DT | _T, lambda value: value.minute, _m("The minute of a time or datetime, 0 to 59."), (("MINUTE(DATETIME(2026, 11, 22, 9, 5))", "5"),)),
)

_MOVES = (
    Function(
        "ADDDAYS",
        "date",
        (_DAY, Parameter("days", _N)),
        _kept,
        _m("The date so many days later; a datetime keeps its time of day."),
        (("ADDDAYS(DATE(2026, 11, 22), 10)", "2026-12-02"), ("ADDDAYS(DATE(2026, 1, 1), -1)", "2025-12-31")),
        python_dates.moved(values.add_days),
        _sql(lambda sql, node: sql.add_days(node)),
        needs_of=_zoned,
    ),
    Function(
        "ADDMONTHS",
        "date",
        (_DAY, Parameter("months", _N)),
        _kept,
        _m("The same day so many months later, or the last day of a shorter month."),
        (("ADDMONTHS(DATE(2026, 1, 31), 1)", "2026-02-28"), ("ADDMONTHS(DATE(2026, 3, 15), -12)", "2025-03-15")),
        python_dates.moved(values.add_months),
        _sql(lambda sql, node: sql.add_months(node)),
        needs_of=_zoned,
    ),
    Function(
        "ADDMINUTES",
        "date",
        (Parameter("datetime", _DT), Parameter("minutes", _N)),
        DATETIME,
        _m("The instant so many minutes later."),
        (("MINUTE(ADDMINUTES(DATETIME(2026, 11, 22, 9, 5), 90))", "35"),),
        python_dates.strictly(values.add_minutes),
        _sql(lambda sql, node: sql.add_minutes(node)),
    ),
)

_SPANS = (
    Function(
        "DAYSBETWEEN",
        "date",
        _SPAN,
        INTEGER,
        _m("Calendar days from a to b; negative when b is earlier."),
        (("DAYSBETWEEN(DATE(2026, 11, 22), DATE(2026, 12, 25))", "33"),),
        python_dates.between(values.days_between),
        _sql(lambda sql, node: sql.days_between(node)),
        needs_of=_zoned,
    ),
    Function(
        "MONTHSBETWEEN",
        "date",
        _SPAN,
        INTEGER,
        _m("Whole months from a to b: the most that ADDMONTHS can add to a without passing b; negative when b is earlier."),
        (("MONTHSBETWEEN(DATE(2026, 1, 31), DATE(2026, 2, 28))", "1"), ("MONTHSBETWEEN(DATE(2026, 3, 15), DATE(2026, 1, 16))", "-1")),
        python_dates.between(values.months_between),
        _sql(lambda sql, node: sql.months_between(node)),
        needs_of=_zoned,
    ),
    Function(
        "MINUTESBETWEEN",
        "date",
        (Parameter("a", _DT), Parameter("b", _DT)),
        INTEGER,
        _m("Whole minutes from a to b; negative when b is earlier."),
        (("MINUTESBETWEEN(DATETIME(2026, 11, 22, 9, 5), DATETIME(2026, 11, 22, 10, 0))", "55"),),
        python_dates.strictly(values.minutes_between),
        _sql(lambda sql, node: sql.minutes_between(node)),
    ),
    Function(
        "WORKDAYSBETWEEN",
        "date",
        (Parameter("a", _D), Parameter("b", _D)),
        INTEGER,
        _m("Work days after a up to and including b, by the company's work days and holidays; negative when b is earlier."),
        (("WORKDAYSBETWEEN(DATE(2026, 11, 20), DATE(2026, 11, 23))", "1"),),
        python_dates.workdays,
        _sql(lambda sql, node: sql.workdays_between(node)),
    ),
)

_EDGES = (
    Function(
        "STARTOF",
        "date",
        (_DAY, _UNIT),
        _kept,
        _m("The first day of the day, week, month, quarter, year, fiscal_quarter or fiscal_year; of a datetime its first instant."),
        (('STARTOF(DATE(2026, 11, 22), "quarter")', "2026-10-01"), ('STARTOF(DATE(2026, 11, 22), "week")', "2026-11-16")),
        python_dates.edge(values.start_of),
        _sql(lambda sql, node: sql.start_of(node)),
        check=_check_unit,
        needs_of=_zoned,
    ),
    Function(
        "ENDOF",
        "date",
        (_DAY, _UNIT),
        _kept,
        _m("The last day of the day, week, month, quarter, year, fiscal_quarter or fiscal_year; of a datetime its last microsecond."),
        (('ENDOF(DATE(2026, 2, 22), "month")', "2026-02-28"), ('ENDOF(DATE(2026, 11, 20), "week")', "2026-11-22")),
        python_dates.edge(values.end_of),
        _sql(lambda sql, node: sql.end_of(node)),
        check=_check_unit,
        needs_of=_zoned,
    ),
)

ROWS: tuple[Function, ...] = (*_CLOCK, *_MAKERS, *_PARTS, *_MOVES, *_SPANS, *_EDGES)
