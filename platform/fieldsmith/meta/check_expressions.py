"""Cross-checks of expressions: formulas and rollups, defaults, filters of views, rules. Each problem says where in the expression."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from fieldsmith.base.problems import Problem, pointer
from fieldsmith.base.text import Message, _m
from fieldsmith.expr.types import Kind
from fieldsmith.expr.vocabulary import Place
from fieldsmith.fields.base import Field
from fieldsmith.meta.expressions import Expressions, in_document
from fieldsmith.meta.findings import Findings
from fieldsmith.meta.layers import Key
from fieldsmith.meta.model import FieldRule, Rule
from fieldsmith.meta.places import default_place, filter_place, rule_place
from fieldsmith.meta.vocabulary import Name

if TYPE_CHECKING:
    from fieldsmith.meta.computed import Faults

_NO_VALUE = frozenset({Kind.PARTS, Kind.OPAQUE, Kind.LIST})


def check_expressions(findings: Findings, faults: Faults) -> None:
    _computed(findings, faults)
    expressions = Expressions(findings.model, findings.refused)
    for entity in findings.model.entities.values():
        for field in entity.own_fields():
            if field.default_expression:
                _default(findings, expressions, field)
    for name, view in findings.model.views.items():
        if view.filter and view.entity in findings.model.entities:
            _check(findings, expressions, ("view", name), "/filter", view.filter, filter_place(view.entity))
    for name, rule in findings.model.rules.items():
        if rule.entity in findings.model.entities:
            _rule(findings, expressions, ("rule", name), rule)


def _check(findings: Findings, expressions: Expressions, key: Key, place: str, source: str, where: Place) -> None:
    _add(findings, key, place, source, expressions.check(source, where).problems)


def _add(findings: Findings, key: Key, place: str, source: str, problems: Iterable[Problem]) -> None:
    for problem in problems:
        findings.add(key, place, problem.code, in_document(problem, source), problem.hint)


def _rule(findings: Findings, expressions: Expressions, key: Key, rule: Rule) -> None:
    keys = ("visible", "required", "read_only") if isinstance(rule, FieldRule) else ("when", "must")
    for name in keys:
        source: str = getattr(rule, name)
        if source:
            _check(findings, expressions, key, f"/{name}", source, rule_place(rule.entity))


def _default(findings: Findings, expressions: Expressions, field: Field) -> None:
    key, place = ("entity", field.entity), pointer("fields", field.name, "default_expression")
    kind = findings.model.type_of(field)
    type_ = kind.symbol(field).type
    if not kind.writable or type_.kind in _NO_VALUE or field.type == "rich_text":
        findings.add(key, place, "no_default", _m("A field of type {type} cannot have a default that is worked out.", type=kind.title))
        return
    if field.default is not None:
        message = _m("“{name}” has two defaults: a value and an expression. Keep one of them.", name=field.name)
        findings.add(key, place, "two_defaults", message)
    _check(findings, expressions, key, place, field.default_expression, default_place(field.entity, type_))


def _computed(findings: Findings, faults: Faults) -> None:
    for name, problems in faults.problems.items():
        source = findings.model.entities[name[0]].fields[name[1]].options["expression"]
        _add(findings, ("entity", name[0]), _place(name, "expression"), source, problems)
    for name in faults.nothing_to_return:
        message = _m("The expression gives nothing a field can hold: a list, a record or a set.")
        hint = _m("Count or add up something of it, like COUNT(list) or SUM(list.field).")
        findings.add(("entity", name[0]), _place(name, "expression"), "wrong_result", message, hint)
    seen: set[frozenset[Name]] = set()
    for circle in faults.circles:
        if frozenset(circle) not in seen:
            seen.add(frozenset(circle))
            message = _m("The expressions read each other in a circle: {path}.", path=_path(circle))
            findings.add(("entity", circle[0][0]), _place(circle[0], "expression"), "expression_cycle", message, _m("Take one of these steps out."))
    for name in faults.no_aggregate:
        message = _m("A rollup counts or adds up related records; this expression does neither.")
        findings.add(
            ("entity", name[0]), _place(name, "expression"), "no_aggregate", message, _m("Make it a formula, or write COUNT(list) or SUM(list.field).")
        )
    for name in faults.not_kept:
        findings.add(("entity", name[0]), _place(name, "stored"), "cannot_be_stored", _cannot_be_kept(), _m("Leave the key out: it is worked out when read."))


def _cannot_be_kept() -> Message:
    return _m("Only one aggregate over records whose lookup points here, of which it reads nothing but columns, can be kept.")


def _place(name: Name, key: str) -> str:
    return pointer("fields", name[1], key)


def _path(circle: list[Name]) -> str:
    """`a → b → a`, with the entities where there are several."""
    short = len({entity for entity, _ in circle}) == 1
    return " → ".join(field if short else f"{entity}.{field}" for entity, field in circle)
