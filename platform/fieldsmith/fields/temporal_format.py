"""Dates and times as a reader sees them: Babel's medium date and short time, compiled once per locale.

The usual letters of a pattern are formatted here (lists show thousands of dates); a pattern with any other goes to Babel.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time

_LETTERS = re.compile(r"%\((\w+)\)s")


def date_displayer(locale: str) -> Callable[[Any], str]:
    """Date → `Nov 22, 2026`, `2026年11月22日`."""
    known = Locale.parse(locale)
    return _compiled(known.date_formats["medium"].format, known) or (lambda value: format_date(value, "medium", locale=known))


def time_displayer(locale: str) -> Callable[[Any], str]:
    """Time → hours and minutes."""
    known = Locale.parse(locale)
    return _compiled(known.time_formats["short"].format, known) or (lambda value: format_time(value, "short", locale=known))


def datetime_displayer(locale: str, zone: ZoneInfo) -> Callable[[Any], str]:
    """Naive UTC → date and time on the clock of `zone`."""
    show_date, show_time = date_displayer(locale), time_displayer(locale)
    frame = str(Locale.parse(locale).datetime_formats["medium"]).replace("'", "")

    def display(value: datetime) -> str:
        try:
            local = value.replace(tzinfo=UTC).astimezone(zone)
        except OverflowError:  # the first and last hours of time, away from UTC
            local = value
        return frame.replace("{1}", show_date(local)).replace("{0}", show_time(local.time()))

    return display


def _compiled(template: str, locale: Locale) -> Callable[[Any], str] | None:
    """A function for Babel's `%(y)s年%(M)s月%(d)s日`, or None when it has letters not known here."""
    known = _writers(locale)
    names = _LETTERS.findall(template)
    if not all(name in known for name in names) or locale.default_numbering_system != "latn":
        return None
    writers = [known[name] for name in names]
    frame = _LETTERS.sub("%s", template)
    return lambda value: frame % tuple([write(value) for write in writers])


def _writers(locale: Locale) -> dict[str, Callable[[Any], str | int]]:
    months = locale.months["format"]
    short = {number: str(name) for number, name in months["abbreviated"].items()}
    wide = {number: str(name) for number, name in months["wide"].items()}
    periods = locale.day_periods["format"]["abbreviated"]
    halves = (str(periods.get("am", "AM")), str(periods.get("pm", "PM")))

    def month_short(value: date) -> str:
        return short[value.month]

    def month_wide(value: date) -> str:
        return wide[value.month]

    def half(value: time) -> str:
        return halves[value.hour >= 12]

    said: dict[tuple[int, bool], str] = {}  # (hour, on the hour) → 凌晨, 上午, 中午 …: noon and midnight may have names of their own

    def part_of_day(value: time) -> str:
        key = (value.hour, not (value.minute or value.second or value.microsecond))
        if key not in said:
            said[key] = format_time(value, "B", locale=locale)
        return said[key]

    return {
        "B": part_of_day,
        "y": lambda value: value.year,
        "M": lambda value: value.month,
        "MM": lambda value: f"{value.month:02}",
        "MMM": month_short,
        "MMMM": month_wide,
        "d": lambda value: value.day,
        "dd": lambda value: f"{value.day:02}",
        "H": lambda value: value.hour,
        "HH": lambda value: f"{value.hour:02}",
        "h": lambda value: value.hour % 12 or 12,
        "mm": lambda value: f"{value.minute:02}",
        "ss": lambda value: f"{value.second:02}",
        "a": half,
    }
