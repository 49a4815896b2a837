"""`EntityLogic`: the formulas, rules and defaults of one entity as Python functions, compiled once per revision.

Everything here runs with the definer's rights: it gives one answer for everyone. `records.rules` enforces, `records.formulas`
and `records.rollups` keep columns right, forms show what this says while one types.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from fieldsmith.db.tables import Schema
from fieldsmith.expr.check import check
from fieldsmith.expr.environment import Env, Evaluator
from fieldsmith.expr.facts import references
from fieldsmith.expr.nodes import FieldRef, Node, children, outermost, walk
from fieldsmith.expr.to_python import PythonCompiler
from fieldsmith.expr.types import Kind, Type
from fieldsmith.fields.base import Field
from fieldsmith.meta.model import Component, FieldRule, RelatedList, Section, ValidationRule
from fieldsmith.meta.places import default_place, rule_place
from fieldsmith.meta.storable import reads_of

Path = tuple[str, ...]
"""Lookups, by name, that an expression follows from the record."""


@dataclass(frozen=True, slots=True)
class Formula:
    """One computed field. `value` gives its canonical value; `affected_by` are the own stored fields it depends on, at any depth."""

    field: Field
    value: Evaluator
    affected_by: frozenset[str]
    kept: bool


@dataclass(frozen=True, slots=True)
class Validation:
    rule: ValidationRule
    when: Evaluator | None
    must: Evaluator


@dataclass(frozen=True, slots=True)
class FieldCondition:
    """`visible`, `required`, `read_only` are None where the rule says nothing of it."""

    rule: FieldRule
    visible: Evaluator | None
    required: Evaluator | None
    read_only: Evaluator | None


@dataclass(frozen=True, slots=True)
class PartCondition:
    """When a part of a layout (`sections/main`) is shown; `fields` are those of a section."""

    place: str
    fields: tuple[str, ...]
    visible: Evaluator


@dataclass(frozen=True, slots=True)
class Default:
    field: Field
    value: Evaluator


class EntityLogic:
    """`computed` are all computed fields in order of rank, `formulas` the names of those that are no rollup."""

    def __init__(self, schema: Schema, entity: str) -> None:
        self._schema = schema
        self._model = schema.model
        self._entity = schema.model.entities[entity]
        self._compiler = PythonCompiler(self._model.functions, self._model.vocabulary, self._model.calendar)
        computations = self._model.computed.get(entity, {})
        self._parts: dict[str, tuple[PartCondition, ...]] = {}
        self.formulas = frozenset(name for name, item in computations.items() if item.field.type == "formula" or schema.keeping(item.field) == "query")

    @cached_property
    def computed(self) -> dict[str, Formula]:
        out: dict[str, Formula] = {}
        for name, item in self._model.computed.get(self._entity.name, {}).items():
            affected = frozenset(item.reads).union(*(out[read].affected_by for read in item.reads if read in out))
            value = canonical(self.evaluator(item.node), item.node.type)
            out[name] = Formula(item.field, value, affected, self._schema.keeping(item.field) == "kept")
        return out

    @cached_property
    def kept(self) -> tuple[Formula, ...]:
        """The formulas whose columns `records` writes, in the order to compute them."""
        return tuple(formula for formula in self.computed.values() if formula.kept and formula.field.type == "formula")

    @cached_property
    def rollups(self) -> tuple[Formula, ...]:
        """The rollups that have a column."""
        return tuple(formula for formula in self.computed.values() if formula.kept and formula.field.type == "rollup")

    @cached_property
    def validations(self) -> tuple[Validation, ...]:
        rules = [rule for rule in self._model.rules_of.get(self._entity.name, ()) if isinstance(rule, ValidationRule)]
        return tuple(Validation(rule, self._condition(rule.when), self.evaluator(self.node(rule.must))) for rule in rules)

    @cached_property
    def field_conditions(self) -> tuple[FieldCondition, ...]:
        rules = [rule for rule in self._model.rules_of.get(self._entity.name, ()) if isinstance(rule, FieldRule)]
        return tuple(FieldCondition(rule, self._condition(rule.visible), self._condition(rule.required), self._condition(rule.read_only)) for rule in rules)

    @cached_property
    def defaults(self) -> tuple[Default, ...]:
        """Default expressions, in the order of the fields."""
        return tuple(self._default(item) for item in self._entity.own_fields() if item.default_expression)

    @cached_property
    def paths(self) -> frozenset[Path]:
        """What rules and default expressions follow from the record, to be loaded for many records at once."""
        nodes = [*self._rule_nodes, *(self.default_node(item.field) for item in self.defaults)]
        return frozenset(tuple(hop.field for hop in ref.hops) for node in nodes for ref in _outside_lists(node) if ref.root == "record" and ref.hops)

    @cached_property
    def read_by_rules(self) -> frozenset[str]:
        """The own fields that rules look at, also by way of formulas."""
        out: set[str] = set()
        for node in self._rule_nodes:
            out |= set(reads_of(node))
        for name in out & self.computed.keys():
            out |= self.computed[name].affected_by
        return frozenset(out)

    @cached_property
    def read_by_defaults(self) -> frozenset[str]:
        """The own fields that default expressions look at, also by way of formulas."""
        out = frozenset(name for item in self.defaults for name in reads_of(self.default_node(item.field)))
        return out.union(*(self.computed[name].affected_by for name in out & self.computed.keys()))

    @cached_property
    def looks_at_rollups(self) -> bool:
        """Does a rule or default expression read a rollup, of whichever record, also by way of formulas?"""
        waiting = [*self._rule_nodes, *(self.default_node(item.field) for item in self.defaults)]
        seen: set[tuple[str, str]] = set()
        while waiting:
            for ref in references(waiting.pop()):
                name = (ref.symbol.entity, ref.symbol.field)
                found = self._model.computed.get(name[0], {}).get(name[1])
                if found is not None and name not in seen:
                    if found.field.type == "rollup":
                        return True
                    seen.add(name)
                    waiting.append(found.node)
        return False

    def evaluator(self, node: Node) -> Evaluator:
        """A checked expression over this entity, in the form `expr.types` describes."""
        return self._compiler.evaluator(node)

    def node(self, source: str) -> Node:
        """The condition `source` of a rule, checked: published rules have no problems."""
        return check(source, rule_place(self._entity.name), self._model.vocabulary, self._model.functions)

    def parts(self, layout: str) -> tuple[PartCondition, ...]:
        """The parts of one of the entity's layouts that are shown on a condition. A name that is none has none."""
        found = self._parts.get(layout)
        if found is None:
            found = self._parts[layout] = tuple(
                PartCondition(place, part.fields if isinstance(part, Section) else (), self.evaluator(self.node(part.visible)))
                for place, part in self._conditional(layout)
            )
        return found

    def read_by_parts(self, layout: str) -> frozenset[str]:
        """The own fields that conditions of a layout look at, also by way of formulas."""
        out = frozenset(name for _, part in self._conditional(layout) for name in reads_of(self.node(part.visible)))
        return out.union(*(self.computed[name].affected_by for name in out & self.computed.keys()))

    def _conditional(self, layout: str) -> list[tuple[str, Section | RelatedList | Component]]:
        found = self._model.layouts.get(f"{self._entity.name}.{layout}")
        return [(place, part) for place, part in found.parts.items() if part.visible] if found is not None else []

    @property
    def _rule_nodes(self) -> Iterator[Node]:
        for rule in self._model.rules_of.get(self._entity.name, ()):
            said = (rule.when, rule.must) if isinstance(rule, ValidationRule) else (rule.visible, rule.required, rule.read_only)
            yield from (self.node(source) for source in said if source)

    def _condition(self, source: str) -> Evaluator | None:
        return self.evaluator(self.node(source)) if source else None

    def default_node(self, item: Field) -> Node:
        """The checked default expression of a field that has one."""
        place = default_place(item.entity, self._model.type_of(item).symbol(item).type)
        return check(item.default_expression, place, self._model.vocabulary, self._model.functions)

    def _default(self, item: Field) -> Default:
        node = self.default_node(item)
        return Default(item, canonical(self.evaluator(node), node.type))


def canonical(evaluate: Evaluator, type_: Type) -> Evaluator:
    """`evaluate` with its value as fields hold it: a decimal as `Decimal`."""
    if type_.kind is not Kind.DECIMAL:
        return evaluate
    scale = -type_.scale

    def value(env: Env) -> Any:
        number = evaluate(env)
        return None if number is None else Decimal(number).scaleb(scale)

    return value


def _outside_lists(node: Node) -> Iterator[FieldRef]:
    """The fields an expression reads of its own record and over lookups; of a list's inside only what it says of the record outside."""
    for here in outermost(node):
        if isinstance(here, FieldRef):
            yield here
        else:
            inside = (part for child in children(here) for part in walk(child))
            yield from (FieldRef("record", ref.hops, ref.symbol, ref.type, ref.span) for ref in inside if isinstance(ref, FieldRef) and ref.root == "parent")
