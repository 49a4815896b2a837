"""Import maps: which column fills which field, and how its text becomes a value.

A map comes from a document of kind `import_map` or is proposed from the header. `bind` checks it against the entity and the
file's header, with every problem at once.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from fieldsmith.base.errors import BadInput
from fieldsmith.base.problems import Problem, did_you_mean, pointer
from fieldsmith.base.text import _m
from fieldsmith.fields.base import Field
from fieldsmith.meta.model import Entity, Model

_PLACE = re.compile(r"\{([^{}]+)\}")
_SET_BY_PLATFORM = frozenset({"created_at", "created_by", "modified_at", "modified_by", "version", "deleted_at"})


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """How one column becomes a field, or the `part` of one; `values` replaces texts, `by` is the target's field a lookup is found by."""

    field: str
    values: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    date_format: str | None = None
    by: str | None = None
    create: bool = False
    part: str = ""
    multiply: Decimal | None = None


@dataclass(frozen=True, slots=True)
class ImportMap:
    """`columns` by header; headers not named are left out. `second_pass` lookups are linked when all rows are there."""

    entity: str
    columns: Mapping[str, ColumnMap]
    match: str | None = None
    constants: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    templates: Mapping[str, str] = dataclasses.field(default_factory=dict)
    second_pass: frozenset[str] = frozenset()
    replaced: Mapping[str, Mapping[str, Any]] = dataclasses.field(default_factory=dict)  # header → texts, as templates see them


def from_document(body: Mapping[str, Any]) -> ImportMap:
    """The map a schema-sound document says."""
    columns = {header: _column(said) for header, said in body["columns"].items() if "field" in said and not said.get("ignore")}
    return ImportMap(
        body["entity"],
        columns,
        body.get("match"),
        body.get("constants", {}),
        body.get("templates", {}),
        frozenset(body.get("second_pass", ())),
        {header: said["values"] for header, said in body["columns"].items() if "values" in said},
    )


def _column(said: Mapping[str, Any]) -> ColumnMap:
    name, _, part = said["field"].partition(".")
    lookup = said.get("lookup", {})
    multiply = Decimal(str(said["multiply"])) if "multiply" in said else None
    return ColumnMap(name, said.get("values", {}), said.get("date_format"), lookup.get("by"), lookup.get("create", False), part, multiply)


def propose(entity: Entity, header: Sequence[str], match: str | None) -> ImportMap:
    """A map from headers that are a field's name or its label in any language; the id takes part only as the match."""
    known: dict[str, str] = {}
    for item in entity.fields.values():
        if item.name in _SET_BY_PLATFORM or (item.name == "id" and match != "id"):
            continue
        for word in (item.name, item.label.text, *item.label.translations.values()):
            known.setdefault(_plain(word), item.name)
    columns: dict[str, ColumnMap] = {}
    for name in header:
        found = known.get(_plain(name))
        if found is not None and found not in {said.field for said in columns.values()}:
            columns[name] = ColumnMap(found)
    return ImportMap(entity.name, columns, match)


def matched_by(said: ImportMap, match: str) -> ImportMap:
    """`said` with another match field."""
    return dataclasses.replace(said, match=match)


def check(model: Model, said: ImportMap, header: Sequence[str]) -> None:
    """Raise `BadInput` with everything the map gets wrong about the entity or the file."""
    entity = model.entities[said.entity]
    problems: list[Problem] = []
    for name, column in said.columns.items():
        where = pointer("columns", name)
        if name not in header:
            problems.append(Problem("unknown_column", _m("The file has no column “{name}”.", name=name), where, did_you_mean(name, header)))
        problems += _column_problems(model, entity, column, where)
    for name in (*said.constants, *said.templates):
        problems += _field_problems(entity, name, pointer("templates" if name in said.templates else "constants", name))
    for name, text in said.templates.items():
        for place in _PLACE.findall(text):
            if place not in header:
                message = _m("The template names a column “{name}” that the file does not have.", name=place)
                problems.append(Problem("unknown_column", message, pointer("templates", name), did_you_mean(place, header)))
    problems += _match_problems(entity, said)
    if not said.columns and not said.templates:
        fields = ", ".join(item.name for item in entity.own_fields())
        hint = _m("Give a map, or headers that are field names: {fields}.", fields=fields)
        problems.append(Problem("nothing_mapped", _m("No column of the file is a field of {entity}.", entity=entity.label), "/columns", hint))
    if problems:
        raise BadInput(problems, _m("The import map does not fit; nothing was imported."))


def fill(template: str, cells: Mapping[str, str]) -> str:
    """`template` with each `{Header}` replaced by that cell's text."""
    return _PLACE.sub(lambda found: cells.get(found.group(1), ""), template).strip()


def _column_problems(model: Model, entity: Entity, column: ColumnMap, where: str) -> list[Problem]:
    problems = _field_problems(entity, column.field, where + "/field")
    item = entity.fields.get(column.field)
    if problems or item is None:
        return problems
    parts = model.type_of(item).parts
    if column.part and column.part not in parts:
        message = _m("“{part}” is no part of {field}.", part=column.part, field=item.label)
        return [Problem("unknown_part", message, where + "/field", did_you_mean(column.part, parts))]
    if column.by is None:
        return []
    if item.type != "lookup":
        message = _m("{field} is no lookup.", field=item.label)
        return [Problem("not_a_lookup", message, where + "/lookup", _m("Take “lookup” out."))]
    target = model.entities[item.options["to"]]
    if column.by not in target.fields:
        message = _m("Unknown field “{name}” on {entity}.", name=column.by, entity=target.label)
        return [Problem("unknown_field", message, where + "/lookup/by", did_you_mean(column.by, target.fields))]
    return []


def _field_problems(entity: Entity, name: str, where: str) -> list[Problem]:
    item: Field | None = entity.fields.get(name)
    if item is None:
        message = _m("Unknown field “{name}” on {entity}.", name=name, entity=entity.label)
        return [Problem("unknown_field", message, where, did_you_mean(name, entity.fields))]
    if name in _SET_BY_PLATFORM:
        return [Problem("read_only", _m("{field} is set by the platform.", field=item.label), where, _m("Leave it out."))]
    return []


def _match_problems(entity: Entity, said: ImportMap) -> list[Problem]:
    if said.match is None:
        return []
    item = entity.fields.get(said.match)
    unique = ["id", *(field.name for field in entity.fields.values() if field.unique)]
    if item is None or said.match not in unique:
        message = _m("“{name}” is no unique field of {entity}, so rows cannot be matched by it.", name=said.match, entity=entity.label)
        return [Problem("not_unique_field", message, "/match", did_you_mean(said.match, unique) or _m("Unique fields are: {names}.", names=", ".join(unique)))]
    filled = {column.field for column in said.columns.values()} | set(said.templates) | set(said.constants)
    if said.match not in filled:
        message = _m("No column fills {field}, by which rows are to be matched.", field=item.label)
        return [Problem("match_not_filled", message, "/match", _m("Map a column to it."))]
    return []


def _plain(word: str) -> str:
    return word.strip().casefold().replace(" ", "_")
