"""Types of time: date, datetime, time, duration, which travel in ISO 8601 only.

Datetimes are naive UTC inside; an input without an offset is refused, because nobody could say what it means.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from fieldsmith.base.text import _m
from fieldsmith.expr.types import DATE, DATETIME, INTEGER, TIME
from fieldsmith.expr.vocabulary import Symbol
from fieldsmith.fields.base import Column, Field, FieldType, Invalid, Json, Reader, Scope, Storage
from fieldsmith.fields.number import LOWEST, NUMBER_OPERATORS, whole_number
from fieldsmith.fields.symbols import symbol_of
from fieldsmith.fields.temporal_format import date_displayer, datetime_displayer, time_displayer
from fieldsmith.fields.temporal_text import date_reader, datetime_reader

_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})\Z")
_SHORT_YEAR = re.compile(r"[0-9]{1,2}[-/. ][0-9]{1,2}[-/. ][0-9]{2}\Z")
_DATETIME = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?) ?([Zz]|[+-][0-9]{2}:[0-9]{2})?\Z")
_TIME = re.compile(r"[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?\Z")


def read_date(raw: Any) -> date | None:
    """Raw → date or None when blank: `2026-11-22` only."""
    if isinstance(raw, str):
        text = raw.strip()
        if not text:
            return None
        found = _DATE.match(text)
        if found:
            try:
                return date.fromisoformat(text)
            except ValueError:
                raise impossible_date(*map(int, found.groups())) from None
        if _SHORT_YEAR.match(text):
            raise short_year(text)
        raise Invalid("not_date", _m("“{value}” is not a date.", value=text[:40]), _m("Write dates as year-month-day, like 2026-11-22."))
    if raw is None or (isinstance(raw, date) and not isinstance(raw, datetime)):
        return raw
    raise Invalid("not_date", _m("This is not a date."), _m("Write dates as year-month-day, like 2026-11-22."))


def impossible_date(year: int, month: int, day: int) -> Invalid:
    """Why a well-formed date does not exist."""
    if not 1 <= year <= 9999:
        return Invalid("impossible_date", _m("The year {year} cannot be kept.", year=year), _m("Use a year from 1 to 9999."))
    if not 1 <= month <= 12:
        return Invalid("impossible_date", _m("There is no month {month}.", month=month), _m("Use a month from 1 to 12."))
    last = calendar.monthrange(year, month)[1]
    message = _m("There is no day {day} in month {month} of {year}.", day=day, month=month, year=str(year))
    return Invalid("impossible_date", message, _m("Use a day from 1 to {last}.", last=last))


def short_year(text: str) -> Invalid:
    return Invalid("two_digit_year", _m("The year of “{value}” has two digits only.", value=text[:40]), _m("Write the year with four digits."))


class DateType(FieldType):
    name = "date"
    title = _m("Date")
    help = _m("A calendar day.")
    widget = "date"
    operators = NUMBER_OPERATORS
    can_be_unique = True

    def columns(self, field: Field) -> tuple[Column, ...]:
        return (Column("", Storage.DATE),)

    def symbol(self, field: Field) -> Symbol:
        return symbol_of(field, DATE)

    def coercer(self, field: Field, scope: Scope) -> Callable[[Any], Any]:
        def coerce(raw: Any) -> date | None:
            if type(raw) is date:
                return raw
            if type(raw) is str and len(raw) == 10 and raw[4] == raw[7] == "-":
                try:
                    return date.fromisoformat(raw)
                except ValueError:
                    pass
            return read_date(raw)

        return coerce

    def json_schema(self, field: Field, scope: Scope) -> dict[str, Json]:
        return {"type": ["string", "null"], "format": "date", "examples": [self.example(field, scope)]}

    def example(self, field: Field, scope: Scope) -> Json:
        return "2026-11-22"

    def encoder(self, field: Field) -> Callable[[Any], Json] | None:
        return date.isoformat

    def displayer(self, field: Field, scope: Scope, reader: Reader) -> Callable[[Any], str]:
        return date_displayer(reader.locale)

    def text_reader(self, field: Field, scope: Scope, *, date_format: str | None = None, locale: str | None = None) -> Callable[[str], Any]:
        return str.strip if date_format is None else date_reader(date_format, locale)

    def export_text(self, field: Field) -> Callable[[Any], str]:
        return date.isoformat


def read_datetime(raw: Any) -> datetime | None:
    """Raw → naive UTC or None when blank: RFC 3339 with an offset. Python datetimes count as UTC when they are naive."""
    if isinstance(raw, str):
        text = raw.strip()
        if not text:
            return None
        found = _DATETIME.match(text)
        if found is None:
            raise _not_datetime(text)
        day, clock, offset = found.groups()
        read_date(day)
        if offset is None:
            message = _m("“{value}” does not say in which time zone it is.", value=text)
            raise Invalid("no_offset", message, _m("Add Z for UTC or an offset, like 2026-11-22T09:30:00+01:00."))
        try:
            return _as_utc(datetime.fromisoformat(f"{day}T{clock}{offset.upper()}"))
        except ValueError:
            raise _not_datetime(text) from None
    if raw is None:
        return None
    if isinstance(raw, datetime):
        return raw if raw.tzinfo is None else _as_utc(raw)
    raise _not_datetime("")


def _as_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC).replace(tzinfo=None)
    except OverflowError:
        message = _m("In UTC this moment lies outside the years 1 to 9999.")
        raise Invalid("impossible_date", message, _m("Use a year from 1 to 9999.")) from None


def _not_datetime(text: str) -> Invalid:
    message = _m("“{value}” is not a date and time.", value=text[:40]) if text else _m("This is not a date and time.")
    return Invalid("not_datetime", message, _m("Write it like 2026-11-22T09:30:00Z."))


def encode_datetime(value: datetime) -> str:
    """Naive UTC → RFC 3339."""
    return value.isoformat() + "Z"


class DatetimeType(FieldType):
    name = "datetime"
    title = _m("Date and time")
    help = _m("A moment, shown in each reader's own time zone.")
    widget = "datetime"
    operators = NUMBER_OPERATORS

    def columns(self, field: Field) -> tuple[Column, ...]:
        return (Column("", Storage.DATETIME),)

    def symbol(self, field: Field) -> Symbol:
        return symbol_of(field, DATETIME)

    def coercer(self, field: Field, scope: Scope) -> Callable[[Any], Any]:
        def coerce(raw: Any) -> datetime | None:
            if type(raw) is str and len(raw) == 20 and raw[4] == raw[7] == "-" and raw[10] == "T" and raw[13] == ":" and raw[19] == "Z":
                try:
                    return datetime.fromisoformat(raw[:19])
                except ValueError:
                    pass
            return read_datetime(raw)

        return coerce

    def json_schema(self, field: Field, scope: Scope) -> dict[str, Json]:
        return {"type": ["string", "null"], "format": "date-time", "examples": [self.example(field, scope)]}

    def example(self, field: Field, scope: Scope) -> Json:
        return "2026-11-22T09:30:00Z"

    def encoder(self, field: Field) -> Callable[[Any], Json] | None:
        return encode_datetime

    def displayer(self, field: Field, scope: Scope, reader: Reader) -> Callable[[Any], str]:
        return datetime_displayer(reader.locale, ZoneInfo(reader.timezone))

    def text_reader(self, field: Field, scope: Scope, *, date_format: str | None = None, locale: str | None = None) -> Callable[[str], Any]:
        """With a `date_format`, moments are in the company's time zone unless they carry an offset themselves."""
        return str.strip if date_format is None else datetime_reader(date_format, locale, ZoneInfo(scope.timezone))

    def export_text(self, field: Field) -> Callable[[Any], str]:
        return encode_datetime


