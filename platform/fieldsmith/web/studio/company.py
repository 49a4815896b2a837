"""`/studio/company`: the company's profile and the defaults of the system; holidays and exchange rates below.

POST /studio/company                      what differs goes into the draft
POST /studio/company/holidays, …/rates    one more; with `remove` the one of that name less
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from babel.dates import format_date, get_day_names, get_month_names
from babel.numbers import format_decimal
from flask import Flask, Response, request

from fieldsmith.base.errors import BadInput
from fieldsmith.base.problems import Problem, pointer
from fieldsmith.base.text import _m
from fieldsmith.meta.company import Company
from fieldsmith.meta.layers import Effective
from fieldsmith.meta.members import member_name
from fieldsmith.studio.customising import value_at
from fieldsmith.studio.workbench import Said
from fieldsmith.web import current, page, plain_forms
from fieldsmith.web.plain_forms import Errors
from fieldsmith.web.regions import Regions, regions
from fieldsmith.web.studio.desk import Desk, desk, render
from fieldsmith.web.studio.origins import Origins

_BASE = "/studio/company"
_KEY = ("company", "company")
_TEXTS = ("label", "language", "country", "currency", "time_zone", "accent")
_INPUTS = (*_TEXTS, "fiscal_year_start", "workdays")
_PLACES: Mapping[str, str] = {**{name: f"/{name}" for name in (*_TEXTS, "fiscal_year_start")}, "workdays": "/calendar/workdays"}
_LISTS: Mapping[str, str] = {"holidays": "/calendar/holidays", "rates": "/rates"}


@dataclass(frozen=True, slots=True)
class Entry:
    """A holiday or a rate; `words` are its cells. `own`: the workspace added it, so that it can be taken away."""

    name: str
    words: Sequence[str]
    own: bool


def register(app: Flask) -> None:
    app.add_url_rule(_BASE, "studio_company", company_page)
    app.add_url_rule(_BASE, "studio_save_company", save, methods=["POST"])
    app.add_url_rule(f"{_BASE}/holidays", "studio_holidays", change_holidays, methods=["POST"])
    app.add_url_rule(f"{_BASE}/rates", "studio_rates", change_rates, methods=["POST"])


def company_page() -> Response:
    """`GET /studio/company`."""
    now = desk()
    return _page(now, _values(now.document(*_KEY)))


def save() -> Response:
    """`POST /studio/company`."""
    now = desk()
    values: dict[str, Any] = {name: plain_forms.text(name) for name in _TEXTS}
    values["accent"] = values["accent"].lower()
    values["fiscal_year_start"] = _number(plain_forms.text("fiscal_year_start"))
    values["workdays"] = sorted({_number(day) for day in request.form.getlist("workdays")})
    try:
        operations = _operations(now.document(*_KEY), values)
        if operations:
            now.say([Said(*_KEY, operations)])
    except BadInput as wrong:
        return _page(now, values, _errors(wrong), 422)
    page.notify(_m("The company is changed in the draft.") if operations else _m("Nothing was changed."), "success" if operations else "info")
    return page.go(_BASE)


def change_holidays() -> Response:
    """`POST …/holidays`: `date` and `label`, or `remove`."""
    day, label = plain_forms.text("date"), plain_forms.text("label")
    problems = plain_forms.one_line(label, "/label", 255)
    return _change_list("holidays", day, {"date": day, "label": label}, [] if request.form.get("remove") else [*_day_problems(day, "/date"), *problems])


def change_rates() -> Response:
    """`POST …/rates`: `currency`, `from` and `rate`, or `remove`."""
    code, day, rate = plain_forms.text("rate_currency"), plain_forms.text("from"), plain_forms.text("rate").replace(",", ".")
    problems = [*plain_forms.one_of(code, _regions(current.language()).currencies, "/rate_currency"), *_day_problems(day, "/from")]
    if not rate:
        problems.append(Problem("required", _m("This is needed."), "/rate"))
    value = {"currency": code, "from": day, "rate": rate}
    return _change_list("rates", f"{code}.{day}", value, [] if request.form.get("remove") else problems)


def _change_list(key: str, name: str, value: Mapping[str, Any], problems: Sequence[Problem]) -> Response:
    now = desk()
    gone = request.form.get("remove", "")
    place = _LISTS[key]
    try:
        if problems:
            raise BadInput(problems)
        now.say([Said(*_KEY, [{"op": "remove", "path": place + pointer(gone)} if gone else {"op": "add", "path": place + pointer(name), "value": value}])])
    except BadInput as wrong:
        return _page(now, _values(now.document(*_KEY)), Errors.of(wrong, ("date", "label", "rate_currency", "from", "rate")), 422, key)
    return page.go(f"{_BASE}#{key}")


def _values(document: Effective) -> dict[str, Any]:
    """What the document says, defaults where it says nothing."""
    body, plain = document.body, Company("")
    calendar = body.get("calendar", {})
    return {
        "label": body.get("label", ""),
        "language": body.get("language", plain.language),
        "country": body.get("country", plain.country),
        "currency": body.get("currency", plain.currency),
        "time_zone": body.get("time_zone", plain.timezone),
        "accent": body.get("accent", plain.accent),
        "fiscal_year_start": body.get("fiscal_year_start", plain.fiscal_year_start),
        "workdays": list(calendar.get("workdays", plain.workdays)),
    }


def _operations(document: Effective, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Only what differs. Raises `BadInput` for what cannot be read."""
    problems = plain_forms.one_line(values["label"], "/label", 255)
    problems += plain_forms.one_of(values["language"], frozenset(current.LANGUAGES), "/language")
    if values["fiscal_year_start"] not in range(1, 13):
        problems.append(Problem("unknown_choice", _m("Choose one from the list."), "/fiscal_year_start"))
    if not values["workdays"]:
        problems.append(Problem("required", _m("Tick at least one day."), "/workdays"))
    if problems:
        raise BadInput(problems)
    before = _values(document)
    return [{"op": "change", "path": _PLACES[name], "value": values[name]} for name in _INPUTS if values[name] != before[name]]


