"""The JSON Schemas of all kinds, read once from the shipped files.

`Validators` checks with them, `canonical` orders keys by them, the studio and editors complete from them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from fieldsmith.fields.base import FieldType
from fieldsmith.meta.documents import KINDS

Schema = Mapping[str, Any]
OPERATIONS = "operations"


@dataclass(frozen=True, slots=True)
class SchemaSet:
    """`kinds` as the files say; `whole` of a kind is the schema of a document that does not extend another."""

    kinds: Mapping[str, Schema]

    @classmethod
    def load(cls) -> SchemaSet:
        folder = files("fieldsmith.metadata") / "schemas"
        return cls({kind: json.loads((folder / f"{kind}.json").read_text("utf-8")) for kind in (*KINDS, OPERATIONS)})

    def whole(self, kind: str) -> Schema:
        """Properties, required keys and definitions of a whole document of `kind`."""
        found: Schema = self.kinds[kind]["$defs"]["whole"]
        return found

    def definition(self, kind: str, name: str) -> Schema:
        found: Schema = self.kinds[kind]["$defs"][name]
        return found

    def common_field(self) -> Schema:
        """The keys every field may have, whatever its type."""
        field: Schema = self.definition("entity", "field")
        return field

    def field_of_type(self, kind: FieldType) -> dict[str, Any]:
        """The closed schema of a field of one type: common keys and the type's own."""
        common = self.common_field()
        return {
            "type": "object",
            "properties": {**common["properties"], "type": {"const": kind.name}, **kind.option_properties},
            "required": [*common["required"], *kind.required_options],
            "additionalProperties": False,
        }
