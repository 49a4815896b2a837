"""The shop of `tests.shop` with layouts, an order that is also worked out, and lines that return money, choices and dates."""

from __future__ import annotations

from typing import Any

from tests.meta.samples import package
from tests.shop import CUSTOMER, LINE, ORDER, RULES, STAGES

MORE: list[dict[str, Any]] = [
    {"name": "worth", "type": "formula", "returns": "currency", "scale": 2, "expression": "quantity * price"},
    {
        "name": "size",
        "type": "formula",
        "returns": "choice",
        "choices": "size",
        "expression": "IF(quantity >= 10, 'large', IF(ISBLANK(quantity), blank, 'small'))",
    },
    {"name": "ready", "type": "formula", "returns": "date", "expression": "ADDDAYS(order.due, quantity)"},
    {"name": "gift", "type": "boolean"},
    {"name": "note", "type": "text"},
]
SIZES: dict[str, Any] = {"name": "size", "values": [{"name": "small", "colour": "green"}, {"name": "large", "label": "Large <L>", "colour": "red"}]}
GIFTS: dict[str, Any] = {
    "type": "field",
    "entity": "line",
    "name": "gifts",
    "label": "Gifts carry a note",
    "fields": ["note"],
    "visible": "gift",
    "required": "quantity > 5",
}
LAYOUTS: list[dict[str, Any]] = [
    {
        "name": "default",
        "entity": "order",
        "path": "stage",
        "highlights": ["net", "reason"],
        "sections": [
            {"name": "main", "label": "Order", "columns": 2, "fields": ["name", "customer", "stage", "due", "region", "paid_on"]},
            {"name": "why", "label": "Why it was lost", "fields": ["reason"]},
            {"name": "sums", "label": "Sums", "columns": 2, "fields": ["total", "net", "title", "overdue"]},
        ],
    },
    {
        "name": "default",
        "entity": "line",
        "sections": [
            {"name": "main", "label": "Line", "columns": 2, "fields": ["name", "order", "quantity", "price", "cancelled"]},
            {"name": "sums", "label": "Sums", "columns": 2, "fields": ["net", "worth", "size", "ready"]},
            {"name": "gift", "label": "Gift", "columns": 2, "fields": ["gift", "note"]},
        ],
    },
]
VIEWS: list[dict[str, Any]] = [{"name": "all", "entity": "line", "label": "All lines", "columns": ["name", "net", "worth", "size", "ready"]}]
SHOP_FRONT = package(
    "shop_front",
    {
        "entity": [CUSTOMER, ORDER, {**LINE, "fields": [*LINE["fields"], *MORE]}],
        "choices": [STAGES, SIZES],
        "rule": [*RULES, GIFTS],
        "layout": LAYOUTS,
        "view": VIEWS,
    },
)
