"""Names: fields, paths over lookups, parts, and the roots `user`, `old`, `params` and `parent`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fieldsmith.base.text import Label, Message, _m
from fieldsmith.expr.check_state import Checking, Scope
from fieldsmith.expr.nodes import FieldRef, Node, Root
from fieldsmith.expr.syntax import Name, Span
from fieldsmith.expr.types import Kind, Type
from fieldsmith.expr.vocabulary import EntityNames, Related, Symbol

MAX_HOPS = 5
"""Lookups a path may follow."""

ROOTS: tuple[Root, ...] = ("user", "old", "params", "parent")


@dataclass(frozen=True, slots=True)
class ListPath:
    """A name that leads to a related list: the list, how to get there, and the rest of the name, which is the child's."""

    hops: tuple[Symbol, ...]
    related: Related
    rest: tuple[str, ...]
    rest_spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class _Start:
    """Where a path begins: its root, the entity there, and how many parts of the name say the root."""

    root: Root
    names: EntityNames
    used: int


def resolve(state: Checking, name: Name, scope: Scope) -> Node:
    """The field a name means."""
    if name.parts[0] == "params":
        return _param(state, name)
    start = _start(state, name, scope)
    if start is None:
        return state.report_done(name.span)
    if start.used == len(name.parts):
        return _root_alone(state, name, start)
    return follow(state, start.root, start.names, name.parts[start.used :], name.spans[start.used :], name.span)


def follow(state: Checking, root: Root, names: EntityNames, parts: Sequence[str], spans: Sequence[Span], span: Span) -> Node:
    """The field that `parts` lead to from an entity, hop by hop."""
    hops: list[Symbol] = []
    last = len(parts) - 1
    for at, part in enumerate(parts):
        symbol = names.fields.get(part)
        if symbol is None:
            return _no_field(state, names, part, parts, spans[at])
        if at == last:
            return FieldRef(root, tuple(hops), symbol, symbol.type, span)
        if symbol.parts:
            return _part(state, root, hops, symbol, parts[at + 1 :], spans[at + 1 :], span)
        entity = _target(state, symbol, spans[at])
        if entity is None:
            return state.report_done(span)
        hops.append(symbol)
        if len(hops) > MAX_HOPS:
            message = _m("The path follows more than {most} lookups.", most=MAX_HOPS)
            return state.report(spans[at], "too_many_hops", message, _m("Put a formula field half way and use that."))
        names = entity
    raise AssertionError("a name has parts")


def list_path(state: Checking, name: Name, scope: Scope) -> ListPath | None:
    """The related list in `name`, None when it leads to none. Reports nothing."""
    names = scope.names
    hops: list[Symbol] = []
    if names is None:
        return None
    for at, part in enumerate(name.parts):
        related = names.related.get(part)
        if related is not None:
            return ListPath(tuple(hops), related, name.parts[at + 1 :], name.spans[at + 1 :])
        symbol = names.fields.get(part)
        if symbol is None or symbol.type.kind is not Kind.RECORD or len(symbol.type.entities) != 1 or len(hops) == MAX_HOPS:
            return None
        hops.append(symbol)
        target = state.vocabulary.entity(symbol.type.entities[0])
        if target is None:
            return None
        names = target
    return None


def unknown_field(state: Checking, names: EntityNames, part: str, span: Span, *, roots: bool = False) -> Node:
    """“Unknown field”, with the nearest known name."""
    known = [*names.fields, *names.related, *(ROOTS if roots else ())]
    message = _m("Unknown field “{name}” on {entity}.", name=part, entity=names.label)
    return state.report(span, "unknown_field", message, names.former.get(part) or _near(state, part, known) or _call_hint(state, part))


def _near(state: Checking, part: str, known: Sequence[str]) -> Message | None:
    return state.near(part if part in known else part.lower(), known)


def _call_hint(state: Checking, part: str) -> Message | None:
    name = part.upper()
    return _m("A function is called with parentheses: {name}(…).", name=name) if name in state.functions and name.isalpha() else None


def _start(state: Checking, name: Name, scope: Scope) -> _Start | None:
    first = name.parts[0]
    if first in ROOTS:
        return _root(state, name, scope)
    if scope.names is None:
        message = _m("There is no record here, so “{name}” means nothing.", name=first)
        state.report(name.spans[0], "no_record", message, _near(state, first, [root for root in ("user", "params") if _allowed(state, root, scope)]))
        return None
    return _Start("record", scope.names, 0)


def _allowed(state: Checking, root: str, scope: Scope) -> bool:
    if root == "user":
        return state.place.acting
    if root == "old":
        return state.place.changes and not scope.inside
    return bool(state.place.params) if root == "params" else scope.parent is not None


