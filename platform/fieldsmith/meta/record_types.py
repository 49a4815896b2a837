"""The system field `record_type` of entities that have record types, and the pick list its values come from.

It is a field like those documents declare: planned, retired and brought back with its values. No document says it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from fieldsmith.base.text import Label
from fieldsmith.fields.base import Field
from fieldsmith.meta.labels import Labels, label_from_name
from fieldsmith.meta.model import RECORD_TYPE, ChoiceList, ChoiceValue, RecordType, record_type_list
from fieldsmith.meta.names import NameKind, Names

Body = Mapping[str, Any]
_LABEL = Label("Record type", {"zh_Hans": "记录类型", "zh_Hant": "記錄類型"})


def record_type_names(record_types: Iterable[RecordType], entities: Iterable[Body]) -> Iterator[tuple[str, NameKind]]:
    """The paths of the fields that need a uid and a column."""
    there = {body["name"] for body in entities}
    for entity in dict.fromkeys(item.entity for item in record_types):
        if entity in there:
            yield _path(entity), "column"


def build_record_types(bodies: Iterable[Body], labels: Labels) -> dict[str, RecordType]:
    """Keys are `entity.name`."""
    return {f"{body['entity']}.{body['name']}": _record_type(body, labels) for body in bodies}


def record_type_choices(record_types: Mapping[str, RecordType]) -> dict[str, ChoiceList]:
    """One pick list per entity, under a name no document can have (`deal.record_type`)."""
    of: dict[str, dict[str, ChoiceValue]] = {}
    for item in record_types.values():
        of.setdefault(item.entity, {})[item.name] = ChoiceValue(item.name, item.label, active=item.active, was=item.was)
    return {record_type_list(entity): ChoiceList(record_type_list(entity), _LABEL, values) for entity, values in of.items()}


def record_type_fields(record_types: Collection[RecordType], names: Names) -> dict[str, Field]:
    """The field of every entity that has record types; new records are of the default type, where there is one."""
    defaults = {item.entity: item.name for item in record_types if item.default and item.active}
    out: dict[str, Field] = {}
    for entity in dict.fromkeys(item.entity for item in record_types):
        if _path(entity) in names:
            uid, column = names[_path(entity)]
            options = {"choices": record_type_list(entity)}
            out[entity] = Field(entity, RECORD_TYPE, "choice", uid, column, _LABEL, default=defaults.get(entity), options=options)
    return out


def _record_type(body: Body, labels: Labels) -> RecordType:
    base = f"record_type/{body['entity']}.{body['name']}"
    return RecordType(
        body["name"],
        body["entity"],
        labels.label(f"{base}/label", body.get("label") or label_from_name(body["name"])),
        labels.optional(f"{base}/help", body.get("help")),
        body.get("default", False),
        body.get("active", True),
        {field: tuple(values) for field, values in body.get("choices", {}).items()},
        tuple(body.get("was", ())),
    )


def _path(entity: str) -> str:
    return f"entity/{entity}/fields/{RECORD_TYPE}"