def _errors(wrong: BadInput) -> Errors:
    """The check of the draft speaks of `/calendar/workdays` where the form has `workdays`."""
    return Errors.of(wrong, (*_INPUTS, "calendar"))


def _day_problems(text: str, place: str) -> list[Problem]:
    try:
        date.fromisoformat(text)
    except ValueError:
        return [Problem("bad_date", _m("Choose a day."), place)]
    return []


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 3 else 0


def _page(now: Desk, values: Mapping[str, Any], errors: Errors | None = None, status: int = 200, part: str = "") -> Response:
    language = now.words.language
    document, origins = now.document(*_KEY), Origins(now)
    days = get_day_names("wide", locale=language)
    months = get_month_names("wide", context="stand-alone", locale=language)
    return render(
        "studio/company.html",
        now,
        status,
        values=values,
        errors=errors or Errors(),
        wrong_part=part,
        typed=request.form if part else {},
        regions=_regions(language),
        countries=[(item.code, item.name) for item in _regions(language).countries],
        days=[(number, days[number - 1]) for number in range(1, 8)],
        months=[(number, months[number]) for number in range(1, 13)],
        holidays=_entries(now, document, "holidays"),
        rates=_entries(now, document, "rates"),
        origins={name: origins.of(*_KEY, place) for name, place in _PLACES.items() if value_at(document.body, place)[1]},
        next=_BASE,
    )


def _entries(now: Desk, document: Effective, key: str) -> list[Entry]:
    """Holidays by day, rates by currency and newest first."""
    listed = value_at(document.body, _LISTS[key])[0] or ()
    below = now.bench.below.get(_KEY)
    out = []
    for item in listed:
        name = member_name(item) or ""
        based = below is not None and value_at(below.body, _LISTS[key] + pointer(name))[1]
        out.append(Entry(name, _cells(item, now), not based))
    return sorted(out, key=lambda entry: entry.name)


def _cells(item: Mapping[str, Any], now: Desk) -> tuple[str, ...]:
    if "date" in item:
        return _day(item["date"], now), str(item.get("label", ""))
    return item["currency"], _day(item["from"], now), _rate(item["rate"], now)


def _day(text: str, now: Desk) -> str:
    try:
        return str(format_date(date.fromisoformat(text), "full", locale=now.words.language))
    except ValueError:
        return text


def _rate(text: str, now: Desk) -> str:
    return str(format_decimal(text, locale=now.words.language, decimal_quantization=False))


def _regions(language: str) -> Regions:
    return current.work().runtime.keep(("regions", language), lambda: regions(language))
