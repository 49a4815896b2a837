"""Import maps: which column fills which field, and how its text becomes a value.

A map comes from a document of kind `import_map` or is proposed from the header. `check` holds it against the entity and the
file's header, with every problem at once.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from fieldsmith.access.sight import Sight
from fieldsmith.base.errors import BadInput
from fieldsmith.base.problems import Problem, did_you_mean, pointer
from fieldsmith.base.text import _m
from fieldsmith.fields.base import Field
from fieldsmith.meta.model import Entity, Model

_PLACE = re.compile(r"\{([^{}]+)\}")
_NOT_IN_A_CELL = frozenset({"many_to_many", "polymorphic_lookup", "file", "image"})


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


def settable(model: Model, item: Field) -> bool:
    """May people set the field? Id and auto-number can only tell which record a row means."""
    return not item.read_only and model.type_of(item).writable


def seen(entity: Entity, sight: Sight) -> Entity:
    """`entity` as an import of that reader has it: without hidden fields, with those they may not change marked as read-only."""
    if sight.everything:
        return entity
    fields = {
        name: dataclasses.replace(item, read_only=True) if sight.locks(entity.name, name) else item
        for name, item in entity.fields.items()
        if not sight.hides(entity.name, name)
    }
    return dataclasses.replace(entity, fields=fields)


def propose(model: Model, entity: Entity, header: Sequence[str], match: str | None) -> ImportMap:
    """A map from headers that are a field's name or its label in any language; what the platform sets takes part only as the match."""
    known: dict[str, str] = {}
    for item in entity.fields.values():
        if item.type in _NOT_IN_A_CELL or not (settable(model, item) or item.name == match):
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


def check(model: Model, said: ImportMap, header: Sequence[str], sight: Sight) -> None:
    """Raise `BadInput` with everything the map gets wrong about the entity, as that reader has it, or the file."""
    entity = seen(model.entities[said.entity], sight)
    problems: list[Problem] = []
    for name, column in said.columns.items():
        where = pointer("columns", name)
        if name not in header:
            problems.append(Problem("unknown_column", _m("The file has no column “{name}”.", name=name), where, did_you_mean(name, header)))
        problems += _column_problems(model, said, column, where, entity, sight)
    for name in said.constants:
        problems += _field_problems(model, said, name, pointer("constants", name), entity)
    for name in said.templates:
        found = _field_problems(model, said, name, pointer("templates", name), entity)
        problems += found or _template_problems(entity.fields[name])
    problems += _filled_twice(said)
    for name, text in said.templates.items():
        for place in _PLACE.findall(text):
            if place not in header:
                message = _m("The template names a column “{name}” that the file does not have.", name=place)
                problems.append(Problem("unknown_column", message, pointer("templates", name), did_you_mean(place, header)))
    problems += _match_problems(entity, said, sight)
    if not said.columns and not said.templates:
        fields = ", ".join(item.name for item in entity.own_fields())
        hint = _m("Give a map, or headers that are field names: {fields}.", fields=fields)
        problems.append(Problem("nothing_mapped", _m("No column of the file is a field of {entity}.", entity=entity.label), "/columns", hint))
    if problems:
        raise BadInput(problems, _m("The import map does not fit; nothing was imported."))


def fill(template: str, cells: Mapping[str, str]) -> str:
    """`template` with each `{Header}` replaced by that cell's text."""
    return _PLACE.sub(lambda found: cells.get(found.group(1), ""), template).strip()


def _column_problems(model: Model, said: ImportMap, column: ColumnMap, where: str, entity: Entity, sight: Sight) -> list[Problem]:
    problems = _field_problems(model, said, column.field, where + "/field", entity)
    item = entity.fields.get(column.field)
    if problems or item is None:
        return problems
    if item.type in _NOT_IN_A_CELL:
        return [Problem("not_importable", _m("{field} cannot be filled from a file.", field=item.label), where + "/field", _m("Leave it out."))]
    parts = model.type_of(item).parts
    if column.part and column.part not in parts:
        message = _m("“{part}” is no part of {field}.", part=column.part, field=item.label)
        return [Problem("unknown_part", message, where + "/field", did_you_mean(column.part, parts))]
    if item.type != "lookup":
        if column.by is None:
            return []
        message = _m("{field} is no lookup.", field=item.label)
        return [Problem("not_a_lookup", message, where + "/lookup", _m("Take “lookup” out."))]
    target = seen(model.entities[item.options["to"]], sight)
    by = target.fields.get(column.by or target.name_field)
    if by is None or sight.masks(target.name, by.name):
        return [_unknown_key(target, column, where)]
    if by.name not in ("id", target.name_field) and (by.system or not model.type_of(by).can_be_unique):
        message = _m("Records of {entity} cannot be looked up by {field}.", entity=target.label, field=by.label)
        return [Problem("not_a_key", message, where + "/lookup/by", _m("Use its name, its id or a unique field."))]
    return []


def _unknown_key(target: Entity, column: ColumnMap, where: str) -> Problem:
    """The field records of `target` are looked up by is hidden from the reader, or masked, which must not be asked."""
    if column.by is None:
        message = _m("You may not look {plural} up by their name.", plural=target.plural)
        return Problem("not_permitted", message, where + "/lookup", _m("Say another field to look them up by, such as id."))
    message = _m("Unknown field “{name}” on {entity}.", name=column.by, entity=target.label)
    return Problem("unknown_field", message, where + "/lookup/by", did_you_mean(column.by, target.fields))


def _template_problems(item: Field) -> list[Problem]:
    if item.type != "lookup" and item.type not in _NOT_IN_A_CELL:
        return []
    hint = _m("Map a column to it.") if item.type == "lookup" else _m("Leave it out.")
    return [Problem("not_importable", _m("{field} cannot be filled by a template.", field=item.label), pointer("templates", item.name), hint)]


def _filled_twice(said: ImportMap) -> list[Problem]:
    places = [(f"{column.field}.{column.part}".rstrip("."), pointer("columns", name)) for name, column in said.columns.items()]
    places += [(name, pointer("constants", name)) for name in said.constants] + [(name, pointer("templates", name)) for name in said.templates]
    seen: set[str] = set()
    problems = []
    for name, where in places:
        whole = name.split(".")[0]
        if name in seen or (whole != name and whole in seen) or (whole == name and any(other.startswith(name + ".") for other in seen)):
            problems.append(Problem("filled_twice", _m("“{name}” is filled more than once.", name=name), where, _m("Take one of them out.")))
        seen.add(name)
    return problems


def _field_problems(model: Model, said: ImportMap, name: str, where: str, entity: Entity) -> list[Problem]:
    item: Field | None = entity.fields.get(name)
    if item is None:
        message = _m("Unknown field “{name}” on {entity}.", name=name, entity=entity.label)
        return [Problem("unknown_field", message, where, did_you_mean(name, entity.fields))]
    if not settable(model, item) and name != said.match:
        return [Problem("read_only", _m("{field} is set by the platform.", field=item.label), where, _m("Leave it out."))]
    return []


def _match_problems(entity: Entity, said: ImportMap, sight: Sight) -> list[Problem]:
    """A masked field is no key: rows that match would tell what is behind the mask."""
    if said.match is None:
        return []
    item = entity.fields.get(said.match)
    unique = ["id", *(field.name for field in entity.fields.values() if field.unique and not sight.masks(entity.name, field.name))]
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
