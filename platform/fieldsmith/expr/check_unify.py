"""One common type for operands that stand opposite each other: sides of a comparison, branches of IF, items of a list."""

from __future__ import annotations

from collections.abc import Sequence

from fieldsmith.base.text import Message, _m
from fieldsmith.expr.check_literals import adopt, scaled, wider
from fieldsmith.expr.check_state import VALUES, Checking, faulty, in_words, is_literal
from fieldsmith.expr.nodes import Node
from fieldsmith.expr.types import BLANK, Kind, Type


def unify(state: Checking, nodes: Sequence[Node]) -> tuple[Type, list[Node]] | None:
    """The common type and the operands, literals typed; numbers keep their own scales. None after reporting a problem."""
    if faulty(nodes):
        return None
    if sum(needs_part(state, node) for node in nodes):
        return None
    hard = [node for node in nodes if not is_literal(node, state.functions)]
    type_ = BLANK
    for node in hard or [node for node in nodes if node.type.kind is not Kind.BLANK]:
        merged = node.type if type_ is BLANK else merge(type_, node.type)
        if merged is None:
            _apart(state, type_, node)
            return None
        type_ = merged
    if type_ is BLANK:
        return BLANK, list(nodes)
    typed = [adopt(state, node, type_) if is_literal(node, state.functions) else node for node in nodes]
    if faulty(typed):
        return None
    for node in typed:
        merged = merge(type_, node.type)
        if merged is None:
            _apart(state, type_, node)
            return None
        type_ = merged
    return type_, typed


def _apart(state: Checking, type_: Type, node: Node) -> None:
    message = _m("{first} and {second} do not go together here.", first=in_words(type_), second=in_words(node.type))
    if type_.kind is node.type.kind is Kind.CHOICE or type_.kind is node.type.kind is Kind.SET:
        message = _m("These are choices of two lists, “{first}” and “{second}”.", first=type_.choices, second=node.type.choices)
    elif type_.kind is node.type.kind is Kind.RECORD:
        message = _m("These are records of different entities: {first} and {second}.", first=", ".join(type_.entities), second=", ".join(node.type.entities))
    pairs = [(have, want) for have, want in ((node.type, type_), (type_, node.type)) if want.kind is not Kind.BOOLEAN]
    hints = (conversion(have, want) for have, want in pairs)
    state.report(node.span, "no_common_type", message, next((hint for hint in hints if hint is not None), None))


def merge(a: Type, b: Type) -> Type | None:
    """The type that values of both fit in, None when there is none."""
    if a == b:
        return a
    if a.is_number and b.is_number:
        return wider([a, b])
    if a.kind is not b.kind:
        return None
    if a.kind in (Kind.CHOICE, Kind.SET):
        if a.choices and b.choices:
            return None
        return a if a.choices else b
    if a.kind is Kind.RECORD and len(a.entities) > 1 and len(b.entities) > 1:
        return Type(Kind.RECORD, entities=tuple(sorted({*a.entities, *b.entities})))
    return a if a.kind is not Kind.RECORD else None


def level(nodes: Sequence[Node], type_: Type) -> list[Node]:
    """Numbers brought to the scale of their common type."""
    return [scaled(node, type_) if type_.is_number else node for node in nodes]


def needs_part(state: Checking, node: Node) -> bool:
    """Report a value nothing but ISBLANK can take; false when it is one to compute with."""
    kind = node.type.kind
    if kind in VALUES or kind is Kind.BLANK:
        return False
    name = state.said(node.span)
    if kind is Kind.LIST:
        message = _m("“{name}” is a list of records.", name=name)
        state.report(node.span, "list_outside_aggregate", message, _m("Count it or add it up, like COUNT({name}).", name=name))
    elif kind is Kind.PARTS:
        parts = _parts(node)
        hint = _m("Name a part, like “{name}.{part}”.", name=name, part=parts[0]) if parts else None
        state.report(node.span, "part_needed", _m("“{name}” has several parts and cannot be used as a whole.", name=name), hint)
    else:
        state.report(node.span, "only_isblank", _m("An expression can only ask whether “{name}” is blank.", name=name), _m("Write ISBLANK({name}).", name=name))
    return True


def _parts(node: Node) -> list[str]:
    symbol = getattr(node, "symbol", None)
    return list(symbol.parts) if symbol is not None else []


def conversion(have: Type, want: Type) -> Message | None:
    """How a person turns what there is into what is wanted."""
    pair = (have.kind, want.kind)
    if want.kind is Kind.TEXT:
        if have.kind is Kind.CHOICE:
            return _m("LABEL(…) gives the label of a choice, TEXT(…) its value.")
        if have.is_number or have.kind in (Kind.DATE, Kind.DATETIME, Kind.TIME):
            return _m("TEXT(…) makes text of it.")
        if have.kind is Kind.BOOLEAN:
            return _m('Say which text it is: IF(…, "yes", "no").')
    if have.kind is Kind.TEXT and want.is_number:
        return _m("VALUE(…) reads a number from text.")
    if have.kind is Kind.DECIMAL and want.kind is Kind.INTEGER:
        return _m("Round it: ROUND(…, 0), FLOOR(…) or CEILING(…).")
    if pair == (Kind.DATETIME, Kind.DATE):
        return _m("DATEOF(…) gives the date of a date with time.")
    if pair in ((Kind.SET, Kind.CHOICE), (Kind.SET, Kind.TEXT)):
        return _m("INCLUDES(set, value) says whether a value is in a set.")
    if want.kind is Kind.BOOLEAN:
        return _m("Compare it with something, or ask not ISBLANK(…).")
    if have.kind is Kind.RECORD and len(have.entities) > 1:
        return _m("TYPE(…) says of which entity it is; it can be compared with another one of its kind.")
    if have.kind is want.kind is Kind.CHOICE:
        return _m("Compare their texts: TEXT(…) or LABEL(…).")
    return None