class TimeType(FieldType):
    name = "time"
    title = _m("Time of day")
    help = _m("A time on the clock, without a date or zone.")
    widget = "time"
    operators = NUMBER_OPERATORS

    def columns(self, field: Field) -> tuple[Column, ...]:
        return (Column("", Storage.TIME),)

    def symbol(self, field: Field) -> Symbol:
        return symbol_of(field, TIME)

    def coercer(self, field: Field, scope: Scope) -> Callable[[Any], Any]:
        def coerce(raw: Any) -> time | None:
            if raw is None or (isinstance(raw, time) and raw.tzinfo is None):
                return raw
            text = raw.strip() if isinstance(raw, str) else None
            if text == "":
                return None
            try:
                if text and _TIME.match(text):
                    return time.fromisoformat(text)
            except ValueError:
                pass
            message = _m("“{value}” is not a time of day.", value=text[:40]) if text else _m("This is not a time of day.")
            raise Invalid("not_time", message, _m("Write it from 00:00 to 23:59:59, like 09:30."))

        return coerce

    def json_schema(self, field: Field, scope: Scope) -> dict[str, Json]:
        text = "HH:MM, HH:MM:SS or HH:MM:SS.ffffff."
        return {"type": ["string", "null"], "description": text, "examples": [self.example(field, scope)]}

    def example(self, field: Field, scope: Scope) -> Json:
        return "09:30:00"

    def encoder(self, field: Field) -> Callable[[Any], Json] | None:
        return time.isoformat

    def displayer(self, field: Field, scope: Scope, reader: Reader) -> Callable[[Any], str]:
        return time_displayer(reader.locale)

    def text_reader(self, field: Field, scope: Scope, *, date_format: str | None = None, locale: str | None = None) -> Callable[[str], Any]:
        """Also takes `9:30`, which spreadsheets write."""

        def read(text: str) -> str:
            text = text.strip()
            return "0" + text if text[1:2] == ":" else text

        return read

    def export_text(self, field: Field) -> Callable[[Any], str]:
        return time.isoformat


