"""The reference graph: every mention of an entity, field, pick list, value, record type, view, tab or role in a sound model.

`uses` is asked before something is taken away or renamed, and by whoever shows where a thing is used. Translations are not
uses: they go and are renamed along.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fieldsmith.base.problems import pointer
from fieldsmith.expr.nodes import Aggregate, Constant, FieldRef, Node, walk
from fieldsmith.expr.parser import parse
from fieldsmith.expr.rename import names
from fieldsmith.expr.syntax import Name, Span
from fieldsmith.expr.types import Kind
from fieldsmith.expr.vocabulary import Place
from fieldsmith.meta.expressions import Expressions
from fieldsmith.meta.layers import Effective
from fieldsmith.meta.model import Entity, Model
from fieldsmith.meta.places import default_place, filter_place, formula_place, rule_place
from fieldsmith.meta.roles import EVERY_ENTITY

_RULES = ("when", "must", "visible", "required", "read_only")


@dataclass(frozen=True, slots=True)
class Use:
    """`target` (`entity/deal/fields/amount`) is mentioned in document `kind`/`name` at `pointer`.

    `parts` says which of the parts of a path (`account.owner.name`) it is, `span` where it is
    written in an expression.
    """

    target: str
    kind: str
    name: str
    pointer: str
    part: int | None = None
    span: Span | None = None


def uses(model: Model) -> dict[str, list[Use]]:
    """Every use by what is used, in document order."""
    out: dict[str, list[Use]] = {}
    finder = _Finder(model)
    for document in model.documents.values():
        for use in finder.of(document):
            out.setdefault(use.target, []).append(use)
    return out


def field_path(entity: str, field: str) -> str:
    return f"entity/{entity}/fields/{field}"


def value_path(choices: str, value: str) -> str:
    """Of a value of a pick list; the list of record types has a document for each."""
    entity, dot, _ = choices.partition(".")
    return f"record_type/{entity}.{value}" if dot else f"choices/{choices}/values/{value}"


class _Finder:
    """Gathers the uses of one document at a time."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._expressions = Expressions(model)

    def of(self, document: Effective) -> Iterator[Use]:
        body = document.body
        found: Iterable[tuple[str, str, int | None, Span | None]]
        match document.kind:
            case "entity":
                found = self._entity(body)
            case "layout":
                found = self._layout(body)
            case "view":
                found = self._view(body)
            case "rule":
                found = self._rule(body)
            case "choices":
                found = _choices(body)
            case "record_type":
                found = self._record_type(body)
            case "tab":
                found = self._tab(body)
            case "app":
                found = _app(body)
            case "role":
                found = self._role(body)
            case "sharing_rule":
                found = self._sharing_rule(body)
            case "import_map":
                found = self._import_map(body)
            case _:
                found = ()
        for target, place, part, span in found:
            yield Use(target, document.kind, document.name, place, part, span)

    def _entity(self, body: Mapping[str, Any]) -> Iterator[tuple[str, str, int | None, Span | None]]:
        entity = self._model.entities[body["name"]]
        if "name_field" in body:
            yield field_path(entity.name, body["name_field"]), "/name_field", None, None
        for index in body.get("indexes", ()):
            for name in index["fields"]:
                yield field_path(entity.name, name.removeprefix("-")), pointer("indexes", index["name"], "fields", name), 0, None
        for item in body["fields"]:
            yield from self._field(entity, item)

    def _field(self, entity: Entity, item: Mapping[str, Any]) -> Iterator[tuple[str, str, int | None, Span | None]]:
        base = pointer("fields", item["name"])
        field = entity.fields[item["name"]]
        to = item.get("to", ())
        if isinstance(to, str):
            yield f"entity/{to}", f"{base}/to", None, None
        else:
            for name in to:
                yield f"entity/{name}", base + pointer("to", name), None, None
        if "choices" in item:
            yield f"choices/{item['choices']}", f"{base}/choices", None, None
            given = item.get("default")
            for name in given if isinstance(given, list) else [given] if isinstance(given, str) else ():
                yield f"choices/{item['choices']}/values/{name}", f"{base}/default", None, None
        if "depends_on" in item:
            yield field_path(entity.name, item["depends_on"]), f"{base}/depends_on", None, None
        if "expression" in item:
            known = self._model.computed.get(entity.name, {}).get(item["name"])
            node = known.node if known is not None else None
            yield from self._expression(item["expression"], formula_place(entity.name, None), f"{base}/expression", node)
        if "default_expression" in item:
            symbol = self._model.type_of(field).symbol(field)
            yield from self._expression(item["default_expression"], default_place(entity.name, symbol.type), f"{base}/default_expression")

    def _layout(self, body: Mapping[str, Any]) -> Iterator[tuple[str, str, int | None, Span | None]]:
        entity = self._model.entities[body["entity"]]
        yield f"entity/{entity.name}", "/entity", None, None
        for key in ("highlights", "hidden"):
            for name in body.get(key, ()):
                yield field_path(entity.name, name), pointer(key, name), 0, None
        if body.get("path"):
            yield field_path(entity.name, body["path"]), "/path", None, None
        for name in body.get("record_types", ()):
            yield f"record_type/{entity.name}.{name}", pointer("record_types", name), None, None
        for name in body.get("roles", ()):
            yield f"role/{name}", pointer("roles", name), None, None
        for key in ("sections", "related", "components"):
            for item in body.get(key, ()):
                if item.get("visible"):
                    yield from self._expression(item["visible"], rule_place(entity.name), pointer(key, item["name"], "visible"))
        for section in body["sections"]:
            for name in section["fields"]:
                yield field_path(entity.name, name), pointer("sections", section["name"], "fields", name), 0, None
        for related in body.get("related", ()):
            base = pointer("related", related["name"])
            other = self._model.entities[related["entity"]]
            yield f"entity/{other.name}", f"{base}/entity", None, None
            yield field_path(other.name, related["field"]), f"{base}/field", None, None
            for key in ("columns", "sort"):
                yield from self._paths(other, related.get(key, ()), f"{base}/{key}")

    def _view(self, body: Mapping[str, Any]) -> Iterator[tuple[str, str, int | None, Span | None]]:
        entity = self._model.entities[body["entity"]]
        yield f"entity/{entity.name}", "/entity", None, None
        for key in ("columns", "sort"):
            yield from self._paths(entity, body.get(key, ()), f"/{key}")
        for key in ("group", "sum"):
            if body.get(key):
                yield field_path(entity.name, body[key]), f"/{key}", None, None
        if body.get("filter"):
            yield from self._expression(body["filter"], filter_place(entity.name), "/filter")

    def _rule(self, body: Mapping[str, Any]) -> Iterator[tuple[str, str, int | None, Span | None]]:
        entity = body["entity"]
        yield f"entity/{entity}", "/entity", None, None
        if "field" in body:
            yield field_path(entity, body["field"]), "/field", None, None
        for name in body.get("fields", ()):
            yield field_path(entity, name), pointer("fields", name), 0, None
        for key in _RULES:
            if key in body:
                yield from self._expression(body[key], rule_place(entity), f"/{key}")

    def _record_type(self, body: Mapping[str, Any]) -> Iterator[tuple[str, str, int | None, Span | None]]:
        entity = self._model.entities[body["entity"]]
        yield f"entity/{entity.name}", "/entity", None, None
        for name, values in body.get("choices", {}).items():
            yield field_path(entity.name, name), pointer("choices", name), None, None
            for value in values:
                yield f"choices/{entity.fields[name].options['choices']}/values/{value}", pointer("choices", name, value), None, None

    def _tab(self, body: Mapping[str, Any]) -> Iterator[tuple[str, str, int | None, Span | None]]:
        yield f"entity/{body['entity']}", "/entity", None, None
        if "view" in body:
            yield f"view/{body['entity']}.{body['view']}", "/view", None, None

    def _role(self, body: Mapping[str, Any]) -> Iterator[tuple[str, str, int | None, Span | None]]:
        for key in ("entities", "field_rights", "actions", "restrict"):
            for name in body.get(key, {}):
                if name != EVERY_ENTITY:
                    yield f"entity/{name}", pointer(key, name), None, None
        for name in body.get("studio", ()):
            yield f"entity/{name}", pointer("studio", name), None, None
        for entity, rights in body.get("field_rights", {}).items():
            for name in rights:
                yield field_path(entity, name), pointer("field_rights", entity, name), None, None
        for entity, item in body.get("restrict", {}).items():
            base = pointer("restrict", entity)
            for name in item.get("fields", {}):
                yield field_path(entity, name), base + pointer("fields", name), None, None
            if "records" in item:
                yield from self._expression(item["records"], filter_place(entity), f"{base}/records")
        if "start" in body:
            yield f"tab/{body['start']}", "/start", None, None
        for entity, path in body.get("portal", {}).get("paths", {}).items():
            yield f"entity/{entity}", pointer("portal", "paths", entity), None, None
            if path:
                yield from self._paths(self._model.entities[entity], (path,), "/portal/paths")

    def _sharing_rule(self, body: Mapping[str, Any]) -> Iterator[tuple[str, str, int | None, Span | None]]:
        yield f"entity/{body['entity']}", "/entity", None, None
        for key in ("owners", "to"):
            for name in body.get(key, {}).get("roles", ()):
                yield f"role/{name}", pointer(key, "roles", name), None, None
        if "when" in body:
            yield from self._expression(body["when"], filter_place(body["entity"]), "/when")

    def _import_map(self, body: Mapping[str, Any]) -> Iterator[tuple[str, str, int | None, Span | None]]:
        entity = self._model.entities[body["entity"]]
        yield f"entity/{entity.name}", "/entity", None, None
        for header, column in body["columns"].items():
            if "field" in column:
                name = column["field"].partition(".")[0]
                yield field_path(entity.name, name), pointer("columns", header, "field"), 0, None
                if "lookup" in column:
                    target = entity.fields[name].options["to"]
                    yield field_path(target, column["lookup"]["by"]), pointer("columns", header, "lookup", "by"), None, None
        for key in ("constants", "templates", "second_pass"):
            for name in body.get(key, ()):
                yield field_path(entity.name, name), pointer(key, name), 0, None
        if "match" in body:
            yield field_path(entity.name, body["match"]), "/match", None, None

    def _paths(self, entity: Entity, paths: Iterable[str], place: str) -> Iterator[tuple[str, str, int | None, Span | None]]:
        for path in paths:
            here = entity
            for at, name in enumerate(path.removeprefix("-").split(".")):
                yield field_path(here.name, name), place + pointer(path), at, None
                to = here.fields[name].options.get("to")
                if not isinstance(to, str):
                    break
                here = self._model.entities[to]

    def _expression(self, source: str, place: Place, where: str, node: Node | None = None) -> Iterator[tuple[str, str, int | None, Span | None]]:
        checked = node or self._expressions.check(source, place).node
        written = list(names(parse(source))) if checked is not None else []
        for part in walk(checked) if checked is not None else ():
            if isinstance(part, FieldRef) and part.root != "params":
                chain = (*part.hops, part.symbol)
                spans = _last_spans(part, _name_at(written, part.span), len(chain))
                for symbol, span in zip(chain, spans, strict=True):
                    yield field_path(symbol.entity, symbol.field), where, None, span
            elif isinstance(part, Aggregate):
                name = next((name for name in written if _inside(name.span, part.span)), None)
                for at, symbol in enumerate(part.hops):
                    yield field_path(symbol.entity, symbol.field), where, None, name.spans[at] if name is not None else part.span
                yield f"entity/{part.related.entity}", where, None, None
                span = name.spans[len(part.hops)] if name is not None and part.related.via == "link" else None
                yield _through(part), where, None, span
            elif isinstance(part, Constant) and part.type.kind in (Kind.CHOICE, Kind.SET) and part.type.choices and isinstance(part.value, str):
                yield value_path(part.type.choices, part.value), where, None, part.span


