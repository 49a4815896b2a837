"""What the computed fields of a model are: their types, checked expressions, whether they are kept, and in which order.

`work_out` is called by `meta.compile` only. It parses nothing but computed fields, so a model without any costs nothing, and is
total: a field whose expression is at fault has no computation.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from graphlib import CycleError, TopologicalSorter
from typing import Any

from fieldsmith.base.problems import Problem
from fieldsmith.expr.check_state import UNKNOWN
from fieldsmith.expr.facts import aggregates, references
from fieldsmith.expr.nodes import Aggregate, FieldRef, Node
from fieldsmith.expr.types import Kind, Type
from fieldsmith.expr.vocabulary import Symbol
from fieldsmith.fields.base import Field
from fieldsmith.fields.computed import COMPUTED, SCALED
from fieldsmith.meta.expressions import Expressions
from fieldsmith.meta.model import Computation, Entity, Model
from fieldsmith.meta.places import formula_place
from fieldsmith.meta.storable import reads_of, storable, storable_rollup
from fieldsmith.meta.vocabulary import Name

_RETURNS: Mapping[Kind, str] = {
    Kind.TEXT: "text",
    Kind.INTEGER: "integer",
    Kind.DECIMAL: "decimal",
    Kind.BOOLEAN: "boolean",
    Kind.DATE: "date",
    Kind.DATETIME: "datetime",
    Kind.TIME: "time",
    Kind.CHOICE: "choice",
}
_KEPT_TYPES = frozenset({"percent", "currency", "duration"})
"""Types of numbers that a rollup over a field of that type has too."""
_AVERAGE_SCALE = 2


@dataclass(slots=True)
class Faults:
    """What is wrong, by field: problems of its expression, what no field can hold, circles as the names along them, rollups over
    nothing, fields that are to be kept but cannot be.
    """

    problems: dict[Name, tuple[Problem, ...]] = field(default_factory=dict)
    nothing_to_return: dict[Name, Type] = field(default_factory=dict)
    circles: list[list[Name]] = field(default_factory=list)
    no_aggregate: list[Name] = field(default_factory=list)
    not_kept: list[Name] = field(default_factory=list)


def work_out(model: Model, refused: Collection[tuple[str, str]] = ()) -> tuple[Model, Faults]:
    """The model with its computed fields worked out: `computed`, and their options complete."""
    fields = {(entity.name, item.name): item for entity in model.entities.values() for item in entity.fields.values() if item.type in COMPUTED}
    if not fields:
        return model, Faults()
    working = _Working(model, refused, fields)
    nodes = working.nodes()
    done = _in_order(model, working, nodes)
    return _with(model, {**fields, **working.known}, done), working.faults


class _Working:
    """Types and trees of the computed fields. What a rollup gives may hang on another rollup, so both are found out on demand."""

    def __init__(self, model: Model, refused: Collection[tuple[str, str]], fields: Mapping[Name, Field]) -> None:
        self.model = model
        self.fields = fields
        self.faults = Faults()
        self.known: dict[Name, Field] = {}
        self._asking: list[Name] = []
        self._expressions = Expressions(model, refused, self._symbol)

    def nodes(self) -> dict[Name, Node]:
        """The checked trees of all fields without fault."""
        out = {}
        for name in self.fields:
            found = self._returned(name)
            if found is None:
                continue
            expects = self.model.types[found.type].symbol(found).type
            node = self._checked(name, expects)
            if node is not None:
                out[name] = node
        return out

    def _symbol(self, item: Field) -> Symbol:
        if item.type == "rollup" and "returns" not in item.options:
            found = self._returned((item.entity, item.name))
            if found is None:
                return Symbol(item.entity, item.name, item.name, item.label, UNKNOWN)
            item = found
        return self.model.types[item.type].symbol(item)

    def _returned(self, name: Name) -> Field | None:
        """The field with its options complete but for `stored`; None when what it gives cannot be said."""
        item = self.fields[name]
        if item.type == "formula" or "returns" in item.options:
            return item
        if name not in self.known:
            if name in self._asking:
                self.faults.circles.append([*self._asking[self._asking.index(name) :], name])
                return None
            self._asking.append(name)
            found = self._inferred(name, item)
            self._asking.pop()
            if found is None:
                return None
            self.known[name] = found
        return self.known[name]

    def _inferred(self, name: Name, item: Field) -> Field | None:
        if name in self.faults.problems or name in self.faults.nothing_to_return:
            return None
        node = self._checked(name, None)
        if node is None:
            return None
        returns = _RETURNS.get(node.type.kind)
        if returns is None:
            self.faults.nothing_to_return[name] = node.type
            return None
        return replace(item, options={**item.options, **self._options(node, returns, item)})

    def _options(self, node: Node, returns: str, item: Field) -> dict[str, Any]:
        """As the field that is added up has them, where it is a plain one."""
        scale = node.type.scale
        if isinstance(node, Aggregate) and isinstance(node.value, FieldRef) and node.type.is_number and node.function != "COUNT":
            symbol = node.value.symbol
            source = self.model.entities[symbol.entity].fields[symbol.field]
            known = source.options.get("returns") if source.type in COMPUTED else source.type
            returns = str(known) if known in _KEPT_TYPES else returns
            scale = max(symbol.type.scale, _AVERAGE_SCALE) if node.function == "AVG" else scale
        if returns == "duration" and node.type.kind is Kind.DECIMAL:
            returns = "decimal"
        if returns == "choice":
            return {"returns": returns, "choices": node.type.choices}
        return {"returns": returns, "scale": item.options.get("scale", scale)} if returns in SCALED else {"returns": returns}

    def _checked(self, name: Name, expects: Type | None) -> Node | None:
        if name in self.faults.problems:
            return None
        checked = self._expressions.check(self.fields[name].options.get("expression", ""), formula_place(name[0], expects))
        if checked.problems:
            self.faults.problems[name] = checked.problems
        return checked.node


def _in_order(model: Model, working: _Working, nodes: Mapping[Name, Node]) -> dict[Name, Computation]:
    """Each after what it reads, so that rank and keeping of that are known. Fields of circles, and what reads them, are left out."""
    reads = {name: dict.fromkeys(found for found in _read_fields(node) if found in working.fields) for name, node in nodes.items()}
    done: dict[Name, Computation] = {}
    for name in _sorted(reads, working.faults.circles):
        if reads[name].keys() <= done.keys():
            done[name] = _computation(model, working, name, nodes[name], done)
    return done


def _read_fields(node: Node) -> Iterator[Name]:
    return ((item.symbol.entity, item.symbol.field) for item in references(node))


def _sorted(reads: Mapping[Name, Collection[Name]], circles: list[list[Name]]) -> Sequence[Name]:
    """Names so that each follows what it reads; circles are noted and cut open."""
    left = {name: list(found) for name, found in reads.items()}
    while True:
        try:
            return [name for name in TopologicalSorter(left).static_order() if name in reads]
        except CycleError as error:
            circle: list[Name] = error.args[1][::-1]  # it goes from what is read to its reader
            circles.append(circle)
            left[circle[0]] = [name for name in left[circle[0]] if name != circle[1]]


def _computation(model: Model, working: _Working, name: Name, node: Node, done: Mapping[Name, Computation]) -> Computation:
    item = working.known.get(name) or working.fields[name]
    if item.type == "rollup" and not aggregates(node):
        working.faults.no_aggregate.append(name)
    reads = tuple(dict.fromkeys(reads_of(node)))
    own = [done[name[0], read] for read in reads if (name[0], read) in working.fields]

    def has_column(symbol: Symbol) -> bool:
        computation = done.get((symbol.entity, symbol.field))
        return computation.stored if computation is not None else symbol.type.kind is not Kind.LIST

    able = storable(node, has_column, model.functions) if item.type == "formula" else storable_rollup(node, has_column, model.functions)
    if item.options.get("stored") and not able:
        working.faults.not_kept.append(name)
    stored = able and item.options.get("stored", True)
    kind = model.types[item.type].for_field(item)
    kept = replace(item, options={**item.options, "stored": stored}, sortable_fold=stored and kind.folds and (item.indexed or _is_indexed(model, item)))
    working.known[name] = kept
    plain = stored and item.type == "formula" and not own
    return Computation(kept, node, stored, plain, reads, 1 + max((found.rank for found in own), default=0))


def _is_indexed(model: Model, item: Field) -> bool:
    return any(item.name == name.lstrip("-") for index in model.entities[item.entity].indexes for name in index.fields)


def _with(model: Model, fields: Mapping[Name, Field], done: Mapping[Name, Computation]) -> Model:
    """`model` with these fields in place of its own, and the computations by entity and rank."""
    changed: dict[str, dict[str, Field]] = {}
    for (entity, name), item in fields.items():
        found = done.get((entity, name))
        changed.setdefault(entity, {})[name] = found.field if found is not None else replace(item, options={**item.options, "stored": False})
    entities = {name: _entity(entity, changed[name]) if name in changed else entity for name, entity in model.entities.items()}
    computed: dict[str, dict[str, Computation]] = {}
    for (entity, name), found in sorted(done.items(), key=lambda pair: pair[1].rank):
        computed.setdefault(entity, {})[name] = found
    return replace(model, entities=entities, computed=computed)


def _entity(entity: Entity, fields: Mapping[str, Field]) -> Entity:
    return replace(entity, fields={**entity.fields, **fields})
