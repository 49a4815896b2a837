"""A package whose entities compute, count and refuse: formulas of every storage, rollups over rollups, rules, default expressions."""

from __future__ import annotations

from typing import Any

from tests.meta.samples import package

CUSTOMER: dict[str, Any] = {
    "name": "customer",
    "fields": [
        {"name": "name", "type": "text"},
        {"name": "discount", "type": "percent", "scale": 2},
        {"name": "region", "type": "text"},
        {"name": "order_count", "type": "rollup", "expression": "COUNT(orders)"},
        {"name": "turnover", "type": "rollup", "expression": "SUM(orders.total where stage = 'paid')", "returns": "decimal", "scale": 2},
        {"name": "rank", "type": "formula", "returns": "text", "expression": "IF(turnover >= 100, 'gold', IF(order_count > 0, 'silver', 'new'))"},
    ],
}
ORDER: dict[str, Any] = {
    "name": "order",
    "fields": [
        {"name": "name", "type": "text"},
        {"name": "customer", "type": "lookup", "to": "customer", "inverse": "orders", "on_delete": "clear"},
        {"name": "stage", "type": "choice", "choices": "stage", "default": "open"},
        {"name": "due", "type": "date", "default_expression": "ADDDAYS(TODAY(), 14)"},
        {"name": "region", "type": "text", "default_expression": "customer.region"},
        {"name": "paid_on", "type": "date"},
        {"name": "reason", "type": "text"},
        {"name": "total", "type": "rollup", "expression": "SUM(lines.net where not cancelled)", "returns": "decimal", "scale": 2},
        {"name": "line_count", "type": "rollup", "expression": "COUNT(lines where not cancelled)"},
        {"name": "net", "type": "formula", "returns": "decimal", "scale": 2, "expression": "total - total * COALESCE(customer.discount, 0) / 100"},
        {"name": "overdue", "type": "formula", "returns": "boolean", "expression": "stage = 'open' and due < TODAY()"},
        {"name": "title", "type": "formula", "returns": "text", "expression": "UPPER(name) & ' (' & TEXT(line_count) & ')'"},
    ],
}
LINE: dict[str, Any] = {
    "name": "line",
    "fields": [
        {"name": "name", "type": "text"},
        {"name": "order", "type": "lookup", "to": "order", "owned": True, "inverse": "lines"},
        {"name": "quantity", "type": "integer", "default": 1},
        {"name": "price", "type": "decimal", "scale": 2},
        {"name": "cancelled", "type": "boolean"},
        {"name": "net", "type": "formula", "returns": "decimal", "scale": 2, "expression": "quantity * price"},
        {"name": "doubled", "type": "formula", "returns": "decimal", "scale": 2, "expression": "net * 2"},
        {"name": "shout", "type": "formula", "returns": "text", "expression": "UPPER(name)", "indexed": True},
        {"name": "month", "type": "formula", "returns": "integer", "expression": "LEN(name) + 1"},
    ],
}
STAGES: dict[str, Any] = {"name": "stage", "values": [{"name": "open"}, {"name": "paid"}, {"name": "lost"}]}
RULES: list[dict[str, Any]] = [
    {
        "type": "validation",
        "entity": "order",
        "name": "paid_after_start",
        "label": "Paid orders say when",
        "when": "stage = 'paid'",
        "must": "not ISBLANK(paid_on)",
        "message": "Say when it was paid.",
        "field": "paid_on",
    },
    {
        "type": "validation",
        "entity": "order",
        "name": "no_way_back",
        "label": "Paid stays paid",
        "when": "not ISNEW() and old.stage = 'paid'",
        "must": "not CHANGED(stage)",
        "message": "A paid order stays paid.",
    },
    {
        "type": "field",
        "entity": "order",
        "name": "lost_reason",
        "label": "Only lost orders have a reason",
        "fields": ["reason"],
        "visible": "stage = 'lost'",
        "required": "true",
    },
    {
        "type": "field",
        "entity": "order",
        "name": "locked",
        "label": "The region is the customer's",
        "fields": ["region"],
        "read_only": "not ISBLANK(customer.region)",
    },
]
SHOP = package("shop", {"entity": [CUSTOMER, ORDER, LINE], "choices": [STAGES], "rule": RULES})
