"""The company in the studio: what differs goes into the draft; holidays and rates come and go."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from fieldsmith.meta.company import Company
from tests.databases import SqliteTemplates
from tests.web.conftest import Person
from tests.web.screens import Visitor, words

PAGE = "/studio/company"
AS_SHIPPED = {
    **{"label": "My company", "language": "en", "country": "US", "currency": "USD", "time_zone": "UTC", "accent": "#2f5bea", "fiscal_year_start": "1"},
    "workdays": ["1", "2", "3", "4", "5"],
}


@pytest.fixture
def templates(sqlite_templates: SqliteTemplates) -> SqliteTemplates:
    return sqlite_templates


def drafted(visitor: Visitor, admin: Person) -> Company:
    """The company of the administrator's only draft."""
    [draft] = visitor.workspace.changesets.listed(admin.actor)
    return visitor.workspace.changesets.look(admin.actor, draft.id).model.company


def test_the_page_shows_what_holds(visitor: Visitor) -> None:
    page = visitor.get(PAGE)
    assert 'value="My company"' in page.text and "Exchange rates" in words(page)


def test_what_differs_goes_into_the_draft(visitor: Visitor, admin: Person) -> None:
    changed = {**AS_SHIPPED, "label": "Acme", "currency": "EUR", "accent": "#118844", "fiscal_year_start": "4", "workdays": ["7", "1"]}
    assert visitor.post(PAGE, changed).status_code == 303
    company = drafted(visitor, admin)
    assert (company.name, company.currency, company.accent, company.fiscal_year_start, company.workdays) == ("Acme", "EUR", "#118844", 4, (1, 7))
    [draft] = visitor.workspace.changesets.listed(admin.actor)
    edits = visitor.workspace.changesets.get(admin.actor, draft.id).edits or {}
    assert len(edits["company", "company"].operations) == 5
    visitor.post(PAGE, {**changed, "workdays": ["1", "2"]})
    assert drafted(visitor, admin).workdays == (1, 2)


def test_nothing_changed_opens_no_draft(visitor: Visitor, admin: Person) -> None:
    visitor.post(PAGE, AS_SHIPPED)
    assert visitor.workspace.changesets.listed(admin.actor) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"label": ""}, "This is needed."),
        ({"language": "fr"}, "Choose one from the list."),
        ({"country": "XX"}, "There is no country “XX”."),
        ({"currency": "usd"}, "usd"),
        ({"time_zone": "Mars/Base"}, "There is no time zone “Mars/Base”."),
        ({"accent": "red"}, "accent"),
        ({"fiscal_year_start": "13"}, "Choose one from the list."),
        ({"workdays": []}, "Tick at least one day."),
        ({"workdays": ["9"]}, "9"),
    ],
)
def test_what_is_wrong_stands_on_the_form(visitor: Visitor, admin: Person, change: dict[str, Any], told: str) -> None:
    answer = visitor.post(PAGE, {**AS_SHIPPED, **change})
    assert answer.status_code == 422 and told in answer.text
    assert visitor.workspace.changesets.listed(admin.actor) == []


def test_holidays_come_and_go(visitor: Visitor, admin: Person) -> None:
    for day, label in (("2026-12-25", "Christmas"), ("2027-01-01", "New Year")):
        assert visitor.post(f"{PAGE}/holidays", {"date": day, "label": label}).status_code == 303
    visitor.post(f"{PAGE}/holidays", {"remove": "2026-12-25"})
    assert list(drafted(visitor, admin).holidays) == [date(2027, 1, 1)]
    assert "Friday, January 1, 2027" in words(visitor.get(PAGE))


def test_rates_come_and_go(visitor: Visitor, admin: Person) -> None:
    for rate in ("1,08", "1.10"):
        visitor.post(f"{PAGE}/rates", {"rate_currency": "EUR", "from": f"2026-0{1 if rate == '1,08' else 6}-01", "rate": rate})
    visitor.post(f"{PAGE}/rates", {"remove": "EUR.2026-06-01"})
    assert drafted(visitor, admin).rate("EUR", date(2026, 8, 1)) == Decimal("1.08")


@pytest.mark.parametrize(
    ("part", "sent", "told"),
    [
        ("holidays", {"date": "2026-02-30", "label": "Never"}, "Choose a day."),
        ("holidays", {"date": "2026-12-25", "label": ""}, "This is needed."),
        ("rates", {"rate_currency": "ABC", "from": "2026-01-01", "rate": "1"}, "Choose one from the list."),
        ("rates", {"rate_currency": "USD", "from": "2026-01-01", "rate": "1"}, "The company currency needs no rate"),
        ("rates", {"rate_currency": "EUR", "from": "2026-01-01", "rate": "0"}, "A rate must be more than zero."),
        ("rates", {"rate_currency": "EUR", "from": "2026-01-01", "rate": "a lot"}, "rate"),
        ("rates", {"remove": "EUR.2026-01-01"}, "There is no"),
    ],
)
def test_a_holiday_or_rate_that_cannot_be(visitor: Visitor, part: str, sent: dict[str, str], told: str) -> None:
    answer = visitor.post(f"{PAGE}/{part}", sent)
    assert answer.status_code == 422 and told in words(answer)
