"""Cross-checks: everything JSON Schema cannot say. They collect every problem and change nothing.

`check_documents` looks at documents as layers have them (names), `check_model` at the linked model (references).
Only `meta.compile` calls them.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from typing import Any

from fieldsmith.base.problems import Problem, pointer
from fieldsmith.base.text import _m
from fieldsmith.meta.check_choices import check_choices
from fieldsmith.meta.check_company import check_company
from fieldsmith.meta.check_entities import check_entities
from fieldsmith.meta.check_expressions import check_expressions
from fieldsmith.meta.check_record_types import check_record_types
from fieldsmith.meta.check_roles import check_roles
from fieldsmith.meta.check_rules import check_rules
from fieldsmith.meta.check_screens import check_screens
from fieldsmith.meta.check_words import check_import_maps, check_translations
from fieldsmith.meta.computed import Faults
from fieldsmith.meta.documents import SourceDocument
from fieldsmith.meta.findings import Findings
from fieldsmith.meta.layers import CUSTOM, Key, Layer
from fieldsmith.meta.members import folded, member_name
from fieldsmith.meta.model import RECORD_TYPE, SYSTEM_FIELDS, Model

FORMAT = 1
KEYWORDS = frozenset({"and", "or", "not", "in", "true", "false", "blank", "where", "user", "old", "params", "parent"})
ROUTES = frozenset(
    ["api", "setup", "login", "logout", "search", "reports", "dashboards", "studio", "rollout", "help", "me", "health", "metrics", "static", "new", "edit"]
)
RESERVED_FIELDS = KEYWORDS | frozenset(SYSTEM_FIELDS) | {RECORD_TYPE, "deleted_batch"}
RESERVED_ENTITIES = KEYWORDS | ROUTES | frozenset(SYSTEM_FIELDS)
_NAMED_LISTS = ("fields", "indexes", "values", "sections", "related", "components")


def check_documents(layers: Sequence[Layer], checked: Container[int] = frozenset()) -> list[Problem]:
    """Names: reserved ones, two that are the same, entity `user` outside core, formats newer than ours. Total over any JSON.

    Bodies whose ids are `checked` are only looked at for what they are called.
    """
    problems: list[Problem] = []
    seen: dict[tuple[str, str], SourceDocument] = {}
    for layer in layers:
        for document in layer.documents:
            if id(document.body) not in checked:
                problems += _names(layer, document)
            key = (document.kind, folded(document.name))
            other = seen.setdefault(key, document)
            if other.name != document.name:
                message = _m("“{name}” is the same name as “{other}” but for its letters' form.", name=document.name, other=other.name)
                problems.append(Problem("same_name", message, "/name", None, document.path))
    return problems


def check_model(model: Model, refused: frozenset[Key], faults: Faults, previous: Model | None = None) -> list[Problem]:
    """References, defaults, cycles, limits, expressions. `refused` documents and what refers to them are not judged.

    `faults` are those of the computed fields, found when they were worked out; `previous` is a sound model some entities are shared with.
    """
    findings = Findings(model, refused)
    check_entities(findings, previous)
    check_choices(findings)
    check_record_types(findings)
    check_screens(findings)
    check_rules(findings)
    check_expressions(findings, faults)
    check_roles(findings)
    check_company(findings)
    check_translations(findings)
    check_import_maps(findings)
    return findings.problems


def _names(layer: Layer, document: SourceDocument) -> Iterator[Problem]:
    body = document.body
    if document.kind == "package" and isinstance(body.get("format"), int) and body["format"] > FORMAT:
        message = _m(
            "This package is written in format {format}; this Fieldsmith reads up to {known}. Upgrade Fieldsmith first.", format=body["format"], known=FORMAT
        )
        yield Problem("newer_format", message, "/format", None, document.path)
    if document.kind == "package" and body.get("name") == CUSTOM:
        yield Problem("reserved_name", _m("A package cannot be called “{name}”: that is the workspace's own layer.", name=CUSTOM), "/name", None, document.path)
    if document.kind == "entity":
        yield from _entity_names(layer, document)
    for key in _NAMED_LISTS:
        if isinstance(body.get(key), list):
            yield from _same_names(body[key], key, document)
    if document.kind == "layout" and isinstance(body.get("tabs"), list):
        yield from _same_names(body["tabs"], "tabs", document)


def _entity_names(layer: Layer, document: SourceDocument) -> Iterator[Problem]:
    body = document.body
    if not document.extends and isinstance(body.get("name"), str):
        name = body["name"]
        if folded(name) in RESERVED_ENTITIES and not (name == "user" and layer.name == "core"):
            yield _reserved(name, "/name", document)
    for name, place in _field_names(body):
        if folded(name) in RESERVED_FIELDS:
            yield _reserved(name, place, document)


def _field_names(body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Names of the fields a document has or adds, each with where it says so."""
    fields, operations = body.get("fields"), body.get("operations")
    for item in fields if isinstance(fields, list) else ():
        if isinstance(item, dict) and isinstance(item.get("name"), str):
            yield item["name"], pointer("fields", item["name"], "name")
    for index, item in enumerate(operations if isinstance(operations, list) else ()):
        if isinstance(item, dict) and item.get("op") == "add" and isinstance(item.get("path"), str):
            parts = item["path"].split("/")
            if len(parts) == 3 and parts[1] == "fields":
                yield parts[2], pointer("operations", index, "path")


def _reserved(name: str, place: str, document: SourceDocument) -> Problem:
    message = _m("“{name}” is reserved: expressions, system fields or addresses use it. Choose another name.", name=name)
    return Problem("reserved_name", message, place, _m("For instance {name}_1.", name=name), document.path)


def _same_names(items: Sequence[Any], key: str, document: SourceDocument) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for name in filter(None, map(member_name, items)):
        other = seen.get(folded(name))
        if other is not None:
            message = _m("The name “{name}” occurs twice (also as “{other}”). Two items of a list need different names.", name=name, other=other)
            yield Problem("same_name", message, pointer(key, name), None, document.path)
        seen[folded(name)] = name
