"""What the selects of a form list: choices, currencies, countries, stars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fieldsmith.fields.base import Field
from fieldsmith.web.screens_inputs import Texts

if TYPE_CHECKING:
    from fieldsmith.web.forms import FormPlan


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a select."""

    value: str
    label: str


def options_of(plan: FormPlan, item: Field, widget: str, texts: Texts, offered: Sequence[str] | None) -> Sequence[Option]:
    """What the select of a field lists; nothing for other widgets. `offered` as of `choice_options`."""
    if widget in ("select", "multi_select") and item.options.get("choices") in plan.model.choices:
        return choice_options(plan, item, texts, offered)
    if widget == "money":
        held = texts.get("currency", "")
        codes = dict.fromkeys([plan.scope.currency, *(rate.currency for rate in plan.model.company.rates), *([held] if isinstance(held, str) and held else [])])
        return [Option(code, code) for code in codes]
    if widget == "address":
        return plan.countries
    if widget == "rating":
        return [Option(str(number), "★" * number) for number in range(1, int(item.options.get("max", 5)) + 1)]
    return ()


def source_of(plan: FormPlan, item: Field, widget: str) -> str:
    """Where a picker of records asks for more; "" for other widgets."""
    if widget == "polymorphic":
        return f"/{plan.entity.name}/lookup?field={item.name}"
    return f"/{item.options['to']}/lookup" if widget in ("lookup", "many_to_many") else ""


def choice_options(plan: FormPlan, item: Field, texts: Texts, offered: Sequence[str] | None) -> Sequence[Option]:
    """Active choices (or those `offered`), and others the record still holds."""
    listed = plan.model.choices[item.options["choices"]]
    able = listed.active if offered is None else frozenset(offered)
    held = texts.get("", ())
    held_now = {held} if isinstance(held, str) else set(held)
    return [Option(value.name, value.label.render(plan.words)) for value in listed.values.values() if value.name in able or value.name in held_now]
