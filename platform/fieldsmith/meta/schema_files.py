"""`metadata/schemas/entity.json` as editors need it: with the options of every field type.

A test proves that the committed file equals what the field types say and tells how to write it anew. The platform itself
validates each field with its own type's kept validator instead (`meta.validation`): faster, and with better sentences.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from typing import Any

from fieldsmith.fields.base import FieldType
from fieldsmith.meta.schemas import Schema


def entity_schema(written: Schema, types: Mapping[str, FieldType]) -> dict[str, Any]:
    """`written` (the committed file; only its hand-written parts are read) with the per-type parts made anew."""
    out: dict[str, Any] = copy.deepcopy(dict(written))
    field = out["$defs"]["field"]
    field["properties"]["type"]["enum"] = list(types)
    field["allOf"] = [_when(kind) for kind in types.values()]
    field["unevaluatedProperties"] = False
    return out


def schema_text(schema: Schema) -> str:
    """As committed: two spaces, UTF-8, one newline at the end."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _when(kind: FieldType) -> dict[str, Any]:
    then: dict[str, Any] = {"properties": dict(kind.option_properties)}
    if kind.required_options:
        then["required"] = list(kind.required_options)
    return {"if": {"properties": {"type": {"const": kind.name}}, "required": ["type"]}, "then": then}
