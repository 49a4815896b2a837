"""Cross-checks of translations (every key names a label) and import maps (every field they mention exists)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fieldsmith.base.problems import pointer
from fieldsmith.base.text import _m
from fieldsmith.meta.findings import Findings
from fieldsmith.meta.layers import Effective, Key
from fieldsmith.meta.model import Entity

_LAYOUT_LISTS = ("tabs", "sections", "related", "components")


def check_translations(findings: Findings) -> None:
    documents = findings.model.documents
    known = {path for document in documents.values() for path in label_paths(document)}
    for key, document in documents.items():
        if key[0] != "translation":
            continue
        for path in document.body["labels"]:
            parts = path.split("/")
            if path not in known and (parts[0], parts[1]) not in findings.refused:
                message = _m("The key “{path}” names no label.", path=path[:200])
                findings.unknown(
                    key, pointer("labels", path), "unknown_label", message, path, (item for item in known if item.startswith(f"{parts[0]}/{parts[1]}/"))
                )


def label_paths(document: Effective) -> Iterator[str]:
    """The keys translations may use for the labels of one document: `entity/opportunity/fields/name/label`."""
    base = f"{document.kind}/{document.name}"
    yield f"{base}/label"
    body = document.body
    if document.kind == "package":
        yield f"{base}/description"
    elif document.kind == "entity":
        yield f"{base}/plural"
        yield f"{base}/help"
        for item in body["fields"]:
            yield f"{base}/fields/{item['name']}/label"
            yield f"{base}/fields/{item['name']}/help"
    elif document.kind == "record_type":
        yield f"{base}/help"
    elif document.kind == "rule":
        yield f"{base}/message"
    elif document.kind == "company":
        for item in body.get("calendar", {}).get("holidays", ()):
            yield f"{base}/calendar/holidays/{item['date']}/label"
    else:
        for key in ("values",) if document.kind == "choices" else _LAYOUT_LISTS if document.kind == "layout" else ():
            for item in body.get(key, ()):
                yield f"{base}/{key}/{item['name']}/label"
        for item in body.get("components", ()):
            yield f"{base}/components/{item['name']}/text"


def check_import_maps(findings: Findings) -> None:
    for key, document in findings.model.documents.items():
        if key[0] == "import_map":
            entity = findings.entity(key, "/entity", document.body["entity"])
            if entity is not None:
                _import_map(findings, key, entity, document.body)


def _import_map(findings: Findings, key: Key, entity: Entity, body: Mapping[str, Any]) -> None:
    for header, column in body["columns"].items():
        place = pointer("columns", header)
        if "field" in column:
            _column(findings, key, place, entity, column)
        elif not column.get("ignore"):
            findings.add(key, place, "missing_key", _m("Say which field takes the column “{header}”, or ignore it.", header=header))
    for part in ("constants", "templates"):
        for name in body.get(part, ()):
            findings.field(key, pointer(part, name), entity, name)
    for name in body.get("second_pass", ()):
        field = findings.field(key, pointer("second_pass", name), entity, name)
        if field is not None and (field.type != "lookup" or field.options["to"] != entity.name):
            message = _m("“{name}” is not a lookup to {entity} itself, so it needs no second pass.", name=name, entity=entity.label)
            findings.add(key, pointer("second_pass", name), "not_a_self_lookup", message)
    if "match" in body:
        field = findings.field(key, "/match", entity, body["match"])
        if field is not None and not field.unique and field.name != "id":
            findings.add(key, "/match", "not_unique", _m("Rows can be matched only by a unique field; “{name}” is none.", name=body["match"]))


def _column(findings: Findings, key: Key, place: str, entity: Entity, column: Mapping[str, Any]) -> None:
    name, _, part = column["field"].partition(".")
    field = findings.field(key, f"{place}/field", entity, name)
    if field is None:
        return
    parts = findings.model.types[field.type].parts
    if part and part not in parts:
        message = _m("“{part}” is no part of {field}.", part=part, field=field.label)
        findings.unknown(key, f"{place}/field", "unknown_part", message, part, parts)
    if "lookup" not in column:
        return
    if field.type != "lookup":
        findings.add(key, f"{place}/lookup", "not_a_lookup", _m("“{name}” is not a lookup.", name=field.name))
        return
    target = findings.entity(key, f"{place}/lookup", field.options["to"])
    if target is not None:
        findings.field(key, f"{place}/lookup/by", target, column["lookup"]["by"])
