"""Countries, currencies and time zones to choose from, named in the reader's language by Babel (CLDR).

Lists are made once per language and kept by the caller; `guess_country` reads the browser's languages.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import available_timezones

from babel import Locale
from babel.core import get_global
from babel.numbers import get_currency_name, get_territory_currencies

_NO_COUNTRY = frozenset({"EU", "ZZ"})


@dataclass(frozen=True, slots=True)
class Country:
    """`currency` is the one in use there now, None where CLDR knows none."""

    code: str
    name: str
    currency: str | None


@dataclass(frozen=True, slots=True)
class Regions:
    """In the reader's order; `zones` are IANA names."""

    countries: tuple[Country, ...]
    currencies: dict[str, str]
    zones: tuple[str, ...]

    def country(self, code: str) -> Country | None:
        return next((item for item in self.countries if item.code == code), None)


def regions(language: str) -> Regions:
    """Everything to choose from, in `language` (`en`, `zh_Hans`, `zh_Hant`)."""
    locale = Locale.parse(language)
    known = sorted(get_global("territory_currencies"))
    named = [(code, locale.territories[code]) for code in known if len(code) == 2 and code not in _NO_COUNTRY and code in locale.territories]
    countries = [Country(code, name, _currency(code)) for code, name in sorted(named, key=lambda item: item[1])]
    codes = sorted({item.currency for item in countries if item.currency})
    return Regions(tuple(countries), {code: f"{code} – {get_currency_name(code, locale=locale)}" for code in codes}, zones())


def zones() -> tuple[str, ...]:
    """Time zones named after places, and UTC; without the deprecated aliases of other shapes."""
    areas = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
    return ("UTC", *sorted(name for name in available_timezones() if name.partition("/")[0] in areas))


def guess_country(tags: Iterable[str]) -> str | None:
    """The country of the first language tag that names one: `zh-TW` → `TW`."""
    for tag in tags:
        for part in tag.replace("_", "-").split("-")[1:]:
            if len(part) == 2 and part.isalpha():
                return part.upper()
    return None


def _currency(country: str) -> str | None:
    found = get_territory_currencies(country)
    return found[0] if found else None
