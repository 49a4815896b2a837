"""Cross-checks of the company: language, time zone, currency, country, rates and holidays exist."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale

from fieldsmith.base.problems import did_you_mean, pointer
from fieldsmith.base.text import _m
from fieldsmith.meta.findings import Findings

KEY = ("company", "company")
LANGUAGES = ("en", "zh_Hans", "zh_Hant")


def check_company(findings: Findings) -> None:
    document = findings.model.documents.get(KEY)
    if document is None:
        return
    body, english = document.body, Locale("en")
    language = body.get("language", "en")
    if language not in LANGUAGES:
        message = _m("Screens do not speak “{language}”. Use one of: {known}.", language=language, known=", ".join(LANGUAGES))
        findings.add(KEY, "/language", "unknown_language", message)
    zone = body.get("time_zone", "UTC")
    if not is_time_zone(zone):
        message = _m("There is no time zone “{zone}”. Use an IANA name such as Europe/Berlin.", zone=zone)
        findings.add(KEY, "/time_zone", "unknown_time_zone", message)
    country = body.get("country", "US")
    if country not in english.territories:
        findings.add(KEY, "/country", "unknown_country", _m("There is no country “{code}”. Use its two-letter ISO 3166 code.", code=country))
    _currency(findings, "/currency", body.get("currency", "USD"), english)
    _rates(findings, body, english)
    for item in body.get("calendar", {}).get("holidays", ()):
        _date(findings, pointer("calendar", "holidays", item["date"], "date"), item["date"])


def is_time_zone(name: str) -> bool:
    """Whether `name` is an IANA time zone; never throws."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


def _currency(findings: Findings, place: str, code: str, english: Locale) -> None:
    if code not in english.currencies:
        message = _m("There is no currency “{code}”. Use its three-letter ISO 4217 code.", code=code)
        findings.add(KEY, place, "unknown_currency", message, did_you_mean(code, english.currencies))


def _rates(findings: Findings, body: Mapping[str, Any], english: Locale) -> None:
    seen: set[str] = set()
    for item in body.get("rates", ()):
        name = f"{item['currency']}.{item['from']}"
        place = pointer("rates", name)
        _currency(findings, f"{place}/currency", item["currency"], english)
        _date(findings, f"{place}/from", item["from"])
        if Decimal(item["rate"]) <= 0:
            findings.add(KEY, f"{place}/rate", "bad_rate", _m("A rate must be more than zero."))
        if item["currency"] == body.get("currency", "USD"):
            findings.add(KEY, f"{place}/currency", "bad_rate", _m("The company currency needs no rate: it is always 1."))
        if name in seen:
            findings.add(KEY, place, "same_name", _m("There are two rates of {currency} from {day} on. Keep one.", currency=item["currency"], day=item["from"]))
        seen.add(name)


def _date(findings: Findings, place: str, text: str) -> None:
    try:
        date.fromisoformat(text)
    except ValueError:
        findings.add(KEY, place, "bad_date", _m("{day} is not a day of the calendar.", day=text))
