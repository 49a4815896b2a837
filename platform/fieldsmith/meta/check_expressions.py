"""Cross-checks of expressions: formulas and rollups, defaults, filters of views, rules. Each problem says where in the expression."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from fieldsmith.base.problems import Problem, pointer
from fieldsmith.base.text import Message, _m
from fieldsmith.expr.facts import references
from fieldsmith.expr.nodes import FieldRef, Node
from fieldsmith.expr.types import Kind
from fieldsmith.expr.vocabulary import Place
from fieldsmith.expr.writing_out import MAX_NODES, TooLarge, WrittenOut
from fieldsmith.fields.base import Field
from fieldsmith.meta.expressions import Expressions, in_document
from fieldsmith.meta.findings import Findings
from fieldsmith.meta.layers import Key
from fieldsmith.meta.model import FieldRule, Model, Rule
from fieldsmith.meta.places import default_place, filter_place, rule_place
from fieldsmith.meta.vocabulary import Name

if TYPE_CHECKING:
    from fieldsmith.meta.computed import Faults

_NO_VALUE = frozenset({Kind.PARTS, Kind.OPAQUE, Kind.LIST})


def check_expressions(findings: Findings, faults: Faults) -> None:
    _computed(findings, faults)
    _sizes(findings)
    expressions = Expressions(findings.model, findings.refused)
    for entity in findings.model.entities.values():
        for field in entity.own_fields():
            if field.default_expression:
                _default(findings, expressions, field)
    for name, view in findings.model.views.items():
        if view.filter and view.entity in findings.model.entities:
            _check(findings, expressions, ("view", name), "/filter", view.filter, filter_place(view.entity))
    for name, layout in findings.model.layouts.items():
        if ("layout", name) in findings.model.documents and layout.entity in findings.model.entities:
            for place, part in layout.parts.items():
                if part.visible:
                    _check(findings, expressions, ("layout", name), f"/{place}/visible", part.visible, rule_place(layout.entity))
    for name, sharing in findings.model.sharing_rules.items():
        if sharing.when and sharing.entity in findings.model.entities:
            _check(findings, expressions, ("sharing_rule", name), "/when", sharing.when, filter_place(sharing.entity))
    for name, role in findings.model.roles.items():
        for limited, restriction in role.restrict.items():
            if restriction.records and limited in findings.model.entities:
                place = pointer("restrict", limited, "records")
                _check(findings, expressions, ("role", name), place, restriction.records, filter_place(limited))
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


def _sizes(findings: Findings) -> None:
    """Formulas that no query could compute, because all they build on would have to be written out. Told of the first of a chain."""
    too_large: set[Name] = set()
    for name, node in _worked_out_when_read(findings.model):
        below = [read for read in _reads(findings.model, node) if read != name]
        if not too_large.isdisjoint(below):
            too_large.add(name)
            continue
        try:
            WrittenOut(lambda ref: _behind(findings.model, ref)).node(node)
        except TooLarge:
            too_large.add(name)
            path = _path(_chain(findings.model, name))
            message = _m(
                "This and the formulas it builds on are too much to work out at once, more than {limit} parts or too deep: {path}.", limit=MAX_NODES, path=path
            )
            hint = _m("Use fewer formulas that build on formulas across lookups, or shorten one of these.")
            findings.add(("entity", name[0]), _place(name, "expression"), "expression_too_large", message, hint)


def _worked_out_when_read(model: Model) -> Iterator[tuple[Name, Node]]:
    """The formulas without a column, each after those it reads."""
    order: dict[Name, None] = {}
    for entity, computations in model.computed.items():
        for field in computations:
            _put_after_reads(model, (entity, field), order)
    return ((name, model.computed[name[0]][name[1]].node) for name in order)


def _put_after_reads(model: Model, first: Name, order: dict[Name, None]) -> None:
    waiting = [(first, False)]
    while waiting:
        name, ready = waiting.pop()
        found = model.computed[name[0]][name[1]]
        if name in order or found.stored:
            continue
        if ready:
            order[name] = None
        else:
            waiting.append((name, True))
            waiting.extend((read, False) for read in _reads(model, found.node))


def _reads(model: Model, node: Node) -> list[Name]:
    """The formulas without a column that `node` names."""
    return [(ref.symbol.entity, ref.symbol.field) for ref in references(node) if _behind(model, ref) is not None]


def _behind(model: Model, ref: FieldRef) -> Node | None:
    found = model.computed.get(ref.symbol.entity, {}).get(ref.symbol.field)
    return None if found is None or found.stored else found.node


def _chain(model: Model, name: Name) -> list[Name]:
    """`name`, what it reads, what that reads, …; the longest way down."""
    ways: dict[Name, list[Name]] = {}
    for here, node in _worked_out_when_read(model):
        ways[here] = [here, *max((ways[read] for read in _reads(model, node)), key=len, default=[])]
    return ways[name]


def _cannot_be_kept() -> Message:
    return _m("Only one aggregate over records whose lookup points here, of which it reads nothing but columns, can be kept.")


def _place(name: Name, key: str) -> str:
    return pointer("fields", name[1], key)


def _path(circle: list[Name]) -> str:
    """`a → b → a`, with the entities where there are several."""
    short = len({entity for entity, _ in circle}) == 1
    return " → ".join(field if short else f"{entity}.{field}" for entity, field in circle)
