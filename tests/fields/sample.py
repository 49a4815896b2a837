"""A small model for tests of field types: one choice list, a company in dollars with a rate for the euro, a day in November."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from fieldsmith.base.text import Label
from fieldsmith.fields.base import Field, Scope
from fieldsmith.meta.model import ChoiceList, ChoiceValue

STAGE = ChoiceList(
    "stage",
    Label("Stage"),
    {
        "open": ChoiceValue("open", Label("Open")),
        "won": ChoiceValue("won", Label("Won", {"zh_Hans": "赢单", "zh_Hant": "贏單"})),
        "retired": ChoiceValue("retired", Label("Retired"), active=False),
    },
)

NEEDED: dict[str, dict[str, Any]] = {
    "choice": {"choices": "stage"},
    "multi_choice": {"choices": "stage"},
    "lookup": {"to": "account"},
    "polymorphic_lookup": {"to": ["account", "lead"]},
    "many_to_many": {"to": "tag"},
    "formula": {"returns": "decimal", "expression": "1"},
    "rollup": {"expression": "COUNT(lines)"},
}
"""Options without which a type cannot be."""


def scope() -> Scope:
    rates = {"EUR": Decimal("1.08"), "JPY": Decimal("0.0066")}
    return Scope({"stage": STAGE}, "USD", lambda code, day: rates.get(code), lambda: date(2026, 11, 22), timezone="Europe/Berlin")


def field_of(kind: str, options: dict[str, Any] | None = None, **said: Any) -> Field:
    """A field of type `kind` with `options`; `said` are other keys of `Field`."""
    return Field("thing", "value", kind, 1, "value_1", Label("Value"), options={**NEEDED.get(kind, {}), **(options or {})}, **said)
