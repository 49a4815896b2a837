"""The `Scope` of a model: what field types may ask of the rest of the model when they coerce and show values."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from fieldsmith.fields.base import Scope
from fieldsmith.meta.model import Model


def scope_of(model: Model, today: Callable[[], date]) -> Scope:
    """`today` gives the day exchange rates are looked up for."""
    company = model.company
    return Scope(
        choices=model.choices,
        currency=company.currency,
        rate=company.rate,
        today=today,
        phone_region=company.country,
        entities=frozenset(model.entities),
        timezone=company.timezone,
    )
