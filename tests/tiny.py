"""A package with every field type and every way of pointing at a record, for tests of the services below the screens."""

from __future__ import annotations

from typing import Any

from tests.meta.samples import package

_PLAIN = ("long_text", "rich_text", "email", "phone", "url", "integer", "decimal", "percent", "currency", "boolean", "date", "datetime", "time", "duration")
_MORE = ("person_name", "address", "geolocation", "file", "image", "colour", "rating", "json")
EVERY_RIGHT = ["create", "read", "update", "delete", "export", "import"]

THING: dict[str, Any] = {
    "name": "thing",
    "name_field": "text",
    "fields": [
        {"name": "text", "type": "text", "required": True},
        *({"name": kind, "type": kind} for kind in (*_PLAIN, *_MORE)),
        {"name": "choice", "type": "choice", "choices": "size"},
        {"name": "multi_choice", "type": "multi_choice", "choices": "size"},
        {"name": "lookup", "type": "lookup", "to": "box"},
        {"name": "kin", "type": "lookup", "to": "thing"},
        {"name": "polymorphic_lookup", "type": "polymorphic_lookup", "to": ["box", "vault"]},
        {"name": "many_to_many", "type": "many_to_many", "to": "box"},
        {"name": "external_id", "type": "external_id"},
        {"name": "auto_number", "type": "auto_number", "pattern": "N-{0000}"},
        {"name": "weight", "type": "decimal", "unique": True},
        {"name": "born", "type": "date", "unique": True},
        {"name": "locked", "type": "text", "read_only": True},
        {"name": "standard", "type": "text", "default": "usual"},
        {"name": "secret", "type": "lookup", "to": "vault"},
    ],
}
BOX: dict[str, Any] = {"name": "box", "plural": "Boxes", "fields": [{"name": "name", "type": "text"}, {"name": "code", "type": "external_id"}]}
PART: dict[str, Any] = {
    "name": "part",
    "fields": [
        {"name": "name", "type": "text"},
        {"name": "box", "type": "lookup", "to": "box", "owned": True, "inverse": "parts"},
        {"name": "spare_of", "type": "lookup", "to": "part", "on_delete": "restrict"},
        {"name": "serial", "type": "text", "unique": True},
    ],
}
SCREW: dict[str, Any] = {
    "name": "screw",
    "fields": [
        {"name": "name", "type": "text"},
        {"name": "part", "type": "lookup", "to": "part", "on_delete": "cascade"},
        {"name": "holder", "type": "polymorphic_lookup", "to": ["box", "vault"], "on_delete": "cascade"},
        {"name": "key", "type": "text", "unique": True},
    ],
}
VAULT: dict[str, Any] = {"name": "vault", "fields": [{"name": "name", "type": "text"}, {"name": "pin", "type": "text"}]}
SIZES: dict[str, Any] = {"name": "size", "values": [{"name": "small"}, {"name": "large", "colour": "red"}, {"name": "huge"}, {"name": "old", "active": False}]}
ROLES: list[dict[str, Any]] = [
    {"name": "clerk", "entities": {"*": EVERY_RIGHT, "vault": [], "user": ["read"]}},
    {"name": "reader", "entities": {"*": ["read"]}},
    {"name": "blind", "entities": {"*": ["read"], "user": []}},
    {"name": "loader", "entities": {"*": ["read"], "part": ["read", "create", "import"], "screw": ["read", "create", "update"]}},
]
RATES: dict[str, Any] = {
    "extends": "company",
    "operations": [{"op": "change", "path": "/rates", "value": [{"currency": "EUR", "from": "2026-01-01", "rate": "1.08"}]}],
}

TINY = package(
    "tiny",
    {"entity": [THING, BOX, PART, SCREW, VAULT], "choices": [SIZES], "role": ROLES, "company": [RATES]},
    requires=["core"],
)

FILLED: dict[str, Any] = {
    "text": "Straße",
    "long_text": "one\ntwo",
    "rich_text": "<p>Hi</p>",
    "email": "ana@example.com",
    "phone": "+12125550100",
    "url": "https://example.com/",
    "integer": -9223372036854775808,
    "decimal": "-1234.50",
    "percent": "12.50",
    "currency": {"amount": "12.50", "currency": "EUR"},
    "boolean": True,
    "date": "2024-02-29",
    "datetime": "2026-11-22T09:30:00.123456Z",
    "time": "23:59:59.999999",
    "duration": -5400,
    "person_name": {"first": "Ana", "last": "Lopez"},
    "address": {"street": "1 Main St", "country": "US"},
    "geolocation": {"latitude": "52.52", "longitude": "-13.405"},
    "colour": "#2f5bea",
    "rating": 5,
    "json": {"a": [True, None, "x"]},
    "choice": "large",
    "multi_choice": ["small", "large"],
    "external_id": "A-7",
    "weight": "7.25",
    "born": "2000-01-02",
}
"""A thing with every field filled that needs no other record; values as the API takes them."""
