"""What field types say of themselves to expressions: symbols, and the way back from an expression's value.

A type's `symbol` is made of these pieces; `raw_of` is used wherever the answer of an expression becomes a field's value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from operator import itemgetter
from typing import Any

from fieldsmith.expr.types import PARTS, TEXT, Kind, Type, number
from fieldsmith.expr.vocabulary import Symbol
from fieldsmith.fields.base import Field

Read = Callable[[Any], Any]


def symbol_of(field: Field, type_: Type, *, column: str = "", read: Read | None = None, parts: Mapping[str, Symbol] | None = None) -> Symbol:
    """The symbol of a whole field."""
    return Symbol(field.entity, field.name, field.name, field.label, type_, column, read, parts or {})


def text_symbol(field: Field, longest: int, *, column: str = "", read: Read | None = None) -> Symbol:
    """The symbol of a field whose texts have at most `longest` code points."""
    return Symbol(field.entity, field.name, field.name, field.label, TEXT, column, read, longest=longest)


def part_of(field: Field, part: str, type_: Type, column: str, read: Read) -> Symbol:
    """The symbol of `field.part`; it is called as its field is."""
    return Symbol(field.entity, f"{field.name}.{part}", field.name, field.label, type_, column, read)


def text_parts(field: Field, names: Sequence[str], columns: Mapping[str, str] | None = None) -> Symbol:
    """A composite whose canonical value is a tuple of texts named `names`; `columns` tells apart what is stored under another name."""
    stored = columns or {}
    parts = {name: part_of(field, name, TEXT, stored.get(name, name), itemgetter(at)) for at, name in enumerate(names)}
    return symbol_of(field, PARTS, parts=parts)


def decimal_symbol(field: Field, scale: int) -> Symbol:
    """A decimal of `scale` digits after the point; one without any is a whole number."""
    return symbol_of(field, number(scale), read=scaled(scale))


def scaled(scale: int) -> Read:
    """Decimal → whole number scaled by ten to the `scale`."""
    return lambda value: int(value.scaleb(scale))


def raw_of(type_: Type) -> Read:
    """An expression's non-blank value of `type_` → what the coercer of a field of that type takes."""
    if type_.kind is not Kind.DECIMAL:
        return lambda value: value
    scale = -type_.scale
    return lambda value: Decimal(value).scaleb(scale)
