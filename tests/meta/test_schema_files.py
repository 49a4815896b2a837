"""The committed schema files: what field types say, a sentence for every key, closed everywhere."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from fieldsmith.fields.base import FieldType
from fieldsmith.meta.documents import KINDS
from fieldsmith.meta.schema_files import entity_schema, schema_text
from fieldsmith.meta.schemas import OPERATIONS, SchemaSet

ALL = (*KINDS, OPERATIONS)


@pytest.fixture(scope="module")
def schemas() -> SchemaSet:
    return SchemaSet.load()


def test_the_entity_schema_says_what_the_field_types_say(schemas: SchemaSet, types: dict[str, FieldType]) -> None:
    made = schema_text(entity_schema(schemas.kinds["entity"], types))
    committed = (files("fieldsmith.metadata") / "schemas" / "entity.json").read_text("utf-8")
    assert committed == made, "metadata/schemas/entity.json is behind the field types: write schema_text(entity_schema(…)) to it"


def test_there_is_a_schema_for_every_kind_and_no_other() -> None:
    folder = files("fieldsmith.metadata") / "schemas"
    assert {entry.name for entry in folder.iterdir() if entry.name.endswith(".json")} == {f"{kind}.json" for kind in ALL}


@pytest.mark.parametrize("kind", ALL)
def test_every_key_has_a_sentence(schemas: SchemaSet, kind: str) -> None:
    assert [path for path, schema in _properties(schemas.kinds[kind], "") if not _said(schema, schemas.kinds[kind])] == []


@pytest.mark.parametrize("kind", ALL)
def test_schemas_are_valid_and_closed(schemas: SchemaSet, kind: str) -> None:
    Draft202012Validator.check_schema(schemas.kinds[kind])
    assert [path for path, schema in _objects(schemas.kinds[kind], "") if not _closed(schema)] == []


def _properties(schema: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(schema, dict):
        for key, value in schema.items():
            if key == "properties" and "if" not in path.split("/"):
                yield from ((f"{path}/{name}", item) for name, item in value.items())
            yield from _properties(value, f"{path}/{key}")
    elif isinstance(schema, list):
        for index, item in enumerate(schema):
            yield from _properties(item, f"{path}/{index}")


def _said(schema: Any, root: Any) -> bool:
    if "$ref" in schema:
        schema = root["$defs"][schema["$ref"].rpartition("/")[2]]
    return len(str(schema.get("description", ""))) > 5


def _objects(schema: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(schema, dict):
        if "properties" in schema and "then" not in path.split("/") and "if" not in path.split("/"):
            yield path, schema
        for key, value in schema.items():
            yield from _objects(value, f"{path}/{key}")
    elif isinstance(schema, list):
        for index, item in enumerate(schema):
            yield from _objects(item, f"{path}/{index}")


def _closed(schema: Any) -> bool:
    return schema.get("additionalProperties") is False or schema.get("unevaluatedProperties") is False
