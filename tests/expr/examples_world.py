"""The order that the examples of the reference and of the guide speak of, and how their answers are written there."""

from __future__ import annotations

import json
from typing import Any

from fieldsmith.base.context import OPERATOR
from fieldsmith.records.evaluate import Engine, evaluate
from fieldsmith.workspace import Work
from tests.desk import Desk
from tests.meta.samples import package

_CUSTOMER: dict[str, Any] = {
    "name": "customer",
    "fields": [
        {"name": "name", "type": "text"},
        {"name": "region", "type": "text"},
        {"name": "discount", "type": "percent", "scale": 2},
        {"name": "address", "type": "address"},
    ],
}
_ORDER: dict[str, Any] = {
    "name": "order",
    "fields": [
        {"name": "name", "type": "text"},
        {"name": "customer", "type": "lookup", "to": "customer", "inverse": "orders"},
        {"name": "stage", "type": "choice", "choices": "stage"},
        {"name": "interests", "type": "multi_choice", "choices": "interest"},
        {"name": "amount", "type": "currency"},
        {"name": "due", "type": "date"},
        {"name": "closed_on", "type": "date"},
        {"name": "called_at", "type": "datetime"},
        {"name": "phone", "type": "phone"},
        {"name": "urgent", "type": "boolean"},
    ],
}
_LINE: dict[str, Any] = {
    "name": "line",
    "fields": [
        {"name": "name", "type": "text"},
        {"name": "order", "type": "lookup", "to": "order", "inverse": "lines"},
        {"name": "quantity", "type": "integer"},
        {"name": "price", "type": "decimal", "scale": 2},
        {"name": "cancelled", "type": "boolean"},
    ],
}
_LISTS: list[dict[str, Any]] = [
    {"name": "stage", "values": [{"name": "open", "label": "Open"}, {"name": "won", "label": "Won"}, {"name": "lost", "label": "Lost"}]},
    {"name": "interest", "values": [{"name": "retail"}, {"name": "export"}]},
]
EXAMPLES = package("examples", {"entity": [_CUSTOMER, _ORDER, _LINE], "choices": _LISTS})


def make_order(desk: Desk) -> int:
    """Its id."""
    customer = desk.make("customer", name="Ada Lovelace", region="north", discount="10", address={"city": "London"})
    order = desk.make(
        "order",
        name="A-1007",
        customer=customer,
        stage="won",
        interests=["retail", "export"],
        amount={"amount": "1250.00", "currency": "USD"},
        due="2026-12-01",
        closed_on="2026-11-20",
        called_at="2026-11-22T09:05:00Z",
    )
    for name, quantity, price, cancelled in (("bolt", 5, "30.00", False), ("nut", 1, "0.10", False), ("washer", 1, "75.00", True)):
        desk.make("line", name=name, order=order, quantity=quantity, price=price, cancelled=cancelled)
    return order


def answer(work: Work, order: int, source: str, engine: Engine, *, saving: bool = False) -> str | None:
    """What `source` gives for the order, as examples write it. `saving`: while somebody saves it without a change."""
    value = evaluate(work, OPERATOR, "order", source, id=order, values={} if saving else None, engine=engine).value
    return value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False)
