"""What one workspace made and changed over the shipped packages: an app of its own, and something of most kinds. A layer for `make_workspace`."""

from __future__ import annotations

from typing import Any

from tests.meta.samples import custom

RENEWAL: dict[str, Any] = {"op": "add", "path": "/fields/renewal", "value": {"type": "date", "label": "Renewal"}, "after": "stage"}
WEBSITE: dict[str, Any] = {"op": "change", "path": "/fields/website/label", "value": "Home page"}
_RENTAL: dict[str, Any] = {
    "name": "rental",
    "fields": [
        {"name": "name", "type": "text"},
        {"name": "account", "type": "lookup", "to": "account"},
        {"name": "state", "type": "choice", "choices": "rental_state", "default": "out"},
        {"name": "days", "type": "integer"},
        {"name": "long", "type": "formula", "returns": "boolean", "expression": "days > 30"},
    ],
}
_WORD = {"op": "add", "path": "/labels/entity~1opportunity~1fields~1renewal~1label", "value": "续约"}

OWN = custom(
    {
        "choices": [{"name": "rental_state", "values": [{"name": "out", "colour": "red"}, {"name": "back"}]}],
        "company": [{"extends": "company", "operations": [{"op": "change", "path": "/label", "value": "Acme", "base": "My company"}]}],
        "entity": [
            {"extends": "account", "operations": [WEBSITE]},
            {"extends": "opportunity", "operations": [{"op": "change", "path": "/label", "value": "Deal"}, RENEWAL]},
            _RENTAL,
        ],
        "layout": [
            {"extends": "opportunity.default", "operations": [{"op": "add", "path": "/sections/main/fields/renewal"}]},
            {"name": "default", "entity": "rental", "sections": [{"name": "main", "fields": ["name", "account", "state"]}]},
        ],
        "rule": [{"name": "short", "entity": "rental", "type": "validation", "must": "days > 0", "message": "At least a day."}],
        "tab": [{"name": "rental", "entity": "rental", "view": "all"}],
        "translation": [
            {"extends": "crm_zh_hans", "operations": [_WORD]},
            {"name": "own", "language": "zh_Hans", "labels": {"entity/rental/label": "租赁", "entity/rental/fields/days/label": "天"}},
        ],
        "view": [
            {
                "extends": "opportunity.all",
                "operations": [{"op": "add", "path": "/columns/renewal", "after": "stage"}, {"op": "hide", "path": "/columns/owner"}],
            },
            {"name": "all", "entity": "rental", "columns": ["name", "account.name"], "filter": 'state = "out"'},
        ],
    }
)
