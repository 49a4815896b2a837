"""A package whose firms have fields that one role does not see, one sees masked, and one sees without changing them."""

from __future__ import annotations

from typing import Any

from tests.meta.samples import package

EVERY = ["create", "read", "update", "delete", "export", "import"]
ABSENT = "sebret"
"""A name nothing has, as near to other names as “secret”."""

FIRM: dict[str, Any] = {
    "name": "firm",
    "fields": [
        {"name": "name", "type": "text"},
        {"name": "city", "type": "text"},
        {"name": "secret", "type": "text", "indexed": True},
        {"name": "grade", "type": "choice", "choices": "grade"},
        {"name": "worth", "type": "decimal"},
        {"name": "twice", "type": "formula", "returns": "text", "expression": "secret & '!'"},
        {"name": "told", "type": "formula", "returns": "text", "expression": "LEFT(secret, 1)"},
    ],
    "indexes": [{"name": "by_secret", "fields": ["secret"]}],
}
DEAL: dict[str, Any] = {
    "name": "deal",
    "fields": [
        {"name": "name", "type": "text"},
        {"name": "firm", "type": "lookup", "to": "firm", "inverse": "deals"},
        {"name": "price", "type": "decimal"},
    ],
}
GRADES: dict[str, Any] = {"name": "grade", "values": [{"name": "low"}, {"name": "high"}]}
TINTS: dict[str, Any] = {"name": "tint", "depends_on": "grade", "values": [{"name": "dark", "for": ["low"]}, {"name": "pale"}]}
"""A list that nothing uses, over one that a hidden field does."""
VIEWS: list[dict[str, Any]] = [
    {"name": "all", "entity": "firm", "columns": ["name", "secret", "city"], "sort": ["secret"], "default": True},
    {"name": "filtered", "entity": "firm", "columns": ["name"], "filter": "secret = 'quiet'"},
    {"name": "sorted", "entity": "firm", "columns": ["name"], "sort": ["-secret"]},
    {"name": "graded", "entity": "firm", "columns": ["name"], "show": "board", "group": "grade", "sum": "worth"},
    {"name": "plain", "entity": "firm", "columns": ["name", "secret"]},
]
LAYOUTS: list[dict[str, Any]] = [
    {
        "name": "default",
        "entity": "firm",
        "highlights": ["secret", "city"],
        "path": "grade",
        "sections": [{"name": "main", "fields": ["name", "city", "secret", "grade", "worth", "twice", "told"]}],
        "related": [{"name": "deals", "entity": "deal", "field": "firm", "columns": ["name", "firm.secret", "price"], "sort": ["firm.secret"]}],
    }
]
RULES: list[dict[str, Any]] = [
    {"name": "no_bad", "entity": "firm", "type": "validation", "must": "secret <> 'bad'", "message": "Not that.", "field": "secret"},
    {"name": "of_two", "entity": "firm", "type": "field", "fields": ["secret", "city"], "read_only": "name = 'Fixed'"},
]
_FIELDS = ("secret", "grade", "worth")


def _role(name: str, right: str, **more: Any) -> dict[str, Any]:
    rights = {"entities": {"firm": EVERY, "deal": EVERY, "user": ["read"]}, "field_rights": {"firm": {field: right for field in _FIELDS} | more}}
    return {"name": name, **rights}


ROLES: list[dict[str, Any]] = [
    _role("blind", "none"),
    _role("masked", "masked"),
    _role("looker", "read"),
    _role("teller", "none", told="read"),
    {"name": "nameless", "entities": {"firm": EVERY, "deal": EVERY, "user": ["read"]}, "field_rights": {"firm": {"name": "none"}, "user": {"email": "none"}}},
    {"name": "plain", "entities": {"firm": EVERY, "deal": EVERY, "user": ["read"]}},
    {"name": "own", "entities": {"firm": {"read": "own"}, "deal": EVERY, "user": ["read"]}},
]
WORDS: dict[str, Any] = {
    "name": "vaulted_de",
    "language": "zh_Hans",
    "labels": {"entity/firm/fields/secret/label": "机密", "entity/firm/fields/city/label": "城市", "entity/firm/label": "公司"},
}
VAULTED = package(
    "vaulted",
    {
        "entity": [FIRM, DEAL],
        "choices": [GRADES, TINTS],
        "view": VIEWS,
        "layout": LAYOUTS,
        "rule": RULES,
        "role": ROLES,
        "translation": [WORDS],
        "tab": [{"name": "firm", "entity": "firm"}, {"name": "deal", "entity": "deal"}],
        "app": [{"name": "shop", "tabs": ["firm", "deal"]}],
    },
    requires=["core"],
)
