"""COUNT, SUM, AVG, MIN and MAX over a related list."""

from __future__ import annotations

from dataclasses import dataclass

from fieldsmith.base.text import Message, _m
from fieldsmith.expr.check_names import ROOTS, ListPath, follow, list_path
from fieldsmith.expr.check_operators import condition
from fieldsmith.expr.check_state import AGGREGATES, ORDERED, Checking, Scope, faulty, in_words, one_of
from fieldsmith.expr.check_unify import needs_part
from fieldsmith.expr.nodes import Aggregate, Node
from fieldsmith.expr.syntax import Call, Name, Span
from fieldsmith.expr.types import INTEGER, MAX_SCALE, Kind, decimal
from fieldsmith.expr.vocabulary import EntityNames


@dataclass(frozen=True, slots=True)
class Opened:
    """An aggregate whose list is found: what remains is its condition, whose names are those of `scope`."""

    path: ListPath
    child: EntityNames
    value: Node | None
    scope: Scope


def is_aggregate(state: Checking, syntax: Call, scope: Scope) -> bool:
    """MIN and MAX are aggregates when they have a condition, or one argument that leads to a list."""
    if syntax.name not in AGGREGATES:
        return False
    if syntax.name not in ("MIN", "MAX") or syntax.where is not None:
        return True
    if len(syntax.arguments) != 1:
        return False
    [only] = syntax.arguments
    return isinstance(only, Name) and list_path(state, only, scope) is not None


def open_list(state: Checking, syntax: Call, scope: Scope) -> Opened | None:
    """Find the list and the value of each record; None after a problem."""
    function = syntax.name
    if not _place_allows(state, syntax, scope):
        return None
    name = syntax.arguments[0] if len(syntax.arguments) == 1 else None
    if not isinstance(name, Name):
        message = _m("{function} works on one list of records.", function=function)
        state.report(syntax.span if name is None else name.span, "list_expected", message, _shape(function))
        return None
    if name.parts[0] in ROOTS:
        message = _m("{function} works on lists of the record itself, not of “{root}”.", function=function, root=name.parts[0])
        state.report(name.spans[0], "list_of_root", message, None)
        return None
    path = list_path(state, name, scope)
    child = None if path is None else state.vocabulary.entity(path.related.entity)
    if path is None or child is None:
        _no_list(state, syntax, name, scope)
        return None
    value: Node | None = None
    if path.rest:
        value = _value(state, function, path, child)
    elif function != "COUNT":
        message = _m("Say which field of “{list}” {function} should take.", list=path.related.name, function=function)
        example = next((field.name for field in child.fields.values() if field.type.is_number and field.name != "id"), "amount")
        state.report(name.span, "field_needed", message, _m("Write {function}({list}.{field}).", function=function, list=state.said(name.span), field=example))
        value = state.report_done(name.span)
    return Opened(path, child, value, Scope(child, scope.names, inside=True))


def close_list(state: Checking, syntax: Call, opened: Opened, where: Node | None) -> Node:
    """The node, now that the condition is checked too."""
    value = opened.value
    kept = None if where is None else condition(state, where)
    if (where is not None and kept is None) or (value is not None and faulty([value])):
        return state.report_done(syntax.span)
    type_ = INTEGER
    if value is not None and syntax.name != "COUNT":
        type_ = decimal(MAX_SCALE) if syntax.name == "AVG" else value.type
    return Aggregate(syntax.name, "record", opened.path.hops, opened.path.related, value, kept, type_, syntax.span)


def _place_allows(state: Checking, syntax: Call, scope: Scope) -> bool:
    if scope.inside:
        message = _m("A list inside a list cannot be counted.")
        state.report(syntax.span, "nested_aggregate", message, _m("Put a formula or rollup field on the inner entity and use that."))
        return False
    if not state.place.aggregates:
        message = _m("{function} over a list cannot be used here.", function=syntax.name)
        state.report(syntax.span, "aggregate_not_allowed", message, _m("Put it into a rollup field and use that field."))
        return False
    if scope.names is None:
        state.report(syntax.span, "no_record", _m("There is no record here, so it has no lists."), None)
        return False
    return True


def _no_list(state: Checking, syntax: Call, name: Name, scope: Scope) -> None:
    assert scope.names is not None
    first = name.parts[0]
    message = _m("“{name}” is no list of records of {entity}.", name=state.said(name.span), entity=scope.names.label)
    if first not in scope.names.fields:
        known = list(scope.names.related)
        listed = _m("Its lists are: {names}.", names=", ".join(known)) if known else _m("It has no lists.")
        state.report(name.spans[0], "list_expected", message, state.near(first, known) or listed)
        return
    state.report(name.span, "list_expected", message, _shape(syntax.name))


def _shape(function: str) -> Message:
    if function == "COUNT":
        return _m("Write COUNT(list) or COUNT(list where condition).")
    return _m("Write {function}(list.field) or {function}(list.field where condition).", function=function)


def _value(state: Checking, function: str, path: ListPath, child: EntityNames) -> Node:
    span = Span(path.rest_spans[0].start, path.rest_spans[-1].end)
    value = follow(state, "record", child, path.rest, path.rest_spans, span)
    if faulty([value]) or needs_part(state, value):
        return state.report_done(span)
    kind = value.type.kind
    if function == "COUNT" or (value.type.is_number if function in ("SUM", "AVG") else kind in ORDERED):
        return value
    wanted = one_of(frozenset({Kind.DECIMAL}) if function in ("SUM", "AVG") else ORDERED)
    message = _m("{function} takes {wanted}, but “{said}” is {what}.", function=function, wanted=wanted, said=state.said(span), what=in_words(value.type))
    return state.report(span, "wrong_type", message)