def _inside(one: Span, other: Span) -> bool:
    return other.start <= one.start and one.end <= other.end


def _name_at(written: Sequence[Name], span: Span) -> Name | None:
    """The name in the source that `span` is, or is the end of."""
    return next((name for name in written if _inside(span, name.span)), None)


def _last_spans(ref: FieldRef, name: Name | None, count: int) -> Sequence[Span | None]:
    """The places of the last `count` parts of the name; a part of a field (`amount.currency`) comes behind those. `user` alone names no field."""
    if name is None:
        return [None] * count
    last = len(name.spans) - (ref.symbol.name != ref.symbol.field)
    return name.spans[last - count : last] if last >= count + (name.parts[0] == "user") else [None] * count


def _through(node: Aggregate) -> str:
    """The lookup or link field a related list goes by."""
    related = node.related
    return field_path(related.owner if related.via == "link" else related.entity, related.field)


def _choices(body: Mapping[str, Any]) -> Iterator[tuple[str, str, int | None, Span | None]]:
    if "depends_on" in body:
        yield f"choices/{body['depends_on']}", "/depends_on", None, None
    for item in body["values"]:
        for name in item.get("for", ()):
            yield f"choices/{body['depends_on']}/values/{name}", pointer("values", item["name"], "for", name), None, None


def _app(body: Mapping[str, Any]) -> Iterator[tuple[str, str, int | None, Span | None]]:
    for name in body["tabs"]:
        yield f"tab/{name}", pointer("tabs", name), None, None
    for name in body.get("roles", ()):
        yield f"role/{name}", pointer("roles", name), None, None