def _root(state: Checking, name: Name, scope: Scope) -> _Start | None:
    first, span = name.parts[0], name.spans[0]
    if not _allowed(state, first, scope):
        why = {
            "user": _m("The value here is the same for everybody, whoever acts."),
            "old": _m("Only rules and workflows know the record before a change, and only outside of lists."),
            "parent": _m("It is the record outside, in the conditions of COUNT, SUM, AVG, MIN and MAX."),
        }[first]
        state.report(span, "root_not_allowed", _m("“{name}” cannot be used here.", name=first), why)
        return None
    if first == "parent":
        assert scope.parent is not None
        return _Start("parent", scope.parent, 1)
    names = state.vocabulary.entity("user") if first == "user" else scope.names
    if names is None:
        state.report(span, "root_not_allowed", _m("“{name}” cannot be used here.", name=first), _m("There is no such record."))
        return None
    return _Start("user" if first == "user" else "old", names, 1)


def _root_alone(state: Checking, name: Name, start: _Start) -> Node:
    if start.root == "user":
        type_ = Type(Kind.RECORD, entities=("user",))
        return FieldRef("user", (), start.names.fields.get("id") or Symbol("user", "id", "id", Label("id"), type_), type_, name.span)
    message = _m("“{name}” stands for a whole record.", name=name.parts[0])
    example = next(iter(start.names.fields), "id")
    return state.report(name.span, "field_needed", message, _m("Name a field of it, like “{name}.{field}”.", name=name.parts[0], field=example))


def _param(state: Checking, name: Name) -> Node:
    params = state.place.params
    if not params:
        return state.report(name.spans[0], "root_not_allowed", _m("“{name}” cannot be used here.", name="params"), _m("There are no parameters here."))
    if len(name.parts) != 2 or name.parts[1] not in params:
        part, span = (name.parts[1], name.spans[1]) if len(name.parts) > 1 and name.parts[1] not in params else (".".join(name.parts[1:]), name.span)
        message = _m("Unknown parameter “{name}”.", name=part) if part else _m("Say which parameter.")
        hint = _near(state, part, list(params)) or _m("Parameters are: {names}.", names=", ".join(f"params.{known}" for known in params))
        return state.report(span, "unknown_param", message, hint)
    short = name.parts[1]
    return FieldRef("params", (), Symbol("", short, short, Label(short), params[short]), params[short], name.span)


def _part(state: Checking, root: Root, hops: list[Symbol], symbol: Symbol, parts: Sequence[str], spans: Sequence[Span], span: Span) -> Node:
    found = symbol.parts.get(parts[0])
    if found is None or len(parts) > 1:
        at = 0 if found is None else 1
        message = _m("“{field}” has no part “{name}”.", field=symbol.name, name=parts[at])
        hint = _near(state, parts[at], list(symbol.parts)) or _m("Its parts are: {names}.", names=", ".join(symbol.parts))
        return state.report(spans[at], "unknown_part", message, hint)
    return FieldRef(root, tuple(hops), found, found.type, span)


def _target(state: Checking, symbol: Symbol, span: Span) -> EntityNames | None:
    """The entity a lookup leads to; None after saying that it leads nowhere."""
    type_ = symbol.type
    if type_.kind is not Kind.RECORD:
        if type_.kind is Kind.LIST:
            hint = _m("Count it or add it up, like COUNT({name}).", name=symbol.name)
            state.report(span, "list_outside_aggregate", _m("“{name}” is a list of records.", name=symbol.name), hint)
        else:
            state.report(span, "not_a_lookup", _m("“{name}” is no lookup: nothing can follow its point.", name=symbol.name), None)
        return None
    if len(type_.entities) != 1:
        message = _m("“{name}” may be a record of several entities, so no path leads on.", name=symbol.name)
        state.report(span, "polymorphic_path", message, _m("TYPE({name}) says which entity it is; = compares it.", name=symbol.name))
        return None
    names = state.vocabulary.entity(type_.entities[0])
    if names is None:  # of an entity the reader may not see: just what a field that is not there answers
        here = state.vocabulary.entity(symbol.entity)
        label = here.label if here is not None else Label(symbol.entity)
        known = [item for item in (*here.fields, *here.related) if item != symbol.name] if here is not None else []
        state.report(span, "unknown_field", _m("Unknown field “{name}” on {entity}.", name=symbol.name, entity=label), _near(state, symbol.name, known))
    return names


def _no_field(state: Checking, names: EntityNames, part: str, parts: Sequence[str], span: Span) -> Node:
    if part in names.related:
        name = ".".join(parts)
        message = _m("“{name}” is a list of records.", name=part)
        return state.report(span, "list_outside_aggregate", message, _m("Count it or add it up, like COUNT({name}).", name=name if parts[-1] == part else part))
    return unknown_field(state, names, part, span, roots=part == parts[0])
