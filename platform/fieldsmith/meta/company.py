"""The company profile: language, money and its rates, calendar. Part of the model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from fieldsmith.base.text import Label


@dataclass(frozen=True, slots=True)
class Rate:
    """From `start` on, one unit of `currency` is `rate` units of company currency."""

    currency: str
    start: date
    rate: Decimal


@dataclass(frozen=True, slots=True)
class Company:
    name: str
    language: str = "en"
    timezone: str = "UTC"
    currency: str = "USD"
    country: str = "US"
    rates: tuple[Rate, ...] = ()
    fiscal_year_start: int = 1  # month
    workdays: tuple[int, ...] = (1, 2, 3, 4, 5)  # 1 is Monday
    holidays: Mapping[date, Label] = field(default_factory=dict)
    accent: str = "#2f5bea"

    def rate(self, currency: str, on: date) -> Decimal | None:
        """Company units for one unit of `currency` on day `on`; None where no rate is known."""
        if currency == self.currency:
            return Decimal(1)
        past = [item for item in self.rates if item.currency == currency and item.start <= on]
        return max(past, key=lambda item: item.start).rate if past else None