_CLOCK = re.compile(r"([+-]?)([0-9]{1,16}):([0-5][0-9]):([0-5][0-9])\Z")
_ISO_DURATION = re.compile(r"([+-]?)P(?:([0-9]{1,9})W|(?:([0-9]{1,9})D)?(?:T(?=[0-9])(?:([0-9]{1,12})H)?(?:([0-9]{1,12})M)?(?:([0-9]{1,12})S)?)?)\Z")


def read_duration(raw: Any) -> int | None:
    """Raw → seconds or None when blank: a whole number of seconds, `1:30:00` or ISO 8601 in weeks, or days and time (`PT1H30M`)."""
    if isinstance(raw, str):
        text = raw.strip().upper()
        found = _CLOCK.match(text)
        if found:
            sign, hours, minutes, seconds = found.groups()
            return _signed(sign, int(hours) * 3600 + int(minutes) * 60 + int(seconds))
        found = _ISO_DURATION.match(text)
        if found and any(found.groups()[1:]):
            sign, weeks, days, hours, minutes, seconds = (part or "0" for part in found.groups())
            total = int(weeks) * 604_800 + int(days) * 86_400 + int(hours) * 3600 + int(minutes) * 60 + int(seconds)
            return _signed(sign, total)
    try:
        return whole_number(raw)
    except Invalid as error:
        if error.code != "not_integer":
            raise
        hint = _m("Write seconds, or hours, minutes and seconds like 1:30:00 or PT1H30M.")
        raise Invalid("not_duration", _m("This is not a duration."), hint) from None


def _signed(sign: str, seconds: int) -> int | None:
    return whole_number(-seconds if sign == "-" else seconds)


def clock_text(seconds: int) -> str:
    """5400 → `1:30:00`."""
    minutes, second = divmod(abs(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{'-' if seconds < 0 else ''}{hours}:{minute:02}:{second:02}"


class DurationType(FieldType):
    name = "duration"
    title = _m("Duration")
    help = _m("A length of time, kept in seconds.")
    widget = "duration"
    operators = NUMBER_OPERATORS
    align_end = True

    def columns(self, field: Field) -> tuple[Column, ...]:
        return (Column("", Storage.INTEGER),)

    def symbol(self, field: Field) -> Symbol:
        return symbol_of(field, INTEGER)

    def coercer(self, field: Field, scope: Scope) -> Callable[[Any], Any]:
        return read_duration

    def json_schema(self, field: Field, scope: Scope) -> dict[str, Json]:
        text = "Seconds; `1:30:00` and ISO 8601 (`PT1H30M`) are accepted when written."
        bounds = {"minimum": LOWEST, "maximum": -LOWEST - 1}
        return {"type": ["integer", "string", "null"], **bounds, "description": text, "examples": [self.example(field, scope)]}

    def example(self, field: Field, scope: Scope) -> Json:
        return 5400

    def displayer(self, field: Field, scope: Scope, reader: Reader) -> Callable[[Any], str]:
        return clock_text

    def export_text(self, field: Field) -> Callable[[Any], str]:
        return clock_text
