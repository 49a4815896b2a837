"""What the check of a draft would say if some names were not there: for who shapes single entities without seeing all of them.

Whoever names a hidden field reads the very sentence that an unknown name gets, because the same checks say it, of a model without that
field. Only `studio.delegated_drafting` asks; it keeps what is about the parts its draft says.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterator
from dataclasses import dataclass, replace

from fieldsmith.base.problems import Problem, pointer
from fieldsmith.base.text import _m
from fieldsmith.expr.nodes import Aggregate, FieldRef, Node, walk
from fieldsmith.expr.vocabulary import Place
from fieldsmith.meta.check_choices import check_choices
from fieldsmith.meta.check_entities import check_entities
from fieldsmith.meta.check_record_types import check_record_types
from fieldsmith.meta.check_rules import check_rules
from fieldsmith.meta.check_screens import check_screens
from fieldsmith.meta.expressions import Expressions, in_document
from fieldsmith.meta.findings import Findings
from fieldsmith.meta.layers import Key
from fieldsmith.meta.model import Entity, FieldRule, Model
from fieldsmith.meta.places import default_place, filter_place, formula_place, rule_place
from fieldsmith.meta.vocabulary import Name

BEYOND = "beyond_reach"


@dataclass(frozen=True, slots=True)
class _Written:
    """An expression of a document; `by_all`: what it gives is the same for everybody, whoever may read what it reads."""

    key: Key
    place: str
    source: str
    where: Place
    by_all: bool = True


def spoken_problems(model: Model, refused: frozenset[Key], hidden: frozenset[str | Name], beyond: Collection[str], keys: Collection[Key]) -> list[Problem]:
    """Of the documents `keys` of `model` (`meta.compile.linked_model`), without the entities and (entity, field) pairs in `hidden`.

    `beyond` are entities some of whose records are out of reach: an expression that everybody gets the value of may not lead there.
    """
    findings = Findings(_less(model, hidden, keys), refused)
    check_entities(findings)
    check_choices(findings)
    check_record_types(findings)
    check_screens(findings)
    check_rules(findings)
    expressions = Expressions(model, refused, hidden=hidden)
    for written in _expressions(model, keys, hidden):
        if written.where.entity in hidden:
            continue
        found = expressions.check(written.source, written.where)
        for problem in found.problems:
            findings.add(written.key, written.place, problem.code, in_document(problem, written.source), problem.hint)
        far = _leads_to(found.node, beyond) if found.node is not None and written.by_all else None
        if far is not None:
            message = _m("You may not read every record of {entity}, but this would be worked out from all of them.", entity=model.entities[far].label)
            findings.add(written.key, written.place, BEYOND, message, _m("Leave that out, or ask an administrator."))
    for name in beyond:
        if ("entity", name) in keys and name in model.entities:
            _compared(findings, model.entities[name])
    return findings.problems


def _compared(findings: Findings, entity: Entity) -> None:
    """A unique index answers who saves whether a record out of reach has the same value."""
    for index in entity.indexes:
        if index.unique:
            message = _m("You may not read every record of {entity}, but a unique index compares all of them.", entity=entity.label)
            findings.add(("entity", entity.name), pointer("indexes", index.name), BEYOND, message, _m("Leave that out, or ask an administrator."))


def _less(model: Model, hidden: frozenset[str | Name], keys: Collection[Key]) -> Model:
    """Roles are never named: they go too."""

    return replace(
        model,
        entities={name: _entity(entity, hidden) for name, entity in model.entities.items() if name not in hidden},
        documents={key: document for key, document in model.documents.items() if key in keys},
        views={name: view for name, view in model.views.items() if ("view", name) in keys},
        rules={name: rule for name, rule in model.rules.items() if ("rule", name) in keys},
        record_types={name: item for name, item in model.record_types.items() if item.entity not in hidden},
        roles={},
    )


def _entity(entity: Entity, hidden: frozenset[str | Name]) -> Entity:
    fields = {name: field for name, field in entity.fields.items() if (entity.name, name) not in hidden}
    references = tuple(item for item in entity.references if item.entity not in hidden and (item.entity, item.field) not in hidden)
    former = {name: found for name, found in entity.former.items() if not found.now or found.now in fields}
    return replace(entity, fields=fields, references=references, former=former)


def _expressions(model: Model, keys: Collection[Key], hidden: Container[str | Name]) -> Iterator[_Written]:
    for kind, name in keys:
        key = (kind, name)
        if kind == "entity" and name in model.entities:
            yield from _of_entity(model, key, model.entities[name], hidden)
        elif kind == "view" and name in model.views and model.views[name].filter:
            yield _Written(key, "/filter", model.views[name].filter, filter_place(model.views[name].entity), by_all=False)
        elif kind == "layout" and name in model.layouts:
            for place, part in model.layouts[name].parts.items():
                if part.visible:
                    yield _Written(key, f"/{place}/visible", part.visible, rule_place(model.layouts[name].entity))
        elif kind == "rule" and name in model.rules:
            rule = model.rules[name]
            for part_name in ("visible", "required", "read_only") if isinstance(rule, FieldRule) else ("when", "must"):
                source: str = getattr(rule, part_name)
                if source:
                    yield _Written(key, f"/{part_name}", source, rule_place(rule.entity))


def _of_entity(model: Model, key: Key, entity: Entity, hidden: Container[str | Name]) -> Iterator[_Written]:
    for field in entity.own_fields():
        if (entity.name, field.name) in hidden:
            continue
        place = pointer("fields", field.name)
        if field.default_expression:
            type_ = model.type_of(field).symbol(field).type
            yield _Written(key, f"{place}/default_expression", field.default_expression, default_place(entity.name, type_))
        source = field.options.get("expression")
        if isinstance(source, str) and source:
            yield _Written(key, f"{place}/expression", source, formula_place(entity.name, None))


def _leads_to(node: Node, beyond: Collection[str]) -> str | None:
    """The first of `beyond` whose records the expression reads over a lookup or in a list; the user's own record is nobody else's."""
    for part in walk(node):
        far: list[str] = []
        if isinstance(part, FieldRef) and part.hops:
            far = [symbol.entity for symbol in (*part.hops[1:], part.symbol)]
            far = far[1:] if part.root == "user" else far
        elif isinstance(part, Aggregate):
            far = [part.related.entity, *(hop.entity for hop in part.hops[1:])]
        found = next((entity for entity in far if entity in beyond), None)
        if found is not None:
            return found
    return None
