"""JSON Schema validation with kept validators; errors become `Problem`s that a person can act on.

One `Validators` is built per workspace and lives as long as it does. Entities are checked without per-type field options,
each field with its own type's validator: thirty `if`s per field would be slow and speak badly.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import extend

from fieldsmith.base.problems import Problem, did_you_mean, pointer
from fieldsmith.base.text import Message, _m
from fieldsmith.fields.base import FieldType
from fieldsmith.meta.documents import KINDS
from fieldsmith.meta.members import member_name
from fieldsmith.meta.schemas import OPERATIONS, Schema, SchemaSet

NAME_PATTERN = r"^[a-z][a-z0-9_]{0,47}\Z"
MAX_PROBLEMS = 1000
"""Of one document: beyond, more of them help nobody."""
Place = tuple[str | int, ...]
_SIZES = frozenset(f"{which}{what}" for which in ("min", "max") for what in ("Length", "Items", "Properties", "imum")) | {
    *("exclusiveMinimum", "exclusiveMaximum", "uniqueItems"),
}
_NOT_YET = frozenset({"remove", "rename"})
_TYPES = {
    "string": _m("a text"),
    "integer": _m("a whole number"),
    "number": _m("a number"),
    "boolean": _m("true or false"),
    "array": _m("a list"),
    "object": _m("an object"),
    "null": _m("null"),
}


class Validators:
    """Every kept validator: one per kind, one for operations, one per field type."""

    def __init__(self, schemas: SchemaSet, types: Mapping[str, FieldType]) -> None:
        self.schemas = schemas
        self._whole = {kind: _validator(_whole(schemas, kind)) for kind in KINDS}
        self._operations = _validator(schemas.kinds[OPERATIONS])
        self._fields = {name: _validator(schemas.field_of_type(kind)) for name, kind in types.items()}

    @classmethod
    def load(cls, types: Mapping[str, FieldType]) -> Validators:
        """From the shipped schema files."""
        return cls(SchemaSet.load(), types)

    def problems(self, kind: str, body: Any, document: str | None = None) -> list[Problem]:
        """Everything the schema of `kind` finds wrong with one document, whole or extending; empty when it is sound."""
        if isinstance(body, dict) and "extends" in body and kind != "package":
            return [*islice(_problems(self._operations, body, document), MAX_PROBLEMS)]
        found = [*islice(_problems(self._whole[kind], body, document), MAX_PROBLEMS)]
        if kind == "entity" and isinstance(body, dict) and isinstance(body.get("fields"), list):
            found += islice(self._fields_of(body["fields"], document), MAX_PROBLEMS)
        return found

    def misshapen(self, kind: str, body: Any) -> Iterator[tuple[Place, str]]:
        """Where a whole document is not of the shape its schema wants, as keys and indexes, each with the key that is missing there or "".

        What is only too long, too short or too big has the right shape.
        """
        yield from _misshapen(self._whole[kind], body)
        fields = body.get("fields") if kind == "entity" and isinstance(body, dict) else None
        for index, item in enumerate(fields if isinstance(fields, list) else ()):
            name = item.get("type") if isinstance(item, dict) else None
            validator = self._fields.get(name) if isinstance(name, str) else None
            if validator is None:
                yield ("fields", index), ""
            else:
                yield from ((("fields", index, *place), key) for place, key in _misshapen(validator, item))

    def _fields_of(self, items: list[Any], document: str | None) -> Iterator[Problem]:
        """A list longer than an entity may have is refused already: its end is not looked at."""
        for index, item in enumerate(items[: self.schemas.whole("entity")["properties"]["fields"]["maxItems"]]):
            for problem in self._field(item, document):
                yield problem.under(pointer("fields", member_name(item) or index))

    def _field(self, item: Any, document: str | None) -> Iterator[Problem]:
        if not isinstance(item, dict):
            return
        name = item.get("type")
        validator = self._fields.get(name) if isinstance(name, str) else None
        if validator is not None:
            yield from _problems(validator, item, document)
        elif isinstance(name, str):
            message = _m("There is no field type “{name}”.", name=name[:100])
            yield Problem("unknown_field_type", message, "/type", did_you_mean(name[:100], self._fields), document)
        else:
            yield Problem("missing_key", _m("Say what kind of value the field holds: the key “type” is missing."), "", None, document)


def _whole(schemas: SchemaSet, kind: str) -> dict[str, Any]:
    """The whole-document schema, definitions written in; the fields of an entity are left to the validators of their types."""
    defs = dict(schemas.kinds[kind]["$defs"])
    if kind == "entity":
        defs["field"] = {"type": "object"}
    out: dict[str, Any] = _for_python(schemas.whole(kind), defs)
    return out


def _validator(schema: Schema) -> Validator:
    made: Validator = _Quick(_for_python(schema, {}))
    return made


def _unique_items(validator: Validator, wanted: bool, items: Any, schema: Schema) -> Iterator[ValidationError]:
    if wanted and isinstance(items, list) and len({json.dumps(item, sort_keys=True) for item in items}) < len(items):
        yield ValidationError("not unique")


def _items(validator: Validator, wanted: Any, items: Any, schema: Schema) -> Iterator[ValidationError]:
    """A list longer than it may be is refused for that; its members are not looked at."""
    if not isinstance(items, list) or len(items) <= schema.get("maxItems", len(items)):
        yield from Draft202012Validator.VALIDATORS["items"](validator, wanted, items, schema)


# the library compares every item with every other when they cannot be sorted
_Quick = extend(Draft202012Validator, {"uniqueItems": _unique_items, "items": _items})  # type: ignore[no-untyped-call]


def _for_python(schema: Any, defs: Mapping[str, Any]) -> Any:
    """`schema` as this library checks it best.

    References are written in, because resolving one costs more than checking what it says. In JSON Schema `$` is the very
    end of the text; in Python a newline may follow, so it becomes `\\Z`.
    """
    if isinstance(schema, Mapping):
        if "$ref" in schema and defs:
            return _for_python(defs[schema["$ref"].rpartition("/")[2]], defs)
        return {
            key: value[:-1] + r"\Z" if key == "pattern" and isinstance(value, str) and value.endswith("$") else _for_python(value, defs)
            for key, value in schema.items()
        }
    if isinstance(schema, (list, tuple)):
        return [_for_python(item, defs) for item in schema]
    return schema


def _problems(validator: Validator, body: Any, document: str | None) -> Iterator[Problem]:
    for error in validator.iter_errors(body):
        place = _place(body, error.absolute_path)
        if error.validator == "additionalProperties" and isinstance(error.instance, dict):
            yield from _unknown_keys(error, place, document)
        elif error.validator == "required":
            yield from _missing_keys(error, place, document)
        elif "propertyNames" in error.absolute_schema_path:
            name = str(error.instance)[:100]
            yield Problem("bad_name", _m("“{name}” is not a name that may stand here.", name=name), place + pointer(name), None, document)
        else:
            code, message, hint = _sentence(error)
            yield Problem(code, message, place, hint, document)


def _misshapen(validator: Validator, body: Any) -> Iterator[tuple[Place, str]]:
    for error in validator.iter_errors(body):
        place: Place = tuple(error.absolute_path)
        if error.validator in _SIZES:
            continue
        if error.validator == "additionalProperties" and isinstance(error.instance, dict):
            known: Mapping[str, Any] = error.schema["properties"]  # type: ignore[index]
            yield from (((*place, key), "") for key in error.instance if key not in known)
        elif "propertyNames" in error.absolute_schema_path:
            yield (*place, str(error.instance)), ""
        elif error.validator == "required":
            yield place, _missing_key(error)
        else:
            yield place, ""


def _place(body: Any, path: Any) -> str:
    """The pointer of a position in `body`, list members by their names."""
    parts: list[str | int] = []
    here = body
    for step in path:
        here = here[step]
        named = member_name(here) if isinstance(step, int) and isinstance(here, dict) else None
        parts.append(named if named is not None else step)
    return pointer(*parts)


def _unknown_keys(error: ValidationError, place: str, document: str | None) -> Iterator[Problem]:
    known: Mapping[str, Any] = error.schema["properties"]  # type: ignore[index]
    instance: Any = error.instance
    for key in instance:
        if key not in known:
            message = _m("There is no key “{key}” here.", key=key[:100])
            yield Problem("unknown_key", message, place + pointer(key[:100]), did_you_mean(key[:100], known), document)


def _missing_keys(error: ValidationError, place: str, document: str | None) -> Iterator[Problem]:
    key = _missing_key(error)
    if key:
        yield Problem("missing_key", _m("The key “{key}” is missing.", key=key), place, None, document)


def _missing_key(error: ValidationError) -> str:
    """jsonschema reports one error per missing key but names it only in its own sentence."""
    keys: Any = error.validator_value
    return next((str(key) for key in keys if error.message.startswith(repr(key))), "")


def _sentence(error: ValidationError) -> tuple[str, Message, Message | None]:
    """Code, sentence and hint for one error of any keyword that needs no keys listed."""
    value: Any = error.instance
    limit: Any = error.validator_value
    shown = str(value)[:100]
    match error.validator:
        case "enum" | "const":
            if isinstance(value, str) and value in _NOT_YET and "move" in (limit if isinstance(limit, list) else ()):
                message = _m("Removing and renaming are done in the studio, which shows every use. A package may only add, change, hide and move.")
                return "not_yet", message, None
            allowed = [str(item) for item in (limit if isinstance(limit, list) else [limit])]
            hint = did_you_mean(shown, allowed) or (_m("Use one of: {values}.", values=", ".join(allowed)) if len(allowed) <= 12 else None)
            return "not_allowed", _m("“{value}” is not one of the values allowed here.", value=shown), hint
        case "type":
            kinds = limit if isinstance(limit, list) else [limit]
            return "wrong_type", _m("This must be {kind}.", kind=_TYPES[kinds[0]]), None
        case "pattern":
            return _pattern(error, shown)
        case "minLength" | "minItems" | "minProperties":
            return "too_short", _m("This must have at least {limit}.", limit=limit), None
        case "maxLength" | "maxItems" | "maxProperties":
            return "too_long", _m("This may have at most {limit}.", limit=limit), None
        case "minimum" | "exclusiveMinimum":
            return "too_small", _m("This must be at least {limit}.", limit=limit), None
        case "maximum" | "exclusiveMaximum":
            return "too_big", _m("This may be at most {limit}.", limit=limit), None
        case "uniqueItems":
            return "duplicate_item", _m("The same thing stands here twice. Keep one."), None
        case _:
            return "not_allowed", _m("“{value}” may not stand here.", value=shown), None


def _pattern(error: ValidationError, shown: str) -> tuple[str, Message, Message | None]:
    if error.validator_value == NAME_PATTERN:
        hint = _m("A name is at most 48 small letters, digits and underscores, and begins with a letter.")
        return "bad_name", _m("“{name}” is not a name.", name=shown), hint
    hint = _m("It must look like this: {pattern}", pattern=re.sub(r"\\Z\Z", "$", str(error.validator_value)))
    return "bad_format", _m("“{value}” is not written as it must be.", value=shown), hint
