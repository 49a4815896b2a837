"""Literals: the constants of a source, and the type each takes from what it stands opposite.

A datetime is `2026-11-22 09:30`, `2026-11-22T09:30:00` or with microseconds; `Z` or an offset (`+02:00`) may follow, and one
that has neither is UTC, never somebody's local time: an expression means the same for everybody.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, time
from decimal import Context
from typing import Any

from fieldsmith.base.text import Message, _m
from fieldsmith.expr.check_state import UNKNOWN, Checking, branches, in_words, shortened
from fieldsmith.expr.nodes import Apply, Constant, Node
from fieldsmith.expr.syntax import Number, Span, Text, Word
from fieldsmith.expr.types import BLANK, BOOLEAN, DIGITS, INTEGER, TEXT, Kind, Type, decimal, number

_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TIME = re.compile(r"\d\d:\d\d(:\d\d(\.\d{1,6})?)?", re.ASCII)
_DATETIME = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)?", re.ASCII)
FROM_TEXT = frozenset({Kind.CHOICE, Kind.DATE, Kind.DATETIME, Kind.TIME})
"""Kinds a text literal can take."""


def literal(syntax: Number | Text | Word) -> Constant:
    """The constant as written, not yet opposite anything. Empty text is blank."""
    if isinstance(syntax, Word):
        return Constant(syntax.value, BLANK if syntax.value is None else BOOLEAN, syntax.span)
    if isinstance(syntax, Text):
        return Constant(syntax.value or None, TEXT, syntax.span)
    scale = -int(syntax.value.as_tuple().exponent)
    return Constant(int(syntax.value.scaleb(scale, _EXACT)), number(scale), syntax.span)


_EXACT = Context(prec=2 * DIGITS)


def negated(node: Constant, span: Span) -> Constant:
    """`-5` as the constant it is."""
    return Constant(None if node.value is None else -node.value, node.type, span)


def adopt(state: Checking, node: Node, type_: Type) -> Node:
    """`node`, a literal by `is_literal`, with the type it takes from what it stands opposite.

    A literal that cannot be of that type is a problem when its text reads wrong; where the kinds merely differ it is given
    back unchanged, for the caller to say what does not go together.
    """
    if isinstance(node, Apply):
        return _adopt_branches(state, node, type_)
    assert isinstance(node, Constant)
    if node.value is None and node.type.kind in (Kind.BLANK, Kind.TEXT):
        return replace(node, type=type_) if node.type.kind is Kind.BLANK or type_.kind in FROM_TEXT else node
    if node.type.kind is Kind.TEXT:
        if type_.kind is Kind.CHOICE:
            return _choice(state, node, type_)
        if type_.kind in FROM_TEXT:
            return _moment(state, node, type_)
    if node.type.kind is Kind.INTEGER and type_.kind is Kind.RECORD and len(type_.entities) == 1:
        return replace(node, type=type_)
    return node


def _adopt_branches(state: Checking, node: Apply, type_: Type) -> Node:
    chosen = branches(node, state.functions)
    arguments = tuple(adopt(state, argument, type_) if at in chosen else argument for at, argument in enumerate(node.arguments))
    types = {arguments[at].type for at in chosen}
    if UNKNOWN in types:
        return Constant(None, UNKNOWN, node.span)
    if types != {type_}:
        return node
    return Apply(node.function, tuple(map(definite, arguments)) if type_ == BOOLEAN else arguments, type_, node.span)


def definite(node: Node) -> Node:
    """A condition is never blank: where one is asked for, the literal `blank` is false."""
    if isinstance(node, Constant) and node.value is None and node.type.kind in (Kind.BLANK, Kind.BOOLEAN):
        return Constant(False, BOOLEAN, node.span)
    return node


def _choice(state: Checking, node: Constant, type_: Type) -> Constant:
    known = state.vocabulary.choices(type_.choices) if type_.choices else None
    if known is None or any(choice.value == node.value for choice in known):
        return replace(node, type=type_)
    hint = next((_did_mean(choice.value) for choice in known if _same(str(choice.label), node.value)), None)
    hint = hint or state.near(node.value, [choice.value for choice in known])
    if hint is None:
        hint = _m("Its values are: {values}.", values=", ".join(choice.value for choice in known[:_SHOWN]) + (", …" if len(known) > _SHOWN else ""))
    return state.report(
        node.span, "unknown_choice", _m("“{value}” is not a choice of the list “{list}”.", value=shortened(node.value), list=type_.choices), hint
    )


_SHOWN = 8


def _same(label: str, value: str) -> bool:
    return label.casefold() == value.casefold()


def _did_mean(name: str) -> Message:
    return _m("Did you mean “{name}”?", name=name)


def _moment(state: Checking, node: Constant, type_: Type) -> Constant:
    value = read_moment(node.value, type_.kind)
    if value is not None:
        return Constant(value, type_, node.span)
    hint = {
        Kind.DATE: _m("Write it like “2026-11-22”."),
        Kind.DATETIME: _m("Write it like “2026-11-22 09:30”, in UTC, or compare the date: DATEOF(…)."),
        Kind.TIME: _m("Write it like “09:30”."),
    }[type_.kind]
    return state.report(node.span, f"bad_{type_.kind.value}", _m("“{value}” is not {what}.", value=shortened(node.value), what=in_words(type_)), hint)


def read_moment(text: str, kind: Kind) -> date | datetime | time | None:
    """The date, datetime (naive UTC) or time that `text` writes, None when it writes none."""
    try:
        if kind is Kind.DATE:
            return date.fromisoformat(text) if _DATE.fullmatch(text) else None
        if kind is Kind.TIME:
            return time.fromisoformat(text) if _TIME.fullmatch(text) else None
        if not _DATETIME.fullmatch(text):
            return None
        value = datetime.fromisoformat(text)
        return value if value.tzinfo is None else value.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return None


def scaled(node: Node, type_: Type) -> Node:
    """The number `node` brought to the larger scale of `type_`: a constant itself, anything else by "to_scale"."""
    if node.type == type_:
        return node
    if isinstance(node, Constant):
        value: Any = None if node.value is None else node.value * 10 ** (type_.scale - node.type.scale)
        if value is None or abs(value) < 10**DIGITS:
            return Constant(value, type_, node.span)
    return Apply("to_scale", (node,), type_, node.span)


def wider(types: list[Type]) -> Type:
    """The number type that holds every one of `types`."""
    scale = max(type_.scale for type_ in types)
    return decimal(scale) if any(type_.kind is Kind.DECIMAL for type_ in types) else INTEGER
