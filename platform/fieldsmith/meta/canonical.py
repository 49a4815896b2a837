"""The canonical text of a document: made for git diff. Keys in the order of the schema, only non-default keys, two spaces, UTF-8.

Used by export and by the test that shipped metadata is canonical.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from fieldsmith.fields.base import FieldType
from fieldsmith.meta.schemas import OPERATIONS, Schema, SchemaSet


def canonical_text(kind: str, body: Mapping[str, Any], schemas: SchemaSet, types: Mapping[str, FieldType]) -> str:
    """The file text of one sound document; reading it back gives the same document but for defaults left out."""
    if "extends" in body:
        out = _ordered(body, schemas.kinds[OPERATIONS], {})
    else:
        defs = schemas.kinds[kind]["$defs"]
        out = _ordered({key: value for key, value in body.items() if key != "fields" or kind != "entity"}, defs["whole"], defs)
        if kind == "entity":
            out["fields"] = [_ordered(item, schemas.field_of_type(types[item["type"]]), {}) for item in body["fields"]]
            out = _in_order(out, defs["whole"]["properties"])
    above = "../" if kind == "package" else "../../"
    return (
        json.dumps({"$schema": f"{above}schemas/{kind}.json", **{key: value for key, value in out.items() if key != "$schema"}}, indent=2, ensure_ascii=False)
        + "\n"
    )


def _ordered(value: Any, schema: Schema, defs: Mapping[str, Any]) -> Any:
    """`value` with the keys of every object in it ordered, and those that only repeat the default left out."""
    if "$ref" in schema:
        schema = defs[schema["$ref"].rpartition("/")[2]]
    if isinstance(value, Mapping):
        known: Mapping[str, Any] = schema.get("properties", {})
        extra = schema.get("additionalProperties")
        other: Mapping[str, Any] = extra if isinstance(extra, Mapping) else {}
        kept = {key: item for key, item in value.items() if not _is_default(item, known.get(key, {}))}
        return {key: _ordered(item, known.get(key, other), defs) for key, item in _in_order(kept, known).items()}
    if isinstance(value, (list, tuple)):
        items = schema.get("items", {})
        return [_ordered(item, items, defs) for item in value]
    return value


def _is_default(value: Any, schema: Schema) -> bool:
    return "default" in schema and schema["default"] == value and type(schema["default"]) is type(value)


def _in_order(body: Mapping[str, Any], known: Iterable[str]) -> dict[str, Any]:
    """Known keys first, in their order; keys of people's own (headers, entity names) after them as written."""
    return {**{key: body[key] for key in known if key in body}, **body}
