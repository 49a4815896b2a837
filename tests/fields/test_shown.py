"""The quick formatters say exactly what Babel says."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from babel.dates import format_date, format_time
from babel.numbers import format_currency, format_decimal, format_percent

from fieldsmith.fields.number_format import currency_displayer, decimal_displayer, percent_displayer
from fieldsmith.fields.temporal_format import date_displayer, datetime_displayer, time_displayer

LOCALES = [
    "en_US",
    "en_GB",
    "en_IN",
    "zh_Hans_CN",
    "zh_Hant_TW",
    "de_DE",
    "de_CH",
    "de_AT",
    "fr_FR",
    "es_ES",
    "pl_PL",
    "hi_IN",
    "ar_EG",
    "sv_SE",
    "ja_JP",
    "pt_BR",
]
NUMBERS = [Decimal(text) for text in ("0.00", "0.05", "-0.05", "1.00", "-12.30", "999.99", "1000.00", "-1234.50", "12345.67", "-123456789012.34")]
DAYS = [date(1, 1, 1), date(1999, 12, 31), date(2024, 2, 29), date(2026, 11, 22), date(9999, 9, 9)]
TIMES = [time(0, 0), time(0, 5), time(9, 30, 59), time(12, 0), time(13, 1), time(23, 59)]


@pytest.mark.parametrize("locale", LOCALES)
def test_decimals(locale: str) -> None:
    show = decimal_displayer(locale, 2)
    uneven = [number for number in NUMBERS if number % Decimal("0.1")]
    assert [show(number) for number in uneven] == [format_decimal(number, locale=locale) for number in uneven]


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("code", ["USD", "EUR", "CNY", "TWD", "CHF"])
def test_amounts(locale: str, code: str) -> None:
    show = currency_displayer(locale, 2)
    assert [show((number, code)) for number in NUMBERS] == [format_currency(number, code, locale=locale, currency_digits=False) for number in NUMBERS]


@pytest.mark.parametrize("locale", LOCALES)
def test_percents(locale: str) -> None:
    show = percent_displayer(locale, 0)
    numbers = [Decimal(0), Decimal(7), Decimal(-25), Decimal(12345)]
    assert [show(number) for number in numbers] == [format_percent(number.scaleb(-2), locale=locale) for number in numbers]


@pytest.mark.parametrize("locale", LOCALES)
def test_dates(locale: str) -> None:
    show = date_displayer(locale)
    assert [show(day) for day in DAYS] == [format_date(day, "medium", locale=locale) for day in DAYS]


@pytest.mark.parametrize("locale", LOCALES)
def test_times(locale: str) -> None:
    show = time_displayer(locale)
    assert [show(clock) for clock in TIMES] == [format_time(clock, "short", locale=locale) for clock in TIMES]


@pytest.mark.parametrize("locale", LOCALES)
def test_moments_hold_the_date_and_the_time_of_the_zone(locale: str) -> None:
    zone, moment = ZoneInfo("Asia/Shanghai"), datetime(2026, 11, 22, 20, 30)
    shown, local = datetime_displayer(locale, zone)(moment), moment.replace(tzinfo=UTC).astimezone(zone)
    assert date_displayer(locale)(local.date()) in shown
    assert time_displayer(locale)(local.time()) in shown
