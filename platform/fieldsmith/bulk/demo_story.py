"""`Story`: rows of demo data in the order they must be saved, pointing at each other before any has an id.

The chapters (`demo_people`, `demo_sales`, `demo_service`) add to it; `bulk.demo` saves it. Everything follows from the
language's source, the day and a fixed seed, so the same day gives the same data.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from importlib.resources import files
from typing import Any, NamedTuple

LANGUAGES = ("en", "zh_hans", "zh_hant")
_UNITS_FOR_A_DOLLAR: Mapping[str, int] = {"CNY": 7, "TWD": 30, "HKD": 8, "JPY": 150, "KRW": 1300, "INR": 85, "THB": 35, "SEK": 10, "NOK": 10, "MXN": 18}
_CENT = Decimal("0.01")


class Ref(NamedTuple):
    """The `at`-th row of `entity` in the story: becomes a record id when that row is saved."""

    entity: str
    at: int


class Batch(NamedTuple):
    """Rows of one entity saved together. They may refer to rows of earlier batches only.

    `unique` names the field whose value may be there already: such a row stands for the record found.
    """

    entity: str
    rows: Sequence[Mapping[str, Any]]
    unique: str | None


def read_source(language: str) -> Mapping[str, Any]:
    """The hand-written words of one language: `metadata/demo/<language>/source.json`."""
    text = (files("fieldsmith.metadata") / "demo" / language / "source.json").read_text("utf-8")
    source: Mapping[str, Any] = json.loads(text)
    return source


@dataclass(slots=True)
class Story:
    """Grows while it is told. Prices of the source are dollars; `currency` scales them to the company's usual figures."""

    source: Mapping[str, Any]
    today: date
    currency: str
    batches: list[Batch] = field(default_factory=list)
    random: random.Random = field(default_factory=lambda: random.Random("a fixed seed"))
    _counts: dict[str, int] = field(default_factory=dict)

    def add(self, entity: str, rows: Iterable[Mapping[str, Any]], unique: str | None = None) -> list[Ref]:
        """Refs of the rows, in their order. Blank values (None) are left out of what is saved."""
        filled = [{name: value for name, value in row.items() if value is not None} for row in rows]
        first = self._counts.get(entity, 0)
        self._counts[entity] = first + len(filled)
        self.batches.append(Batch(entity, filled, unique))
        return [Ref(entity, at) for at in range(first, first + len(filled))]

    def money(self, dollars: int | Decimal) -> Decimal:
        return (Decimal(dollars) * _UNITS_FOR_A_DOLLAR.get(self.currency, 1)).quantize(_CENT, ROUND_HALF_UP)

    def share(self, amount: Decimal, percent: int) -> Decimal:
        """`percent` of `amount`, to the cent."""
        return (amount * percent / 100).quantize(_CENT, ROUND_HALF_UP)

    def day(self, first: int, last: int) -> str:
        """A day between `first` and `last` days from today, as the API writes dates."""
        return (self.today + timedelta(days=self.random.randint(first, last))).isoformat()

    def moment(self, first: int, last: int) -> datetime:
        """A quarter of an hour within working hours on such a day (naive UTC)."""
        day = self.today + timedelta(days=self.random.randint(first, last))
        return datetime.combine(day, time(self.random.randint(8, 17), self.random.choice((0, 15, 30, 45))))

    def chance(self, percent: int) -> bool:
        return self.random.randrange(100) < percent

    def pick(self, key: str) -> Any:
        """One of the list `key` of the source."""
        return self.random.choice(self.source[key])


def instant(moment: datetime) -> str:
    """As the API writes datetimes."""
    return moment.isoformat() + "Z"
