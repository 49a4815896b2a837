"""Canonical values of composite fields: what coercers return, storage packs and encoders read.

Plain fields use plain Python: str, int, Decimal, bool, date, naive-UTC datetime, time; blank is always None.
A lookup's canonical value is the target's id (int); a multi-choice's and many-to-many's is a tuple.
Where a reader is known, services put a `Link` in place of a bare id; a coercer may leave an `ExternalKey` for `records` to resolve.
"""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple


class Money(NamedTuple):
    """An amount, its ISO 4217 code and the same in company currency at the rate of the day it was saved."""

    amount: Decimal
    currency: str
    company: Decimal


class PersonName(NamedTuple):
    """`full` is composed from the parts (family name first for Chinese names) and is what lists sort and show."""

    full: str
    salutation: str | None = None
    first: str | None = None
    middle: str | None = None
    last: str | None = None


class Address(NamedTuple):
    street: str | None = None
    city: str | None = None
    state: str | None = None
    postal_code: str | None = None
    country: str | None = None


class GeoPoint(NamedTuple):
    """Degrees, WGS 84, six decimals."""

    latitude: Decimal
    longitude: Decimal


class RecordRef(NamedTuple):
    """The value of a polymorphic lookup."""

    entity: str
    id: int


class Link(NamedTuple):
    """A reference as a reader sees it; `label` None when the target is invisible, `entity` set for polymorphic lookups."""

    id: int
    label: str | None = None
    entity: str | None = None


class ExternalKey(NamedTuple):
    """A target named by one of its unique fields instead of its id; `entity` set for polymorphic lookups."""

    field: str
    value: str | int
    entity: str | None = None
